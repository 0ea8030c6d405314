//! What an API's OpenAPI document says, and whether an answer is as it says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Answer;

/// The members of a path that are operations.
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// One document.
pub(super) struct Document {
    whole: Value,
}

impl Document {
    pub(super) fn of(name: &str) -> Self {
        let (_, mut whole) = server::documents().into_iter().find(|(one, _)| *one == name).unwrap();
        // In the native one some schemas are made of several, of which none names all members.
        if name != "native" {
            close(&mut whole);
        }
        Self { whole }
    }

    /// The answer of `METHOD /path/{id}` is one that the document names, and has no member that it does not name.
    pub(super) fn describes(&self, endpoint: &str, answer: &Answer) {
        let (method, path) = endpoint.split_once(' ').unwrap();
        let operation = &self.whole["paths"][path.replace("{*", "{")][method.to_lowercase()];
        let responses = &operation["responses"];
        let status = answer.status.to_string();
        let response =
            responses.get(&status).or_else(|| responses.get("default").filter(|_| answer.status >= 400));
        let response = self
            .resolved(response.unwrap_or_else(|| panic!("{endpoint} answers {status}, which is not said")));
        let kind = answer.headers.get("content-type").map(|value| value.to_str().unwrap());
        let Some(kind) = kind else {
            assert!(response.get("content").is_none(), "{endpoint} says that {status} has a body");
            return;
        };
        let kind = kind.split(';').next().unwrap();
        let content = &response["content"][kind];
        assert!(content.is_object(), "{endpoint} answers {status} as {kind}, which is not said");
        if kind == "application/json" {
            let wrong = self.wrong(&content["schema"], &answer.json);
            assert!(wrong.is_empty(), "{endpoint} answers {status}: {wrong:#?}\n{:#}", answer.json);
        }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(target) => self.whole.pointer(target.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// What of a value is not as a schema of the document says.
    fn wrong(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut schema = schema.clone();
        schema["components"] = self.whole["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors = validator.iter_errors(value);
        errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

/// Forbids members that are not named, wherever the document does not allow them in so many words.
fn close(value: &mut Value) {
    if let Value::Object(members) = value {
        if members.contains_key("properties") && members.get("type").is_some_and(is_object) {
            members.entry("additionalProperties").or_insert(json!(false));
        }
        members.values_mut().for_each(close);
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(close);
    }
}

fn is_object(kind: &Value) -> bool {
    kind == "object"
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").map(|target| target.as_str().unwrap().to_owned()));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The names in braces of a path.
fn parameters(path: &str) -> BTreeSet<&str> {
    path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

#[test]
fn every_document_is_openapi_3_1_and_whole() {
    for (name, document) in server::documents() {
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{name}");
        assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string(), "{name}");
        let mut named = BTreeSet::new();
        references(&document, &mut named);
        for target in &named {
            let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{name}: {target} is elsewhere"));
            assert!(document.pointer(pointer).is_some(), "{name}: {target} is nowhere");
        }
        for (kind, components) in document["components"].as_object().unwrap() {
            for component in components.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
                let target = format!("#/components/{kind}/{component}");
                assert!(named.contains(&target), "{name}: nothing refers to {target}");
            }
        }
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        let mut operations = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let place = format!("{name}: {method} {path}");
                assert!(METHODS.contains(&method.as_str()), "{place}");
                let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{place} has no name"));
                assert!(operations.insert(id), "{place}: {id} is there twice");
                assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{place}");
                for response in operation["responses"].as_object().unwrap().values() {
                    assert!(response["description"].is_string() || response["$ref"].is_string(), "{place}");
                }
                let wanted = operation["security"].as_array().into_iter().flatten();
                for scheme in wanted.flat_map(|one| one.as_object().unwrap().keys()) {
                    assert!(schemes.contains_key(scheme), "{place}: {scheme}");
                }
                let said = operation["parameters"].as_array().into_iter().flatten();
                let said: BTreeSet<&str> =
                    said.filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
                assert_eq!(said, parameters(path), "{place}");
            }
        }
    }
}

#[test]
fn every_example_of_a_body_is_as_its_schema_says() {
    for (name, _) in server::documents() {
        let document = Document::of(name);
        for (path, item) in document.whole["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let content = &operation["requestBody"]["content"]["application/json"];
                let Some(schema) = content.get("schema") else { continue };
                // A body that may be absent is either null or what is meant.
                let meant =
                    schema["oneOf"].as_array().and_then(|all| all.iter().find(|one| one["$ref"].is_string()));
                let example = content
                    .get("example")
                    .or_else(|| document.resolved(meant.unwrap_or(schema))["examples"].get(0))
                    .unwrap_or_else(|| panic!("{name}: the body of {method} {path} has no example"));
                let wrong = document.wrong(schema, example);
                assert!(wrong.is_empty(), "{name}: {method} {path}: {wrong:#?}");
            }
        }
    }
}

#[test]
fn every_example_of_a_schema_is_as_it_says() {
    for (name, _) in server::documents() {
        let document = Document::of(name);
        for (schema, described) in document.whole["components"]["schemas"].as_object().unwrap() {
            for example in described["examples"].as_array().into_iter().flatten() {
                let wrong = document.wrong(described, example);
                assert!(wrong.is_empty(), "{name}: {schema}: {wrong:#?}");
            }
        }
    }
}
