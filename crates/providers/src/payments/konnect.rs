//! Konnect, the Tunisian payment gateway, version 2 of its API.
//!
//! Its key goes in `x-api-key`; amounts are whole numbers of a currency's smallest unit. It signs nothing: what a payment
//! is, it says only to who asks with the key.

use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{GatewayError, ask};
use crate::Secret;

/// The header that holds the key.
const KEY: &str = "x-api-key";
/// How a payer may pay.
const METHODS: [&str; 3] = ["wallet", "bank_card", "e-DINAR"];

/// One account at Konnect.
#[derive(Clone)]
pub struct Konnect {
    client: Client,
    base: String,
    key: Secret,
    wallet: String,
}

impl std::fmt::Debug for Konnect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Konnect")
    }
}

/// A payment to be begun.
#[derive(Debug, Clone)]
pub struct NewPayment<'a> {
    /// In the currency's smallest unit.
    pub amount: i64,
    /// The currency: TND, EUR or USD.
    pub token: &'a str,
    /// What the payer is shown.
    pub description: &'a str,
    /// Until when it can be paid, in minutes.
    pub lifespan: i64,
    /// Our own id of the order.
    pub order_id: &'a str,
    /// What Konnect calls when something happened.
    pub webhook: &'a str,
    /// Where the payer goes on after paying.
    pub success_url: &'a str,
    /// Where the payer goes on after not paying.
    pub fail_url: &'a str,
}

/// A payment that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// The page where it is paid.
    pub pay_url: String,
    /// What Konnect calls it.
    pub payment_ref: String,
}

/// A payment as Konnect tells it. What is not a whole number where one belongs is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payment {
    /// What Konnect calls it.
    pub id: Option<String>,
    /// `completed`, or `pending` for not paid yet and for declined.
    pub status: String,
    /// What was to be paid.
    pub amount: Option<i64>,
    /// What was paid so far, where it is told.
    pub reached: Told,
    /// What is left to be paid, where it is told.
    pub due: Told,
    /// The currency.
    pub token: String,
    /// Our id of the order.
    pub order_id: Option<String>,
    /// `immediate`, or `partial` for one that is paid in pieces.
    pub kind: Option<String>,
    /// The wallet that receives it.
    pub wallet: Option<String>,
    /// The status of the last attempt to pay.
    pub last_attempt: Option<String>,
}

/// A number that need not be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Told {
    /// It is not told.
    #[default]
    Nothing,
    /// It is this whole number.
    Whole(i64),
    /// It is something else.
    Strange,
}

impl Told {
    fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Nothing,
            Some(value) => value.as_i64().map_or(Self::Strange, Self::Whole),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitRequest<'a> {
    receiver_wallet_id: &'a str,
    token: &'a str,
    amount: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'a str,
    accepted_payment_methods: [&'static str; 3],
    lifespan: i64,
    checkout_form: bool,
    add_payment_fees_to_amount: bool,
    order_id: &'a str,
    webhook: &'a str,
    silent_webhook: bool,
    success_url: &'a str,
    fail_url: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    payment: Value,
}

impl Konnect {
    /// An account by its key and its wallet.
    ///
    /// # Errors
    /// If the address is none, or the key cannot be sent.
    pub fn open(base_url: &str, key: &Secret, wallet: &str) -> Result<Self, GatewayError> {
        let base = base_url.trim_end_matches('/');
        Url::parse(base).map_err(|_| GatewayError::Settings("the address is none"))?;
        if !key.reveal().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(GatewayError::Settings("the key holds characters that no key has"));
        }
        let client = crate::inquiry::client(base)
            .map_err(|_| GatewayError::Settings("no connection can be prepared"))?;
        Ok(Self { client, base: base.to_owned(), key: key.clone(), wallet: wallet.to_owned() })
    }

    /// The wallet that is to receive every payment.
    pub fn wallet(&self) -> &str {
        &self.wallet
    }

    /// Begins a payment, of the whole amount at once.
    ///
    /// # Errors
    /// If Konnect does not answer, or not as expected.
    pub async fn init(&self, new: &NewPayment<'_>) -> Result<Begun, GatewayError> {
        let request = InitRequest {
            receiver_wallet_id: &self.wallet,
            token: new.token,
            amount: new.amount,
            kind: "immediate",
            description: new.description,
            accepted_payment_methods: METHODS,
            lifespan: new.lifespan,
            checkout_form: false,
            add_payment_fees_to_amount: false,
            order_id: new.order_id,
            webhook: new.webhook,
            silent_webhook: true,
            success_url: new.success_url,
            fail_url: new.fail_url,
        };
        let address = format!("{}/payments/init-payment", self.base);
        let begun: Begun =
            ask(self.client.post(address).header(KEY, self.key.reveal()).json(&request)).await?;
        if !is_ref(&begun.payment_ref) || !is_page(&begun.pay_url) {
            return Err(GatewayError::Unreadable("it names no payment, or no page".into()));
        }
        Ok(begun)
    }

    /// Reads a payment.
    ///
    /// # Errors
    /// If Konnect does not answer, knows no such payment, or answers otherwise than expected.
    pub async fn read(&self, payment_ref: &str) -> Result<Payment, GatewayError> {
        if !is_ref(payment_ref) {
            return Err(GatewayError::Unknown);
        }
        let address = format!("{}/payments/{payment_ref}", self.base);
        let Answer { payment } = ask(self.client.get(address).header(KEY, self.key.reveal())).await?;
        let text = |name: &str| payment[name].as_str().map(str::to_owned);
        let (Some(status), Some(token)) = (text("status"), text("token")) else {
            return Err(GatewayError::Unreadable("a payment has no status or no currency".into()));
        };
        let wallet = &payment["receiverWallet"];
        let wallet = wallet.as_str().or_else(|| wallet["id"].as_str()).or_else(|| wallet["_id"].as_str());
        let last = payment["transactions"].as_array().and_then(|all| all.last());
        Ok(Payment {
            id: text("id").or_else(|| text("_id")),
            status,
            amount: payment["amount"].as_i64(),
            reached: Told::of(payment.get("reachedAmount")),
            due: Told::of(payment.get("amountDue")),
            token,
            order_id: text("orderId"),
            kind: text("type"),
            wallet: wallet.map(str::to_owned),
            last_attempt: last.and_then(|last| last["status"].as_str()).map(str::to_owned),
        })
    }
}

/// Whether Konnect could call a payment so: what is put into an address must not lead elsewhere.
pub fn is_ref(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a payer's browser may be sent there.
fn is_page(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payments_name_leads_nowhere_else() {
        assert!(is_ref("6a68a1c0ffee6a68a1c0ffee"));
        for bad in ["", "a/b", "..", "a?b", "a%2f", "' OR 1=1 --", &"a".repeat(65), "é"] {
            assert!(!is_ref(bad), "{bad}");
        }
    }

    #[test]
    fn a_payer_is_sent_to_pages_only() {
        assert!(is_page("https://gateway.konnect.network/pay?payment_ref=1"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "/pay", ""] {
            assert!(!is_page(bad), "{bad}");
        }
    }

    #[test]
    fn only_whole_numbers_are_numbers() {
        let told = |text: &str| Told::of(Some(&serde_json::from_str(text).unwrap()));
        assert_eq!(told("30000"), Told::Whole(30_000));
        assert_eq!(told("null"), Told::Nothing);
        for strange in ["30000.0", "3e4", "\"30000\"", "[30000]", "99999999999999999999"] {
            assert_eq!(told(strange), Told::Strange, "{strange}");
        }
    }
}
