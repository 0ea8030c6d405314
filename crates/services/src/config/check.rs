//! Values that have the right type and are wrong all the same.

use std::net::IpAddr;

use providers::web::Allowed;

use super::{Config, Secret};
use crate::{mail, web_search};

/// The placeholders of well-known examples: whoever reads the example knows the key.
const PLACEHOLDERS: [&str; 5] = [
    "cambia-questa-chiave",
    "your_secret_key_here",
    "your_secure_production_key",
    "your-super-secret-session-key-change-this-in-production",
    "your-super-secret-jwt-key-change-this-in-production",
];
/// Parts that no random key has.
const TELLTALES: [&str; 8] =
    ["change-this", "change_this", "changeme", "change-me", "change_me", "placeholder", "your-", "your_"];
/// The fewest bytes of a signing key.
const SECRET_BYTES: usize = 32;
/// The fewest different bytes of a signing key.
const SECRET_VARIETY: usize = 8;

/// A setting whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {expected}")]
pub struct BadSetting {
    /// The key, such as `server.listen`.
    pub key: &'static str,
    /// What is wrong, or what is expected instead; never the value.
    pub expected: String,
}

impl Config {
    /// Looks at every value that a type alone cannot judge.
    pub fn check(&self) -> Result<(), BadSetting> {
        self.check_server()?;
        self.check_database()?;
        self.check_auth()?;
        self.check_mail()?;
        self.check_files()?;
        self.check_limits()?;
        self.check_chat()?;
        self.check_web_search()?;
        self.tools.check().or_else(|(key, expected)| bad(key, expected))?;
        self.billing.check().or_else(|(key, expected)| bad(key, expected))
    }

    fn check_server(&self) -> Result<(), BadSetting> {
        let server = &self.server;
        require(port_of(&server.listen).is_some(), "server.listen", || {
            "expected an address and a port, such as 127.0.0.1:3000".into()
        })?;
        if let Some(url) = &server.public_url {
            require(is_origin(url.trim_end_matches('/')), "server.public_url", || {
                "expected the address people type, such as https://chat.example.org, without a path".into()
            })?;
        }
        let strange = server.cors_origins.iter().find(|origin| *origin != "*" && !is_origin(origin));
        if let Some(strange) = strange {
            return bad(
                "server.cors_origins",
                format!(
                    "{strange:?} is not an origin: expected * or one like https://app.example.org, without a path"
                ),
            );
        }
        if let Some(strange) = server.trusted_proxies.iter().find(|proxy| !is_network(proxy)) {
            return bad(
                "server.trusted_proxies",
                format!("{strange:?} is neither an address nor a network such as 10.0.0.0/8"),
            );
        }
        at_least_one("server.header_seconds", server.header_seconds)?;
        at_least_one("server.body_limit_bytes", server.body_limit_bytes as u64)
    }

    fn check_database(&self) -> Result<(), BadSetting> {
        let url = &self.database.url;
        let known = url.is_empty() || ["sqlite:", "postgres://"].iter().any(|scheme| url.starts_with(scheme));
        require(known, "database.url", || {
            "expected sqlite:<file> or postgres://user:password@host/name (empty: a SQLite file in the data directory)"
                .into()
        })?;
        at_least_one("database.max_connections", self.database.max_connections.into())
    }

    fn check_auth(&self) -> Result<(), BadSetting> {
        let auth = &self.auth;
        if let Some(secret) = &auth.secret {
            check_secret(secret)?;
        }
        for (key, seconds) in [
            ("auth.access_token_seconds", auth.access_token_seconds),
            ("auth.refresh_idle_seconds", auth.refresh_idle_seconds),
            ("auth.refresh_absolute_seconds", auth.refresh_absolute_seconds),
            ("auth.ticket_seconds", auth.ticket_seconds),
            ("auth.reset_seconds", auth.reset_seconds),
        ] {
            at_least_one(key, u64::try_from(seconds).unwrap_or(0))?;
        }
        for (id, provider) in &auth.oidc {
            provider.check(id).or_else(|expected| bad("auth.oidc", expected))?;
        }
        Ok(())
    }

