//! Variables of other chat servers: their deployments start here with the environment they have.

use services::config::{Config, ProviderConfig, without_password};

use super::{
    Environment, LoadError,
    layers::Layers,
    variables::{EXPECTED_LIST, database_url, flag, list},
};

/// Keys of examples, which no vendor accepts.
const PLACEHOLDER_KEYS: [&str; 3] = ["sk-...", "your_openai_api_key_here", "your_production_key"];

/// Variables that set a provider: its name here, its key, its address.
const PROVIDERS: [(&str, &str, &str); 2] = [
    ("openai", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    ("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
];

/// Adds what the variables say that mean a setting of ours.
pub(super) fn apply(layers: &mut Layers, environment: &Environment) -> Result<(), LoadError> {
    let said = |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());

    if let Some(port) = said("PORT") {
        let port = port.parse().map_err(|_| LoadError::new("PORT", "expected a number from 0 to 65535"))?;
        layers.set_port("PORT", port);
    }
    if let Some(url) = said("DATABASE_URL") {
        layers.set("DATABASE_URL", "database.url", database_url(url));
    }
    // An empty secret is a mistake, not a silence.
    for name in ["JWT_SECRET", "SECRET_KEY"] {
        if let Some(secret) = environment.get(name) {
            layers.set(name, "auth.secret", secret.as_str());
        }
    }
    if let Some(minutes) = said("ACCESS_TOKEN_EXPIRE_MINUTES") {
        let seconds = minutes.parse().ok().and_then(|minutes: i64| minutes.checked_mul(60));
        let seconds = seconds.filter(|seconds| *seconds > 0);
        let expected =
            || LoadError::new("ACCESS_TOKEN_EXPIRE_MINUTES", "expected a whole number of at least 1");
        layers.set("ACCESS_TOKEN_EXPIRE_MINUTES", "auth.access_token_seconds", seconds.ok_or_else(expected)?);
    }
    let mut origins = Vec::new();
    for name in ["CORS_ORIGINS", "ALLOWED_ORIGINS"] {
        let Some(text) = said(name) else { continue };
        origins.extend(list(text).ok_or_else(|| LoadError::new(name, EXPECTED_LIST))?);
        origins.dedup();
        layers.set(name, "server.cors_origins", origins.clone());
    }
    if let Some(url) = said("FRONTEND_URL") {
        layers.set("FRONTEND_URL", "server.public_url", url);
    }
    if let Some(name) = said("NEXT_PUBLIC_APP_NAME") {
        layers.set("NEXT_PUBLIC_APP_NAME", "server.name", name);
    }
    for (name, key) in
        [("SEARXNG_URL", "web_search.searxng_url"), ("DUCKDUCKGO_URL", "web_search.duckduckgo_url")]
    {
        if let Some(url) = said(name) {
            layers.set(name, key, url);
        }
    }
    if said("DEBUG").and_then(flag) == Some(true) {
        layers.set("DEBUG", "log.level", "debug");
    }
    Ok(())
}

/// Adds the providers that are given by a key or an address alone; says what of that is not used.
pub(super) fn add_providers(config: &mut Config, environment: &Environment) -> Vec<String> {
    let mut notices = Vec::new();
    for (name, key_name, address_name) in PROVIDERS {
        let said = |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let mut key = said(key_name);
        if key.is_some_and(is_placeholder) {
            notices.push(format!("{key_name}: is the placeholder of an example and is not used."));
            key = None;
        }
        let address = said(address_name);
        if key.is_none() && address.is_none() {
            continue;
        }
        let known = config.providers.iter().position(|provider| provider.name == name).unwrap_or_else(|| {
            let vendor = Some(name.to_owned());
            config.providers.push(ProviderConfig { name: name.into(), vendor, ..ProviderConfig::default() });
            config.providers.len() - 1
        });
        let provider = &mut config.providers[known];
        if let Some(key) = key {
            provider.api_key = key.into();
        }
        if let Some(address) = address {
            address.clone_into(&mut provider.base_url);
        }
    }
    notices
}

/// Where Google's accounts are.
const GOOGLE: &str = "https://accounts.google.com";

/// Adds the sign-in with Google, if it is given by variables; says what of that is not used.
pub(super) fn add_google(config: &mut Config, environment: &Environment) -> Vec<String> {
    let said = |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let Some(client) = said("GOOGLE_CLIENT_ID") else { return Vec::new() };
    if is_placeholder(client) {
        return vec!["GOOGLE_CLIENT_ID: is the placeholder of an example and is not used.".into()];
    }
    let google = config.auth.oidc.entry("google".into()).or_default();
    client.clone_into(&mut google.client_id);
    if let Some(secret) = said("GOOGLE_CLIENT_SECRET") {
        google.client_secret = Some(secret.into());
    }
    if let Some(url) = said("GOOGLE_CALLBACK_URL") {
        google.redirect_url = Some(url.to_owned());
    }
    match said("GOOGLE_ISSUER") {
        Some(issuer) => issuer.clone_into(&mut google.issuer),
        None if google.issuer.is_empty() => GOOGLE.clone_into(&mut google.issuer),
        None => {}
    }
    Vec::new()
}

/// Adds the account at Konnect, if it is given by variables; says what of that is not used.
pub(super) fn add_konnect(config: &mut Config, environment: &Environment) -> Vec<String> {
    let said = |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let mut notices = Vec::new();
    let mut used = |name: &str| {
        let text = said(name)?;
        if is_placeholder(text) {
            notices.push(format!("{name}: is the placeholder of an example and is not used."));
            return None;
        }
        Some(text.to_owned())
    };
    let konnect = &mut config.billing.konnect;
    if let Some(key) = used("KONNECT_SECRET_KEY") {
        konnect.api_key = Some(key.into());
    }
    if let Some(wallet) = used("KONNECT_MERCHANT_ID") {
        konnect.wallet_id = wallet;
    }
    if let Some(url) = used("KONNECT_API_URL") {
        konnect.api_url = url;
    }
    if let Some(secret) = used("KONNECT_WEBHOOK_SECRET") {
        konnect.webhook_secret = Some(secret.into());
    }
    notices
}

fn is_placeholder(key: &str) -> bool {
    PLACEHOLDER_KEYS.contains(&key) || key.starts_with("your_") || key.starts_with("your-")
}

/// What to say about variables that are accepted and change nothing.
pub(super) fn notices(config: &Config, environment: &Environment) -> Vec<String> {
    let data =
        format!("everything lies in {}; there is no MongoDB", without_password(&config.database_url()));
    let groups: [(&[&str], &str); 8] = [
        (
            &["REDIS_URL"],
            "several nodes are not there yet: this process keeps in memory what Redis would hold",
        ),
        (&["MONGO_URL", "MONGODB_URI", "DB_NAME"], &data),
        (
            &["GOOGLE_CLIENT_SECRET", "GOOGLE_CALLBACK_URL"],
            "without GOOGLE_CLIENT_ID nobody signs in with Google",
        ),
        (
            &["SESSION_SECRET"],
            "nothing is signed with it: sessions are signed with the one key of this server",
        ),
        (&["ENVIRONMENT", "NODE_ENV"], "nothing depends on it: the server runs the same way everywhere"),
        (
            &["NEXT_PUBLIC_API_URL", "REACT_APP_BACKEND_URL"],
            "the web app comes from this server and talks to it",
        ),
        (&["SECRET_KEY", "JWT_SECRET"], "they differ; SECRET_KEY is the one that is used"),
        (&["DEBUG"], "is not `true` or `false`, so it changes nothing"),
    ];
    let mut notices = Vec::new();
    for (patterns, sentence) in groups {
        let names: Vec<_> = environment
            .iter()
            .filter(|(name, value)| !value.is_empty() && patterns.contains(&name.as_str()))
            .map(|(name, _)| name.as_str())
            .collect();
        let silent = match patterns[0] {
            "SECRET_KEY" => environment.get("SECRET_KEY") == environment.get("JWT_SECRET") || names.len() < 2,
            "GOOGLE_CLIENT_SECRET" => environment.get("GOOGLE_CLIENT_ID").is_some_and(|id| !id.is_empty()),
            "DEBUG" => environment.get("DEBUG").is_some_and(|text| flag(text).is_some()),
            _ => false,
        };
        if !silent && !names.is_empty() {
            notices.push(format!("{}: {sentence}.", names.join(", ")));
        }
    }
    notices
}
