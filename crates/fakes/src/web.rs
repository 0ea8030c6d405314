//! A piece of the web: two search engines, in the words of SearXNG and of DuckDuckGo's page without scripts, and pages. Each
//! can be down, slow, empty or want to see a person; pages can lead elsewhere, be endless, packed or no pages at all.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use crate::serving::{self, Serving};

/// How both engines are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    /// They find what they were told to.
    #[default]
    Well,
    /// They answer with status 500.
    Down,
    /// They find nothing.
    Empty,
    /// They want to see a person.
    Captcha,
    /// They answer with a page that has nothing to do with a search.
    Nonsense,
    /// They take the question and never answer.
    Hangs,
}

/// What a page is.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The status that it answers with.
    pub status: u16,
    /// What its head says, beside the length.
    pub headers: Vec<(&'static str, String)>,
    /// What it holds.
    pub body: Vec<u8>,
    /// How long it keeps whoever asks waiting.
    pub waits: Duration,
    /// Whether the body comes again and again, without an end.
    pub is_endless: bool,
    /// Between two pieces of an endless body.
    pub pause: Duration,
}

impl Paper {
    /// A page for people.
    pub fn html(body: impl Into<String>) -> Self {
        Self::of("text/html; charset=utf-8", body.into().into_bytes())
    }

    /// Something of a kind.
    pub fn of(kind: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status: 200, headers, body, waits: Duration::ZERO, is_endless: false, pause: Duration::ZERO }
    }

    /// One that leads elsewhere.
    pub fn leads_to(status: u16, url: &str) -> Self {
        Self { status, headers: vec![("location", url.to_owned())], ..Self::html("moved") }
    }
}

/// A request for a page.
#[derive(Debug, Clone)]
pub struct AskedFor {
    /// Path and query.
    pub path: String,
    /// What its head said.
    pub headers: HeaderMap,
}

#[derive(Default)]
struct Desk {
    mood: Mood,
    hits: Vec<(String, String, String)>,
    papers: HashMap<String, Paper>,
    asked: Vec<AskedFor>,
}

type Shared = Arc<Mutex<Desk>>;

/// Such a piece of the web on a port of its own, in a thread of its own. Dropping it closes the port.
pub struct FakeWeb {
    address: SocketAddr,
    desk: Shared,
    _serving: Serving,
}

impl FakeWeb {
    /// Starts one without pages, whose engines find nothing.
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0").expect("a free port")
    }

    /// Starts one at an address of choice.
    pub fn start_at(address: &str) -> std::io::Result<Self> {
        let (listener, address) = serving::bind(address)?;
        let desk = Shared::default();
        let router = Router::new()
            .route("/search", get(searxng))
            .route("/html/", get(duckduckgo))
            .fallback(page)
            .with_state(Arc::clone(&desk));
        let serving = Serving::start(listener, move |listener| crate::router::serve(listener, router));
        Ok(Self { address, desk, _serving: serving })
    }

    /// Where it listens, as `host:port`.
    pub fn place(&self) -> String {
        self.address.to_string()
    }

    /// The address of one of its pages; also what `searxng_url` is set to, with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What `duckduckgo_url` is set to.
    pub fn duckduckgo_url(&self) -> String {
        self.url("/html/")
    }

    /// From now on both engines are so.
    pub fn set_mood(&self, mood: Mood) {
        lock(&self.desk).mood = mood;
    }

    /// From now on both engines find these: title, address, words.
    pub fn set_hits(&self, hits: &[(&str, &str, &str)]) {
        let owned = hits
            .iter()
            .map(|(title, url, snippet)| ((*title).to_owned(), (*url).to_owned(), (*snippet).to_owned()));
        lock(&self.desk).hits = owned.collect();
    }

    /// Puts a page at a path.
    pub fn put(&self, path: &str, paper: Paper) {
        lock(&self.desk).papers.insert(path.to_owned(), paper);
    }

    /// What was asked for since this was called, oldest first.
    pub fn take_asked(&self) -> Vec<AskedFor> {
        std::mem::take(&mut lock(&self.desk).asked)
    }
}

fn lock(desk: &Shared) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes a request, and says what both engines have to say to it.
fn ask(desk: &Shared, request: &Request) -> (Mood, Vec<(String, String, String)>) {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut desk = lock(desk);
    desk.asked.push(AskedFor { path, headers: request.headers().clone() });
    (desk.mood, desk.hits.clone())
}

async fn searxng(State(desk): State<Shared>, request: Request) -> Response {
    let (mood, hits) = ask(&desk, &request);
    let answer = |results: Vec<serde_json::Value>, silent: serde_json::Value| {
        axum::Json(json!({
            "query": "", "number_of_results": results.len(), "results": results, "answers": [], "corrections": [],
            "infoboxes": [], "suggestions": [], "unresponsive_engines": silent,
        }))
        .into_response()
    };
    match mood {
        Mood::Well => {
            let results = hits.into_iter().map(|(title, url, content)| {
                json!({ "title": title, "url": url, "content": content, "engine": "fake", "score": 1.0 })
            });
            answer(results.collect(), json!([]))
        }
        Mood::Empty => answer(Vec::new(), json!([])),
        Mood::Captcha => answer(Vec::new(), json!([["fake", "Suspended: CAPTCHA"]])),
        Mood::Down => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Nonsense => Html("<h1>It works!</h1>").into_response(),
        Mood::Hangs => std::future::pending().await,
    }
}

async fn duckduckgo(State(desk): State<Shared>, request: Request) -> Response {
    let (mood, hits) = ask(&desk, &request);
    let page = |inner: &str| {
        Html(format!(
            "<!DOCTYPE html><html><body><form action=\"/html/\" method=\"post\"><input name=\"q\"></form>\
             <div id=\"links\" class=\"results\">{inner}</div></body></html>"
        ))
        .into_response()
    };
    match mood {
        Mood::Well => {
            let results = hits.into_iter().map(|(title, url, snippet)| {
                format!(
                    "<div class=\"result results_links results_links_deep web-result\"><h2 class=\"result__title\">\
                     <a rel=\"nofollow\" class=\"result__a\" href=\"//duckduckgo.com/l/?uddg={}&amp;rut=0\">{title}</a></h2>\
                     <a class=\"result__snippet\">{snippet}</a></div>",
                    encoded(&url)
                )
            });
            page(&results.collect::<String>())
        }
        Mood::Empty => page("<div class=\"no-results\">No results.</div>"),
        Mood::Captcha => {
            (StatusCode::ACCEPTED, page("<div class=\"anomaly-modal__title\">Who are you?</div>"))
                .into_response()
        }
        Mood::Down => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Nonsense => Html("<h1>It works!</h1>").into_response(),
        Mood::Hangs => std::future::pending().await,
    }
}

fn encoded(url: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    url.bytes().map(encode).collect()
}

async fn page(State(desk): State<Shared>, request: Request) -> Response {
    ask(&desk, &request);
    let found = lock(&desk).papers.get(request.uri().path()).cloned();
    let Some(paper) = found else { return StatusCode::NOT_FOUND.into_response() };
    tokio::time::sleep(paper.waits).await;
    let body = if paper.is_endless {
        let (piece, pause) = (Bytes::from(paper.body), paper.pause);
        Body::from_stream(stream::unfold((), move |()| {
            let piece = piece.clone();
            async move {
                tokio::time::sleep(pause).await;
                Some((Ok::<_, std::io::Error>(piece), ()))
            }
        }))
    } else {
        Body::from(paper.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(paper.status).unwrap_or_default();
    for (name, value) in paper.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::SET_COOKIE, header::HeaderValue::from_static("visited=yes"));
    response
}