    fn check_mail(&self) -> Result<(), BadSetting> {
        let Some(url) = self.mail.url.as_ref().filter(|url| !url.is_empty()) else { return Ok(()) };
        require(mail::is_server(url.reveal()), "mail.url", || {
            "expected smtp://user:password@host:587 or smtps://user:password@host, with signs such as @ written as %40"
                .into()
        })?;
        let from = self.mail.from.as_deref().unwrap_or_default();
        require(mail::sender(from).is_some(), "mail.from", || {
            "expected who letters come from, such as Colloquy <colloquy@example.org>".into()
        })
    }

    fn check_files(&self) -> Result<(), BadSetting> {
        let files = &self.files;
        for (key, number) in [
            ("files.image_bytes", files.image_bytes),
            ("files.text_bytes", files.text_bytes),
            ("files.prompt_image_bytes", files.prompt_image_bytes),
            ("files.prompt_text_bytes", files.prompt_text_bytes),
        ] {
            at_least_one(key, number)?;
        }
        require(files.unsent_keep_seconds >= 60, "files.unsent_keep_seconds", || {
            "expected at least 60".into()
        })
    }

    fn check_limits(&self) -> Result<(), BadSetting> {
        at_least_one("limits.window_seconds", self.limits.window_seconds)?;
        at_least_one("limits.asks_window_seconds", self.limits.asks_window_seconds)
    }

    fn check_chat(&self) -> Result<(), BadSetting> {
        let chat = &self.chat;
        for (key, number) in [
            ("chat.checkpoint_ms", chat.checkpoint_ms),
            ("chat.keep_alive_seconds", chat.keep_alive_seconds),
            ("chat.message_chars", chat.message_chars as u64),
            ("chat.log_memory_bytes", chat.log_memory_bytes as u64),
            ("chat.models_refresh_seconds", chat.models_refresh_seconds),
        ] {
            at_least_one(key, number)?;
        }
        for (key, number) in [
            ("chat.max_waiting_per_conversation", chat.max_waiting_per_conversation),
            ("chat.max_waiting_per_user", chat.max_waiting_per_user),
            ("chat.trash_keep_seconds", chat.trash_keep_seconds),
            ("chat.idempotency_keep_seconds", chat.idempotency_keep_seconds),
        ] {
            require(number >= 0, key, || "expected a number that is not negative".into())?;
        }
        let mut names = std::collections::BTreeSet::new();
        for provider in &self.providers {
            require(!provider.name.is_empty(), "providers.name", || "expected a name".into())?;
            require(names.insert(&provider.name), "providers.name", || {
                format!("two providers are named {:?}", provider.name)
            })?;
        }
        Ok(())
    }
}

impl Config {
    fn check_web_search(&self) -> Result<(), BadSetting> {
        let web = &self.web_search;
        web_search::engines(web).map(drop).or_else(|(key, expected)| bad(key, expected))?;
        require(Allowed::read(&web.allowed_hosts).is_some(), "web_search.allowed_hosts", || {
            "expected places such as wiki.example.org:8080, each with its port".into()
        })?;
        require(web.cache_minutes >= 0, "web_search.cache_minutes", || {
            "expected a number that is not negative".into()
        })?;
        for (key, number) in [
            ("web_search.limit_seconds", web.limit_seconds),
            ("web_search.results", web.results as u64),
            ("web_search.passage_chars", web.passage_chars as u64),
        ] {
            at_least_one(key, number)?;
        }
        Ok(())
    }
}

fn check_secret(secret: &Secret) -> Result<(), BadSetting> {
    let text = secret.reveal();
    let lower = text.to_lowercase();
    let why = if PLACEHOLDERS.contains(&text) || TELLTALES.iter().any(|part| lower.contains(part)) {
        "is the placeholder of an example, which everybody knows"
    } else if text.len() < SECRET_BYTES {
        "is shorter than 32 bytes"
    } else if text.bytes().collect::<std::collections::BTreeSet<_>>().len() < SECRET_VARIETY {
        "is made of too few different characters"
    } else {
        return Ok(());
    };
    bad(
        "auth.secret",
        format!(
            "the value {why}; make one with `openssl rand -hex 32`, or leave the setting out: one is made at the first start"
        ),
    )
}

