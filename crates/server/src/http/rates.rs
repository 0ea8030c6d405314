//! Counts requests before they are answered, and says in each answer how the limits stand.
//!
//! The address counts at once. Who asks is known only when a handler finds out, so the extractors tell: somebody who is
//! signed in counts by account, all others by address. A request that names somebody where no handler looks counts by the
//! address alone: else the pages of those who are signed in would use up what strangers behind the same address have.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use services::{
    App,
    domain::UserId,
    limits::{self, Of, Standing},
};

use super::{client::Client, cookies, problem::Problem};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What asks a model, on every client API.
const ASKS: [(Method, &str); 13] = [
    (Method::POST, "/api/v1/chat"),
    (Method::POST, "/api/v1/chat/simple"),
    (Method::POST, "/api/v1/messages/{id}/regenerate"),
    (Method::POST, "/api/v1/messages/{id}/edit"),
    (Method::POST, "/api/v1/messages/{id}/continue"),
    (Method::POST, "/api/chat/stream"),
    (Method::POST, "/api/chat/send"),
    (Method::POST, "/api/chat/conversations/{id}/messages"),
    (Method::POST, "/messages"),
    (Method::POST, "/messages/stream"),
    (Method::POST, "/v1/chat/completions"),
    (Method::POST, "/v1/embeddings"),
    (Method::GET, "/test-openai"),
];
/// What asks a model if there is `?prompt=`.
const ASKS_WITH_PROMPT: &str = "/sse/sessions/{id}/stream";

/// What tries to get in.
const SIGN_INS: [(Method, &str); 8] = [
    (Method::POST, "/api/v1/auth/login"),
    (Method::POST, "/api/v1/auth/register"),
    (Method::POST, "/api/v1/auth/password/forgot"),
    (Method::POST, "/api/v1/auth/password/reset"),
    (Method::POST, "/api/auth/login"),
    (Method::POST, "/api/auth/register"),
    (Method::POST, "/auth/login"),
    (Method::POST, "/auth/register"),
];

/// What is never counted: whoever watches the server asks all the time.
const FREE: [&str; 2] = ["/health", "/ready"];

/// What one request was counted as.
#[derive(Debug, Clone)]
pub(crate) struct Tally(Arc<Mutex<Counted>>);

#[derive(Debug)]
struct Counted {
    address: IpAddr,
    /// Whether it asks a model.
    is_ask: bool,
    /// Whether it is known whose it is, or that it is nobody's.
    is_known: bool,
    /// How the limit stands that is reached first.
    standing: Option<Standing>,
}

/// Counts a request to an API, and refuses one too many in the words of that API.
pub(crate) async fn count(
    State(app): State<App>,
    client: Client,
    mut request: Request,
    next: Next,
) -> Response {
    if !is_counted(request.uri()) {
        return next.run(request).await;
    }
    let tally = Tally::new(client.address, is_ask(&request));
    let is_sign_in = matched(&request).is_some_and(|path| is_listed(&SIGN_INS, request.method(), path));
    let says_who = says_who(request.headers(), request.uri());
    let mut response = match tally.arrive(&app, is_sign_in, says_who).await {
        Ok(()) => {
            request.extensions_mut().insert(tally.clone());
            next.run(request).await
        }
        Err(problem) => crate::in_words_of(request.uri().path(), problem),
    };
    tally.tell(response.headers_mut());
    response
}

/// Counts for whoever turned out to ask, once a request.
pub(crate) async fn of_caller(
    extensions: &Extensions,
    app: &App,
    user: Option<UserId>,
) -> Result<(), Problem> {
    let Some(tally) = extensions.get::<Tally>().cloned() else { return Ok(()) };
    tally.of_caller(app, user).await
}

impl Tally {
    fn new(address: IpAddr, is_ask: bool) -> Self {
        Self(Arc::new(Mutex::new(Counted { address, is_ask, is_known: false, standing: None })))
    }

    /// What can be counted before anybody looks who asks.
    async fn arrive(&self, app: &App, is_sign_in: bool, says_who: bool) -> Result<(), Problem> {
        let address = self.lock().address;
        self.count(app, Of::Address(address)).await?;
        if is_sign_in {
            self.count(app, Of::SignIn(address)).await?;
        }
        if says_who { Ok(()) } else { self.of_caller(app, None).await }
    }

