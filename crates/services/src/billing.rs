//! Plans that are paid for: an order, a payment at a gateway, and the books.
//!
//! What a gateway's callback says is never believed: it only makes us ask the gateway, and the answer is compared with the
//! order. A payment is credited in one job (the payment, the lines of the books, the order, the subscription), which one
//! unique row lets happen once. Callbacks may be lost: the reconciler asks on its own.

mod books;
mod callback;
mod checkout;
mod credit;
mod gateway;
mod gateways;
mod judge;
mod payment;
mod reconcile;
mod repeat;
mod subscription;

use std::{sync::Arc, time::Duration};

use domain::Order;

#[cfg(any(test, feature = "testing"))]
pub(crate) use books::check as check_books;
pub use callback::{Callback, Called, called};
pub use checkout::{Checkout, checkout};
#[cfg(any(test, feature = "testing"))]
pub(crate) use credit::ask_unclaimed;
pub use gateway::{Asked, Gateway, NewPayment, Payment, Standing};
pub use payment::payment;
#[cfg(any(test, feature = "testing"))]
pub(crate) use reconcile::once as reconcile_once;
pub use subscription::{Overview, Resumed, cancel, invoices, overview, reactivate, running};

use crate::{App, Config, Error, Result, config};

/// The shortest time between two questions about one payment, in milliseconds.
const GAP_MS: i64 = 10_000;
/// How long somebody who looks at a payment waits for the gateway.
const PATIENCE: Duration = Duration::from_secs(4);

/// What billing needs while the app runs.
pub struct State {
    gateway: Option<Arc<dyn Gateway>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("billing::State")
    }
}

impl State {
    /// What the settings say.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        if config.billing.konnect.is_half() {
            tracing::warn!(
                "billing.konnect needs both `api_key` and `wallet_id`; one is missing, so nothing can be bought"
            );
        }
        if is_out_of_reach(config) {
            tracing::warn!(
                "plans are sold, and Konnect cannot call this server: `server.public_url` is not set, or names this \
                 machine. Payers are sent back to that address, too. Set it to the address at which people reach the \
                 server, such as \"https://chat.example.org\""
            );
        }
        Ok(Self { gateway: gateway::open(config)? })
    }

    /// Whether anything can be bought.
    pub fn is_open(&self) -> bool {
        self.gateway.is_some()
    }

    /// The gateway that payments go through.
    fn gateway(&self) -> Result<&Arc<dyn Gateway>> {
        self.gateway.as_ref().ok_or_else(|| {
            Error::conflict(
                "payments_off",
                "Nothing can be bought here yet: no payment gateway is set up. Ask the administrator.",
            )
        })
    }
}

/// Looks after payments and the books until the app stops.
pub(crate) async fn run(app: App) {
    tokio::join!(reconcile::run(&app), books::run(&app));
}

/// Whether a gateway elsewhere is told to call an address that means this machine.
fn is_out_of_reach(config: &Config) -> bool {
    let konnect = &config.billing.konnect;
    let is_here = config.server.public_url.as_deref().is_none_or(config::is_here);
    konnect.account().is_some() && is_here && !config::is_here(&konnect.api_url)
}

/// The page of the web app that shows what came of an order.
pub fn return_page(order: Option<&str>) -> String {
    order.map_or_else(|| "/billing/return".to_owned(), |order| format!("/billing/return?order={order}"))
}

/// An order and where it is paid, or what came of it: its own account alone sees it.
const PAYMENT: &str = "payment";

/// Notes why a callback about an order was not listened to. Like all that is noted here, it holds nothing that the caller
/// said, nothing of the payer, and no token, address or key.
fn ignored(order: &Order, reason: &str) {
    tracing::warn!(order.id = order.id.0, gateway = order.gateway, reason, "a callback was ignored");
}

/// Notes why a payment was not credited.
fn refused(order: &Order, reason: &str) {
    tracing::warn!(order.id = order.id.0, gateway = order.gateway, reason, "a payment was not credited");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_elsewhere_needs_an_address_that_it_can_call() {
        let with = |wallet: &str, public: Option<&str>, api: &str| {
            let mut config = Config::default();
            config.billing.konnect.api_key = Some("key".into());
            config.billing.konnect.wallet_id = wallet.into();
            config.billing.konnect.api_url = api.into();
            config.server.public_url = public.map(str::to_owned);
            is_out_of_reach(&config)
        };
        let (elsewhere, here) = ("https://api.konnect.network/api/v2", "http://127.0.0.1:4000/api/v2");
        assert!(with("wallet", None, elsewhere));
        assert!(with("wallet", Some("http://localhost:3000"), elsewhere));
        assert!(with("wallet", Some("http://[::1]:3000/"), elsewhere));
        assert!(!with("wallet", Some("https://chat.example.org"), elsewhere));
        assert!(!with("wallet", None, here), "a gateway to try it with");
        assert!(!with("", None, elsewhere), "nothing is sold");
    }
}
