//! Whether what a gateway says of a payment pays for an order. Pure.

use domain::{Money, Order, text_enum::TextEnum as _};

use super::gateway::{Payment, Standing};

/// What follows for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is paid, with this much; which may be more than it costs.
    Paid(Money),
    /// It may still be paid.
    Waiting,
    /// The last attempt to pay failed.
    Declined,
    /// It can no longer be paid.
    Expired,
    /// Somebody paid, and not for this: why not.
    Refused(&'static str),
}

/// Compares everything that is said with what was ordered. `wallet` is that of today, which orders without one mean.
pub(super) fn judge(order: &Order, payment_ref: &str, wallet: &str, said: &Payment) -> Verdict {
    if said.order.as_deref() != Some(order.public_id.as_str()) {
        return Verdict::Refused("another order");
    }
    if said.payment_ref.as_deref().is_some_and(|name| name != payment_ref) {
        return Verdict::Refused("another payment");
    }
    match said.standing {
        Standing::Pending => return Verdict::Waiting,
        Standing::Declined => return Verdict::Declined,
        Standing::Expired => return Verdict::Expired,
        Standing::Completed => {}
    }
    let ours = order.wallet.as_deref().unwrap_or(wallet);
    match said.wallet.as_deref() {
        Some(receiver) if receiver == ours => {}
        Some(_) => return Verdict::Refused("another wallet"),
        // We began this very payment, with our wallet.
        None if order.payment_ref.as_deref() == Some(payment_ref) => {}
        None => return Verdict::Refused("no wallet, of a payment that is not known here"),
    }
    if said.currency != order.price.currency.as_str() {
        return Verdict::Refused("another currency");
    }
    if said.is_partial {
        return Verdict::Refused("not paid in full");
    }
    let (Some(amount), Some(received)) = (said.amount, said.received) else {
        return Verdict::Refused("an amount that is no whole number");
    };
    if amount < order.price.units || received < order.price.units {
        return Verdict::Refused("less than it costs");
    }
    Verdict::Paid(Money::new(received, order.price.currency))
}

#[cfg(test)]
mod tests {
    use domain::{Currency, OrderId, OrderState, Timestamp, UserId};

    use super::*;

    fn order() -> Order {
        Order {
            id: OrderId(1),
            public_id: "sub_1".into(),
            user_id: Some(UserId(1)),
            gateway: "konnect".into(),
            plan: "basic".into(),
            plan_name: "Basic".into(),
            price: Money::new(30_000, Currency::Tnd),
            messages_per_month: Some(100),
            period_days: 30,
            state: OrderState::Open,
            payment_ref: Some("ref".into()),
            wallet: Some("then".into()),
            asks: 0,
            created_at: Timestamp(0),
            expires_at: Timestamp(1),
            paid_at: None,
        }
    }

    fn paid() -> Payment {
        Payment {
            payment_ref: Some("ref".into()),
            standing: Standing::Completed,
            amount: Some(30_000),
            received: Some(30_000),
            is_partial: false,
            currency: "TND".into(),
            order: Some("sub_1".into()),
            wallet: Some("then".into()),
        }
    }

    fn verdict(change: impl FnOnce(&mut Payment)) -> Verdict {
        let mut payment = paid();
        change(&mut payment);
        judge(&order(), "ref", "today", &payment)
    }

    #[test]
    fn the_exact_amount_pays() {
        let money = |units| Verdict::Paid(Money::new(units, Currency::Tnd));
        assert_eq!(verdict(|_| ()), money(30_000));
        assert_eq!(verdict(|p| p.wallet = None), money(30_000));
        assert_eq!(verdict(|p| (p.amount, p.received) = (Some(30_001), Some(30_001))), money(30_001));
        assert_eq!(verdict(|p| p.received = Some(30_500)), money(30_500));
        assert_eq!(verdict(|p| p.amount = Some(90_000)), money(30_000), "only what came is booked");
    }

    #[test]
    fn whatever_differs_does_not() {
        let refused = |change: fn(&mut Payment)| matches!(verdict(change), Verdict::Refused(_));
        for less in [29_999, 0, -30_000, i64::MIN] {
            let mut payment = paid();
            (payment.amount, payment.received) = (Some(less), Some(less));
            assert_eq!(judge(&order(), "ref", "today", &payment), Verdict::Refused("less than it costs"));
        }
        assert!(refused(|p| p.amount = None) && refused(|p| p.received = None));
        assert!(refused(|p| p.received = Some(1)));
        assert!(refused(|p| p.is_partial = true));
        assert!(refused(|p| p.currency = "EUR".into()) && refused(|p| p.currency = "tnd".into()));
        assert!(refused(|p| p.wallet = Some("today".into())));
        assert!(refused(|p| p.order = None) && refused(|p| p.order = Some("sub_2".into())));
        assert!(refused(|p| p.payment_ref = Some("other".into())));
    }

    #[test]
    fn the_wallet_is_that_of_the_order_and_todays_if_it_has_none() {
        let said_by = |order: Option<&str>, wallet: &str| {
            let order = Order { wallet: order.map(str::to_owned), ..self::order() };
            judge(&order, "ref", "today", &Payment { wallet: Some(wallet.into()), ..paid() })
        };
        let paid = Verdict::Paid(Money::new(30_000, Currency::Tnd));
        assert_eq!([said_by(Some("then"), "then"), said_by(None, "today")], [paid, paid]);
        let refused = Verdict::Refused("another wallet");
        assert_eq!([said_by(Some("then"), "today"), said_by(None, "then")], [refused, refused]);
    }

    #[test]
    fn without_a_wallet_only_the_payment_that_was_begun_here_pays() {
        let payment = Payment { wallet: None, ..paid() };
        let unnamed = Order { payment_ref: None, ..order() };
        let refused = Verdict::Refused("no wallet, of a payment that is not known here");
        assert_eq!(judge(&unnamed, "ref", "today", &payment), refused);
        assert!(matches!(judge(&unnamed, "ref", "today", &paid()), Verdict::Paid(_)), "it names ours");
        let other = Order { payment_ref: Some("other".into()), ..order() };
        assert_eq!(judge(&other, "ref", "today", &payment), refused);
        assert!(matches!(judge(&order(), "ref", "today", &payment), Verdict::Paid(_)));
    }

    #[test]
    fn what_is_not_completed_pays_nothing() {
        assert_eq!(verdict(|p| p.standing = Standing::Pending), Verdict::Waiting);
        assert_eq!(verdict(|p| p.standing = Standing::Declined), Verdict::Declined);
        assert_eq!(verdict(|p| p.standing = Standing::Expired), Verdict::Expired);
    }
}
