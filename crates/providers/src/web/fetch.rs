//! Fetches a page that a stranger named.
//!
//! Names are looked up by a resolver of our own, which refuses a name that leads to even one address that is not public; the
//! connection goes to the addresses that it found, so nothing can change between the check and the connection. Redirects are
//! followed by hand, each checked like the first address. Nothing is sent but a fixed head: no cookie, no referrer, nothing of
//! a proxy of the environment. One limit of time is for all of it, one of size for what a page holds. Packed answers are
//! not asked for and not taken.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use reqwest::{
    Client, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header, redirect,
};

use super::{
    USER_AGENT,
    guard::{self, Allowed, Checked, is_public},
    readable,
};

/// The most redirects that are followed.
const MAX_HOPS: usize = 3;
/// What pages may be.
const KINDS: [&str; 3] = ["text/html", "application/xhtml+xml", "text/plain"];
/// Of a long page, how much of its source is read for its text, in bytes.
const READ_BYTES: usize = 1024 * 1024;

/// How names become addresses, and which of these may be connected to.
pub trait Names: Send + Sync + 'static {
    /// All addresses of a name.
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;

    /// Whether an address that was looked up belongs to the public web.
    fn is_public(&self, address: IpAddr) -> bool {
        is_public(address)
    }
}

/// As the machine does it.
struct OfMachine;

impl Names for OfMachine {
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Gives the addresses of a name, unless one of them is not public.
struct Guarded(Arc<dyn Names>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let found = names.look_up(name.as_str().to_owned()).await?;
            if found.is_empty() || !found.iter().all(|address| names.is_public(*address)) {
                return Err("not of the public web".into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// How much of a page is taken, and how long that may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest page, in bytes.
    pub bytes: usize,
    /// For all of it: names, connections, redirects, body.
    pub time: Duration,
    /// The ports that pages may be at.
    pub ports: Vec<u16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 5 * 1024 * 1024, time: Duration::from_secs(10), ports: vec![80, 443] }
    }
}

/// Why a page cannot be read. An address that is refused and one where nobody answers are worded alike: whoever named it
/// learns nothing about our network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address, or one that it leads to, is not of the public web.
    #[error("The page cannot be reached.")]
    Refused,
    /// Nobody answers there, or not in HTTP.
    #[error("The page cannot be reached.")]
    Unreachable,
    /// It leads on and on.
    #[error("The page leads on to others too often.")]
    TooManyHops,
    /// It took too long.
    #[error("The page took too long.")]
    TooSlow,
    /// It is larger than pages may be.
    #[error("The page is too large.")]
    TooLarge,
    /// It is no text, or packed.
    #[error("The page is no text that can be read.")]
    Unreadable,
    /// It answers with an error.
    #[error("The page answers with status {0}.")]
    Status(u16),
}

/// A page as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it was found in the end.
    pub url: String,
    /// Its title; empty if it has none.
    pub title: String,
    /// What it says, paragraph by paragraph, without what stands around it.
    pub paragraphs: Vec<String>,
}

