//! A collection for Postman, made of the documents of all APIs: a folder for each, in it one for each tag.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::{process, tree};

const COLLECTION: &str = "docs/postman.json";
const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// How deep an example goes into what refers to itself.
const DEEPEST: usize = 6;

/// Writes the file, or fails if it would change.
pub(crate) fn run(check: bool) -> Result<()> {
    let arguments = ["run", "--quiet", "--package", "server", "--", "openapi", "--all"];
    let said = process::output(&mut tree::cargo(&arguments))?;
    let documents: Map<String, Value> =
        serde_json::from_str(&said).context("the server said no documents")?;
    let text = format!("{}\n", serde_json::to_string_pretty(&collection(&documents))?);
    if !check {
        tree::write(COLLECTION, &text)?;
    } else if fs::read_to_string(tree::root().join(COLLECTION)).ok().as_ref() != Some(&text) {
        bail!("{COLLECTION} is not what the code says; run `cargo xtask postman` and commit it");
    }
    Ok(())
}

/// The native API first.
fn collection(documents: &Map<String, Value>) -> Value {
    let (native, older): (Vec<_>, Vec<_>) = documents.iter().partition(|(name, _)| *name == "native");
    let folders: Vec<Value> =
        native.into_iter().chain(older).map(|(name, document)| folder(name, document)).collect();
    json!({
        "info": {
            "name": "Colloquy",
            "description": "Every API of Colloquy. Set `base_url`, sign in, and put the access token or an API key into `token`.",
            "schema": SCHEMA,
        },
        "auth": { "type": "bearer", "bearer": [{ "key": "token", "value": "{{token}}", "type": "string" }] },
        "variable": [
            { "key": "base_url", "value": "http://127.0.0.1:3000" },
            { "key": "token", "value": "" },
        ],
        "item": folders,
    })
}

fn folder(name: &str, document: &Value) -> Value {
    let mut tags: Vec<(String, Vec<Value>)> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let tag = operation["tags"][0].as_str().unwrap_or(name).to_owned();
            let item = request(document, method, path, operation);
            match tags.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, items)) => items.push(item),
                None => tags.push((tag, vec![item])),
            }
        }
    }
    let tags: Vec<Value> =
        tags.into_iter().map(|(tag, items)| json!({ "name": tag, "item": items })).collect();
    json!({
        "name": format!("{name}: {}", document["info"]["title"].as_str().unwrap_or_default()),
        "description": document["info"]["description"],
        "item": tags,
    })
}

fn request(document: &Value, method: &str, path: &str, operation: &Value) -> Value {
    let mut request = json!({
        "method": method.to_uppercase(),
        "header": [],
        "url": url(document, path, operation),
        "description": operation["description"].as_str().unwrap_or_default(),
    });
    // Who may be anybody sends no token.
    if is_open(operation) {
        request["auth"] = json!({ "type": "noauth" });
    }
    let content = &operation["requestBody"]["content"];
    if let Some(body) = content.get("application/json") {
        let example = body.get("example").cloned().unwrap_or_else(|| {
            let named = body["examples"].as_object().and_then(|all| all.values().next());
            named.map_or_else(|| sample(document, &body["schema"], 0), |one| one["value"].clone())
        });
        request["header"] = json!([{ "key": "Content-Type", "value": "application/json" }]);
        let text = serde_json::to_string_pretty(&example).unwrap_or_default();
        request["body"] = json!({
            "mode": "raw", "raw": text, "options": { "raw": { "language": "json" } },
        });
    } else if let Some(form) = content.get("multipart/form-data") {
        let parts = resolved(document, &form["schema"])["properties"].as_object();
        let parts: Vec<Value> = parts
            .into_iter()
            .flat_map(Map::keys)
            .map(|name| json!({ "key": name, "type": "file" }))
            .collect();
        request["body"] = json!({ "mode": "formdata", "formdata": parts });
    }
    json!({ "name": operation["summary"], "request": request, "response": [] })
}

