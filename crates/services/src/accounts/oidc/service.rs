//! One service: where it is, what it says about itself, and how it is asked.
//!
//! What it says about itself is asked for when it is first needed and believed for an hour; its keys are asked for again
//! when one is missing. Each question has a time limit and an answer of limited size, and no redirect is followed.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Timestamp, time::MINUTE_MS};
use jsonwebtoken::jwk::Jwk;
use providers::inquiry::{self, Unanswered};
use reqwest::{Client, RequestBuilder, StatusCode, Url, header};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    id_token::{self, Claims, Expected, Refused},
    person::Person,
};
use crate::{
    App, Error, Result,
    config::{OidcProvider, Secret, SignUp},
};

/// How long what it says about itself is believed.
const BELIEVED_MS: i64 = 60 * MINUTE_MS;
/// One service.
pub(super) struct Service {
    pub(super) name: String,
    pub(super) settings: OidcProvider,
    client: Client,
    told: Mutex<Option<(Arc<Told>, Timestamp)>>,
    keys: Mutex<Option<(Arc<[Jwk]>, Timestamp)>>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.settings.issuer)
    }
}

/// What a service says about itself.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether it names itself when it sends people back.
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) names_itself: bool,
}

/// What it gives for a code.
#[derive(Deserialize)]
struct Given {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// What the userinfo endpoint says.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    person: Person,
}

/// What an access code is worth.
pub(super) struct Redeem<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect_url: &'a str,
    pub(super) nonce: &'a str,
}

impl Service {
    pub(super) fn open(id: &str, settings: &OidcProvider) -> Result<Self> {
        let client = inquiry::client(&settings.issuer).map_err(Error::internal)?;
        Ok(Self {
            name: settings.shown_name(id),
            settings: settings.clone(),
            client,
            told: Mutex::default(),
            keys: Mutex::default(),
        })
    }

    /// Whether people without an account get one.
    pub(super) fn is_open(&self, app: &App) -> bool {
        self.settings.sign_up.unwrap_or(app.config.auth.sign_up) == SignUp::Open
    }

    /// What it says about itself.
    pub(super) async fn told(&self, now: Timestamp) -> Result<Arc<Told>> {
        if let Some(told) = kept(&self.told, now) {
            return Ok(told);
        }
        let address =
            format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let told: Told = self.ask(self.client.get(address)).await?;
        if told.issuer != self.settings.issuer {
            return Err(self.strange("it calls itself by another address than the setting `issuer`"));
        }
        let ends = [&told.authorization_endpoint, &told.token_endpoint, &told.jwks_uri];
        if !ends.into_iter().chain(&told.userinfo_endpoint).all(|url| crate::config::is_safe(url)) {
            return Err(self.strange("it names addresses that are not encrypted"));
        }
        let told = Arc::new(told);
        keep(&self.told, &told, now);
        Ok(told)
    }

    /// Its page where people sign in, with these words in the address.
    pub(super) async fn page(&self, now: Timestamp, words: &[(&str, &str)]) -> Result<String> {
        let told = self.told(now).await?;
        let page = Url::parse_with_params(&told.authorization_endpoint, words);
        Ok(page.map_err(|_| self.strange("its page for signing in has no address"))?.into())
    }

    async fn keys(&self, now: Timestamp, is_fresh: bool) -> Result<Arc<[Jwk]>> {
        if let Some(keys) = kept(&self.keys, now).filter(|_| !is_fresh) {
            return Ok(keys);
        }
        let address = self.told(now).await?.jwks_uri.clone();
        let set: KeySet = self.ask(self.client.get(address)).await?;
        // Keys of kinds that we do not know are for others.
        let keys: Arc<[Jwk]> =
            set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        keep(&self.keys, &keys, now);
        Ok(keys)
    }

    /// Who somebody is that came back with a code.
    pub(super) async fn redeem(&self, now: Timestamp, redeem: Redeem<'_>) -> Result<(String, Person)> {
        let told = self.told(now).await?;
        let given = self.exchange(&told, &redeem).await?;
        let claims = self.check(now, &given, redeem.nonce).await?;
        if claims.person.verified_email().is_some() {
            return Ok((claims.sub, claims.person));
        }
        let (Some(address), Some(token)) = (&told.userinfo_endpoint, &given.access_token) else {
            return Ok((claims.sub, claims.person));
        };
        let info: UserInfo = self.ask(self.client.get(address).bearer_auth(token)).await?;
        if info.sub != claims.sub {
            return Err(self.strange("it tells of two different people"));
        }
        Ok((claims.sub, info.person))
    }

