//! Asking a gateway about an order, and what follows: in one job, and once.

use domain::{
    Money, Order, OrderState, Timestamp, UserId,
    time::{DAY_MS, HOUR_MS, SECOND_MS},
};
use providers::payments::GatewayError;
use store::{Tx, ledger::Line, orders::Claim};

use super::{
    GAP_MS,
    gateway::Gateway,
    judge::{Verdict, judge},
    refused,
};
use crate::{
    App, Result,
    audit::{self, Deed},
};

/// The first pause before a payment is asked about again, in milliseconds; each is twice the one before.
const FIRST_PAUSE_MS: i64 = 15 * SECOND_MS;
/// How long somebody may pay late and be noticed, in milliseconds.
const LATE_MS: i64 = 14 * DAY_MS;
/// How long it is asked on after the end of an order's time where the gateway itself says that it can no longer be paid, in
/// milliseconds. A callback is listened to later, too.
const EXPIRED_MS: i64 = 2 * HOUR_MS;

/// Asks the gateway what a payment is now, unless somebody just did, and does what follows. A gateway that fails changes
/// nothing: it is asked again later.
pub(super) async fn ask(app: &App, order: &Order, payment_ref: &str) -> Result<()> {
    let Some(gateway) = app.billing.gateway.clone() else { return Ok(()) };
    let (id, now) = (order.id, app.now());
    if order.state == OrderState::Paid || gateway.name() != order.gateway {
        return Ok(());
    }
    let claim = app.db.write(async move |tx| store::orders::claim(tx, id, now, GAP_MS).await).await?;
    if claim.is_none() {
        return Ok(());
    }
    #[cfg(any(test, feature = "testing"))]
    app.faults.check(crate::faults::Point::PaymentAskFails)?;
    follow(app, gateway.as_ref(), order, payment_ref, claim).await
}

/// Asks without the right to, as if others asked at this very moment.
#[cfg(any(test, feature = "testing"))]
pub(crate) async fn ask_unclaimed(app: &App, order: &Order, payment_ref: &str) -> Result<()> {
    let Some(gateway) = app.billing.gateway.clone() else { return Ok(()) };
    follow(app, gateway.as_ref(), order, payment_ref, None).await
}

/// Reads what a payment is now, and does what follows. However many do so at once, it is credited once.
async fn follow(
    app: &App,
    gateway: &dyn Gateway,
    order: &Order,
    payment_ref: &str,
    claim: Option<Claim>,
) -> Result<()> {
    let (id, now) = (order.id, app.now());
    let verdict = match gateway.read(payment_ref).await {
        Ok(payment) => judge(order, payment_ref, gateway.wallet(), &payment),
        Err(error) => {
            tracing::warn!(order.id = id.0, %error, "a payment could not be asked about");
            // It knows no such payment: whoever named it may have made it up.
            if error == GatewayError::Unknown && order.payment_ref.is_none() {
                refused(order, "no such payment");
            }
            return postpone(app, order, claim, order.state).await;
        }
    };
    match verdict {
        Verdict::Paid(received) => credit(app, order, payment_ref, received, claim).await,
        Verdict::Waiting => postpone(app, order, claim, OrderState::Open).await,
        Verdict::Declined => postpone(app, order, claim, OrderState::Failed).await,
        Verdict::Expired => {
            let next = next_ask(order, now, most_ms(app), EXPIRED_MS);
            write(app, order, claim, OrderState::Expired, next).await
        }
        Verdict::Refused(reason) => {
            refused(order, reason);
            postpone(app, order, claim, order.state).await
        }
    }
}

/// The gateway is asked again later: ever more seldom, but often enough while the order can be paid.
pub(super) async fn postpone(
    app: &App,
    order: &Order,
    claim: Option<Claim>,
    state: OrderState,
) -> Result<()> {
    let now = app.now();
    let is_over = now >= order.expires_at;
    let state = if is_over && state == OrderState::Open { OrderState::Expired } else { state };
    write(app, order, claim, state, next_ask(order, now, most_ms(app), LATE_MS)).await
}

