//! `GET /api`: every door that there is, in seed 002's shape.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::{document, older};

static TEXT: LazyLock<String> = LazyLock::new(text);

fn text() -> String {
    let of_older = older().into_iter().map(|(door, routes)| {
        let list = routes.list().iter().map(|(method, path)| (method.to_string(), (*path).to_owned()));
        (door, named(list))
    });
    let endpoints: BTreeMap<_, _> =
        [("native", named(document::routes().into_iter()))].into_iter().chain(of_older).collect();
    let answer = json!({
        "message": "Colloquy",
        "version": env!("CARGO_PKG_VERSION"),
        "environment": "production",
        "endpoints": endpoints,
        "documentation": "/openapi.json",
        "support": "The administrator of this server",
    });
    answer.to_string()
}

/// `METHOD /path` by a name that is made of both.
fn named(routes: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let named = routes.map(|(method, path)| {
        let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let name = [method.to_lowercase()].into_iter().chain(words.map(str::to_owned)).collect::<Vec<_>>();
        (name.join("_"), format!("{method} {path}"))
    });
    named.collect()
}

pub(crate) async fn read() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_by_its_words() {
        let routes = [("PUT".to_owned(), "/api/sessions/{id}/title".to_owned())];
        let named = named(routes.into_iter());
        assert_eq!(named["put_api_sessions_id_title"], "PUT /api/sessions/{id}/title");
    }
}
