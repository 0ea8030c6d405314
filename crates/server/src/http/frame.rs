//! What surrounds every request: its number, its client, the order in which it arrived; and a net under panics.

use std::{any::Any, future::Future};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use services::{App, accounts::Arrival};

use super::{
    client::{Client, Proxies},
    problem::Problem,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_ID: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// What the log calls the request that is being answered.
pub(crate) fn request_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// What the frame needs to know.
#[derive(Clone)]
pub(crate) struct Frame {
    app: App,
    proxies: Proxies,
}

impl Frame {
    pub(crate) fn new(app: &App) -> Self {
        Self { app: app.clone(), proxies: Proxies::parse(&app.config.server.trusted_proxies) }
    }
}

/// Notes where a request comes from and when, and gives its answer the number that the log knows it by.
pub(crate) async fn surround(State(frame): State<Frame>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>().map(|info| info.0.ip());
    let client = Client::of(&frame.proxies, peer, request.headers(), request.uri());
    let id = given_id(request.headers()).unwrap_or_else(|| new_id(&frame.app));
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(Arrival::now(&frame.app));
    let mut response = within(id.clone(), next.run(request)).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn within<F: Future>(id: String, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(id, work)
}

/// The number that a proxy or the client gave, if it is harmless.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ((1..=MAX_ID).contains(&id.len()) && id.bytes().all(harmless)).then(|| id.to_owned())
}

fn new_id(app: &App) -> String {
    format!("{:016x}", u64::from_be_bytes(app.random()))
}

/// A handler panicked: the caller is told that it is our fault, the log why.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown")
        .to_owned();
    // Forgotten rather than dropped: what a panic carries may panic again.
    std::mem::forget(panic);
    tracing::error!(request.id = request_id().unwrap_or_default(), panic = text, "a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::StatusCode, routing::get};
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_fault_of_ours_that_says_nothing() {
        let broken = get(|| async {
            assert!(request_id().is_none(), "a secret");
        });
        let router = Router::new().route("/", broken).layer(CatchPanicLayer::custom(panicked));
        let answer = within("number-1".into(), router.oneshot(Request::new(Body::empty()))).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let text = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(
            text.contains("\"internal\"") && text.contains("number-1") && !text.contains("secret"),
            "{text}"
        );
    }

    #[test]
    fn a_number_that_could_break_a_log_is_not_taken() {
        let given = |id: &str| {
            let headers = [(REQUEST_ID, HeaderValue::from_str(id).unwrap())].into_iter().collect();
            given_id(&headers)
        };
        assert_eq!(given("abc-1.2_X").as_deref(), Some("abc-1.2_X"));
        for bad in ["", "a b", "{\"a\"}", &"x".repeat(65)] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }
}
