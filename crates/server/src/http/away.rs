//! The way of a browser to another service and back: where it is sent, and what it is known by meanwhile.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use services::{
    App, Error,
    accounts::{self, Arrived, Begin, Begun, Callback, Finish, Outcome},
};

use super::{client::Client, cookies, problem::Problem};

/// The client API that the web app speaks, which people come back to.
const OF_APP: &str = "native";

/// What another service sends somebody back with.
#[derive(Debug, Deserialize)]
pub(crate) struct Return {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Somebody wants to go to another service, which is to send people back to `callback`.
pub(crate) fn begin(
    client: &Client,
    headers: &HeaderMap,
    provider: &str,
    callback: String,
    from: Option<String>,
) -> Begin {
    Begin {
        provider: provider.to_owned(),
        from,
        callback,
        is_local: client.is_local,
        host: client.host.clone(),
        browser: cookies::flow(headers, client),
        address: client.address,
    }
}

/// Sends a browser to another service; if that cannot be, to the page for signing in, which says why.
pub(crate) async fn leave(app: &App, client: &Client, begin: Begin) -> Result<Response, Problem> {
    match accounts::begin(app, begin).await {
        Ok(Begun { url, browser }) => {
            let mut headers = HeaderMap::new();
            cookies::set_flow(&mut headers, client, &browser);
            Ok(redirect(headers, &url))
        }
        Err(error @ Error::NotFound(_)) => Err(error.into()),
        Err(error) => Ok(sign_in_page(error)),
    }
}

/// Ends the way of a browser: into the app, or to the page that says why not.
pub(crate) async fn arrive(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    provider: &str,
    came: Return,
) -> Result<Response, Problem> {
    match finish(app, client, headers, provider, came, OF_APP).await {
        Ok(arrived) => Ok(into_app(client, provider, arrived)),
        Err(error @ Error::NotFound(_)) => Err(error.into()),
        Err(error) => Ok(sign_in_page(error)),
    }
}

/// Ends the way of a browser or a program, through the door of a dialect.
pub(crate) async fn finish(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
    provider: &str,
    came: Return,
    dialect: &'static str,
) -> services::Result<Arrived> {
    let callback = Callback { state: came.state, code: came.code, error: came.error, issuer: came.iss };
    let browser = cookies::flow(headers, client);
    let device = client.device(dialect);
    accounts::finish(app, Finish { provider: provider.to_owned(), callback, browser, device }).await
}

/// Where somebody goes on who came back.
pub(crate) fn into_app(client: &Client, provider: &str, arrived: Arrived) -> Response {
    let mut headers = HeaderMap::new();
    match arrived.outcome {
        Ok(Outcome::SignedIn(signed_in)) => {
            cookies::set(&mut headers, client, &signed_in);
            redirect(headers, &arrived.from)
        }
        Ok(Outcome::Linked) => redirect(headers, &arrived.from),
        Ok(Outcome::PasswordNeeded) => {
            let from = utf8_percent_encode(&arrived.from, NON_ALPHANUMERIC);
            redirect(headers, &format!("/login?link={provider}&from={from}"))
        }
        Err(error) if arrived.is_link => {
            redirect(headers, &with_word(&arrived.from, "problem", &Problem::from(error).code))
        }
        Err(error) => sign_in_page(error),
    }
}

/// The page for signing in, which words the problem.
fn sign_in_page(error: Error) -> Response {
    redirect(HeaderMap::new(), &with_word("/login", "problem", &Problem::from(error).code))
}

fn with_word(page: &str, name: &str, word: &str) -> String {
    let (page, place) = page.split_once('#').map_or((page, ""), |(page, place)| (page, place));
    let sign = if page.contains('?') { '&' } else { '?' };
    let hash = if place.is_empty() { "" } else { "#" };
    format!("{page}{sign}{name}={word}{hash}{place}")
}

fn redirect(mut headers: HeaderMap, to: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else { return Problem::internal().into_response() };
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (StatusCode::FOUND, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_added_to_any_page() {
        assert_eq!(with_word("/login", "problem", "x"), "/login?problem=x");
        assert_eq!(with_word("/c/1?a=b", "problem", "x"), "/c/1?a=b&problem=x");
        assert_eq!(with_word("/settings/data#trash", "problem", "x"), "/settings/data?problem=x#trash");
    }
}