async fn write(
    app: &App,
    order: &Order,
    claim: Option<Claim>,
    state: OrderState,
    ask_at: Option<Timestamp>,
) -> Result<()> {
    let id = order.id;
    app.db.write(async move |tx| Ok(store::orders::postpone(tx, id, claim, state, ask_at).await?)).await
}

/// The longest pause while an order can be paid.
fn most_ms(app: &App) -> i64 {
    i64::from(app.config.billing.konnect.reconcile_seconds) * SECOND_MS
}

/// When the gateway is asked next. While an order can be paid, the pauses double up to `most_ms`; after its end from an hour
/// up to a day, until it was over for `late_ms`.
fn next_ask(order: &Order, now: Timestamp, most_ms: i64, late_ms: i64) -> Option<Timestamp> {
    let is_named = order.payment_ref.is_some();
    let over_ms = now.ms_since(order.expires_at);
    if over_ms >= 0 {
        return (is_named && over_ms < late_ms).then(|| now.plus_ms(over_ms.clamp(HOUR_MS, DAY_MS)));
    }
    let doublings = u32::try_from(order.asks.clamp(0, 20)).unwrap_or(0);
    let pause = FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(most_ms);
    // Once more at the end of its time, so that it is known then.
    Some(now.plus_ms(pause).min(order.expires_at.max(now.plus_ms(SECOND_MS))))
}

/// Gives what was ordered: the payment, its lines in the books, the order and the subscription, all or nothing, and once.
async fn credit(
    app: &App,
    order: &Order,
    payment_ref: &str,
    received: Money,
    claim: Option<Claim>,
) -> Result<()> {
    let (now, work, paid, name) = (app.now(), app.clone(), order.clone(), payment_ref.to_owned());
    let done = app.db.write(async move |tx| credit_in(tx, &work, &paid, &name, received, now).await).await?;
    let (id, gateway) = (order.id.0, &order.gateway);
    match done {
        // It changes nothing of an order that is paid.
        Done::Before => return postpone(app, order, claim, order.state).await,
        Done::Given => tracing::info!(order.id = id, gateway, "a payment was credited"),
        Done::Kept => tracing::warn!(
            order.id = id,
            gateway,
            "a payment came for an account that is gone: nothing was given, and the books owe it to the customer"
        ),
    }
    audit::note(Deed::PlanPaid, order.user_id, None);
    let rest = received.units - order.price.units;
    if done == Done::Given && rest > 0 {
        tracing::warn!(
            order.id = id,
            gateway,
            units = rest,
            "more was paid than it costs: the books owe the rest to the customer"
        );
    }
    #[cfg(any(test, feature = "testing"))]
    app.faults.check(crate::faults::Point::CreditAnswerIsLost)?;
    Ok(())
}

/// What a credit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// What was ordered is given.
    Given,
    /// The account is gone: the money is in the books, and nothing could be given.
    Kept,
    /// Nothing: the payment was received before.
    Before,
}

async fn credit_in(
    tx: &mut Tx,
    app: &App,
    order: &Order,
    payment_ref: &str,
    received: Money,
    now: Timestamp,
) -> Result<Done> {
    let owner = match order.user_id {
        Some(owner) => store::orders::lock_owner(tx, owner).await?,
        None => None,
    };
    if !store::ledger::receive(tx, order, payment_ref, received, now).await? {
        return Ok(Done::Before);
    }
    #[cfg(any(test, feature = "testing"))]
    app.faults.check(crate::faults::Point::LedgerFails)?;
    let lines = lines(order, received, owner.is_some());
    store::ledger::book(tx, order, received.currency, &lines, now).await?;
    store::orders::paid(tx, order.id, payment_ref, now).await?;
    #[cfg(any(test, feature = "testing"))]
    app.faults.check(crate::faults::Point::PlanFails)?;
    #[cfg(not(any(test, feature = "testing")))]
    let _ = app;
    let Some(owner) = owner else { return Ok(Done::Kept) };
    subscribe(tx, owner, order, now).await?;
    Ok(Done::Given)
}

