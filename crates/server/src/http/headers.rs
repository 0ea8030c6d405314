//! Headers that every answer has unless it says otherwise: nothing here is for other sites, caches or frames.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use services::config::Server;
use tower_http::cors::{AllowCredentials, AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

use super::client::Client;

const DEFAULTS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Adds what an answer does not say itself.
pub(crate) async fn protect(client: Client, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    if client.is_https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
    response
}

/// Lets pages of the listed origins call the API. Those that only `*` admits bring no cookies.
pub(crate) fn cors(server: &Server) -> Option<CorsLayer> {
    if server.cors_origins.is_empty() {
        return None;
    }
    let admits_all = server.cors_origins.iter().any(|origin| origin == "*");
    let listed: Vec<String> =
        server.cors_origins.iter().chain(&server.public_url).map(|o| plain(o)).collect();
    let is_listed = move |origin: &HeaderValue| {
        origin.to_str().is_ok_and(|origin| listed.iter().any(|listed| *listed == plain(origin)))
    };
    let is_credible = is_listed.clone();
    let expose = [
        "x-request-id",
        "link",
        "retry-after",
        "ratelimit-limit",
        "ratelimit-policy",
        "ratelimit-remaining",
        "ratelimit-reset",
        "location",
    ];
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, _: &Parts| admits_all || is_listed(origin)))
            .allow_credentials(AllowCredentials::predicate(move |origin, _: &Parts| is_credible(origin)))
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers(ExposeHeaders::list(expose.map(HeaderName::from_static)))
            .max_age(std::time::Duration::from_mins(10)),
    )
}

fn plain(origin: &str) -> String {
    origin.trim_end_matches('/').to_ascii_lowercase()
}
