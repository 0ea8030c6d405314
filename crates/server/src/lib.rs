//! What we serve: one HTTP server, several client APIs and the web app, over the same use cases.

pub mod cli;
mod dialects;
mod document;
mod http;
pub mod load_config;
mod shutdown;
mod web;

use axum::{
    extract::Request,
    http::StatusCode,
    middleware,
    response::{IntoResponse as _, Response},
    routing::get,
};
use services::App;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::http::{
    client::Client,
    frame::{self, Frame},
    headers,
    problem::Problem,
};

pub use document::openapi;
pub use shutdown::{serve, signals};

/// Everything that is served.
pub fn router(app: App) -> axum::Router {
    let (routes, _) = described().split_for_parts();
    let router = routes
        .route("/openapi.json", get(document::read_openapi))
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(CatchPanicLayer::custom(frame::panicked))
        .layer(middleware::from_fn(headers::protect));
    let router = match headers::cors(&app.config.server) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.layer(middleware::from_fn_with_state(Frame::new(&app), frame::surround)).with_state(app)
}

/// The routes that the document describes.
fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::head())
        .merge(dialects::joint::router())
        .merge(dialects::native::router())
}

/// No route: the web app's page and files, or 404 in the words of the API that the path belongs to.
async fn nothing_here(client: Client, request: Request) -> Response {
    let path = request.uri().path();
    if !is_api(path)
        && let Some(answer) = web::answer(request.method(), path, request.headers(), client.is_secure())
    {
        return answer;
    }
    Problem::no_such_path().into_response()
}

/// A route, but not for this method. What it is for is in `Allow`.
async fn other_method() -> Response {
    let detail = "This address does not take this method; the header `Allow` says which it takes.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response()
}

/// Paths of an API are never the web app's page.
fn is_api(path: &str) -> bool {
    let under =
        |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    dialects::native::PREFIXES.into_iter().chain(["/api", "/v1"]).any(under)
}
