//! What we serve: one HTTP server, several client APIs and the web app, over the same use cases.

pub mod cli;
mod dialects;
mod document;
mod doors;
pub mod health;
mod http;
pub mod load_config;
mod shutdown;
mod sockets;
mod web;
mod webhooks;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode},
    middleware,
    response::{IntoResponse as _, Response},
};
use services::App;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::http::{
    client::Client,
    frame::{self, Frame},
    headers,
    problem::Problem,
    rates,
    routes::Routes,
    words,
};

pub use document::{documents, openapi};
pub use shutdown::{serve, signals};

/// Everything that is served.
pub fn router(app: App) -> axum::Router {
    let (routes, _) = described().split_for_parts();
    if tracing::enabled!(tracing::Level::DEBUG) {
        for (method, path) in self::routes() {
            tracing::debug!(%method, %path, "is served");
        }
    }
    let router = routes
        .merge(undescribed().into_router())
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(sockets::layer(&app))
        .layer(middleware::from_fn_with_state(app.clone(), sockets::guard))
        .layer(middleware::from_fn_with_state(app.clone(), rates::count))
        .layer(CatchPanicLayer::custom(frame::panicked))
        .layer(middleware::from_fn(headers::protect));
    let router = match headers::cors(&app.config.server) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.layer(middleware::from_fn_with_state(Frame::new(&app), frame::surround)).with_state(app)
}

/// The routes that the document does not describe: those of the older clients, and what tells of the others.
fn undescribed() -> Routes {
    let own = Routes::default()
        .get("/openapi.json", document::read_openapi)
        .get("/openapi/{name}", document::older::read)
        .get("/docs", async |headers: HeaderMap| web::reference("docs", &headers))
        .get("/redoc", async |headers: HeaderMap| web::reference("redoc", &headers))
        .get("/", doors::welcome)
        .get("/api", doors::read)
        .get("/api/", doors::read)
        .merge(webhooks::routes());
    older().into_iter().fold(own, |all, (_, routes)| all.merge(routes))
}

/// The APIs of clients that were made for other servers, each by the name that it has here.
fn older() -> [(&'static str, Routes); 6] {
    [
        ("accounts", dialects::joint::older()),
        ("personale", dialects::personale::routes()),
        ("express", dialects::express::routes()),
        ("nest", dialects::nest::routes()),
        ("chronochat", dialects::chronochat::routes()),
        ("openai", dialects::openai::routes()),
    ]
}

/// Every route that there is: its method and its path.
pub fn routes() -> Vec<(String, String)> {
    let of_older = undescribed();
    let of_older = of_older.list().iter().map(|(method, path)| (method.to_string(), (*path).to_owned()));
    document::routes().into_iter().chain(of_older).collect()
}

/// The routes that the document describes.
fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::head())
        .merge(dialects::joint::router())
        .merge(dialects::native::router())
}

/// No route: the web app's page and files, or 404 in the words of the API that the path belongs to.
async fn nothing_here(client: Client, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if !is_api(&path)
        && let Some(answer) = web::answer(request.method(), &path, request.headers(), client.is_secure())
    {
        return answer;
    }
    in_words_of(&path, Problem::no_such_path())
}

/// A route, but not for this method. What it is for is in `Allow`.
async fn other_method(request: Request) -> Response {
    let detail = "This address does not take this method; the header `Allow` says which it takes.";
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
    in_words_of(request.uri().path(), problem)
}

/// A refusal where no client API answered, in the words of the one that the path belongs to.
pub(crate) fn in_words_of(path: &str, problem: Problem) -> Response {
    let response = problem.into_response();
    let is_of = |prefixes: &[&str]| prefixes.iter().any(|prefix| is_under(path, prefix));
    if is_of(&dialects::native::PREFIXES) {
        response
    } else if is_of(&dialects::joint::words::PREFIXES) {
        words::reword(response, dialects::joint::words::words)
    } else if is_of(&dialects::nest::PREFIXES) {
        words::reword(response, dialects::nest::words)
    } else if is_of(&dialects::openai::PREFIXES) {
        words::reword(response, dialects::openai::words)
    } else {
        response
    }
}

/// Paths of an API are never the web app's page.
pub(crate) fn is_api(path: &str) -> bool {
    let apis = dialects::native::PREFIXES
        .into_iter()
        .chain(dialects::nest::PREFIXES)
        .chain(dialects::openai::PREFIXES)
        .chain(webhooks::PREFIXES)
        .chain(["/api"]);
    apis.into_iter().any(|prefix| is_under(path, prefix))
}

pub(crate) fn is_under(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
