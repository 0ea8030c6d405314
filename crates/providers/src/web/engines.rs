//! Engines that search the web.

mod duckduckgo;
mod searxng;

use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::{Client, RequestBuilder, Response, Url, redirect};

use super::USER_AGENT;

pub use duckduckgo::open as duckduckgo;
pub use searxng::open as searxng;

/// The largest answer that is read, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// A page that an engine found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its title.
    pub title: String,
    /// Its address, as the engine says it: nobody has checked it.
    pub url: String,
    /// What the engine shows of it.
    pub snippet: String,
}

/// Why an engine found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// It is not there, or answers with an error.
    #[error("the engine cannot be reached")]
    Down,
    /// It asks to be left alone, or whether a person asks.
    #[error("the engine does not want to be asked by a program now")]
    Captcha,
    /// There is nothing.
    #[error("the engine found nothing")]
    Empty,
    /// It answers something that is no list of pages.
    #[error("the engine answered something that cannot be understood")]
    Nonsense,
}

/// An engine. How long it may take is up to whoever asks: dropping the future ends the connection.
pub trait SearchEngine: Send + Sync + 'static {
    /// The word that it has in the settings.
    fn name(&self) -> &'static str;

    /// At most `most` pages, the best first. Never none: that is [`SearchError::Empty`].
    fn search<'a>(&'a self, query: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Hit>, SearchError>>;
}

/// An engine's address cannot be one.
#[derive(Debug, thiserror::Error)]
#[error("is not an address that begins with http:// or https://")]
pub struct BadAddress;

/// Asks one engine.
struct Asker {
    client: Client,
    url: Url,
}

impl Asker {
    /// An administrator named the address, so it may lie anywhere.
    fn open(address: &str) -> Result<Self, BadAddress> {
        let url = Url::parse(address.trim()).map_err(|_| BadAddress)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(BadAddress);
        }
        Ok(Self { client: build(&url).map_err(|_| BadAddress)?, url })
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(u16, Vec<u8>), SearchError> {
        let down = |error: reqwest::Error| {
            tracing::debug!(error = %error.without_url(), "a search engine cannot be reached");
            SearchError::Down
        };
        let response = request.send().await.map_err(down)?;
        let status = response.status().as_u16();
        match status {
            429 => Err(SearchError::Captcha),
            200..300 => Ok((status, body(response).await?)),
            _ => {
                tracing::debug!(http.status = status, "a search engine answers with an error");
                Err(SearchError::Down)
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where a client for search engines is built")]
fn build(url: &Url) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(Duration::from_secs(5));
    if url.scheme() == "https" { builder.build() } else { builder.tls_certs_only([]).build() }
}

async fn body(mut response: Response) -> Result<Vec<u8>, SearchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| SearchError::Down)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BYTES {
            return Err(SearchError::Nonsense);
        }
    }
    Ok(body)
}

/// What is left of what an engine found: pages with an address, each once.
fn tidied(hits: impl Iterator<Item = Hit>, most: usize) -> Result<Vec<Hit>, SearchError> {
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        let is_page = hit.url.starts_with("http://") || hit.url.starts_with("https://");
        if is_page && !kept.iter().any(|known| known.url == hit.url) && kept.len() < most {
            kept.push(hit);
        }
    }
    if kept.is_empty() { Err(SearchError::Empty) } else { Ok(kept) }
}
