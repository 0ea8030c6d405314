//! The OpenAPI document of the native API: what it says of itself, and where it is served.

mod examples;
pub(crate) mod older;
mod rules;

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use utoipa::openapi::{
    ComponentsBuilder, Info, OpenApi, OpenApiBuilder, PathItem,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::TagBuilder,
};

static TEXT: LazyLock<String> = LazyLock::new(|| openapi().to_string());

/// The document.
pub fn openapi() -> Value {
    let mut derived = derived();
    examples::add(&mut derived);
    let mut document = serde_json::to_value(derived).unwrap_or_default();
    rules::complete(&mut document);
    document
}

/// What our types and handlers say.
fn derived() -> OpenApi {
    crate::described().into_openapi()
}

/// What the document of the native API is called.
pub(crate) const NATIVE: &str = "native";

/// The documents of every API that is served: the name of each, and what it says.
pub fn documents() -> Vec<(&'static str, Value)> {
    [(NATIVE, openapi())].into_iter().chain(older::all()).collect()
}

const DESCRIPTION: &str = "The native API of Colloquy, a self-hosted AI chat server.\n\n\
    Programs send an API key or an access token as `Authorization: Bearer …`, pages a cookie. Ids are integers, times RFC 3339 \
    in UTC. A refusal is `application/problem+json`: `code` is stable, `detail` is for people. Streams are server-sent \
    events; `Last-Event-ID` goes on from there.";

/// What the tags of the operations stand for.
const TAGS: [(&str, &str); 15] = [
    ("auth", "Accounts, login sessions and API keys: who asks"),
    ("chat", "Saying something, and answers as they grow"),
    ("conversations", "Conversations and what was said in them"),
    ("members", "Who sees a conversation, and as what; invitations to it"),
    ("notes", "What members write to one another about a conversation, and no model reads"),
    ("groups", "Folders of conversations"),
    ("files", "What goes with a message"),
    ("sharing", "Links that show a conversation to anybody"),
    ("search", "Finding what was said"),
    ("models", "What answers"),
    ("live", "News of what happens elsewhere"),
    ("me", "The account that asks: its profile, preferences and figures"),
    ("billing", "Plans, paying for them, and what was bought"),
    ("instance", "The installation"),
    ("ops", "For those who run it"),
];

/// The document before its routes: its name and the two ways to say who asks.
pub(crate) fn head() -> OpenApi {
    let mut info = Info::new("Colloquy", "1");
    info.description = Some(DESCRIPTION.into());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let cookie = ApiKey::Cookie(ApiKeyValue::new("colloquy_session"));
    let components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("cookie", SecurityScheme::ApiKey(cookie))
        .build();
    let either = ["bearer", "cookie"].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []));
    let tags =
        TAGS.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(tags))
        .components(Some(components))
        .security(Some(either))
        .build()
}

/// `GET /openapi.json`
pub(crate) async fn read_openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// The routes that the document describes: method and path.
pub(crate) fn routes() -> Vec<(String, String)> {
    let paths = derived().paths.paths;
    let of =
        paths.iter().flat_map(|(path, item)| methods(item).map(move |method| (method.into(), path.clone())));
    of.collect()
}

fn methods(item: &PathItem) -> impl Iterator<Item = &'static str> {
    let of = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("OPTIONS", &item.options),
        ("HEAD", &item.head),
        ("PATCH", &item.patch),
        ("TRACE", &item.trace),
    ];
    of.into_iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| method)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tag_of_an_operation_is_described_and_no_other() {
        let document = openapi();
        let items = document["paths"].as_object().unwrap().values();
        let operations = items.flat_map(|item| item.as_object().unwrap().values());
        let tags = operations.flat_map(|operation| operation["tags"].as_array().into_iter().flatten());
        let used: BTreeSet<_> = tags.map(|tag| tag.as_str().unwrap()).collect();
        let described: BTreeSet<_> = TAGS.iter().map(|(name, _)| *name).collect();
        assert_eq!(used, described);
    }
}
