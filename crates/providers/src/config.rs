//! What an administrator says about one provider.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Deserialize;

use crate::Timeouts;

/// One provider: where it is, what it speaks, how patient we are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// The name under which its models are listed.
    pub name: String,
    /// `openai`, `anthropic` or `demo`. Empty: that of the vendor, or `openai`.
    pub protocol: String,
    /// A vendor that `vendors.toml` knows: brings protocol and address.
    pub vendor: Option<String>,
    /// The address before `/chat/completions`, `/messages` and `/models`, such as `https://api.openai.com/v1`. Empty: the vendor's.
    pub base_url: String,
    /// Its key. Empty: none is sent.
    pub api_key: Secret,
    /// More headers for every request.
    pub headers: BTreeMap<String, Secret>,
    /// Patterns (`*`, `?`) of the models to offer. Empty: all.
    pub models: Vec<String>,
    /// Patterns of the models that see images. Empty: what the provider's list says, else what is known of their names.
    pub vision: Vec<String>,
    /// Patterns of the models that call tools. Empty: what the provider's list says, else what is known of their names.
    pub tools: Vec<String>,
    /// Patterns of the models that make vectors of texts and do not chat. Empty: those with `embed` in their names.
    pub embeddings: Vec<String>,
    /// How long it may take, in milliseconds: `connect_ms`, `first_token_ms`, `idle_ms`.
    pub timeouts: Timeouts,
    /// How often it is asked before its first token, the first time included.
    pub max_attempts: u32,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            protocol: String::new(),
            vendor: None,
            base_url: String::new(),
            api_key: Secret::default(),
            headers: BTreeMap::new(),
            models: Vec::new(),
            vision: Vec::new(),
            tools: Vec::new(),
            embeddings: Vec::new(),
            timeouts: Timeouts::default(),
            max_attempts: 3,
        }
    }
}

impl ProviderConfig {
    /// The built-in demo: no key, no network.
    pub fn demo() -> Self {
        Self { name: "demo".to_owned(), protocol: "demo".to_owned(), ..Self::default() }
    }
}

/// What is wrong with a [`ProviderConfig`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("providers.{provider}.{key}: {reason}")]
pub struct ConfigError {
    /// The provider's name.
    pub provider: String,
    /// The key to change.
    pub key: &'static str,
    /// A sentence without a full stop.
    pub reason: String,
}

impl ConfigError {
    pub(crate) fn new(config: &ProviderConfig, key: &'static str, reason: impl Into<String>) -> Self {
        Self { provider: config.name.clone(), key, reason: reason.into() }
    }
}

/// Text that is never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself: only for the request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(none)" } else { "(secret)" })
    }
}

/// How [`Timeouts`] are written down.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "a setting says its unit")]
pub(crate) struct TimeoutsInMs {
    connect_ms: u64,
    first_token_ms: u64,
    idle_ms: u64,
}

impl Default for TimeoutsInMs {
    fn default() -> Self {
        let default = Timeouts::default();
        let ms = |duration: Duration| duration.as_millis() as u64;
        Self {
            connect_ms: ms(default.connect),
            first_token_ms: ms(default.first_token),
            idle_ms: ms(default.idle),
        }
    }
}

impl From<TimeoutsInMs> for Timeouts {
    fn from(ms: TimeoutsInMs) -> Self {
        Self {
            connect: Duration::from_millis(ms.connect_ms),
            first_token: Duration::from_millis(ms.first_token_ms),
            idle: Duration::from_millis(ms.idle_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_an_error() {
        assert!(toml::from_str::<ProviderConfig>("base_uri = 'http://localhost'").is_err());
        assert!(toml::from_str::<ProviderConfig>("timeouts = { idle = 3 }").is_err());
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config: ProviderConfig =
            toml::from_str("name = 'x'\napi_key = 'sk-1'\ntimeouts = { idle_ms = 500 }").unwrap();
        assert_eq!(config.timeouts, Timeouts { idle: Duration::from_millis(500), ..Timeouts::default() });
        assert_eq!(config.max_attempts, 3);
    }

    #[test]
    fn a_key_is_never_printed() {
        let mut config = ProviderConfig { api_key: "sk-very-secret".into(), ..ProviderConfig::default() };
        config.headers.insert("x-token".to_owned(), "hush-hush".into());
        let printed = format!("{config:?}");
        assert!(!printed.contains("sk-very") && !printed.contains("hush"), "{printed}");
    }
}