/// The port of `host:port`, if it is one.
pub fn port_of(listen: &str) -> Option<u16> {
    let (host, port) = listen.rsplit_once(':')?;
    let whole = !host.is_empty() && (!host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
    port.parse().ok().filter(|_| whole)
}

fn is_origin(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    !authority.is_empty() && !authority.contains(['/', '?', '#', '@', '*', ' '])
}

fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn at_least_one(key: &'static str, number: u64) -> Result<(), BadSetting> {
    require(number >= 1, key, || "expected a number of at least 1".into())
}

fn require(holds: bool, key: &'static str, expected: impl FnOnce() -> String) -> Result<(), BadSetting> {
    if holds { Ok(()) } else { bad(key, expected()) }
}

fn bad(key: &'static str, expected: String) -> Result<(), BadSetting> {
    Err(BadSetting { key, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Config)) -> &'static str {
        let mut config = Config::default();
        change(&mut config);
        config.check().unwrap_err().key
    }

    #[test]
    fn the_defaults_can_be_used() {
        assert_eq!(Config::default().check(), Ok(()));
    }

    #[test]
    fn a_bad_value_is_refused_by_its_key() {
        assert_eq!(refused(|c| c.server.listen = "3000".into()), "server.listen");
        assert_eq!(refused(|c| c.server.listen = "::1:3000".into()), "server.listen");
        assert_eq!(refused(|c| c.server.public_url = Some("chat.example.org".into())), "server.public_url");
        assert_eq!(refused(|c| c.server.cors_origins = vec!["https://a/b".into()]), "server.cors_origins");
        assert_eq!(
            refused(|c| c.server.trusted_proxies = vec!["10.0.0.0/33".into()]),
            "server.trusted_proxies"
        );
        assert_eq!(refused(|c| c.database.url = "mongodb://localhost/x".into()), "database.url");
        assert_eq!(refused(|c| c.auth.access_token_seconds = 0), "auth.access_token_seconds");
        assert_eq!(refused(|c| c.limits.window_seconds = 0), "limits.window_seconds");
        assert_eq!(refused(|c| c.chat.checkpoint_ms = 0), "chat.checkpoint_ms");
        assert_eq!(refused(|c| c.files.image_bytes = 0), "files.image_bytes");
        assert_eq!(refused(|c| c.files.unsent_keep_seconds = 0), "files.unsent_keep_seconds");
        assert_eq!(refused(|c| c.chat.max_waiting_per_user = -1), "chat.max_waiting_per_user");
        assert_eq!(refused(|c| c.web_search.engines = vec!["altavista".into()]), "web_search.engines");
        assert_eq!(refused(|c| c.web_search.duckduckgo_url = "duck".into()), "web_search.duckduckgo_url");
        assert_eq!(refused(|c| c.web_search.searxng_url = Some("ftp://x".into())), "web_search.searxng_url");
        assert_eq!(refused(|c| c.web_search.allowed_hosts = vec!["wiki".into()]), "web_search.allowed_hosts");
        assert_eq!(refused(|c| c.web_search.limit_seconds = 0), "web_search.limit_seconds");
    }

    #[test]
    fn mail_needs_a_server_and_a_sender() {
        let mut config = Config::default();
        config.mail.url = Some("mail.example.org:587".into());
        assert_eq!(config.check().unwrap_err().key, "mail.url");
        config.mail.url = Some("smtp://ada:hunter2@mail.example.org:587".into());
        let error = config.check().unwrap_err();
        assert_eq!(error.key, "mail.from");
        assert!(!error.to_string().contains("hunter2"));
        config.mail.from = Some("Colloquy <colloquy@example.org>".into());
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn good_values_pass() {
        let mut config = Config::default();
        config.server.listen = "[::1]:0".into();
        config.server.public_url = Some("https://chat.example.org/".into());
        config.server.cors_origins = vec!["*".into(), "http://localhost:5173".into()];
        config.server.trusted_proxies = vec!["10.0.0.0/8".into(), "::1".into()];
        config.database.url = "postgres://u:p@db/colloquy".into();
        config.auth.secret = Some("0f3c9a5d7b1e8642f0c3a9d5b7e1684220f3c9a5d7b1e864".into());
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn a_secret_that_others_know_or_can_guess_is_refused() {
        let guessable =
            ["", "hunter2", "0123456789012345678901234567890", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
        for secret in PLACEHOLDERS.into_iter().chain(guessable) {
            let mut config = Config::default();
            config.auth.secret = Some(secret.into());
            let error = config.check().unwrap_err();
            assert_eq!(error.key, "auth.secret", "{secret:?}");
            assert!(error.expected.contains("openssl rand -hex 32"));
            assert!(secret.is_empty() || !error.to_string().contains(secret));
        }
    }
}