    async fn exchange(&self, told: &Told, redeem: &Redeem<'_>) -> Result<Given> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", redeem.code),
            ("redirect_uri", redeem.redirect_url),
            ("code_verifier", redeem.verifier),
        ];
        let request = self.client.post(&told.token_endpoint);
        let id = self.settings.client_id.as_str();
        let secret = self.settings.client_secret.as_ref().map(Secret::reveal);
        let methods = told.token_endpoint_auth_methods_supported.as_deref();
        let takes_basic =
            methods.is_none_or(|methods| methods.iter().any(|one| one == "client_secret_basic"));
        let request = match secret.filter(|secret| !secret.is_empty()) {
            Some(secret) if takes_basic => request.basic_auth(form_encoded(id), Some(form_encoded(secret))),
            Some(secret) => {
                form.extend([("client_id", id), ("client_secret", secret)]);
                request
            }
            None => {
                form.push(("client_id", id));
                request
            }
        };
        let body = form.iter().map(|(name, value)| format!("{name}={}", form_encoded(value)));
        let body = body.collect::<Vec<_>>().join("&");
        self.ask(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)).await
    }

    async fn check(&self, now: Timestamp, given: &Given, nonce: &str) -> Result<Claims> {
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce,
            access_token: given.access_token.as_deref(),
            now,
        };
        let keys = self.keys(now, false).await?;
        let checked = match id_token::check(&given.id_token, &keys, &expected) {
            // It may have other keys by now.
            Err(Refused::NoSuchKey) => {
                id_token::check(&given.id_token, &self.keys(now, true).await?, &expected)
            }
            checked => checked,
        };
        checked.map_err(|why| self.strange(&why.to_string()))
    }

    /// Asks, and reads the answer as JSON.
    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let answered = inquiry::ask(request).await.map_err(|unanswered| match unanswered {
            Unanswered::Broken(error) => self.silent(&format!("{:#}", anyhow::Error::new(error))),
            Unanswered::TooSlow => self.silent(&unanswered.to_string()),
        })?;
        let status = answered.status;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(self.silent(&format!("it answered {status}")));
        }
        if !status.is_success() {
            // Such as `invalid_grant`: a code that was used before.
            let said: serde_json::Value = serde_json::from_slice(&answered.body).unwrap_or_default();
            let word = said["error"].as_str().unwrap_or_default();
            let word: String =
                word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
            return Err(self.strange(&format!("it answered {status} {word}")));
        }
        if answered.is_too_large() {
            return Err(self.strange("its answer is too large"));
        }
        // What the error quotes may be a secret.
        serde_json::from_slice(&answered.body).map_err(|error| {
            self.strange(&format!("its answer cannot be read, from column {} on", error.column()))
        })
    }

    /// It cannot be reached, or cannot answer now.
    fn silent(&self, why: &str) -> Error {
        tracing::warn!(issuer = self.settings.issuer, "the sign-in provider cannot be reached: {why}");
        Error::Unavailable {
            code: "sign_in_unreachable",
            message: format!("{} does not answer. Try again in a moment, or sign in another way.", self.name),
        }
    }

    /// It said something that cannot be believed.
    pub(super) fn strange(&self, why: &str) -> Error {
        tracing::warn!(issuer = self.settings.issuer, "a sign-in was refused: {why}");
        Error::forbidden(
            "sign_in_not_believed",
            format!("What {} said could not be verified, so nobody was signed in. Try again.", self.name),
        )
    }
}

fn kept<T: ?Sized>(place: &Mutex<Option<(Arc<T>, Timestamp)>>, now: Timestamp) -> Option<Arc<T>> {
    let held = place.lock().unwrap_or_else(PoisonError::into_inner);
    held.as_ref().filter(|(_, at)| now.ms_since(*at) < BELIEVED_MS).map(|(kept, _)| Arc::clone(kept))
}

fn keep<T: ?Sized>(place: &Mutex<Option<(Arc<T>, Timestamp)>>, value: &Arc<T>, now: Timestamp) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(value), now));
}

/// As forms and credentials are written.
fn form_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut written, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
        written
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_in_a_form_comes_back_as_it_was() {
        assert_eq!(form_encoded("a b&c=d+é~"), "a%20b%26c%3Dd%2B%C3%A9~");
    }
}
