//! What a payment gateway can do. Two questions: begin a payment, and what is it now?

use std::sync::Arc;

use domain::Money;
use futures_util::future::BoxFuture;
use providers::payments::GatewayError;

use super::gateways::konnect;
use crate::{Config, Result};

/// A payment gateway.
pub trait Gateway: Send + Sync + 'static {
    /// Its word in addresses and rows.
    fn name(&self) -> &'static str;

    /// The wallet that receives what is begun now.
    fn wallet(&self) -> &str;

    /// Begins a payment.
    fn init(&self, new: NewPayment) -> BoxFuture<'_, Result<Asked, GatewayError>>;

    /// Reads what a payment is now.
    fn read<'a>(&'a self, payment_ref: &'a str) -> BoxFuture<'a, Result<Payment, GatewayError>>;
}

/// A payment to be begun.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// What is to be paid.
    pub price: Money,
    /// What the payer is shown.
    pub description: String,
    /// Until when it can be paid, in minutes.
    pub lifespan_minutes: i64,
    /// Our id of the order.
    pub order: String,
    /// What the gateway calls when something happened.
    pub callback_url: String,
    /// Where the payer goes on after paying.
    pub success_url: String,
    /// Where the payer goes on after not paying.
    pub fail_url: String,
}

/// A payment that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What the gateway calls it.
    pub payment_ref: String,
    /// The page where it is paid.
    pub pay_url: String,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is paid.
    Completed,
    /// It is not paid yet.
    Pending,
    /// The last attempt to pay failed.
    Declined,
    /// It can no longer be paid.
    Expired,
}

/// What a gateway says of a payment. What it does not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What the gateway calls it.
    pub payment_ref: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// What was to be paid, in units; `None`: it is no whole number.
    pub amount: Option<i64>,
    /// What was paid so far; `None`: it is no whole number.
    pub received: Option<i64>,
    /// Whether something is left to be paid, or it is paid in pieces.
    pub is_partial: bool,
    /// The currency's code.
    pub currency: String,
    /// Our id of the order.
    pub order: Option<String>,
    /// The wallet that receives it; `None`: it does not say.
    pub wallet: Option<String>,
}

/// The gateway that the settings name, if any.
pub(super) fn open(config: &Config) -> Result<Option<Arc<dyn Gateway>>> {
    konnect::open(&config.billing.konnect)
}
