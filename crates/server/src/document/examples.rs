//! Examples for the document of the native API: what is sent and what is answered, by the name of the schema.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::{OpenApi, RefOr, Schema};

const EXAMPLES: &str = include_str!("examples.json");

/// Puts each example beside the schema that it is one of.
pub(super) fn add(document: &mut OpenApi) {
    let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    let Some(components) = &mut document.components else { return };
    for (name, example) in examples {
        let Some(RefOr::T(schema)) = components.schemas.get_mut(&name) else { continue };
        let place = match schema {
            Schema::Object(schema) => &mut schema.examples,
            Schema::OneOf(schema) => &mut schema.examples,
            Schema::AllOf(schema) => &mut schema.examples,
            Schema::AnyOf(schema) => &mut schema.examples,
            _ => continue,
        };
        *place = vec![example];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_one_of_a_schema() {
        let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES).unwrap();
        let document = serde_json::to_value(crate::openapi()).unwrap();
        for (name, example) in examples {
            assert_eq!(document["components"]["schemas"][&name]["examples"][0], example, "{name}");
        }
    }
}
