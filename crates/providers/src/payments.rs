//! Payment gateways over HTTP, each in its own words. What an answer means for an order is not decided here.

pub mod konnect;

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};
use serde::de::DeserializeOwned;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, the connection included.
const ANSWER: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Why a gateway gave no answer that can be used. Never quotes what it said: that may be about the payer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The settings hold an address or a key that cannot be used.
    #[error("the settings of the payment gateway cannot be used: {0}")]
    Settings(&'static str),
    /// It cannot be reached, takes too long or is in trouble: the same may work later.
    #[error("the payment gateway does not answer: {0}")]
    Silent(String),
    /// It does not know this server's key.
    #[error("the payment gateway refuses the key of this server")]
    Key,
    /// It knows no such payment.
    #[error("the payment gateway knows no such payment")]
    Unknown,
    /// It refuses what was asked, with this status.
    #[error("the payment gateway refused with status {0}")]
    Refused(u16),
    /// It answered something that cannot be read.
    #[error("the payment gateway's answer cannot be read: {0}")]
    Unreadable(String),
}

/// A client of one gateway: no redirects, no proxy of the environment, no cookies, limits to time and size.
#[expect(clippy::disallowed_methods, reason = "the one place where a client for payment gateways is built")]
fn client(base_url: &str) -> reqwest::Result<Client> {
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

/// Asks, and reads the answer as JSON.
async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, GatewayError> {
    let asking = async {
        let mut response = request.header(header::ACCEPT, "application/json").send().await?;
        let (status, mut body) = (response.status(), Vec::new());
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BYTES {
                break;
            }
        }
        Ok::<_, reqwest::Error>((status, body))
    };
    let (status, body) = match tokio::time::timeout(ANSWER, asking).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(GatewayError::Silent(why(&error).to_owned())),
        Err(_) => return Err(GatewayError::Silent("it took too long".into())),
    };
    match status {
        status if status.is_success() => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(GatewayError::Key),
        StatusCode::NOT_FOUND => return Err(GatewayError::Unknown),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(GatewayError::Silent(format!("it answered {}", status.as_u16())));
        }
        status => return Err(GatewayError::Refused(status.as_u16())),
    }
    if body.len() > MAX_BYTES {
        return Err(GatewayError::Unreadable("it is too large".into()));
    }
    serde_json::from_slice(&body).map_err(|error| {
        GatewayError::Unreadable(format!(
            "it is no JSON of the expected form, from column {} on",
            error.column()
        ))
    })
}

fn why(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "the connection took too long"
    } else if error.is_connect() {
        "there is no connection"
    } else {
        "the connection was closed"
    }
}
