//! Konnect's words for payments, as ours.

use std::sync::Arc;

use domain::text_enum::TextEnum as _;
use futures_util::future::BoxFuture;
use providers::payments::{
    GatewayError,
    konnect::{self, Told},
};

use crate::{
    Error, Result,
    billing::gateway::{Asked, Gateway, NewPayment, Payment, Standing},
    config,
};

/// Its word in addresses and rows.
const NAME: &str = "konnect";

struct Konnect(konnect::Konnect);

/// The account of the settings, if there is one.
pub(in crate::billing) fn open(settings: &config::Konnect) -> Result<Option<Arc<dyn Gateway>>> {
    let Some((key, wallet)) = settings.account() else { return Ok(None) };
    let client = konnect::Konnect::open(&settings.api_url, key, wallet).map_err(Error::internal)?;
    Ok(Some(Arc::new(Konnect(client))))
}

impl Gateway for Konnect {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wallet(&self) -> &str {
        self.0.wallet()
    }

    fn init(&self, new: NewPayment) -> BoxFuture<'_, Result<Asked, GatewayError>> {
        Box::pin(async move {
            let new = konnect::NewPayment {
                amount: new.price.units,
                token: new.price.currency.as_str(),
                description: &new.description,
                lifespan: new.lifespan_minutes,
                order_id: &new.order,
                webhook: &new.callback_url,
                success_url: &new.success_url,
                fail_url: &new.fail_url,
            };
            let begun = self.0.init(&new).await?;
            Ok(Asked { payment_ref: begun.payment_ref, pay_url: begun.pay_url })
        })
    }

    fn read<'a>(&'a self, payment_ref: &'a str) -> BoxFuture<'a, Result<Payment, GatewayError>> {
        Box::pin(async move { Ok(read(self.0.read(payment_ref).await?)) })
    }
}

/// Konnect has two words that are documented, `completed` and `pending`; others have been seen.
fn read(said: konnect::Payment) -> Payment {
    let was_declined = matches!(
        said.last_attempt.as_deref(),
        Some("failed" | "declined" | "canceled" | "cancelled" | "rejected")
    );
    let standing = match said.status.as_str() {
        "completed" => Standing::Completed,
        "failed" | "unpaid" | "declined" | "canceled" | "cancelled" => Standing::Declined,
        "expired" => Standing::Expired,
        _ if was_declined => Standing::Declined,
        _ => Standing::Pending,
    };
    let received = match said.reached {
        Told::Nothing => said.amount,
        Told::Whole(units) => Some(units),
        Told::Strange => None,
    };
    Payment {
        payment_ref: said.id,
        standing,
        amount: said.amount,
        received,
        is_partial: !matches!(said.due, Told::Nothing | Told::Whole(..=0))
            || said.kind.is_some_and(|kind| kind != "immediate"),
        currency: said.token,
        order: said.order_id,
        wallet: said.wallet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_paid_when_the_payment_says_so_and_not_one_of_its_attempts() {
        let standing = |status: &str, attempt: Option<&str>| {
            let said = konnect::Payment {
                status: status.into(),
                last_attempt: attempt.map(str::to_owned),
                ..konnect::Payment::default()
            };
            read(said).standing
        };
        assert_eq!(standing("completed", Some("failed")), Standing::Completed);
        assert_eq!(standing("pending", Some("success")), Standing::Pending);
        assert_eq!(standing("pending", Some("failed")), Standing::Declined);
        assert_eq!(standing("pending", None), Standing::Pending);
        assert_eq!(standing("expired", None), Standing::Expired);
        for strange in ["COMPLETED", "success", "paid", ""] {
            assert_eq!(standing(strange, Some("success")), Standing::Pending, "{strange}");
        }
    }

    #[test]
    fn what_is_left_to_be_paid_makes_it_partial() {
        let partial = |due, kind: Option<&str>| {
            let said = konnect::Payment { due, kind: kind.map(str::to_owned), ..Default::default() };
            read(said).is_partial
        };
        assert!(!partial(Told::Nothing, None) && !partial(Told::Whole(0), Some("immediate")));
        assert!(partial(Told::Whole(1), None) && partial(Told::Strange, None));
        assert!(partial(Told::Whole(0), Some("partial")));
    }
}
