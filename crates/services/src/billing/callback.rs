//! What a gateway calls when something happened to a payment. It is a hint and nothing more: whoever sends it, the gateway
//! is asked.

use domain::Order;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{credit, ignored};
use crate::{App, Error, Result, accounts};

/// The longest order id or token that is looked at, in bytes.
const MOST_BYTES: usize = 128;
/// What the token of a callback is made of, beside the order.
const PURPOSE: &str = "colloquy payment callback v1:";

/// What a callback says. None of it is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// The gateway's word.
    pub gateway: String,
    /// What the gateway calls the payment.
    pub payment_ref: Option<String>,
    /// Our id of the order.
    pub order: Option<String>,
    /// What we put into the address that the gateway calls.
    pub token: Option<String>,
    /// Whether a callback without a token is a hint, too. Those of seed 002 have none.
    pub may_lack_token: bool,
}

/// What came of a callback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Called {
    /// The order, for whoever knew its token or its name.
    pub order: Option<String>,
}

/// The page that a gateway is told to call about an order.
pub(super) fn page(app: &App, order: &Order) -> String {
    format!("/webhooks/{}?order={}&token={}", order.gateway, order.public_id, token(app, &order.public_id))
}

/// Takes a callback: the gateway is asked about the payment, at most once in ten seconds.
pub async fn called(app: &App, callback: Callback) -> Result<Called> {
    let gateway = app.billing.gateway.as_ref().filter(|gateway| gateway.name() == callback.gateway);
    let gateway = gateway.ok_or(Error::NotFound("payment gateway"))?;
    let plain = |text: &Option<String>| {
        let is_plain = |text: &String| {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            (1..=MOST_BYTES).contains(&text.len()) && text.bytes().all(letters)
        };
        text.clone().filter(is_plain)
    };
    let (payment_ref, name) = (plain(&callback.payment_ref), plain(&callback.order));
    let mut order = None;
    if let Some(name) = &name {
        order = store::orders::by_public_id(&app.db, name).await?;
    }
    if let (None, Some(payment_ref)) = (&order, &payment_ref) {
        order = store::orders::by_payment(&app.db, gateway.name(), payment_ref).await?;
    }
    let Some(order) = order else {
        tracing::info!(reason = "no such order", "a callback was ignored");
        return Ok(Called::default());
    };
    match &callback.token {
        Some(given) if is_token(app, &order.public_id, given) => {}
        Some(_) => {
            ignored(&order, "another token");
            return Ok(Called::default());
        }
        None if callback.may_lack_token => {}
        None => {
            ignored(&order, "no token");
            return Ok(Called::default());
        }
    }
    let called =
        Called { order: (callback.token.is_some() || name.is_some()).then(|| order.public_id.clone()) };
    let known = order.payment_ref.clone();
    if let (Some(known), Some(said)) = (&known, &payment_ref)
        && known != said
    {
        ignored(&order, "another payment");
        return Ok(called);
    }
    if let Some(payment_ref) = known.or(payment_ref) {
        let work = app.clone();
        app.detached(async move { credit::ask(&work, &order, &payment_ref).await }).await?;
    }
    Ok(called)
}

/// What the address about an order holds that nobody else can make.
fn token(app: &App, order: &str) -> String {
    accounts::hex(&mac(app, order))
}

fn is_token(app: &App, order: &str, given: &str) -> bool {
    let expected = token(app, order);
    let differ = expected.bytes().zip(given.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    given.len() == expected.len() && differ == 0
}

fn mac(app: &App, order: &str) -> [u8; 32] {
    let text = format!("{PURPOSE}{order}");
    let secret = app.config.billing.konnect.webhook_secret.as_ref();
    let keyed = secret
        .filter(|secret| !secret.is_empty())
        .and_then(|secret| Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok());
    match keyed {
        Some(mut keyed) => {
            keyed.update(text.as_bytes());
            keyed.finalize().into_bytes().into()
        }
        None => app.accounts.link_key(text.as_bytes()),
    }
}
