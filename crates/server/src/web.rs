//! The embedded web app: its page, its files, and the headers that keep strangers' scripts out of it.
//!
//! Files under `/assets/` carry a hash in their name and are kept by browsers for good; an unknown one is 404, never the
//! page, or a stale tab would get HTML for a script. Every other unknown path that a browser navigates to is the page:
//! the app has its own routes.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/web/"]
struct Files;

const PAGE: &str = "index.html";
const ASSETS: &str = "assets/";
const WORKERS: &str = "assets/workers/";
/// Pages that the app shows in frames without an origin: `assets/sandbox/<name>-<hash>.html`.
const SANDBOXED: &str = "assets/sandbox/";
/// What the pages that show the API load. It is there in one form, which browsers read: as gzip.
const REFERENCE: &str = "assets/reference/";
const SERVICE_WORKER: &str = "sw.js";
/// The pages that links show: for those who have the link, not for search engines.
const SHARED: [&str; 2] = ["s/", "invite/"];
const UNLISTED: HeaderValue = HeaderValue::from_static("noindex, nofollow");
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Asked for again each time, and answered with 304 while it is the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// What the page may load and do. Scripts come from here or are the page's own inline ones; nothing talks elsewhere. The
/// policies for trusted types are the web app's: the addresses of its workers, and the names of character references.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let page = Files::get(PAGE).map(|file| file.data).unwrap_or_default();
    let hashes = script_hashes(&page);
    let policy = format!(
        "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; frame-src 'self'; \
         manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types colloquy-workers colloquy-entities"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// What a worker may do: its script's own policy counts, not that of the page that starts it. It asks the server, as
/// the page may, and nothing else.
const WORKER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types 'none'",
);

/// What a sandboxed page may do: run the script that stands in it. It has no origin, loads nothing and reaches nobody; only
/// the one that shows pictures of other hosts may load those.
static SANDBOX_POLICIES: LazyLock<HashMap<String, HeaderValue>> = LazyLock::new(|| {
    let names = Files::iter().filter(|name| name.starts_with(SANDBOXED) && name.ends_with(".html"));
    let policies = names.filter_map(|name| {
        let page = Files::get(&name)?.data;
        let images = if name[SANDBOXED.len()..].starts_with("picture-") { "https: http:" } else { "'none'" };
        let policy = format!(
            "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts",
            script_hashes(&page)
        );
        Some((name.into_owned(), HeaderValue::from_str(&policy).ok()?))
    });
    policies.collect()
});

/// What the pages that show the API may do. Their tools set styles and HTML as they like, so this is less than the app's
/// policy asks; but scripts come from here, and so does all else.
const REFERENCE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `/docs` or `/redoc`: a page that shows the API.
pub(crate) fn reference(page: &str, headers: &HeaderMap) -> Response<Body> {
    let name = format!("reference/{page}.html");
    let Some(file) = Files::get(&name) else { return not_found() };
    let mut response = file_response(&name, &file, ASK_AGAIN, headers);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, REFERENCE_POLICY);
    response
}

/// Answers `GET` and `HEAD` for what belongs to the web app; `None` leaves the request to somebody else.
///
/// Paths of an API are not known here: whoever calls this has looked at them first.
///
/// `is_secure`: browsers trust the connection, so they heed what is said about openers; elsewhere they call it an error.
pub(crate) fn answer(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    is_secure: bool,
) -> Option<Response<Body>> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    let name = path.trim_start_matches('/');
    let mut response = match find(name) {
        Some(file) if name != PAGE => {
            let cache = if name.starts_with(ASSETS) { FOREVER } else { ASK_AGAIN };
            let mut response = file_response(name, &file, cache, headers);
            if name.starts_with(WORKERS) || name == SERVICE_WORKER {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, WORKER_POLICY);
            }
            if let Some(policy) = SANDBOX_POLICIES.get(name) {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
                response
                    .headers_mut()
                    .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            }
            response
        }
        None if name.starts_with(ASSETS) => not_found(),
        None if !name.is_empty() && !wants_page(name, headers) => return None,
        _ => page(headers, is_secure)?,
    };
    if SHARED.iter().any(|begin| name.starts_with(begin)) {
        response.headers_mut().insert(header::HeaderName::from_static("x-robots-tag"), UNLISTED);
    }
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    Some(response)
}

/// A file by its name. Those of the reference are there packed alone.
fn find(name: &str) -> Option<EmbeddedFile> {
    if is_packed(name) {
        return None;
    }
    Files::get(name).or_else(|| Files::get(&format!("{name}.gz")).filter(|_| name.starts_with(REFERENCE)))
}

fn page(headers: &HeaderMap, is_secure: bool) -> Option<Response<Body>> {
    let mut response = file_response(PAGE, &Files::get(PAGE)?, ASK_AGAIN, headers);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            header::HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), payment=(), usb=()"),
        ),
    ] {
        response.headers_mut().insert(name, value);
    }
    if is_secure {
        let name = header::HeaderName::from_static("cross-origin-opener-policy");
        response.headers_mut().insert(name, HeaderValue::from_static("same-origin"));
    }
    Some(response)
}

/// The file in the smallest form that the client reads, or 304 if the client has it.
fn file_response(name: &str, file: &EmbeddedFile, cache: HeaderValue, headers: &HeaderMap) -> Response<Body> {
    let (data, encoding) = match packed(name, headers) {
        Some((packed, encoding)) => (packed.data, Some(encoding)),
        None if name.starts_with(REFERENCE) => (file.data.clone(), Some("gzip")),
        None => (file.data.clone(), None),
    };
    let hash = STANDARD.encode(&file.metadata.sha256_hash()[..12]);
    let etag = format!("\"{hash}.{}\"", encoding.unwrap_or_default());

    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, cache);
    answer.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    answer.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.insert(
        header::HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, etag);
    }
    if has_it(headers, &hash) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(data.len()));
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    *response.body_mut() = match data {
        std::borrow::Cow::Borrowed(data) => Body::from(data),
        std::borrow::Cow::Owned(data) => Body::from(data),
    };
    response
}

fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::from(
        "There is no such file; a newer version may be installed: load the page again.\n",
    ));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A browser that navigates asks for HTML by name. Tools ask for anything: they get the page where it cannot be a file.
fn wants_page(name: &str, headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(header::ACCEPT) else { return !looks_like_file(name) };
    let accept = accept.to_str().unwrap_or_default();
    let asks_for =
        |kind: &str| accept.split(',').any(|item| item.split(';').next().unwrap_or_default().trim() == kind);
    asks_for("text/html") || (asks_for("*/*") && !looks_like_file(name))
}

fn looks_like_file(name: &str) -> bool {
    name.rsplit('/').next().unwrap_or_default().contains('.')
}

fn is_packed(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == "br" || extension == "gz")
}

/// The compressed twin that the client prefers.
fn packed(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(headers, encoding))
        .find_map(|(encoding, extension)| Some((Files::get(&format!("{name}.{extension}"))?, encoding)))
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let items = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    items.flat_map(|value| value.split(',')).any(|item| {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let refused = parameters.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn has_it(headers: &HeaderMap, hash: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).any(|tag| {
        let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
        // The encodings of one file are the same page: which of them the client keeps does not matter.
        tag == "*" || tag.split('.').next() == Some(hash)
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// The scripts of a page, as a policy names them.
fn script_hashes(page: &[u8]) -> String {
    let hashes: Vec<_> = inline_scripts(&String::from_utf8_lossy(page))
        .map(|script| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    hashes.join(" ")
}

/// The bodies of the scripts that stand in the page itself.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (body, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(body)
    })
}

#[cfg(test)]
mod tests;