    async fn of_caller(&self, app: &App, user: Option<UserId>) -> Result<(), Problem> {
        let (address, is_ask, was_counted) = {
            let mut counted = self.lock();
            (counted.address, counted.is_ask, std::mem::replace(&mut counted.is_known, true))
        };
        if was_counted {
            return Ok(());
        }
        let Some(user) = user else { return self.count(app, Of::Stranger(address)).await };
        self.count(app, Of::User(user)).await?;
        if is_ask {
            self.count(app, Of::Ask(user)).await?;
        }
        Ok(())
    }

    async fn count(&self, app: &App, of: Of) -> Result<(), Problem> {
        let Some(standing) = limits::count(app, of).await else { return Ok(()) };
        {
            let mut counted = self.lock();
            counted.standing = Some(counted.standing.map_or(standing, |held| held.tighter(standing)));
        }
        Ok(standing.check()?)
    }

    /// Says how the limit stands that is reached first. What refused with a limit of its own has said so itself.
    fn tell(&self, headers: &mut HeaderMap) {
        let Some(standing) = self.lock().standing else { return };
        if standing.is_allowed && headers.contains_key(&REMAINING) {
            return;
        }
        let policy = format!("{};w={}", standing.most, standing.window.as_secs());
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(POLICY, policy);
        }
        headers.insert(LIMIT, HeaderValue::from(standing.most));
        headers.insert(REMAINING, HeaderValue::from(standing.left));
        headers.insert(RESET, HeaderValue::from(standing.resets_in.as_millis().div_ceil(1000) as u64));
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request is one to an API: the web app's files and pages are not, and a socket is one when it opens.
fn is_counted(uri: &Uri) -> bool {
    let path = uri.path();
    if FREE.contains(&path) {
        return false;
    }
    if crate::is_under(path, crate::sockets::PATH) {
        return !has_parameter(uri, "sid");
    }
    path == "/test-openai" || crate::is_api(path)
}

fn is_ask(request: &Request) -> bool {
    let Some(path) = matched(request) else { return false };
    is_listed(&ASKS, request.method(), path)
        || (path == ASKS_WITH_PROMPT && has_parameter(request.uri(), "prompt"))
}

fn matched(request: &Request) -> Option<&str> {
    request.extensions().get::<MatchedPath>().map(MatchedPath::as_str)
}

fn is_listed(list: &[(Method, &str)], method: &Method, path: &str) -> bool {
    list.iter().any(|(one, listed)| one == method && *listed == path)
}

/// Whether a request names somebody, truly or not.
fn says_who(headers: &HeaderMap, uri: &Uri) -> bool {
    headers.contains_key(header::AUTHORIZATION)
        || has_parameter(uri, "ticket")
        || !cookies::access_tokens(headers).is_empty()
}

fn has_parameter(uri: &Uri, name: &str) -> bool {
    let mut names = uri.query().unwrap_or_default().split('&').map(|pair| pair.split('=').next());
    names.any(|one| one == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_served() {
        let served = crate::routes();
        for (method, path) in ASKS.iter().chain(&SIGN_INS) {
            let is_this = |(one, listed): &(String, String)| one == method.as_str() && listed == path;
            assert!(served.iter().any(is_this), "{method} {path}");
        }
        assert!(served.iter().any(|(_, path)| path == ASKS_WITH_PROMPT));
    }

    #[test]
    fn apis_are_counted_and_files_are_not() {
        for path in ["/api", "/api/v1/chat", "/api/sessions", "/v1/models", "/messages", "/auth/me"] {
            assert!(is_counted(&Uri::from_static(path)), "{path}");
        }
        assert!(is_counted(&Uri::from_static("/test-openai")));
        assert!(is_counted(&Uri::from_static("/socket.io/?EIO=4&transport=polling")));
        for path in ["/", "/health", "/ready", "/assets/app.js", "/c/1", "/docs", "/openapi.json", "/v1x"] {
            assert!(!is_counted(&Uri::from_static(path)), "{path}");
        }
        assert!(!is_counted(&Uri::from_static("/socket.io/?EIO=4&transport=polling&sid=a")));
    }
}
