//! Seed 000's API: sessions, their messages, and a stream of chunks. Its sign-in is in `joint.rs`.
//!
//! # Known quirks
//!
//! * Leaving is this client's only way to stop, so an answer is stopped when its reader leaves before its end.
//! * It asks again by sending its last question once more: that makes another answer to it, not another question.
//! * A model that is not offered here is the default one, as its server took every strange name for `gpt-4o-mini`.

mod password;
mod sessions;
mod stream;
mod wire;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::joint::words as joint;
use crate::http::{problem::Refusal, routes::Routes};

/// Its OpenAPI document, without what it shares with others.
pub(crate) const DOCUMENT: &str = include_str!("personale/openapi.json");

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/api/sessions", sessions::list)
        .post("/api/sessions", sessions::create)
        .put("/api/sessions/{id}", sessions::change)
        .delete("/api/sessions/{id}", sessions::delete)
        .get("/api/sessions/{id}/messages", sessions::messages)
        .post("/api/auth/change-password", password::change)
        .merge(Routes::default().post("/api/chat/stream", stream::create).with_bodies_of(HISTORY_BYTES))
        .in_words(words)
}

/// The largest body where the client brings all that was said before.
const HISTORY_BYTES: usize = 20 * 1024 * 1024;

/// What it calls a conversation before anything is said.
const PLACEHOLDER: &str = "Nuova chat";

fn words(refusal: &Refusal) -> (StatusCode, Value) {
    if refusal.status == StatusCode::NOT_FOUND && refusal.code == "not_found" {
        let text = "Session not found";
        return (refusal.status, joint::body(refusal.status, &json!(text), text));
    }
    joint::words(refusal)
}
