//! Refusals in the words of another client API: status and headers stay, the body is said anew.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

use super::problem::Refusal;

/// How a client API says a refusal: the status that its clients know, and the body.
pub(crate) type Words = fn(&Refusal) -> (StatusCode, Value);

/// Says a refusal in these words; every other answer stays as it is.
pub(crate) fn reword(mut response: Response, words: Words) -> Response {
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else { return response };
    let (status, said) = words(&refusal);
    *response.status_mut() = status;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = Body::from(said.to_string());
    response
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use serde_json::json;

    use super::*;
    use crate::http::problem::Problem;

    #[tokio::test]
    async fn a_refusal_keeps_its_headers_and_changes_its_words() {
        let words: Words = |refusal| (StatusCode::BAD_REQUEST, json!({ "detail": refusal.detail }));
        let refused = Problem::unavailable("stopping", "The server is about to stop.").into_response();
        let said = reword(refused, words);
        assert_eq!(said.status(), StatusCode::BAD_REQUEST);
        assert_eq!(said.headers()[header::RETRY_AFTER], "5");
        assert_eq!(said.headers()[header::CONTENT_TYPE], "application/json");
        let body = axum::body::to_bytes(said.into_body(), 1_000).await.unwrap();
        assert_eq!(body, r#"{"detail":"The server is about to stop."}"#);
        let kept = reword("fine".into_response(), words);
        assert_eq!(kept.status(), StatusCode::OK);
    }
}
