//! The one outbound client for providers that an administrator named: no redirects, no proxy from the environment,
//! no cookies, and no key in any error.

use std::{error::Error as _, sync::Arc, time::Duration};

use reqwest::{
    Client, RequestBuilder, Response, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};

use crate::{ConfigError, ProviderConfig, ProviderError, Waited, complaint, error::trimmed};

/// How much of an error page is read, in bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// How long the body of an error may take.
const ERROR_BODY_LIMIT: Duration = Duration::from_secs(5);
/// The largest answer that is read as a whole, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Text shorter than this is no secret worth hiding.
const SHORTEST_SECRET: usize = 4;

/// Where one provider answers, and what every request to it carries.
#[derive(Clone)]
pub(crate) struct Endpoint {
    client: Client,
    base: Url,
    connect: Duration,
    secrets: Arc<[String]>,
}

impl Endpoint {
    /// Reads the address and headers of a configuration; `auth` are those of the protocol.
    pub(crate) fn open(config: &ProviderConfig, auth: &[(&'static str, &str)]) -> Result<Self, ConfigError> {
        let base = base_url(config)?;
        let mut headers = HeaderMap::new();
        for (name, value) in auth {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| ConfigError::new(config, "api_key", "holds characters that no key has"))?;
            value.set_sensitive(true);
            headers.insert(*name, value);
        }
        for (name, value) in &config.headers {
            let bad = |reason: &str| ConfigError::new(config, "headers", format!("`{name}` {reason}"));
            let key =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("is not the name of a header"))?;
            let mut value =
                HeaderValue::from_str(value.reveal()).map_err(|_| bad("has a value that cannot be sent"))?;
            value.set_sensitive(true);
            headers.insert(key, value);
        }
        let client = build(config, &base, headers).map_err(|error| {
            ConfigError::new(config, "base_url", format!("no connection can be prepared: {}", causes(&error)))
        })?;
        let secrets = std::iter::once(&config.api_key).chain(config.headers.values());
        let secrets =
            secrets.map(|secret| secret.reveal().to_owned()).filter(|secret| secret.len() >= SHORTEST_SECRET);
        Ok(Self { client, base, connect: config.timeouts.connect, secrets: secrets.collect() })
    }

