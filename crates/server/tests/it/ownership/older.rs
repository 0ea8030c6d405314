//! The routes of the older clients' APIs, and those that tell of the others.

use reqwest::Method;
use serde_json::json;

use super::{
    Row,
    Who::{Admin, Anybody, Owner, SignedIn},
    row,
};
use crate::support::PASSWORD;

pub(super) fn table() -> Vec<Row> {
    [shared(), personale(), express(), nest(), chronochat(), openai()].into_iter().flatten().collect()
}

fn conversation(method: Method, path: &'static str) -> Row {
    row(method, path, Owner(|things| things.conversation))
}

fn group(method: Method, path: &'static str) -> Row {
    row(method, path, Owner(|things| things.group))
}

fn shared() -> Vec<Row> {
    vec![
        row(Method::GET, "/", Anybody),
        row(Method::GET, "/docs", Anybody),
        row(Method::GET, "/redoc", Anybody),
        row(Method::GET, "/openapi.json", Anybody),
        row(Method::GET, "/openapi/{name}", Anybody),
        row(Method::GET, "/webhooks/konnect", Anybody),
        row(Method::POST, "/webhooks/konnect", Anybody),
        row(Method::GET, "/api", Anybody),
        row(Method::GET, "/api/", Anybody),
        row(Method::POST, "/api/auth/register", Anybody).with(json!({})),
        row(Method::POST, "/api/auth/login", Anybody).with(json!({})),
        row(Method::POST, "/api/auth/logout", Anybody),
        row(Method::GET, "/api/auth/me", SignedIn),
    ]
}

fn personale() -> Vec<Row> {
    let said = json!([{ "role": "user", "content": "x" }]);
    let new_password = json!({ "currentPassword": PASSWORD, "newPassword": "another password" });
    vec![
        row(Method::GET, "/api/sessions", SignedIn),
        row(Method::POST, "/api/sessions", SignedIn).with(json!({})),
        conversation(Method::PUT, "/api/sessions/{id}").with(json!({ "title": "x" })),
        conversation(Method::DELETE, "/api/sessions/{id}").says_nothing(),
        conversation(Method::GET, "/api/sessions/{id}/messages"),
        row(Method::POST, "/api/auth/change-password", SignedIn).with(new_password),
        conversation(Method::POST, "/api/chat/stream")
            .with(json!({ "sessionId": "{id}", "model": "x", "messages": said })),
    ]
}

fn express() -> Vec<Row> {
    let new_password = json!({ "currentPassword": PASSWORD, "newPassword": "another password" });
    vec![
        row(Method::GET, "/api/auth/profile", SignedIn),
        row(Method::PUT, "/api/auth/profile", SignedIn).with(json!({})),
        row(Method::PUT, "/api/auth/change-password", SignedIn).with(new_password),
        row(Method::GET, "/api/chat/conversations", SignedIn),
        row(Method::POST, "/api/chat/conversations", SignedIn).with(json!({})),
        conversation(Method::GET, "/api/chat/conversations/{id}"),
        conversation(Method::DELETE, "/api/chat/conversations/{id}"),
        conversation(Method::POST, "/api/chat/conversations/{id}/messages").with(json!({ "message": "x" })),
        conversation(Method::PUT, "/api/chat/conversations/{id}/title").with(json!({ "title": "x" })),
        row(Method::GET, "/api/chat/models", SignedIn),
        row(Method::GET, "/test-openai", Admin),
        row(Method::GET, "/api/realtime/status", SignedIn),
        conversation(Method::GET, "/api/realtime/conversations/{id}/active-users"),
        conversation(Method::GET, "/api/realtime/conversations/{id}/typing"),
        row(Method::POST, "/api/realtime/notify/{id}", Admin).with(json!({ "message": "x" })),
        row(Method::POST, "/api/realtime/broadcast", Admin).with(json!({ "message": "x" })),
        row(Method::GET, "/api/realtime/stats", Admin),
        row(Method::GET, "/api/subscription/plans", Anybody),
        row(Method::GET, "/api/subscription/status", SignedIn),
        row(Method::POST, "/api/subscription/create-checkout-session", SignedIn).with(json!({})),
        row(Method::GET, "/api/subscription/payment-status/{id}", SignedIn),
        row(Method::POST, "/api/subscription/cancel", SignedIn),
        row(Method::POST, "/api/subscription/reactivate", SignedIn),
        row(Method::POST, "/api/subscription/webhook", Anybody),
        row(Method::GET, "/api/subscription/webhook", Anybody),
    ]
}

