//! How large a body may be, and how long it may take to arrive.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{Extensions, HeaderMap, StatusCode, header},
};
use services::App;

use super::problem::Problem;

/// How long a body may take.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

/// The largest body of a route, if not that of the settings: add it with `axum::Extension`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub(crate) usize);

/// Reads a body whole.
pub(crate) async fn read(
    app: &App,
    extensions: &Extensions,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, Problem> {
    let limit = extensions.get::<BodyLimit>().map_or(app.config.server.body_limit_bytes, |limit| limit.0);
    let said =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|said| said > limit) {
        return Err(too_large(limit));
    }
    let too_slow =
        || Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The body did not arrive in time.");
    let read = tokio::time::timeout(ARRIVES_WITHIN, axum::body::to_bytes(body, limit))
        .await
        .map_err(|_| too_slow())?;
    read.map_err(|error| {
        if is_over_limit(&error) {
            too_large(limit)
        } else {
            Problem::new(StatusCode::BAD_REQUEST, "broken_body", "The body did not arrive whole.")
        }
    })
}

fn is_over_limit(error: &axum::Error) -> bool {
    let mut cause = Some(error as &dyn std::error::Error);
    while let Some(error) = cause {
        if error.to_string() == "length limit exceeded" {
            return true;
        }
        cause = error.source();
    }
    false
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("The body may have at most {limit} bytes."),
    )
}