/// Fetches pages. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    /// Connects to public addresses alone.
    guarded: Client,
    /// For the places that an administrator allows.
    named: Client,
    allowed: Arc<Allowed>,
    limits: Limits,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// One that may also fetch from the places that an administrator allows.
    pub fn open(allowed: Allowed, limits: Limits) -> Result<Self, reqwest::Error> {
        Self::with_names(allowed, limits, Arc::new(OfMachine))
    }

    /// The same with other names, for tests.
    pub fn with_names(
        allowed: Allowed,
        limits: Limits,
        names: Arc<dyn Names>,
    ) -> Result<Self, reqwest::Error> {
        let guarded: Arc<dyn Resolve> = Arc::new(Guarded(names));
        Ok(Self { guarded: build(Some(&guarded))?, named: build(None)?, allowed: Arc::new(allowed), limits })
    }

    /// Whether an address would be asked for at all, if its name leads to public addresses.
    pub fn may_ask(&self, address: &str) -> bool {
        guard::read(address, &self.allowed, &self.limits.ports).is_some()
    }

    /// Fetches a page and reads its text.
    pub async fn page(&self, address: &str) -> Result<Page, FetchError> {
        let checked = guard::read(address, &self.allowed, &self.limits.ports).ok_or(FetchError::Refused)?;
        let reading = async {
            let (url, kind, body) = self.follow(checked).await?;
            read(url, kind, body).await
        };
        tokio::time::timeout(self.limits.time, reading).await.unwrap_or(Err(FetchError::TooSlow))
    }

    async fn follow(&self, mut at: Checked) -> Result<(Url, Kind, Vec<u8>), FetchError> {
        for _ in 0..=MAX_HOPS {
            let client = if at.is_named { &self.named } else { &self.guarded };
            let response = client.get(at.url.clone()).send().await.map_err(|error| unreachable(&error))?;
            let status = response.status();
            if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                at = self.next(&at.url, &response).ok_or(FetchError::Refused)?;
                continue;
            }
            if !status.is_success() {
                return Err(FetchError::Status(status.as_u16()));
            }
            let kind = Kind::of(&response)?;
            return Ok((at.url, kind, self.body(response).await?));
        }
        Err(FetchError::TooManyHops)
    }

    /// Where a redirect leads, if one may go there.
    fn next(&self, from: &Url, response: &Response) -> Option<Checked> {
        let to = response.headers().get(header::LOCATION)?.to_str().ok()?;
        let is_odd = |c: char| c.is_control() || c == '\\';
        if to.contains(is_odd) {
            return None;
        }
        guard::check(from.join(to).ok()?, &self.allowed, &self.limits.ports)
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let most = self.limits.bytes;
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(FetchError::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + chunk.len() > most {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn unreachable(error: &reqwest::Error) -> FetchError {
    tracing::debug!(is_connect = error.is_connect(), "a page cannot be reached");
    FetchError::Unreachable
}

#[expect(clippy::disallowed_methods, reason = "the one place where a client for found pages is built")]
fn build(resolver: Option<&Arc<dyn Resolve>>) -> Result<Client, reqwest::Error> {
    let builder = || {
        let mut headers = header::HeaderMap::new();
        let accept = "text/html,application/xhtml+xml,text/plain;q=0.8";
        headers.insert(header::ACCEPT, header::HeaderValue::from_static(accept));
        headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            // Each connection goes to addresses that were checked for it.
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(5));
        match resolver {
            Some(resolver) => builder.dns_resolver(Arc::clone(resolver)),
            None => builder,
        }
    };
    // A machine without root certificates can still read pages that are not encrypted.
    builder().build().or_else(|_| builder().tls_certs_only([]).build())
}

/// How a body is to be read.
struct Kind {
    is_html: bool,
    charset: Option<&'static encoding_rs::Encoding>,
}

impl Kind {
    fn of(response: &Response) -> Result<Self, FetchError> {
        let word = |name| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_ascii_lowercase()
        };
        if !matches!(word(header::CONTENT_ENCODING).trim(), "" | "identity") {
            return Err(FetchError::Unreadable);
        }
        let said = word(header::CONTENT_TYPE);
        let mut words = said.split(';').map(str::trim);
        let kind = words.next().unwrap_or_default();
        if !KINDS.contains(&kind) {
            return Err(FetchError::Unreadable);
        }
        let charset = words.find_map(|word| word.strip_prefix("charset="));
        let charset =
            charset.and_then(|label| encoding_rs::Encoding::for_label(label.trim_matches('"').as_bytes()));
        Ok(Self { is_html: kind != "text/plain", charset })
    }
}

async fn read(url: Url, kind: Kind, mut body: Vec<u8>) -> Result<Page, FetchError> {
    body.truncate(READ_BYTES);
    // Long pages take a while: nobody else waits for them.
    let reading = tokio::task::spawn_blocking(move || {
        let charset = kind.charset.or_else(|| readable::charset(&body)).unwrap_or(encoding_rs::UTF_8);
        let (text, ..) = charset.decode(&body);
        if kind.is_html { readable::html(&text) } else { readable::plain(&text) }
    });
    let text = reading.await.map_err(|_| FetchError::Unreadable)?;
    if text.paragraphs.is_empty() {
        return Err(FetchError::Unreadable);
    }
    Ok(Page { url: url.into(), title: text.title, paragraphs: text.paragraphs })
}
