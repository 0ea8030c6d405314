//! Payment gateways over HTTP, each in its own words. What an answer means for an order is not decided here.

pub mod konnect;

use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::inquiry::{self, Unanswered};

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

/// Asks, and reads the answer as JSON.
async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, GatewayError> {
    let answered = match inquiry::ask(request).await {
        Ok(answered) => answered,
        Err(Unanswered::Broken(error)) => return Err(GatewayError::Silent(why(&error).to_owned())),
        Err(error @ Unanswered::TooSlow) => return Err(GatewayError::Silent(error.to_string())),
    };
    match answered.status {
        status if status.is_success() => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(GatewayError::Key),
        StatusCode::NOT_FOUND => return Err(GatewayError::Unknown),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(GatewayError::Silent(format!("it answered {}", status.as_u16())));
        }
        status => return Err(GatewayError::Refused(status.as_u16())),
    }
    if answered.is_too_large() {
        return Err(GatewayError::Unreadable("it is too large".into()));
    }
    serde_json::from_slice(&answered.body).map_err(|error| {
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
