//! Searching the web: engines in the order of the settings, then the pages that they found, side by side, then the passages
//! that matter. All of it within one limit of time: what is not there by then is left out.

mod cache;
mod pages;

use std::time::Duration;

use domain::{Feature, Part};
use providers::web::{self, Allowed, Fetcher, Hit, Limits, SearchEngine, SearchError};
use tokio::time::{Instant, timeout_at};

use crate::{Actor, App, Config, Error, Result, config::WebSearch, plans};

use cache::Cache;

/// The longest query, in characters.
const QUERY_CHARS: usize = 300;
/// How many hits more than needed are asked for: some are of no use.
const SPARE_HITS: usize = 4;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The words that were searched for.
    pub query: String,
    /// The engine's word.
    pub engine: &'static str,
    /// The pages, the best first; at least one.
    pub sources: Vec<Source>,
}

/// A page that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The number to cite it by, from 1.
    pub n: i64,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// What people are shown of it.
    pub snippet: String,
    /// What a model is given of it; at least one.
    pub passages: Vec<String>,
}

impl Source {
    /// As it is stored with an answer.
    pub fn part(&self) -> Part {
        let Self { n, title, url, snippet, .. } = self;
        Part::Source { n: *n, title: title.clone(), url: url.clone(), snippet: snippet.clone() }
    }
}

/// Who searches, and what was found lately.
pub(crate) struct State {
    engines: Vec<Box<dyn SearchEngine>>,
    fetcher: Fetcher,
    cache: Cache,
}

impl State {
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let wrong = |what: String| Error::internal(std::io::Error::other(what));
        let settings = &config.web_search;
        let engines = engines(settings).map_err(|(key, expected)| wrong(format!("{key}: {expected}")))?;
        let allowed = Allowed::read(&settings.allowed_hosts);
        let allowed = allowed.ok_or_else(|| wrong("web_search.allowed_hosts: not host:port".into()))?;
        let fetcher = Fetcher::open(allowed, Limits::default()).map_err(Error::internal)?;
        Ok(Self { engines, fetcher, cache: Cache::default() })
    }
}

/// The engines of the settings, in their order; else the key of the setting that is wrong, and why.
pub(crate) fn engines(settings: &WebSearch) -> Result<Vec<Box<dyn SearchEngine>>, (&'static str, String)> {
    let mut engines = Vec::new();
    for name in &settings.engines {
        let (key, opened) = match name.as_str() {
            "duckduckgo" => ("web_search.duckduckgo_url", Some(web::duckduckgo(&settings.duckduckgo_url))),
            "searxng" => {
                let url = settings.searxng_url.as_deref().filter(|url| !url.is_empty());
                ("web_search.searxng_url", url.map(web::searxng))
            }
            _ => {
                return Err(("web_search.engines", "expected searxng and duckduckgo, or one of them".into()));
            }
        };
        engines.extend(opened.transpose().map_err(|error| (key, error.to_string()))?);
    }
    Ok(engines)
}

/// Whether anybody can have the web searched here.
pub fn is_on(app: &App) -> bool {
    app.config.web_search.enabled && !app.web.engines.is_empty()
}

/// Refuses those whose plan does not allow it.
pub async fn may(app: &App, actor: &Actor) -> Result<()> {
    if plans::of(app, actor).await?.allows(Feature::WebSearch) {
        return Ok(());
    }
    Err(Error::forbidden(
        "not_in_plan",
        "Your plan does not include web search. Ask without it, or choose another plan.",
    ))
}

/// Searches the web. Takes as long as the settings allow, at most, whatever engines and pages do. Dropping it ends every
/// connection.
///
/// `search_off`: there is no engine. `search_failed`: none found anything, or none in time.
pub async fn search(app: &App, query: &str) -> Result<Found> {
    if !is_on(app) {
        return Err(Error::Unavailable {
            code: "search_off",
            message: "The web is not searched here: an administrator has to switch that on.".into(),
        });
    }
    let (state, settings) = (&app.web, &app.config.web_search);
    let query: String = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let query: String = query.chars().take(QUERY_CHARS).collect();
    if query.is_empty() {
        return Err(failed("there are no words to search for"));
    }
    if let Some(found) = state.cache.find(&query, app.now()) {
        return Ok(found);
    }
    let limit = Duration::from_secs(settings.limit_seconds);
    let deadline = Instant::now() + limit;
    let (engine, hits) = ask(state, &query, settings.results + SPARE_HITS, deadline).await?;
    let hits = hits.into_iter().filter(|hit| state.fetcher.may_ask(&hit.url)).take(settings.results);
    let patience = deadline.min(Instant::now() + limit / 2);
    let sources = pages::read(&state.fetcher, settings, &query, hits.collect(), patience).await;
    if sources.is_empty() {
        return Err(failed("nothing of use was found"));
    }
    let found = Found { query, engine, sources };
    state.cache.keep(&found, app.now(), settings.cache_minutes);
    Ok(found)
}

/// Reads the page at an address that a stranger or a model named: of the public web, or a place that an administrator allows.
/// Gives at most `room` characters of it: what matters to `query`, else how it begins. Its number is 0.
///
/// `page_unreadable`: it is not there, not allowed, too large, too slow or no text.
pub async fn read_page(app: &App, url: &str, query: Option<&str>, room: usize) -> Result<Source> {
    let unreadable = |message: String| Error::Unavailable { code: "page_unreadable", message };
    let page = app.web.fetcher.page(url).await.map_err(|error| unreadable(error.to_string()))?;
    pages::whole(page, query, room).await.ok_or_else(|| unreadable("The page says nothing.".into()))
}

fn failed(why: &str) -> Error {
    Error::Unavailable { code: "search_failed", message: format!("The web could not be searched: {why}.") }
}

/// Asks one engine after the other. One that hangs leaves time for those behind it.
async fn ask(state: &State, query: &str, most: usize, deadline: Instant) -> Result<(&'static str, Vec<Hit>)> {
    let mut why = "no engine answered in time".to_owned();
    for (at, engine) in state.engines.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let turns = u32::try_from(state.engines.len() - at).unwrap_or(1);
        let answer = timeout_at(Instant::now() + left / turns, engine.search(query, most)).await;
        why = match answer {
            Ok(Ok(hits)) => return Ok((engine.name(), hits)),
            Ok(Err(error)) => {
                log(engine.name(), &error.to_string(), error != SearchError::Empty);
                error.to_string()
            }
            Err(_) => {
                log(engine.name(), "it took too long", true);
                "no engine answered in time".to_owned()
            }
        };
    }
    Err(failed(&why))
}

fn log(engine: &str, why: &str, is_fault: bool) {
    if is_fault {
        tracing::warn!(search.engine = engine, "a search failed: {why}");
    } else {
        tracing::debug!(search.engine = engine, "a search failed: {why}");
    }
}
