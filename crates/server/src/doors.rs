//! What the server says of itself: `GET /api` lists every door that there is, in seed 002's shape, and `GET /` is a page for
//! browsers and a banner, which is seed 004's, for programs.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::{document, http::client::Client, older, web};

static TEXT: LazyLock<String> = LazyLock::new(text);

fn text() -> String {
    let of_older = older().into_iter().map(|(door, routes)| {
        let list = routes.list().iter().map(|(method, path)| (method.to_string(), (*path).to_owned()));
        (door, named(list))
    });
    let endpoints: BTreeMap<_, _> =
        [("native", named(document::routes().into_iter()))].into_iter().chain(of_older).collect();
    let documents: Vec<_> = document::documents()
        .into_iter()
        .map(|(name, document)| {
            let path = if name == document::NATIVE {
                "/openapi.json".to_owned()
            } else {
                format!("/openapi/{name}.json")
            };
            json!({ "name": name, "title": document["info"]["title"], "path": path })
        })
        .collect();
    let answer = json!({
        "message": "Colloquy",
        "version": env!("CARGO_PKG_VERSION"),
        "environment": "production",
        "endpoints": endpoints,
        "documentation": "/docs",
        "documents": documents,
        "socket_io": { "path": "/socket.io", "namespaces": ["/", "/chat"] },
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

/// The app for who prefers to read HTML, and for all others a banner.
pub(crate) async fn welcome(client: Client, headers: HeaderMap) -> Response {
    let page = prefers_html(&headers).then(|| web::answer(&Method::GET, "/", &headers, client.is_secure()));
    let mut response = page.flatten().unwrap_or_else(banner);
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    response
}

fn banner() -> Response {
    let banner = json!({
        "message": "Colloquy is running!",
        "version": env!("CARGO_PKG_VERSION"),
        "docs": "/docs",
    });
    axum::Json(banner).into_response()
}

/// Browsers ask for HTML by name, programs for anything or for JSON.
fn prefers_html(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let accept: Vec<&str> = accept.flat_map(|value| value.split(',')).collect();
    let wish = |kind: &str| {
        let (_, parameters) = accept
            .iter()
            .map(|item| item.split_once(';').unwrap_or((item, "")))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(kind))?;
        let quality = parameters.split(';').find_map(|one| one.trim().strip_prefix("q="));
        Some(quality.map_or(1.0, |quality| quality.trim().parse::<f32>().unwrap_or(0.0)))
    };
    let json = wish("application/json").unwrap_or(0.0);
    wish("text/html").is_some_and(|html| html > 0.0 && html >= json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_prefer_html() {
        let prefers = |accept: &'static str| {
            prefers_html(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(prefers("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(prefers("text/html"));
        assert!(prefers("application/json;q=0.5, text/html;q=0.9"));
        for accept in ["*/*", "", "application/json", "application/json, text/html;q=0.5", "text/html;q=0"] {
            assert!(!prefers(accept), "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn an_endpoint_is_named_by_its_words() {
        let routes = [("PUT".to_owned(), "/api/sessions/{id}/title".to_owned())];
        let named = named(routes.into_iter());
        assert_eq!(named["put_api_sessions_id_title"], "PUT /api/sessions/{id}/title");
    }
}
