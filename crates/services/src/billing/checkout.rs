//! Beginning to buy a plan: an order is written, then the gateway is asked for a page to pay it on.

use domain::{Order, OrderId, OrderState, Timestamp, time::MINUTE_MS};
use hub::{Limit, TooMany};

use super::{callback, gateway::NewPayment, repeat, return_page};
use crate::{
    Actor, App, Error, Result, accounts,
    audit::{self, Deed},
    chat::IdempotencyKey,
    installation,
};

/// How many orders an account may begin at once.
const AT_ONCE: u32 = 10;
/// How many orders of an account may wait to be paid.
const MOST_OPEN: i64 = 10;
/// When the gateway is first asked about a payment that nobody spoke of, in milliseconds.
const FIRST_ASK_MS: i64 = 15_000;

/// An order that waits to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The order.
    pub order: Order,
    /// The page where it is paid.
    pub pay_url: String,
}

/// Begins to buy a plan by its word. The same key again gives the same order, unless the gateway failed to begin it.
pub async fn checkout(app: &App, actor: &Actor, plan: &str, key: Option<IdempotencyKey>) -> Result<Checkout> {
    if let Some(first) = repeat::first(app, actor, key.as_ref()).await? {
        return repeat::join(app, actor, first).await;
    }
    let plan = app.plans.find(plan).filter(|plan| plan.is_paid()).cloned();
    let plan = plan.ok_or_else(|| Error::unfit("plan", "is none that can be bought"))?;
    let gateway = app.billing.gateway()?.clone();
    let limit =
        Limit { name: "checkout.account", burst: AT_ONCE, per_hour: app.config.billing.orders_per_hour };
    app.hub.limits.check(limit, &actor.user.to_string()).map_err(|TooMany { retry_after }| {
        let seconds = retry_after.as_secs() + 1;
        let message = format!("Too many orders were begun. Try again in {seconds} seconds.");
        Error::TooMany { code: "rate_limited", message, retry_after }
    })?;

    let now = app.now();
    let settings = &app.config.billing;
    let lifespan_minutes = i64::from(settings.konnect.lifespan_minutes);
    let id = OrderId(app.new_id());
    let order = Order {
        id,
        public_id: public_id(app, actor, now),
        user_id: Some(actor.user),
        gateway: gateway.name().to_owned(),
        plan: plan.id.clone(),
        plan_name: plan.name.clone(),
        price: plan.price,
        messages_per_month: plan.messages_per_month,
        period_days: i64::from(settings.period_days),
        state: OrderState::Open,
        payment_ref: None,
        wallet: Some(gateway.wallet().to_owned()),
        asks: 0,
        created_at: now,
        expires_at: now.plus_ms(lifespan_minutes * MINUTE_MS),
        paid_at: None,
    };
    let page = |page: &str| installation::link(app, page);
    let back = return_page(Some(&order.public_id));
    let new = NewPayment {
        price: order.price,
        description: format!("{} {} ({} days)", app.config.server.name, order.plan_name, order.period_days),
        lifespan_minutes,
        order: order.public_id.clone(),
        callback_url: page(&callback::page(app, &order)),
        success_url: page(&back),
        fail_url: page(&format!("{back}&outcome=failed")),
    };
    let (work, actor, who) = (app.clone(), *actor, actor.user);
    app.detached(async move {
        let row = order.clone();
        let joined: Result<Option<OrderId>> = work
            .db
            .write(async move |tx| {
                store::orders::lock_owner(tx, who).await?;
                if let Some(first) = repeat::take(tx, &actor, key.as_ref(), id, now).await? {
                    return Ok(Some(first));
                }
                if store::orders::count_open(&mut *tx, who, now).await? >= MOST_OPEN {
                    return Err(too_many_open());
                }
                store::orders::insert(tx, &row, now.plus_ms(FIRST_ASK_MS)).await?;
                Ok(None)
            })
            .await;
        if let Some(first) = joined? {
            return repeat::join(&work, &actor, first).await;
        }
        audit::note(Deed::PlanOrdered, Some(who), None);
        let asked = match gateway.init(new).await {
            Ok(asked) => asked,
            Err(error) => {
                tracing::error!(order.id = id.0, %error, "a payment could not be begun");
                let failed: Result<()> = work
                    .db
                    .write(async move |tx| {
                        Ok(store::orders::postpone(tx, id, None, OrderState::Failed, None).await?)
                    })
                    .await;
                failed?;
                return Err(not_begun());
            }
        };
        let (name, page) = (asked.payment_ref.clone(), asked.pay_url.clone());
        let is_attached: Result<bool> =
            work.db.write(async move |tx| Ok(store::orders::attach(tx, id, &name, &page).await?)).await;
        if !is_attached? {
            return Err(Error::internal(anyhow::anyhow!("the gateway gave two names to one payment")));
        }
        let order = Order { payment_ref: Some(asked.payment_ref), ..order };
        Ok(Checkout { order, pay_url: asked.pay_url })
    })
    .await
}

pub(super) fn not_begun() -> Error {
    let message = "The payment could not be begun: the payment gateway does not answer as it should. Nothing was charged; \
                   try again in a moment.";
    Error::Unavailable { code: "gateway_unreachable", message: message.into() }
}

fn too_many_open() -> Error {
    let message =
        format!("{MOST_OPEN} orders wait to be paid already. Pay one of them, or wait until one expires.");
    Error::conflict("too_many_orders", message)
}

/// The name of an order: in the form that seed 002's clients know, with 128 bits that nobody can guess.
fn public_id(app: &App, actor: &Actor, now: Timestamp) -> String {
    format!("sub_{}_{:024x}_{}", now.0, actor.user.0, accounts::hex(&app.random::<16>()))
}
