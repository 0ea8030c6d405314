//! Sending somebody to another service.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    super::{api_keys::needs_sign_in, limits, tokens},
    flow::{self, Away, Place},
    service,
};
use crate::{Actor, App, Result, installation};

/// The longest address to go back to.
const FROM_BYTES: usize = 512;

/// Somebody wants in with an account at another service.
#[derive(Debug, Clone)]
pub struct Begin {
    /// The service.
    pub provider: String,
    /// The page of the app to come back to; one of others is not gone to.
    pub from: Option<String>,
    /// Where the service sends people back to, if the settings do not say.
    pub callback: String,
    /// Whether the request plainly comes from this machine.
    pub is_local: bool,
    /// The host that was asked for: it is believed if the request plainly comes from this machine.
    pub host: Option<String>,
    /// What the browser is known by, if it is.
    pub browser: Option<String>,
    /// Where the request comes from.
    pub address: IpAddr,
}

/// Where to send somebody.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The page of the service.
    pub url: String,
    /// What the browser is known by from now on, and shows when it comes back.
    pub browser: String,
}

/// Begins to sign in, or up.
pub async fn begin(app: &App, begin: Begin) -> Result<Begun> {
    start(app, begin, None).await
}

/// Begins to link an account at another service to the actor's.
pub async fn begin_link(app: &App, actor: &Actor, begin: Begin) -> Result<Begun> {
    needs_sign_in(actor)?;
    start(app, begin, Some(actor)).await
}

async fn start(app: &App, begin: Begin, actor: Option<&Actor>) -> Result<Begun> {
    let service = service(app, &begin.provider)?;
    limits::leave(app, begin.address)?;
    let first = installation::may_be_first(app, None, begin.is_local);
    if actor.is_none() && !store::installation::is_claimed(&app.db).await? {
        first?;
    }
    let browser = flow::browser(app, begin.browser.clone());
    let (state, nonce, verifier) = (flow::secret(app), flow::secret(app), flow::secret(app));
    let redirect_url = redirect_url(app, service.settings.redirect_url.as_deref(), &begin);
    let challenge = URL_SAFE_NO_PAD.encode(tokens::hash(verifier.as_bytes()));
    let words = [
        ("response_type", "code"),
        ("client_id", &service.settings.client_id),
        ("redirect_uri", &redirect_url),
        ("scope", &service.settings.scopes.join(" ")),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = service.page(app.now(), &words).await?;
    let away = Away {
        provider: begin.provider,
        nonce,
        verifier,
        redirect_url,
        from: begin.from.filter(|from| is_page(from)).unwrap_or_else(|| "/".to_owned()),
        may_be_first: first.is_ok(),
        links: actor.map(|actor| (actor.user, actor.login)),
    };
    let (place, work) = (Place::of_state(&state, &browser), app.clone());
    app.db.write(async move |tx| place.put(tx, &work, &away).await).await?;
    Ok(Begun { url, browser })
}

/// Where the service sends people back to: as the settings say, never as a request from elsewhere does.
fn redirect_url(app: &App, setting: Option<&str>, begin: &Begin) -> String {
    if let Some(setting) = setting {
        return setting.to_owned();
    }
    match &begin.host {
        Some(host) if begin.is_local && app.config.server.public_url.is_none() && is_host(host) => {
            format!("http://{host}{}", begin.callback)
        }
        _ => installation::link(app, &begin.callback),
    }
}

/// Whether this is a host, with or without a port, and nothing beside.
fn is_host(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

/// Whether this is a page of our own app.
fn is_page(from: &str) -> bool {
    let rest = from.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with(['/', '\\']) && !rest.starts_with("api/"))
        && from.len() <= FROM_BYTES
        && from.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_hides_no_other() {
        assert!(is_host("localhost:3000") && is_host("[::1]:3000") && is_host("127.0.0.1"));
        assert!(!is_host("localhost:3000@evil.example") && !is_host("localhost:3000/evil"));
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        for ours in ["/", "/c/12?x=y#z", "/settings/security"] {
            assert!(is_page(ours), "{ours}");
        }
        let long = format!("/{}", "a".repeat(FROM_BYTES));
        for other in [
            "",
            "c/12",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=y",
            "/\t/evil.example",
            "/api/v1/auth/logout",
            &long,
        ] {
            assert!(!is_page(other), "{other:?}");
        }
    }
}
