//! The API that OpenAI's clients speak: models, answers to a history that the client brings, and vectors of texts.
//!
//! Without `X-Conversation-Id` nothing is stored, and an answer is stopped when its reader leaves, because these clients
//! know no other way to stop. With it, the last message is said in that conversation and answered there: what was said
//! before is what the conversation holds, and leaving changes nothing.
//!
//! # Known quirks
//!
//! * Images come as `data:` URLs alone. Nothing is fetched from elsewhere.
//! * An answer is one choice: `n` may be 1 and nothing else.
//! * Members of a request that are not known here are ignored.

mod chat;
mod embeddings;
mod models;
mod told;
mod wire;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::{problem::Refusal, routes::Routes};

/// Paths under these are answered in this API's words, also when there is nothing.
pub(crate) const PREFIXES: [&str; 1] = ["/v1"];

/// The largest body: the client brings all that was said before, images too.
const HISTORY_BYTES: usize = 20 * 1024 * 1024;

/// What a model is called that is not offered here.
const NO_MODEL: &str = "model_not_found";

/// Its OpenAPI document, without what it shares with others.
pub(crate) const DOCUMENT: &str = include_str!("openai/openapi.json");

pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/v1/models", models::list)
        .get("/v1/models/{*id}", models::find)
        .merge(large())
        .in_words(words)
}

/// What takes much at once.
fn large() -> Routes {
    Routes::default()
        .post("/v1/chat/completions", chat::create)
        .post("/v1/embeddings", embeddings::create)
        .with_bodies_of(HISTORY_BYTES)
}

/// A refusal as OpenAI says it: what is wrong with a request is always 400 there.
pub(crate) fn words(refusal: &Refusal) -> (StatusCode, Value) {
    let status = match refusal.status {
        _ if refusal.is_of_a_member() => StatusCode::BAD_REQUEST,
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => StatusCode::BAD_REQUEST,
        status => status,
    };
    let param = match refusal.errors.first() {
        Some(error) => Some(member(&error.pointer)).filter(|name| !name.is_empty()),
        None => (refusal.code == NO_MODEL).then(|| "model".to_owned()),
    };
    (status, error(status, &refusal.code, &refusal.detail, param.as_deref()))
}

/// The body of an error, also of one inside a stream.
fn error(status: StatusCode, code: &str, message: &str, param: Option<&str>) -> Value {
    let (kind, code) = match status {
        StatusCode::UNAUTHORIZED => ("invalid_request_error", "invalid_api_key"),
        StatusCode::FORBIDDEN => ("permission_error", code),
        StatusCode::TOO_MANY_REQUESTS if code == "quota_exhausted" => {
            ("insufficient_quota", "insufficient_quota")
        }
        StatusCode::TOO_MANY_REQUESTS => ("rate_limit_error", "rate_limit_exceeded"),
        status if status.is_server_error() => ("server_error", code),
        _ => ("invalid_request_error", code),
    };
    json!({ "error": { "message": message, "type": kind, "param": param, "code": code } })
}

/// `/messages/0/content` as `messages[0].content`.
fn member(pointer: &str) -> String {
    let mut name = String::new();
    for part in pointer.split('/').filter(|part| !part.is_empty()) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            name = format!("{name}[{part}]");
        } else if name.is_empty() {
            part.clone_into(&mut name);
        } else {
            name = format!("{name}.{part}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_named_as_it_is_written_in_code() {
        assert_eq!(member("/messages/0/content/1"), "messages[0].content[1]");
        assert_eq!(member("/model"), "model");
        assert_eq!(member(""), "");
    }
}
