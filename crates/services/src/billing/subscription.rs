//! What an account has bought: reading it, cancelling it, taking that back.

use std::sync::Arc;

use domain::{Order, OrderState, Plan, Subscription, SubscriptionStatus, UserId};
use store::Tx;

use crate::{
    Actor, App, Error, Result,
    audit::{self, Deed},
    plans,
};

/// How many payments are listed.
const MOST_INVOICES: i64 = 200;

/// What an account has bought.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The plan that counts now.
    pub plan: Arc<Plan>,
    /// What was bought last, whether it is over or not.
    pub subscription: Option<Subscription>,
    /// Whether that is good now.
    pub is_running: bool,
    /// The last order, whatever came of it.
    pub last_order: Option<Order>,
    /// The last order that was paid.
    pub last_paid: Option<Order>,
}

/// What came of taking a cancellation back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// It goes on.
    Active,
    /// It is over: it has to be bought again.
    Over,
}

/// What the actor's account has bought.
pub async fn overview(app: &App, actor: &Actor) -> Result<Overview> {
    let plan = plans::of(app, actor).await?.plan;
    let subscription = store::subscriptions::find(&app.db, actor.user).await?;
    let is_running = subscription.as_ref().is_some_and(|bought| bought.grants(app.now()));
    let last_order = store::orders::last_of(&app.db, actor.user).await?;
    let last_paid = match &last_order {
        Some(order) if order.state == OrderState::Paid => Some(order.clone()),
        Some(_) => store::orders::paid_of(&app.db, actor.user, 1).await?.pop(),
        None => None,
    };
    Ok(Overview { plan, subscription, is_running, last_order, last_paid })
}

/// What is good now of what an account that has just signed in has bought.
pub async fn running(app: &App, user: UserId) -> Result<Option<Subscription>> {
    let bought = store::subscriptions::find(&app.db, user).await?;
    Ok(bought.filter(|bought| bought.grants(app.now())))
}

/// What the actor's account has paid for, the newest first.
pub async fn invoices(app: &App, actor: &Actor) -> Result<Vec<Order>> {
    Ok(store::orders::paid_of(&app.db, actor.user, MOST_INVOICES).await?)
}

/// Ends what was bought when its time is over.
pub async fn cancel(app: &App, actor: &Actor) -> Result<Subscription> {
    let (who, now) = (actor.user, app.now());
    let cancelled = app
        .db
        .write(async move |tx: &mut Tx| {
            store::orders::lock_owner(tx, who).await?;
            let bought = store::subscriptions::find(&mut *tx, who).await?;
            let bought = bought.filter(|it| it.grants(now) && it.status == SubscriptionStatus::Active);
            let Some(bought) = bought else {
                return Err(Error::conflict("no_subscription", "No active subscription to cancel."));
            };
            let cancelled = Subscription { status: SubscriptionStatus::Canceled, ..bought };
            store::subscriptions::put(tx, &cancelled).await?;
            Ok(cancelled)
        })
        .await?;
    audit::note(Deed::PlanCanceled, Some(who), None);
    Ok(cancelled)
}

/// Takes a cancellation back, while its time is not over.
pub async fn reactivate(app: &App, actor: &Actor) -> Result<(Subscription, Resumed)> {
    let (who, now) = (actor.user, app.now());
    let resumed = app
        .db
        .write(async move |tx: &mut Tx| {
            store::orders::lock_owner(tx, who).await?;
            let Some(bought) = store::subscriptions::find(&mut *tx, who).await? else {
                return Err(none_cancelled());
            };
            if !bought.grants(now) {
                return Ok((bought, Resumed::Over));
            }
            if bought.status != SubscriptionStatus::Canceled {
                return Err(none_cancelled());
            }
            let active = Subscription { status: SubscriptionStatus::Active, ..bought };
            store::subscriptions::put(tx, &active).await?;
            Ok((active, Resumed::Active))
        })
        .await?;
    if resumed.1 == Resumed::Active {
        audit::note(Deed::PlanResumed, Some(who), None);
    }
    Ok(resumed)
}

fn none_cancelled() -> Error {
    Error::conflict("nothing_canceled", "No canceled subscription to reactivate.")
}
