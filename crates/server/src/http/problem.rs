//! A refusal as RFC 9457 says it: a status, a stable word, and a sentence about what happened and what to do.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use services::{Error, domain::Timestamp};
use utoipa::ToSchema;

use super::{frame, time::rfc3339};

/// When to try again after a 503 that cannot say better.
const RETRY_UNAVAILABLE: Duration = Duration::from_secs(5);

/// A refusal, ready to be sent.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) quota: Option<Box<Quota>>,
    retry_after: Option<Duration>,
}

/// The messages of a month, when they are used up.
#[derive(Debug, Clone)]
pub(crate) struct Quota {
    /// How many were used.
    pub(crate) used: i64,
    /// How many the plan allows.
    pub(crate) limit: i64,
    /// The plan's word.
    pub(crate) plan: String,
    /// From this moment on there are new ones.
    pub(crate) resets_at: Timestamp,
}

/// What is wrong with one member of the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where: a JSON pointer such as `/password`, or the name of a parameter.
    pub(crate) pointer: String,
    /// What, for people.
    pub(crate) message: String,
}

/// What a refusal says, kept with its answer so that the words of another client API can take the place of ours.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) quota: Option<Box<Quota>>,
    /// When to try again, if that is known.
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    /// When to try again, in minutes, for clients that look for it in the body of a 429.
    pub(crate) fn retry_after_minutes(&self) -> Option<u64> {
        let after = self.retry_after.filter(|_| self.status == StatusCode::TOO_MANY_REQUESTS)?;
        Some(after.as_secs().div_ceil(60).max(1))
    }

    /// A member of the request is to blame, by its form or by what there is here. The older APIs know one status for both.
    pub(crate) fn is_of_a_member(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Nobody said who asks, as opposed to a token that is none.
    pub(crate) fn is_without_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED && self.detail == NOBODY
    }
}

/// What somebody is told who did not say who asks.
pub(crate) const NOBODY: &str = "Sign in first: send an access token as `Authorization: Bearer …`.";

/// What happened and what to do (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails {
    /// Always `about:blank`: `code` says which it is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    #[schema(value_type = i64)]
    status: u16,
    /// What happened and what to do, for people.
    detail: String,
    /// Which problem it is, for programs.
    code: Cow<'static, str>,
    /// What the server's log calls this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
    /// What is wrong with which member of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// With `quota_exhausted`: how many messages of this month were used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    used: Option<i64>,
    /// With `quota_exhausted`: how many the plan allows a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<i64>,
    /// With `quota_exhausted`: the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    plan: Option<String>,
    /// With `quota_exhausted`: from when on there are new ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    resets_at: Option<String>,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        let (code, detail) = (code.into(), detail.into());
        Self { status, code, detail, errors: Vec::new(), quota: None, retry_after: None }
    }

    /// A refusal of an older client API, whose clients know sentences and no codes.
    pub(crate) fn said(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::new(status, "refused", detail)
    }

    /// A member of the request is not as it must be. `message` ends a sentence that begins with the member.
    pub(crate) fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let (pointer, message) = (pointer.into(), message.into());
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let detail = match name {
            "" => sentence(&message),
            name => sentence(&format!("`{name}` {message}")),
        };
        let errors = vec![FieldError { pointer, message: sentence(&message) }];
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// A provider failed.
    pub(crate) fn upstream(code: &str, message: &str) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, code.to_owned(), message)
    }

    /// A fault of ours, shown to nobody.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error. It is in the server's log under the request id.",
        )
    }

    /// Cannot be done now.
    pub(crate) fn unavailable(code: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retrying(RETRY_UNAVAILABLE)
    }

    /// There is no such path.
    pub(crate) fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_such_path", "There is nothing at this address.")
    }

    fn called(mut self, code: &'static str) -> Self {
        self.code = code.into();
        self
    }

    fn retrying(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        let code = error.code();
        match error {
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, code, text),
            Error::Invalid { field, reason } => Self::invalid(format!("/{field}"), reason),
            Error::Unfit { field, reason } => {
                Self { status: StatusCode::CONFLICT, ..Self::invalid(format!("/{field}"), reason) }
                    .called(code)
            }
            Error::WrongPassword { field } => {
                let problem = Self::invalid(format!("/{field}"), "is not your password");
                Self { status: StatusCode::FORBIDDEN, ..problem }.called(code)
            }
            Error::Unauthenticated(_) => Self::new(StatusCode::UNAUTHORIZED, code, text),
            Error::Forbidden { .. } => Self::new(StatusCode::FORBIDDEN, code, text),
            Error::Conflict { .. } => Self::new(StatusCode::CONFLICT, code, text),
            Error::TooMany { retry_after, .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, code, text).retrying(retry_after)
            }
            Error::QuotaExhausted { used, limit, plan, resets_at, retry_after } => {
                let quota = Some(Box::new(Quota { used, limit, plan, resets_at }));
                Self { quota, ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, text) }.retrying(retry_after)
            }
            Error::TooLarge(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, text),
            Error::Unsupported(_) => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, text),
            Error::Unavailable { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, text).retrying(RETRY_UNAVAILABLE)
            }
            Error::Internal(cause) => {
                let request_id = frame::request_id().unwrap_or_default();
                tracing::error!(request.id = request_id, error = ?cause, "a request failed: {cause:#}");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let refusal = Refusal {
            status: self.status,
            code: self.code.clone(),
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            quota: self.quota.clone(),
            retry_after: self.retry_after,
        };
        let quota = self.quota.as_deref();
        let details = ProblemDetails {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            request_id: frame::request_id(),
            errors: self.errors,
            used: quota.map(|quota| quota.used),
            limit: quota.map(|quota| quota.limit),
            plan: quota.map(|quota| quota.plan.clone()),
            resets_at: quota.map(|quota| rfc3339(quota.resets_at)),
        };
        let mut response = (self.status, Json(details)).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = self.retry_after {
            say_when(headers, self.status, after);
        }
        response
    }
}

fn say_when(headers: &mut HeaderMap, status: StatusCode, after: Duration) {
    let seconds = HeaderValue::from(after.as_millis().div_ceil(1000).max(1) as u64);
    headers.insert(header::RETRY_AFTER, seconds.clone());
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert("ratelimit-remaining", HeaderValue::from_static("0"));
        headers.insert("ratelimit-reset", seconds);
    }
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
