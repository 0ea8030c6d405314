//! The OpenAPI documents of the older clients' APIs.
//!
//! Each of them describes its own paths, in `openapi.json` of its folder; those that several claim are described once, in
//! `joint/`, and taken by who names them in `x-shared-paths`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value};

use crate::{
    dialects::{chronochat, express, joint, nest, openai, personale},
    http::problem::Problem,
};

/// What each API says of itself, by its name.
const SOURCES: [(&str, &str); 5] = [
    ("personale", personale::DOCUMENT),
    ("express", express::DOCUMENT),
    ("nest", nest::DOCUMENT),
    ("chronochat", chronochat::DOCUMENT),
    ("openai", openai::DOCUMENT),
];

static TEXTS: LazyLock<BTreeMap<&str, String>> =
    LazyLock::new(|| all().into_iter().map(|(name, document)| (name, document.to_string())).collect());

/// Every document, by its name.
pub(crate) fn all() -> Vec<(&'static str, Value)> {
    let shared = parsed(joint::DOCUMENT);
    SOURCES.into_iter().map(|(name, source)| (name, whole(parsed(source), &shared))).collect()
}

/// `GET /openapi/{name}.json`
pub(crate) async fn read(Path(file): Path<String>) -> Response {
    match file.strip_suffix(".json").and_then(|name| TEXTS.get(name)) {
        Some(text) => ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response(),
        None => Problem::no_such_path().into_response(),
    }
}

fn parsed(source: &str) -> Value {
    serde_json::from_str(source).unwrap_or_default()
}

/// A document with what it shares.
fn whole(mut document: Value, shared: &Value) -> Value {
    let taken = document.as_object_mut().and_then(|members| members.remove("x-shared-paths"));
    if let Some(paths) = members_of(&mut document, "paths") {
        for path in taken.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str) {
            paths.insert(path.to_owned(), shared["paths"][path].clone());
        }
    }
    take_components(&mut document, shared);
    document
}

/// Takes what is referred to, and what that refers to in turn, until all of it is there.
fn take_components(document: &mut Value, shared: &Value) {
    loop {
        let mut named = BTreeSet::new();
        references(document, &mut named);
        let missing: Vec<(String, Value)> = named
            .into_iter()
            .filter(|pointer| document.pointer(pointer).is_none())
            .filter_map(|pointer| Some((pointer.clone(), shared.pointer(&pointer)?.clone())))
            .collect();
        if missing.is_empty() {
            return;
        }
        for (pointer, component) in missing {
            let mut place = pointer.trim_start_matches('/').splitn(3, '/').skip(1);
            let (Some(kind), Some(name)) = (place.next(), place.next()) else { continue };
            document["components"][kind][name] = component;
        }
    }
}

/// Where the references of a document lead.
fn references(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            named.extend(target.and_then(|target| target.strip_prefix('#')).map(str::to_owned));
            members.values().for_each(|member| references(member, named));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, named)),
        _ => {}
    }
}

fn members_of<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    value.get_mut(name)?.as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_a_door_is_in_its_document() {
        for (name, routes) in crate::older() {
            let Some((_, document)) = all().into_iter().find(|(of, _)| *of == name) else {
                assert_eq!(name, "accounts", "has no document");
                continue;
            };
            for (method, path) in routes.list() {
                let operation = &document["paths"][path.replace("{*", "{")][method.as_str().to_lowercase()];
                assert!(operation.is_object(), "{method} {path} of {name} is not described");
            }
        }
    }
}