/// Nobody needs to be known, or nobody can.
fn is_open(operation: &Value) -> bool {
    operation["security"]
        .as_array()
        .is_some_and(|ways| ways.iter().all(|way| way.as_object().is_some_and(Map::is_empty)))
}

fn url(document: &Value, path: &str, operation: &Value) -> Value {
    let named = |place: &str| -> Vec<Value> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters
            .filter(|one| one["in"] == place)
            .map(|one| {
                let example =
                    one.get("example").cloned().unwrap_or_else(|| sample(document, &one["schema"], 0));
                let value = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                let is_off = place == "query" && one["required"] != true;
                json!({
                    "key": one["name"], "value": value, "description": one["description"].as_str().unwrap_or_default(),
                    "disabled": is_off,
                })
            })
            .collect()
    };
    let parts: Vec<String> = path
        .trim_start_matches('/')
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => format!(":{name}"),
            None => part.to_owned(),
        })
        .collect();
    let variables: Vec<Value> = named("path")
        .into_iter()
        .map(|one| json!({ "key": one["key"], "value": one["value"], "description": one["description"] }))
        .collect();
    json!({
        "raw": format!("{{{{base_url}}}}/{}", parts.join("/")),
        "host": ["{{base_url}}"],
        "path": parts,
        "query": named("query"),
        "variable": variables,
    })
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|target| document.pointer(target.trim_start_matches('#')));
    target.unwrap_or(schema)
}

/// What a schema describes, as an example of it.
fn sample(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    let given =
        [schema.get("example"), schema["examples"].get(0), schema.get("const"), schema.get("default")];
    if let Some(given) = given.into_iter().flatten().chain(schema["enum"].get(0)).next() {
        return given.clone();
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(all) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in all {
            if let Value::Object(members) = sample(document, part, depth + 1) {
                whole.extend(members);
            }
        }
        return Value::Object(whole);
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(choice) = choices.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        return sample(document, choice, depth + 1);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let required = |name: &String| {
                schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name))
            };
            let members = schema["properties"].as_object().into_iter().flatten();
            let members = members.filter(|(name, _)| schema.get("required").is_none() || required(name));
            members.map(|(name, member)| (name.clone(), sample(document, member, depth + 1))).collect()
        }
        Some("array") => json!([sample(document, &schema["items"], depth + 1)]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        Some("string") if schema["format"] == "date-time" => json!("2026-03-14T09:26:53.589Z"),
        Some("string") => json!("…"),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_made_of_what_is_required() {
        let document = json!({ "components": { "schemas": {
            "Name": { "type": "string", "examples": ["ada"] },
            "Person": { "type": "object", "required": ["name", "ages"], "properties": {
                "name": { "$ref": "#/components/schemas/Name" },
                "ages": { "type": "array", "items": { "type": ["integer", "null"], "minimum": 3 } },
                "nick": { "type": "string" },
            } },
        } } });
        let schema = json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Person" }] });
        assert_eq!(sample(&document, &schema, 0), json!({ "name": "ada", "ages": [3] }));
    }

    #[test]
    fn a_request_is_what_its_operation_says() {
        let operation = json!({
            "summary": "Changes the title", "tags": ["t"], "security": [{}],
            "parameters": [{ "name": "id", "in": "path", "example": "7" }, { "name": "q", "in": "query", "schema": { "type": "string" } }],
            "requestBody": { "content": { "application/json": { "example": { "title": "A trip" } } } },
        });
        let document = json!({ "info": { "title": "T" }, "paths": { "/a/{id}": { "put": operation } } });
        let folder = folder("nest", &document);
        let request = &folder["item"][0]["item"][0]["request"];
        assert_eq!(request["url"]["raw"], "{{base_url}}/a/:id");
        assert_eq!(request["url"]["variable"][0]["value"], "7");
        assert_eq!(request["url"]["query"][0]["disabled"], true);
        assert_eq!(request["auth"]["type"], "noauth");
        assert!(request["body"]["raw"].as_str().unwrap().contains("A trip"));
    }
}