    /// A request that posts to `path` below the base URL.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.at(path))
    }

    /// A request for `path` below the base URL.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.at(path))
    }

    /// The same with one more pair in the query.
    pub(crate) fn get_with(&self, path: &str, (key, value): (&str, &str)) -> RequestBuilder {
        let mut url = self.at(path);
        url.query_pairs_mut().append_pair(key, value);
        self.client.get(url)
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url
    }

    /// Sends, and turns everything but success into the error that it means.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, ProviderError> {
        let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let mut body = Vec::new();
        let reading = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() > MAX_ERROR_BYTES {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(ERROR_BODY_LIMIT, reading).await;
        let error = self.hushed(complaint::of_status(status.as_u16(), response.headers(), &body));
        tracing::debug!(http.status = status.as_u16(), error = %error, "a provider refused a request");
        Err(error)
    }

    /// Sends, and reads the whole answer.
    pub(crate) async fn fetch(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<Vec<u8>, ProviderError> {
        self.fetch_up_to(MAX_BODY_BYTES, request, limit).await
    }

    /// The same with another limit to its size.
    pub(crate) async fn fetch_up_to(
        &self,
        most: usize,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<Vec<u8>, ProviderError> {
        let fetching = async {
            let mut response = self.send(request).await?;
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|_| ProviderError::Cut)? {
                body.extend_from_slice(&chunk);
                if body.len() > most {
                    return Err(ProviderError::garbage(format!("an answer of more than {} MiB", most >> 20)));
                }
            }
            Ok(body)
        };
        let timed_out = ProviderError::TimedOut { what: Waited::FirstToken, after: limit };
        tokio::time::timeout(limit, fetching).await.unwrap_or(Err(timed_out))
    }

    /// Takes keys out of an error that quotes a vendor, and then shortens it.
    pub(crate) fn hushed(&self, error: ProviderError) -> ProviderError {
        let hushed = |words: String| trimmed(&hush(words, &self.secrets));
        match error {
            ProviderError::BadRequest { status, message } => {
                ProviderError::BadRequest { status, message: hushed(message) }
            }
            ProviderError::Unavailable { reason } => ProviderError::Unavailable { reason: hushed(reason) },
            ProviderError::Garbage { reason } => ProviderError::Garbage { reason: hushed(reason) },
            other => other,
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> ProviderError {
        let causes = hush(causes(error), &self.secrets);
        tracing::debug!(error = %causes, "a provider cannot be reached");
        if error.is_timeout() {
            return ProviderError::TimedOut { what: Waited::Connect, after: self.connect };
        }
        let host = self.base.host_str().unwrap_or_default();
        let lower = causes.to_ascii_lowercase();
        ProviderError::unavailable(if error.is_dns() {
            format!("the name {host} is unknown")
        } else if lower.contains("refused") {
            format!("{host} refused the connection")
        } else if lower.contains("certificate") || lower.contains("tls") || lower.contains("corrupt message")
        {
            format!("no secure connection to {host}")
        } else if error.is_connect() {
            format!("no connection to {host}")
        } else {
            format!("{host} closed the connection")
        })
    }
}

fn base_url(config: &ProviderConfig) -> Result<Url, ConfigError> {
    let bad = |reason: &str| ConfigError::new(config, "base_url", reason);
    let text = config.base_url.trim();
    if text.is_empty() {
        return Err(bad("is empty; it is an address such as https://api.openai.com/v1"));
    }
    let url = Url::parse(text).map_err(|error| bad(&format!("is not an address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(bad("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not hold a name or password; use `api_key` or `headers`"));
    }
    let mut url = url;
    let path = url.path().trim_end_matches('/');
    let path =
        path.strip_suffix("/chat/completions").or_else(|| path.strip_suffix("/messages")).unwrap_or(path);
    let path = path.to_owned();
    url.set_path(&path);
    Ok(url)
}

#[expect(clippy::disallowed_methods, reason = "the one place where a client for providers is built")]
fn build(config: &ProviderConfig, base: &Url, headers: HeaderMap) -> reqwest::Result<Client> {
    let builder = Client::builder()
        .user_agent(concat!("colloquy/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .pool_idle_timeout(Duration::from_mins(1))
        .connect_timeout(config.timeouts.connect);
    if base.scheme() == "https" {
        builder.build()
    } else {
        builder.tls_certs_only([]).build() // a machine without root certificates can still ask a local model
    }
}

fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Hides the secrets we know, and every word that looks like a key.
fn hush(mut text: String, secrets: &[String]) -> String {
    for secret in secrets {
        if text.contains(secret.as_str()) {
            text = text.replace(secret.as_str(), "(hidden)");
        }
    }
    if text.contains("sk-") || text.contains("Bearer ") {
        let mut after_bearer = false;
        let words = text.split(' ').map(|word| {
            let hidden = after_bearer || word.contains("sk-");
            after_bearer = word.ends_with("Bearer");
            if hidden { "(hidden)" } else { word }
        });
        text = words.collect::<Vec<_>>().join(" ");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base_url: &str, path: &str) -> String {
        let config = ProviderConfig { base_url: base_url.to_owned(), ..ProviderConfig::default() };
        Endpoint::open(&config, &[]).unwrap().at(path).to_string()
    }

    #[test]
    fn a_path_is_put_behind_the_base_url_however_it_is_written() {
        assert_eq!(at("http://localhost:1/v1", "models"), "http://localhost:1/v1/models");
        assert_eq!(at("http://localhost:1/v1/", "models"), "http://localhost:1/v1/models");
        assert_eq!(at(" http://localhost:1", "models"), "http://localhost:1/models");
        assert_eq!(at("http://localhost:1/v1/chat/completions", "models"), "http://localhost:1/v1/models");
        assert_eq!(at("https://h/openai?api-version=1", "models"), "https://h/openai/models?api-version=1");
    }

    #[test]
    fn keys_are_taken_out_of_what_a_vendor_says() {
        let secrets = ["topsecret".to_owned()];
        let hidden = hush("bad topsecret, sk-abc123, and Bearer xyz here".to_owned(), &secrets);
        assert_eq!(hidden, "bad (hidden), (hidden) and Bearer (hidden) here");
    }
}