async fn subscribe(tx: &mut Tx, owner: UserId, order: &Order, now: Timestamp) -> Result<()> {
    let before = store::subscriptions::find(&mut *tx, owner).await?;
    let terms = store::orders::terms_of(&mut *tx, owner).await?;
    let before = before.as_ref().map(|before| (before, terms.as_ref()));
    let subscription = order.subscribes(owner, before, now);
    store::subscriptions::put(tx, &subscription).await?;
    store::orders::subscribes(tx, owner, order.id).await?;
    Ok(())
}

/// What came in lies at the gateway and is owed to the customer, until what it pays for is given.
fn lines(order: &Order, received: Money, is_given: bool) -> Vec<Line> {
    let customer = match order.user_id {
        Some(user) => format!("customer:{user}"),
        None => "customer:gone".to_owned(),
    };
    let line = |account: &str, units| Line { account: account.to_owned(), units };
    let mut lines =
        vec![line(&format!("gateway:{}", order.gateway), received.units), line(&customer, -received.units)];
    if is_given {
        lines.extend([line(&customer, order.price.units), line("revenue", -order.price.units)]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use domain::{Currency, OrderId, time::MINUTE_MS};

    use super::*;

    fn order(asks: i64, payment_ref: Option<&str>) -> Order {
        Order {
            id: OrderId(1),
            public_id: "sub_1".into(),
            user_id: Some(UserId(7)),
            gateway: "konnect".into(),
            plan: "basic".into(),
            plan_name: "Basic".into(),
            price: Money::new(30_000, Currency::Tnd),
            messages_per_month: None,
            period_days: 30,
            state: OrderState::Open,
            payment_ref: payment_ref.map(str::to_owned),
            wallet: None,
            asks,
            created_at: Timestamp(0),
            expires_at: Timestamp(HOUR_MS),
            paid_at: None,
        }
    }

    #[test]
    fn the_gateway_is_asked_ever_more_seldom_and_at_the_end() {
        let most = 5 * MINUTE_MS;
        let next =
            |asks, now| next_ask(&order(asks, Some("a")), Timestamp(now), most, LATE_MS).map(|at| at.0 - now);
        assert_eq!([next(0, 0), next(1, 0), next(2, 0)], [Some(15_000), Some(30_000), Some(60_000)]);
        assert_eq!([next(5, 0), next(500, 0)], [Some(most), Some(most)]);
        assert_eq!(next(9, HOUR_MS - MINUTE_MS), Some(MINUTE_MS));
        assert_eq!(next(9, HOUR_MS), Some(HOUR_MS), "somebody may pay late");
        assert_eq!(next(9, HOUR_MS + LATE_MS), None);
        assert_eq!(next_ask(&order(0, None), Timestamp(HOUR_MS), most, LATE_MS), None, "nobody can pay it");
    }

    /// The hours after an order's end at which the gateway is asked.
    fn hours_late(late_ms: i64) -> Vec<i64> {
        let order = order(9, Some("a"));
        let next = |now: &Timestamp| next_ask(&order, *now, 5 * MINUTE_MS, late_ms);
        std::iter::successors(Some(order.expires_at), next)
            .map(|at| at.ms_since(order.expires_at) / HOUR_MS)
            .collect()
    }

    #[test]
    fn an_order_that_is_over_is_asked_about_ever_more_seldom_and_one_that_the_gateway_ended_not_for_long() {
        let asked = hours_late(LATE_MS);
        assert_eq!(asked[..7], [0, 1, 2, 4, 8, 16, 32]);
        assert!(asked.windows(2).all(|two| two[1] - two[0] <= 24));
        assert_eq!(asked.len(), 20, "{asked:?}");
        assert_eq!(hours_late(EXPIRED_MS), [0, 1, 2]);
    }

    #[test]
    fn the_lines_of_an_order_sum_to_zero() {
        for (received, is_given) in [(30_000, true), (30_500, true), (30_000, false)] {
            let lines = lines(&order(0, None), Money::new(received, Currency::Tnd), is_given);
            assert_eq!(lines.iter().map(|line| line.units).sum::<i64>(), 0);
            let owed: i64 =
                lines.iter().filter(|line| line.account == "customer:7").map(|line| -line.units).sum();
            assert_eq!(owed, if is_given { received - 30_000 } else { received });
        }
    }
}
