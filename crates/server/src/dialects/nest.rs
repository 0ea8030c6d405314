//! Seed 003's API: accounts, groups, sessions and messages at the root, in the words of its framework.
//!
//! # Known quirks
//!
//! * The refresh token comes in `Authorization: Bearer`.
//! * `POST /messages` answers when the answer is whole; whoever listens elsewhere sees it grow.
//! * Who comes back from Google gets the tokens as JSON; a browser goes on into the web app.
//! * A posted answer is written down as it is, and no model is asked.

mod auth;
mod google;
mod groups;
mod messages;
mod sessions;
pub(crate) mod sockets;
mod stream;
mod wire;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::{problem::Refusal, routes::Routes};

/// Paths under these are answered in this API's words, also when there is nothing.
pub(crate) const PREFIXES: [&str; 5] = ["/auth", "/groups", "/sessions", "/messages", "/sse"];

/// Its OpenAPI document, without what it shares with others.
pub(crate) const DOCUMENT: &str = include_str!("nest/openapi.json");

pub(crate) fn routes() -> Routes {
    Routes::default()
        .post("/auth/register", auth::register)
        .post("/auth/login", auth::login)
        .post("/auth/refresh", auth::refresh)
        .get("/auth/me", auth::me)
        .get("/auth/google", google::leave)
        .get(google::CALLBACK, google::arrive)
        .get("/groups", groups::list)
        .post("/groups", groups::create)
        .patch("/groups/{id}", groups::rename)
        .delete("/groups/{id}", groups::delete)
        .get("/groups/{id}/sessions", groups::sessions)
        .get("/sessions", sessions::list)
        .post("/sessions", sessions::create)
        .get("/sessions/{id}", sessions::read)
        .patch("/sessions/{id}", sessions::change)
        .delete("/sessions/{id}", sessions::delete)
        .patch("/sessions/{id}/favorite", sessions::favorite)
        .patch("/sessions/{id}/group", sessions::regroup)
        .get("/sessions/{id}/export.json", sessions::export_json)
        .get("/sessions/{id}/export.md", sessions::export_markdown)
        .get("/messages/{id}", messages::list)
        .post("/messages", messages::create)
        .post("/messages/stream", stream::lines)
        .get("/sse/sessions/{id}/stream", stream::events)
        .in_words(words)
}

/// What it calls a conversation before anything is said.
const PLACEHOLDER: &str = "New Chat";

/// As its framework says refusals: what is wrong with members is a list under 400.
pub(crate) fn words(refusal: &Refusal) -> (StatusCode, Value) {
    if refusal.status == StatusCode::UNPROCESSABLE_ENTITY || refusal.is_of_a_member() {
        let list: Vec<String> = if refusal.errors.is_empty() {
            vec![refusal.detail.clone()]
        } else {
            let named = |pointer: &str| pointer.trim_start_matches('/').replace('/', ".");
            refusal
                .errors
                .iter()
                .map(|error| format!("{} {}", named(&error.pointer), error.message))
                .collect()
        };
        return (StatusCode::BAD_REQUEST, said(StatusCode::BAD_REQUEST, &json!(list)));
    }
    let message = match refusal.status {
        StatusCode::UNAUTHORIZED if refusal.code == "unauthenticated" => json!("Unauthorized"),
        StatusCode::NOT_FOUND => json!("Not Found"),
        _ => json!(refusal.detail),
    };
    (refusal.status, said(refusal.status, &message))
}

/// `error` is the status in words, unless the message is just that.
fn said(status: StatusCode, message: &Value) -> Value {
    let reason = status.canonical_reason().unwrap_or("Error");
    let mut said = json!({ "message": message, "statusCode": status.as_u16() });
    if said["message"] != reason {
        said["error"] = json!(reason);
    }
    said
}
