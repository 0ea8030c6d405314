//! Seed 002's API: conversations and their messages, models and the profile. Its sign-in is in `joint.rs`.
//!
//! # Known quirks
//!
//! * Its own server damaged what looks like markup in messages; here they stay as they were written.
//! * `/test-openai` asks a model, so it is for administrators.
//! * `notify` is to oneself, or from an administrator.
//! * Its own server believed whoever called its webhook with a signature that it had made up; here the gateway is asked.
//! * `autoRenew` is always `false`: nothing is charged unless somebody pays.

mod account;
mod conversations;
mod realtime;
pub(crate) mod sockets;
mod subscription;
mod trial;
mod wire;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::{problem::Refusal, routes::Routes, time::rfc3339};

/// Its OpenAPI document, without what it shares with others.
pub(crate) const DOCUMENT: &str = include_str!("express/openapi.json");

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/api/auth/profile", account::profile)
        .put("/api/auth/profile", account::change_profile)
        .put("/api/auth/change-password", account::change_password)
        .get("/api/chat/conversations", conversations::list)
        .post("/api/chat/conversations", conversations::create)
        .get("/api/chat/conversations/{id}", conversations::read)
        .delete("/api/chat/conversations/{id}", conversations::delete)
        .post("/api/chat/conversations/{id}/messages", conversations::say)
        .put("/api/chat/conversations/{id}/title", conversations::rename)
        .get("/api/chat/models", conversations::models)
        .get("/api/realtime/status", realtime::status)
        .get("/api/realtime/stats", realtime::stats)
        .get("/api/realtime/conversations/{id}/active-users", realtime::active_users)
        .get("/api/realtime/conversations/{id}/typing", realtime::typing)
        .post("/api/realtime/notify/{id}", realtime::notify)
        .post("/api/realtime/broadcast", realtime::broadcast)
        .get("/api/subscription/plans", subscription::plans)
        .get("/api/subscription/status", subscription::status)
        .post("/api/subscription/create-checkout-session", subscription::create_checkout)
        .get("/api/subscription/payment-status/{id}", subscription::payment_status)
        .post("/api/subscription/cancel", subscription::cancel)
        .post("/api/subscription/reactivate", subscription::reactivate)
        .post("/api/subscription/webhook", subscription::webhook)
        .get("/api/subscription/webhook", subscription::webhook)
        .get("/test-openai", trial::read)
        .with_bodies_of(BODY_BYTES)
        .in_words(words)
}

/// The largest body that its server took.
const BODY_BYTES: usize = 10 * 1024 * 1024;

/// What it says when the messages of a month are used up.
const EXHAUSTED: &str = "Message limit reached for this month.";

/// What it calls a conversation before anything is said.
const PLACEHOLDER: &str = "New Conversation";

/// As its server says refusals: what cannot be read is 400, and `error` is what its pages show.
fn words(refusal: &Refusal) -> (StatusCode, Value) {
    let (status, error, details) = match refusal.status {
        status if status == StatusCode::UNPROCESSABLE_ENTITY || refusal.is_of_a_member() => {
            (StatusCode::BAD_REQUEST, "Validation failed", Some(&refusal.detail))
        }
        StatusCode::TOO_MANY_REQUESTS if refusal.quota.is_some() => (refusal.status, EXHAUSTED, None),
        StatusCode::NOT_FOUND if refusal.code == "not_found" => {
            (refusal.status, "Conversation not found", None)
        }
        StatusCode::NOT_FOUND if refusal.code == "not_online" => (refusal.status, "User is not online", None),
        StatusCode::UNAUTHORIZED if refusal.is_without_token() => {
            (refusal.status, "Access denied. No token provided.", None)
        }
        StatusCode::UNAUTHORIZED if refusal.code == "unauthenticated" => {
            (refusal.status, "Invalid token.", None)
        }
        StatusCode::INTERNAL_SERVER_ERROR if refusal.code == "refused" => {
            (refusal.status, "Failed to generate response", Some(&refusal.detail))
        }
        status => (status, refusal.detail.as_str(), None),
    };
    let mut said = json!({
        "success": false,
        "error": error,
        "message": error,
        "detail": refusal.detail,
        "statusCode": status.as_u16(),
    });
    if let Some(details) = details {
        said["details"] = json!(details);
    }
    if let Some(quota) = &refusal.quota {
        said["currentUsage"] = json!(quota.used);
        said["limit"] = json!(quota.limit);
        said["plan"] = json!(quota.plan);
        said["resetsAt"] = json!(rfc3339(quota.resets_at));
    } else if let Some(minutes) = refusal.retry_after_minutes() {
        said["retryAfter"] = json!(minutes);
    }
    (status, said)
}
