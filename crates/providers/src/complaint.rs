//! What a vendor says when it will not answer, as an HTTP status or inside a stream, in our words.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::ProviderError;

/// A vendor's words and the word it sorts them under.
#[derive(Debug, Default, PartialEq, Eq)]
struct Complaint {
    message: String,
    /// `type` and `code`, lower case.
    kind: String,
}

/// The error that an answer with an error status means.
pub(crate) fn of_status(status: u16, headers: &HeaderMap, body: &[u8]) -> ProviderError {
    let complaint = serde_json::from_slice(body).map_or_else(|_| of_text(body), |value| of_json(&value));
    if status == 429 && complaint.kind.contains("insufficient_quota") {
        return ProviderError::BadRequest { status, message: complaint.message };
    }
    sorted(status, complaint.message, retry_after(headers))
}

/// The error that an error object inside a stream, or in an answer with status 200, means.
pub(crate) fn of_event(error: &Value) -> ProviderError {
    let complaint = of_json(error);
    let kind = complaint.kind.as_str();
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if has(&["insufficient_quota"]) {
        return ProviderError::BadRequest { status: 429, message: complaint.message };
    }
    let status = if let Some(status) = kind.split(' ').find_map(|word| word.parse().ok()) {
        if (400..600).contains(&status) { status } else { 500 }
    } else if has(&["invalid_request", "not_found", "content_filter", "context_length"]) {
        400
    } else if has(&["authentication", "permission", "invalid_api_key"]) {
        401
    } else if has(&["rate_limit"]) {
        429
    } else if has(&["overloaded"]) {
        529
    } else {
        500
    };
    sorted(status, complaint.message, None)
}

fn sorted(status: u16, message: String, retry_after: Option<Duration>) -> ProviderError {
    match status {
        401 | 403 | 407 => ProviderError::Refused { status },
        429 => ProviderError::RateLimited { retry_after },
        300..=399 => ProviderError::BadRequest {
            status,
            message: "The address redirects elsewhere. An administrator has to correct `base_url`."
                .to_owned(),
        },
        408 | 409 | 425 | 500..=u16::MAX => {
            let said = if message.is_empty() {
                String::new()
            } else {
                format!(": {}", message.trim_end_matches('.'))
            };
            ProviderError::unavailable(format!("HTTP {status}{said}"))
        }
        404 | 405 if message.is_empty() => ProviderError::BadRequest {
            status,
            message: "There is nothing at this address. Base URLs often end in `/v1`.".to_owned(),
        },
        _ if message.is_empty() => {
            ProviderError::BadRequest { status, message: "No reason was given.".to_owned() }
        }
        _ => ProviderError::BadRequest { status, message },
    }
}

/// Finds message and kind in the envelopes that are in use: `{error: {message, type, code}}`, `{error: "…"}`,
/// `{message}`, `{detail: "…"}`, `{detail: [{msg}]}`, and any of them in a list.
fn of_json(value: &Value) -> Complaint {
    let value = value.get(0).unwrap_or(value);
    let inner = value.get("error").unwrap_or(value);
    let words = [
        inner.get("message"),
        inner.get("detail"),
        inner.pointer("/detail/0/msg"),
        value.get("message"),
        Some(inner),
    ];
    let message = words.into_iter().flatten().find_map(Value::as_str).unwrap_or_default();
    let word = |key: &str| match inner.get(key) {
        Some(Value::String(word)) => word.to_ascii_lowercase(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    Complaint { message: message.trim().to_owned(), kind: format!("{} {}", word("type"), word("code")) }
}

/// Plain text is taken as it is; of a web page nothing is.
fn of_text(body: &[u8]) -> Complaint {
    let text = String::from_utf8_lossy(body);
    let text = if text.trim_start().starts_with('<') { "" } else { text.as_ref() };
    Complaint { message: text.trim().to_owned(), kind: String::new() }
}

/// Seconds, or a date, which is compared with the vendor's own clock. What is neither is as if it were not there.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |text: &str| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let (then, now) = (date(text)?, date(headers.get(DATE)?.to_str().ok()?)?);
    Some(Duration::from_secs((then.as_second() - now.as_second()).max(0) as u64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_vendors_words_are_found_in_every_envelope() {
        for body in [
            json!({ "error": { "message": "no", "type": "a", "code": 7 } }),
            json!({ "error": "no" }),
            json!({ "message": "no" }),
            json!({ "detail": "no" }),
            json!({ "detail": [{ "msg": "no", "loc": ["body"] }] }),
            json!([{ "error": { "message": "no" } }]),
        ] {
            assert_eq!(of_json(&body).message, "no", "{body}");
        }
    }

    #[test]
    fn a_status_says_what_can_be_done() {
        let code = |status| of_status(status, &HeaderMap::new(), b"{\"error\":{\"message\":\"why\"}}").code();
        for (statuses, expected) in [
            (&[400, 404, 405, 413, 415, 422, 402, 301][..], "provider_bad_request"),
            (&[401, 403][..], "provider_auth"),
            (&[429][..], "provider_rate_limited"),
            (&[408, 409, 500, 502, 503, 504, 529][..], "provider_unavailable"),
        ] {
            for status in statuses {
                assert_eq!(code(*status), expected, "{status}");
            }
        }
        let broke =
            br#"{"error":{"message":"You exceeded your current quota.","code":"insufficient_quota"}}"#;
        assert!(!of_status(429, &HeaderMap::new(), broke).retryable());
        assert_eq!(
            of_status(503, &HeaderMap::new(), b"<html>no</html>").to_string(),
            "The model provider cannot be reached at the moment: HTTP 503."
        );
    }

    #[test]
    fn an_error_inside_a_stream_is_sorted_by_its_kind() {
        let code = |kind: &str| of_event(&json!({ "type": kind, "message": "why" })).code();
        assert_eq!(code("overloaded_error"), "provider_unavailable");
        assert_eq!(code("rate_limit_error"), "provider_rate_limited");
        assert_eq!(code("invalid_request_error"), "provider_bad_request");
        assert_eq!(code("authentication_error"), "provider_auth");
        assert_eq!(code("anything"), "provider_unavailable");
        let broke = of_event(&json!({ "type": "insufficient_quota", "message": "why" }));
        assert_eq!(broke, ProviderError::BadRequest { status: 429, message: "why".into() });
        assert_eq!(of_event(&json!({ "code": 429, "message": "slow" })).code(), "provider_rate_limited");
        assert_eq!(
            of_event(&json!("boom")).to_string(),
            "The model provider cannot be reached at the moment: HTTP 500: boom."
        );
    }

    #[test]
    fn a_retry_time_is_seconds_or_a_date_or_nothing() {
        let after = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            headers.insert(DATE, "Wed, 21 Oct 2026 07:28:00 GMT".parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(after("120"), Some(Duration::from_mins(2)));
        assert_eq!(after("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(after("Wed, 21 Oct 2026 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after("Wed, 21 Oct 2026 07:27:30 GMT"), Some(Duration::ZERO));
        for garbage in ["soon", "-1", "NaN", "1e300", ""] {
            assert_eq!(after(garbage), None, "{garbage}");
        }
    }
}
