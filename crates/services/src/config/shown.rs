//! The settings as `colloquy config` prints them: as a `colloquy.toml`, with secrets hidden.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Config, ProviderConfig, Secret};

/// What is shown in the place of a secret.
pub const HIDDEN: &str = "(hidden)";

impl Config {
    /// The settings as TOML, without anything that must not be seen.
    pub fn shown(&self) -> Result<String, toml::ser::Error> {
        let mut shown = self.clone();
        shown.database.url = without_password(&self.database.url);
        toml::to_string(&shown)
    }
}

/// `url` with `(hidden)` where its password is.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // A password may hold a raw `@` or `/`: everything up to the last `@` before the query is credentials.
    let (place, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let query =
        if query.to_lowercase().contains("password") { format!("?{HIDDEN}") } else { query.to_owned() };
    match place.rsplit_once('@') {
        Some((credentials, place)) => {
            let user = credentials
                .split_once(':')
                .map_or(credentials.to_owned(), |(user, _)| format!("{user}:{HIDDEN}"));
            format!("{scheme}://{user}@{place}{query}")
        }
        None => format!("{scheme}://{place}{query}"),
    }
}

#[expect(clippy::ref_option, reason = "the form that serde calls")]
pub(super) fn secret<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(hidden).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the form that serde calls")]
pub(super) fn url<S: Serializer>(url: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    url.as_ref().map(|url| without_password(url.reveal())).serialize(serializer)
}

pub(super) fn providers<S: Serializer>(
    providers: &[ProviderConfig],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(providers.iter().map(Provider::from))
}

/// A provider as it is shown.
#[derive(Serialize)]
struct Provider<'a> {
    name: &'a str,
    protocol: &'a str,
    vendor: Option<&'a str>,
    base_url: &'a str,
    api_key: &'static str,
    headers: BTreeMap<&'a str, &'static str>,
    models: &'a [String],
    vision: &'a [String],
    tools: &'a [String],
    embeddings: &'a [String],
    timeouts: BTreeMap<&'static str, u64>,
    max_attempts: u32,
}

impl<'a> From<&'a ProviderConfig> for Provider<'a> {
    fn from(config: &'a ProviderConfig) -> Self {
        let ProviderConfig {
            name,
            protocol,
            vendor,
            base_url,
            api_key,
            headers,
            models,
            vision,
            tools,
            embeddings,
            timeouts,
            max_attempts,
        } = config;
        let timeouts = [
            ("connect_ms", timeouts.connect),
            ("first_token_ms", timeouts.first_token),
            ("idle_ms", timeouts.idle),
        ];
        Self {
            name,
            protocol,
            vendor: vendor.as_deref(),
            base_url,
            api_key: hidden(api_key),
            headers: headers.iter().map(|(name, value)| (name.as_str(), hidden(value))).collect(),
            models,
            vision,
            tools,
            embeddings,
            timeouts: timeouts.into_iter().map(|(name, time)| (name, time.as_millis() as u64)).collect(),
            max_attempts: *max_attempts,
        }
    }
}

fn hidden(secret: &Secret) -> &'static str {
    if secret.is_empty() { "" } else { HIDDEN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_no_secret() {
        let mut config = Config::default();
        config.auth.secret = Some("hunter2-hunter2-hunter2-hunter2-".into());
        config.database.url = "postgres://ada:hunter2@db.example.org:5432/colloquy".into();
        config.mail.url = Some("smtp://ada:hunter2@mail.example.org:587".into());
        let headers = BTreeMap::from([("x-token".to_owned(), Secret::from("hunter2"))]);
        let provider =
            ProviderConfig { name: "local".into(), api_key: "hunter2".into(), headers, ..Default::default() };
        config.providers.push(provider);
        let oidc =
            crate::config::OidcProvider { client_secret: Some("hunter2".into()), ..Default::default() };
        config.auth.oidc.insert("company".into(), oidc);

        let shown = config.shown().unwrap();

        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("postgres://ada:(hidden)@db.example.org:5432/colloquy"), "{shown}");
        assert!(shown.contains("smtp://ada:(hidden)@mail.example.org:587"), "{shown}");
        assert!(shown.contains("listen = \"127.0.0.1:3000\""), "{shown}");
        assert!(Config::parse(&shown).is_ok(), "what is printed has the form of a settings file");
    }

    #[test]
    fn passwords_are_hidden_in_every_form() {
        assert_eq!(without_password("sqlite:./colloquy.db"), "sqlite:./colloquy.db");
        assert_eq!(without_password("postgres://ada@db/x"), "postgres://ada@db/x");
        assert_eq!(without_password("postgres://ada:a@b/c@db/x"), "postgres://ada:(hidden)@db/x");
        assert_eq!(without_password("postgres://db/x?user=ada&password=p"), "postgres://db/x?(hidden)");
    }
}
