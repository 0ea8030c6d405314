//! What is remembered while somebody is at another service, and until a link has its password.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Identity, IdentityId, LoginId, UserId, time::MINUTE_MS};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::Tx;

use super::super::tokens;
use crate::{App, Error, Result};

/// How long somebody may be away.
const GOOD_FOR_MS: i64 = 10 * MINUTE_MS;

/// A way to another service.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Away {
    pub(super) provider: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) redirect_url: String,
    pub(super) from: String,
    /// Whether the account that is made may be the first.
    pub(super) may_be_first: bool,
    /// The account to link, and the session that wants it.
    pub(super) links: Option<(UserId, LoginId)>,
}

/// Somebody who came, and whose e-mail address an account has that is to be linked with its password.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) provider: String,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) email: String,
}

impl Waiting {
    pub(super) fn identity(&self, app: &App) -> Identity {
        Identity {
            id: IdentityId(app.new_id()),
            provider: self.provider.clone(),
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            email: Some(self.email.clone()),
            created_at: app.now(),
            last_used_at: app.now(),
        }
    }
}

/// A text that nobody can guess.
pub(super) fn secret(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(app.random::<32>())
}

/// What a browser is known by: what it shows, if that can be ours, else something new.
pub(super) fn browser(app: &App, shown: Option<String>) -> String {
    let is_ours = |text: &String| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
    shown.filter(is_ours).unwrap_or_else(|| secret(app))
}

/// The names of what is remembered for one browser: of the way that it shows the state of, or of its link.
#[derive(Clone)]
pub(super) struct Place {
    id: String,
    browser: String,
}

impl Place {
    pub(super) fn of_state(state: &str, browser: &str) -> Self {
        Self { id: hash("state", state), browser: hash("browser", browser) }
    }

    pub(super) fn of_link(browser: &str) -> Self {
        Self { id: hash("link", browser), browser: hash("browser", browser) }
    }

    /// Remembers something for ten minutes.
    pub(super) async fn put(&self, tx: &mut Tx, app: &App, content: &impl Serialize) -> Result<()> {
        let content = serde_json::to_string(content).map_err(Error::internal)?;
        let until = app.now().plus_ms(GOOD_FOR_MS);
        Ok(store::provider_flows::put(tx, &self.id, &self.browser, &content, until).await?)
    }

    /// What is remembered here.
    pub(super) async fn find<T: DeserializeOwned>(&self, app: &App) -> Result<T> {
        read(store::provider_flows::find(&app.db, &self.id, &self.browser, app.now()).await?)
    }

    /// The same, and it is forgotten.
    pub(super) async fn take<T: DeserializeOwned>(&self, tx: &mut Tx, app: &App) -> Result<T> {
        read(store::provider_flows::take(tx, &self.id, &self.browser, app.now()).await?)
    }
}

fn read<T: DeserializeOwned>(content: Option<String>) -> Result<T> {
    serde_json::from_str(&content.ok_or_else(ended)?).map_err(Error::internal)
}

fn hash(kind: &str, text: &str) -> String {
    tokens::hex(&tokens::hash(format!("{kind} {text}").as_bytes()))
}

/// There is nothing here, or no more.
pub(super) fn ended() -> Error {
    Error::forbidden(
        "sign_in_ended",
        "This sign-in took too long, was used already, or began in another browser. Begin again.",
    )
}
