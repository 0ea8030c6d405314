//! Seed 004's API: threads, whole answers, figures and the profile. Its sign-in is in `joint.rs`.
//!
//! # Known quirks
//!
//! * `stream` in a message is read and has no effect, as on its own server: answers come whole.
//! * A title and a full name come in the query; they are taken from a JSON body too.
//! * Deleting the account only bars it; an administrator can let it in again.

mod account;
mod threads;
mod wire;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::joint::words as joint;
use crate::http::{problem::Refusal, routes::Routes};

/// Its OpenAPI document, without what it shares with others.
pub(crate) const DOCUMENT: &str = include_str!("chronochat/openapi.json");

pub(crate) fn routes() -> Routes {
    Routes::default()
        .post("/api/auth/refresh", account::refresh)
        .post("/api/auth/logout-all", account::logout_all)
        .get("/api/auth/verify", account::verify)
        .get("/api/users/profile", account::profile)
        .put("/api/users/profile", account::change_profile)
        .post("/api/users/change-password", account::change_password)
        .delete("/api/users/account", account::deactivate)
        .post("/api/chat/send", threads::send)
        .get("/api/chat/threads", threads::list)
        .get("/api/chat/threads/{id}", threads::read)
        .delete("/api/chat/threads/{id}", threads::delete)
        .put("/api/chat/threads/{id}/title", threads::rename)
        .get("/api/chat/stats", threads::stats)
        .in_words(words)
}

/// What it calls a conversation before anything is said.
const PLACEHOLDER: &str = "New Chat";

fn words(refusal: &Refusal) -> (StatusCode, Value) {
    if refusal.status == StatusCode::NOT_FOUND && refusal.code == "not_found" {
        let text = "Thread not found";
        return (refusal.status, joint::body(refusal.status, &json!(text), text));
    }
    if refusal.is_without_token() {
        return joint::unauthenticated(refusal, "Authorization header missing");
    }
    joint::words(refusal)
}