fn nest() -> Vec<Row> {
    vec![
        row(Method::POST, "/auth/register", Anybody).with(json!({})),
        row(Method::POST, "/auth/login", Anybody).with(json!({})),
        row(Method::POST, "/auth/refresh", Anybody).takes_its_own_token(),
        row(Method::GET, "/auth/me", SignedIn),
        row(Method::GET, "/auth/google", Anybody),
        row(Method::GET, "/auth/google/callback", Anybody),
        row(Method::GET, "/groups", SignedIn),
        row(Method::POST, "/groups", SignedIn).with(json!({ "name": "x" })),
        group(Method::PATCH, "/groups/{id}").with(json!({ "name": "x" })),
        group(Method::DELETE, "/groups/{id}"),
        group(Method::GET, "/groups/{id}/sessions").says_nothing(),
        row(Method::GET, "/sessions", SignedIn),
        row(Method::POST, "/sessions", SignedIn).with(json!({})),
        conversation(Method::GET, "/sessions/{id}"),
        conversation(Method::PATCH, "/sessions/{id}").with(json!({ "title": "x" })),
        conversation(Method::DELETE, "/sessions/{id}"),
        conversation(Method::PATCH, "/sessions/{id}/favorite").with(json!({ "isFavorite": true })),
        conversation(Method::PATCH, "/sessions/{id}/group").with(json!({ "groupId": null })),
        conversation(Method::GET, "/sessions/{id}/export.json"),
        conversation(Method::GET, "/sessions/{id}/export.md"),
        conversation(Method::GET, "/messages/{id}"),
        conversation(Method::POST, "/messages")
            .with(json!({ "sessionId": "{id}", "role": "assistant", "content": "x" })),
        conversation(Method::POST, "/messages/stream").with(json!({ "sessionId": "{id}", "prompt": "x" })),
        conversation(Method::GET, "/sse/sessions/{id}/stream"),
    ]
}

fn chronochat() -> Vec<Row> {
    let new_password = json!({
        "current_password": PASSWORD, "new_password": "another password", "confirm_new_password": "another password",
    });
    vec![
        row(Method::POST, "/api/auth/refresh", Anybody)
            .with(json!({ "refresh_token": "x" }))
            .takes_its_own_token(),
        row(Method::POST, "/api/auth/logout-all", SignedIn),
        row(Method::GET, "/api/auth/verify", SignedIn),
        row(Method::GET, "/api/users/profile", SignedIn),
        row(Method::PUT, "/api/users/profile", SignedIn).with(json!({ "full_name": "x" })),
        row(Method::POST, "/api/users/change-password", SignedIn).with(new_password),
        row(Method::DELETE, "/api/users/account", SignedIn),
        conversation(Method::POST, "/api/chat/send").with(json!({ "message": "x", "thread_id": "{id}" })),
        row(Method::GET, "/api/chat/threads", SignedIn),
        conversation(Method::GET, "/api/chat/threads/{id}"),
        conversation(Method::DELETE, "/api/chat/threads/{id}"),
        conversation(Method::PUT, "/api/chat/threads/{id}/title").with(json!({ "title": "x" })),
        row(Method::GET, "/api/chat/stats", SignedIn),
    ]
}

fn openai() -> Vec<Row> {
    let said = json!([{ "role": "user", "content": "x" }]);
    vec![
        row(Method::GET, "/v1/models", SignedIn),
        row(Method::GET, "/v1/models/{*id}", SignedIn),
        row(Method::POST, "/v1/chat/completions", SignedIn)
            .with(json!({ "model": "fake", "messages": said })),
        row(Method::POST, "/v1/embeddings", SignedIn).with(json!({ "model": "fake-embed", "input": "x" })),
    ]
}
