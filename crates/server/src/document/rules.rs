//! What our types cannot say of themselves is added to the document here, once for all operations: that no text holds
//! U+0000, what goes with what, and how events are written in a stream.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// No text holds this character: one of the databases cannot keep it.
const TEXT: &str = r"^[^\u0000]*$";
/// A text of at least one character holds one that is seen.
const SEEN: &str = r"^[^\u0000]*[^\s\u0000\u0085][^\u0000]*$";

/// Completes the document.
pub(super) fn complete(document: &mut Value) {
    for (name, rule) in between_members() {
        let schema = &mut document["components"]["schemas"][name];
        if let (Value::Object(schema), Value::Object(rule)) = (schema, rule) {
            schema.extend(rule);
        }
    }
    let mut asked = BTreeSet::new();
    for operation in operations(document) {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            never_null(&mut parameter["schema"]);
            say_of_texts(&mut parameter["schema"]);
        }
        if let Some(body) = operation.get_mut("requestBody") {
            find_references(body, &mut asked);
            say_of_texts(body);
        }
        for response in operation["responses"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            if let Some(schema) = response.pointer_mut("/content/text~1event-stream/schema") {
                *schema = event(schema);
            }
        }
    }
    let schemas = &mut document["components"]["schemas"];
    let mut described = BTreeSet::new();
    while let Some(name) = asked.pop_first() {
        if described.insert(name.clone()) {
            find_references(&schemas[&name], &mut asked);
            say_of_texts(&mut schemas[&name]);
        }
    }
}

/// Rules over several members of one body.
fn between_members() -> [(&'static str, Value); 4] {
    let filled = json!({ "type": "string", "minLength": 1 });
    let named = |member: &str| json!({ "required": [member], "properties": { member: filled } });
    let attached = json!({
        "required": ["attachments"],
        "properties": { "attachments": { "type": "array", "minItems": 1 } },
    });
    let group = json!({
        "if": { "properties": { "action": { "const": "move" } } },
        "else": { "properties": { "group_id": { "type": "null" } } },
    });
    [
        ("LoginRequest", either(&named("email"), &named("username"))),
        ("ChatRequest", either(&json!({ "properties": { "message": filled } }), &attached)),
        ("BulkChange", group),
        // A form names its fields in a header, which takes no other characters from everybody.
        ("UploadForm", json!({ "propertyNames": { "pattern": "^[A-Za-z0-9_.-]{1,100}$" } })),
    ]
}

/// One of the two holds, or both.
fn either(one: &Value, other: &Value) -> Value {
    json!({ "allOf": [{ "anyOf": [one, other] }] })
}

/// One event of a stream: JSON of this schema, or the mark of the end.
fn event(data: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["data"],
        "properties": {
            "id": { "type": "string" },
            "data": {
                "type": "string",
                "anyOf": [
                    { "const": "[DONE]" },
                    { "contentMediaType": "application/json", "contentSchema": data },
                ],
            },
        },
    })
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let methods = paths.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut());
    methods.filter(|one| one.get("responses").is_some())
}

/// A parameter that is not given is not there.
fn never_null(schema: &mut Value) {
    if let Some(kinds) = schema.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|kind| kind != "null");
        if let [kind] = &mut kinds[..] {
            schema["type"] = kind.take();
        }
    }
}

/// Says of every text what holds for all texts, unless more is said of it.
fn say_of_texts(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is = |kind: &Value| {
                kind == "string" || kind.as_array().is_some_and(|all| all.contains(&json!("string")))
            };
            let is_password = members.get("format").is_some_and(|format| format == "password");
            let is_free = !["pattern", "enum", "const", "contentMediaType"]
                .iter()
                .any(|word| members.contains_key(*word))
                && (is_password || !members.contains_key("format"));
            if members.get("type").is_some_and(is) && is_free {
                let is_seen = !is_password && members.get("minLength").is_some();
                members.insert("pattern".to_owned(), json!(if is_seen { SEEN } else { TEXT }));
            }
            members.values_mut().for_each(say_of_texts);
        }
        Value::Array(items) => items.iter_mut().for_each(say_of_texts),
        _ => {}
    }
}

/// The names of the schemas that a piece of the document leads to.
fn find_references(within: &Value, found: &mut BTreeSet<String>) {
    match within {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|path| path.rsplit('/').next()).map(str::to_owned));
            for member in members.values() {
                find_references(member, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                find_references(item, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_over_members_that_there_are() {
        let document = crate::openapi();
        for (name, rule) in between_members() {
            let schema = &document["components"]["schemas"][name];
            let ways = |of: &Value| {
                of.pointer("/allOf/0/anyOf").and_then(Value::as_array).cloned().unwrap_or_default()
            };
            assert_eq!(ways(schema).len(), ways(&rule).len(), "{name}");
            for way in ways(&rule) {
                for member in way["properties"].as_object().unwrap().keys() {
                    assert!(schema["properties"].get(member).is_some(), "{name}.{member}");
                }
            }
        }
    }

    #[test]
    fn a_text_holds_no_nul_and_a_parameter_is_never_null() {
        let document = crate::openapi();
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["ConversationChange"]["properties"]["instructions"]["pattern"], TEXT);
        assert_eq!(schemas["GroupName"]["properties"]["name"]["pattern"], SEEN);
        assert_eq!(schemas["Group"]["properties"]["name"].get("pattern"), None);
        let list = &document["paths"]["/api/v1/conversations"]["get"]["parameters"];
        assert!(
            list.as_array().unwrap().iter().all(|parameter| parameter["schema"]["type"].is_string()),
            "{list}"
        );
    }

    #[test]
    fn a_stream_is_described_event_by_event() {
        let document = crate::openapi();
        let said =
            &document["paths"]["/api/v1/chat"]["post"]["responses"]["200"]["content"]["text/event-stream"];
        let data = &said["schema"]["properties"]["data"]["anyOf"];
        assert_eq!(data[1]["contentSchema"]["$ref"], "#/components/schemas/TurnEvent");
    }
}
