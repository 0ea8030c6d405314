//! The cookies that hold tokens: what they are called, where browsers send them, and how they are found again.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use services::{App, accounts::SignedIn};

use super::{client::Client, csrf, problem::Problem};

const SESSION: &str = "colloquy_session";
const REFRESH: &str = "colloquy_refresh";
/// On https: a browser takes such a name only from this very host, over https.
const SECURE_SESSION: &str = "__Host-colloquy_session";
/// The same for a path of its own.
const SECURE_REFRESH: &str = "__Secure-colloquy_refresh";
/// What a browser is known by that goes to another service to sign in.
const FLOW: &str = "colloquy_flow";
const SECURE_FLOW: &str = "__Host-colloquy_flow";
/// How long it may be away, in seconds.
const FLOW_SECONDS: i64 = 600;
/// Where the refresh token is sent.
const REFRESH_PATH: &str = "/api/v1/auth";
/// Where an access token may be, in this order.
const ACCESS: [&str; 5] = [SECURE_SESSION, SESSION, "access_token", "token", "authToken"];

/// Whether the caller wants its tokens as cookies: the web app, which says `X-Colloquy-Web: 1`. Its requests pass only
/// from our own pages.
pub(crate) struct Web(pub(crate) bool);

impl FromRequestParts<App> for Web {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let is_web = parts.headers.get("x-colloquy-web").is_some_and(|value| value == "1");
        if is_web {
            let Ok(client) = Client::from_request_parts(parts, app).await;
            csrf::check(app, &client, &parts.method, &parts.headers)?;
        }
        Ok(Self(is_web))
    }
}

/// What may be an access token, best first.
pub(crate) fn access_tokens(headers: &HeaderMap) -> Vec<String> {
    let cookies = all(headers);
    let of = |name: &'static str| {
        cookies.iter().filter(move |(found, _)| *found == name).map(|(_, value)| bare(value))
    };
    ACCESS.into_iter().flat_map(of).filter(|token| !token.is_empty()).map(str::to_owned).collect()
}

/// What may be a refresh token, best first.
pub(crate) fn refresh_tokens(headers: &HeaderMap) -> Vec<String> {
    let cookies = all(headers);
    let of =
        |name: &'static str| cookies.iter().filter(move |(found, _)| *found == name).map(|(_, value)| *value);
    [SECURE_REFRESH, REFRESH].into_iter().flat_map(of).map(str::to_owned).collect()
}

fn all(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .collect()
}

/// A token without the quotes and the `Bearer ` that some clients keep around it.
fn bare(value: &str) -> &str {
    let value = value.trim_matches('"');
    let value = value.strip_prefix("Bearer").map_or(value, |rest| rest.strip_prefix("%20").unwrap_or(rest));
    value.trim()
}

/// Gives a browser its tokens.
pub(crate) fn set(headers: &mut HeaderMap, client: &Client, signed_in: &SignedIn) {
    let (session, refresh) = names(client);
    add(headers, client, (session, "/", "Lax"), &signed_in.access_token, signed_in.expires_in);
    add(
        headers,
        client,
        (refresh, REFRESH_PATH, "Strict"),
        &signed_in.refresh_token,
        signed_in.refresh_expires_in,
    );
}

/// What a browser is known by that goes to another service.
pub(crate) fn flow(headers: &HeaderMap, client: &Client) -> Option<String> {
    // Of the two names only the one that was given: on https others may have planted the other.
    let name = if client.is_https { SECURE_FLOW } else { FLOW };
    let cookies = all(headers);
    cookies.iter().find(|(found, _)| *found == name).map(|(_, value)| (*value).to_owned())
}

/// Lets a browser be known for as long as it may be away.
pub(crate) fn set_flow(headers: &mut HeaderMap, client: &Client, browser: &str) {
    let name = if client.is_https { SECURE_FLOW } else { FLOW };
    add(headers, client, (name, "/", "Lax"), browser, FLOW_SECONDS);
}

/// Where clients of the seeds 000 and 002 look for their token. The last one is for their scripts.
const OLDER: [&str; 3] = ["access_token", "token", "authToken"];

/// Gives the token to the pages of older clients, in the cookies that they know.
pub(crate) fn set_older(headers: &mut HeaderMap, client: &Client, signed_in: &SignedIn, for_scripts: bool) {
    let (token, seconds) = (&signed_in.access_token, signed_in.expires_in);
    let [quoted, plain, scripts] = OLDER;
    add(headers, client, (quoted, "/", "Lax"), &format!("\"Bearer {token}\""), seconds);
    add(headers, client, (plain, "/", "Lax"), token, seconds);
    if for_scripts {
        let secure = if client.is_https { "; Secure" } else { "" };
        let line = format!("{scripts}={token}; Path=/; Max-Age={seconds}; SameSite=Lax{secure}");
        if let Ok(line) = HeaderValue::from_str(&line) {
            headers.append(header::SET_COOKIE, line);
        }
    }
}

/// Takes them away again.
pub(crate) fn clear_older(headers: &mut HeaderMap, client: &Client) {
    for name in OLDER {
        add(headers, client, (name, "/", "Lax"), "", 0);
    }
}

/// Takes them away again, whatever they are called.
pub(crate) fn clear(headers: &mut HeaderMap, client: &Client) {
    for (name, path, same_site) in [
        (SECURE_SESSION, "/", "Lax"),
        (SECURE_REFRESH, REFRESH_PATH, "Strict"),
        (SESSION, "/", "Lax"),
        (REFRESH, REFRESH_PATH, "Strict"),
    ] {
        if client.is_https || !name.starts_with("__") {
            add(headers, client, (name, path, same_site), "", 0);
        }
    }
}

fn names(client: &Client) -> (&'static str, &'static str) {
    if client.is_https { (SECURE_SESSION, SECURE_REFRESH) } else { (SESSION, REFRESH) }
}

fn add(headers: &mut HeaderMap, client: &Client, cookie: (&str, &str, &str), value: &str, seconds: i64) {
    let (name, path, same_site) = cookie;
    let secure = if client.is_https { "; Secure" } else { "" };
    let line =
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}");
    // Tokens hold letters, digits, dashes and dots only.
    if let Ok(line) = HeaderValue::from_str(&line) {
        headers.append(header::SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_the_cookies_of_every_client() {
        let mut headers = HeaderMap::new();
        let lines = [
            r#"authToken=e; token=d; access_token="Bearer c"; other=x"#,
            "colloquy_session=b; __Host-colloquy_session=a; colloquy_refresh=r",
        ];
        for line in lines {
            headers.append(header::COOKIE, line.parse().unwrap());
        }
        assert_eq!(access_tokens(&headers), ["a", "b", "c", "d", "e"]);
        assert_eq!(refresh_tokens(&headers), ["r"]);
    }
}
