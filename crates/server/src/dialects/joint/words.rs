//! Refusals under `/api`, where the clients of three seeds look in different places: each finds its member.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::problem::Refusal;

/// Paths under these are answered in these words.
pub(crate) const PREFIXES: [&str; 1] = ["/api"];

/// What FastAPI says in `detail`, Express in `error` and others in `message`. What is wrong with a member of the request is
/// listed as FastAPI lists it.
pub(crate) fn words(refusal: &Refusal) -> (StatusCode, Value) {
    let text = refusal.detail.as_str();
    if refusal.status == StatusCode::UNAUTHORIZED && refusal.code == "unauthenticated" {
        return unauthenticated(refusal, "Not authenticated");
    }
    if refusal.is_of_a_member() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let detail = refusal.errors.iter().map(|error| listed(&error.pointer, &error.message)).collect();
        return (status, body(status, &detail, text));
    }
    let mut said = body(refusal.status, &json!(text), text);
    if let Some(minutes) = refusal.retry_after_minutes() {
        said["retryAfter"] = json!(minutes);
    }
    (refusal.status, said)
}

/// Nobody who is known asks. `without_token` is what a client reads in `detail` that sent no token.
pub(crate) fn unauthenticated(refusal: &Refusal, without_token: &str) -> (StatusCode, Value) {
    let (detail, error) = if refusal.is_without_token() {
        (without_token, "Access denied. No token provided.")
    } else {
        ("Invalid token", "Invalid token.")
    };
    (refusal.status, body(refusal.status, &json!(detail), error))
}

fn listed(pointer: &str, message: &str) -> Value {
    let place = pointer.split('/').filter(|name| !name.is_empty());
    let loc: Vec<&str> = ["body"].into_iter().chain(place).collect();
    json!({ "type": "value_error", "loc": loc, "msg": message, "input": null })
}

/// The members that all of them look for.
pub(crate) fn body(status: StatusCode, detail: &Value, text: &str) -> Value {
    json!({
        "success": false,
        "detail": detail,
        "error": text,
        "message": text,
        "statusCode": status.as_u16(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_member_is_listed() {
        let refusal = Refusal {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: "invalid".into(),
            detail: "`title` must not be empty.".into(),
            errors: vec![crate::http::problem::FieldError {
                pointer: "/title".into(),
                message: "must not be empty.".into(),
            }],
            quota: None,
            retry_after: None,
        };
        let (status, said) = words(&refusal);
        assert_eq!(status, 422);
        assert_eq!(said["detail"][0]["loc"], json!(["body", "title"]));
        assert_eq!((&said["error"], &said["success"]), (&json!("`title` must not be empty."), &json!(false)));
    }

    #[test]
    fn who_asks_too_often_reads_for_how_many_minutes_to_wait() {
        let mut refusal = Refusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "rate_limited".into(),
            detail: "Too many requests.".into(),
            errors: Vec::new(),
            quota: None,
            retry_after: Some(std::time::Duration::from_millis(61_500)),
        };
        assert_eq!(words(&refusal).1["retryAfter"], 2);
        refusal.status = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(words(&refusal).1.get("retryAfter"), None);
    }
}
