//! Short questions to other services: one request, no redirect, an answer of limited size within a limited time.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, the connection included.
const ANSWER: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answered {
    /// Its status.
    pub status: StatusCode,
    /// What it says. Of one that is too large, only how it begins.
    pub body: Vec<u8>,
}

impl Answered {
    /// Whether there is more than is read.
    pub fn is_too_large(&self) -> bool {
        self.body.len() > MAX_BYTES
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Nobody can be reached, or the connection broke. Never names the address: it may hold what is secret.
    #[error(transparent)]
    Broken(reqwest::Error),
    /// It took too long.
    #[error("it took too long")]
    TooSlow,
}

/// A client for one service: no redirects, no proxy of the environment, no cookies.
#[expect(clippy::disallowed_methods, reason = "the one place where a client for short questions is built")]
pub fn client(base_url: &str) -> reqwest::Result<Client> {
    let builder = Client::builder()
        .user_agent(concat!("colloquy/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT);
    if base_url.starts_with("https:") {
        builder.build()
    } else {
        builder.tls_certs_only([]).build() // a machine without root certificates can still ask itself
    }
}

/// Asks for JSON.
pub async fn ask(request: RequestBuilder) -> Result<Answered, Unanswered> {
    let asking = async {
        let mut response = request.header(header::ACCEPT, "application/json").send().await?;
        let mut answered = Answered { status: response.status(), body: Vec::new() };
        while let Some(chunk) = response.chunk().await? {
            answered.body.extend_from_slice(&chunk);
            if answered.is_too_large() {
                break;
            }
        }
        Ok(answered)
    };
    match tokio::time::timeout(ANSWER, asking).await {
        Ok(answer) => answer.map_err(|error: reqwest::Error| Unanswered::Broken(error.without_url())),
        Err(_) => Err(Unanswered::TooSlow),
    }
}
