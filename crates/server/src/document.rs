//! The OpenAPI document of the native API: what it says of itself, and where it is served.

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
};

static TEXT: LazyLock<String> = LazyLock::new(|| openapi().to_string());

/// The document.
pub fn openapi() -> Value {
    let mut document = serde_json::to_value(derived()).unwrap_or_default();
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

/// The document before its routes: its name and the two ways to say who asks.
pub(crate) fn head() -> OpenApi {
    let mut info = Info::new("Colloquy", "1");
    info.description = Some("The native API of Colloquy, a self-hosted AI chat server.".into());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let cookie = ApiKey::Cookie(ApiKeyValue::new("colloquy_session"));
    let components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("cookie", SecurityScheme::ApiKey(cookie))
        .build();
    let either = ["bearer", "cookie"].map(|name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []));
    OpenApiBuilder::new().info(info).components(Some(components)).security(Some(either)).build()
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
