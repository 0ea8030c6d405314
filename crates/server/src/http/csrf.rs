//! Whether a request that cookies authenticate was made by our own pages.
//!
//! A browser says in `Origin` which page sends; one that says nothing is no browser, or old.

use axum::http::{HeaderMap, Method, StatusCode};
use services::{App, config::Server};

use super::{client::Client, problem::Problem};

/// Lets a request pass that does not change anything, or that was made by our own pages.
pub(crate) fn check(app: &App, client: &Client, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() || is_ours(&app.config.server, client, headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "This request was made by a page of another site. Open this server's own address, or add that site to \
         `server.public_url` or `server.cors_origins`.",
    ))
}

fn is_ours(server: &Server, client: &Client, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get("origin") else {
        return headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    };
    let Ok(origin) = origin.to_str() else { return false };
    let is = |other: &str| same_origin(origin, other);
    authority(origin)
        .is_some_and(|asked| client.host.as_deref().is_some_and(|host| asked == without_default_port(host)))
        || server.public_url.as_deref().is_some_and(is)
        || server.cors_origins.iter().filter(|listed| *listed != "*").any(|listed| is(listed))
}

fn same_origin(origin: &str, other: &str) -> bool {
    let parts = |text: &str| Some((text.split_once("://")?.0.to_ascii_lowercase(), authority(text)?));
    parts(origin).is_some_and(|origin| parts(other) == Some(origin))
}

/// Host and port of an origin. The port of its scheme is left out, as browsers do.
fn authority(origin: &str) -> Option<String> {
    let (scheme, authority) = origin.trim_end_matches('/').split_once("://")?;
    let default = match scheme.to_ascii_lowercase().as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.to_ascii_lowercase();
    Some(authority.strip_suffix(default).map_or(authority.clone(), str::to_owned))
}

/// Behind a proxy the scheme is not always known, so either default port is left out.
fn without_default_port(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let bare = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80"));
    bare.map_or(host.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(server: &Server, headers: &[(&'static str, &str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let client =
            Client::of(&super::super::client::Proxies::default(), None, &headers, &"/".parse().unwrap());
        is_ours(server, &client, &headers)
    }

    #[test]
    fn only_our_own_pages_pass() {
        let mut server = Server { public_url: Some("https://chat.example.org/".into()), ..Server::default() };
        server.cors_origins = vec!["*".into(), "https://app.example.org".into()];
        let host = ("host", "10.0.0.5:3000");
        for (headers, passes_here) in [
            (vec![host], true),
            (vec![host, ("sec-fetch-site", "same-origin")], true),
            (vec![host, ("sec-fetch-site", "none")], true),
            (vec![host, ("sec-fetch-site", "same-site")], false),
            (vec![host, ("sec-fetch-site", "cross-site")], false),
            (vec![host, ("origin", "http://10.0.0.5:3000")], true),
            (vec![host, ("origin", "http://10.0.0.5:3000"), ("sec-fetch-site", "cross-site")], true),
            (vec![host, ("origin", "http://10.0.0.5")], false),
            (vec![host, ("origin", "http://10.0.0.5:3001")], false),
            (vec![host, ("origin", "https://chat.example.org")], true),
            (vec![host, ("origin", "https://chat.example.org:443")], true),
            (vec![host, ("origin", "http://chat.example.org")], false),
            (vec![host, ("origin", "https://chat.example.org.evil.example")], false),
            (vec![host, ("origin", "https://app.example.org")], true),
            (vec![host, ("origin", "https://evil.example")], false),
            (vec![host, ("origin", "null")], false),
            (vec![host, ("origin", "")], false),
            (vec![("host", "chat.local"), ("origin", "https://chat.local")], true),
            (vec![("host", "chat.local:443"), ("origin", "https://chat.local")], true),
            (vec![("origin", "http://10.0.0.5:3000")], false),
        ] {
            assert_eq!(passes(&server, &headers), passes_here, "{headers:?}");
        }
    }
}
