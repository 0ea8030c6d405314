//! Plans: what there is, buying, and what was bought.

use axum::{
    extract::{OriginalUri, RawPathParams, State},
    http::{HeaderMap, StatusCode},
};
use services::{
    App, Error,
    billing::{self, Resumed},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::billing::{Checkout, NewCheckout, Payment, Plan, Subscription};
use crate::http::{
    extract::{Caller, Json},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_plans))
        .routes(routes!(create_checkout))
        .routes(routes!(read_payment))
        .routes(routes!(read_subscription))
        .routes(routes!(cancel_subscription))
        .routes(routes!(reactivate_subscription))
        .routes(routes!(list_invoices))
}

/// Lists the plans, the cheapest first
#[utoipa::path(
    get, path = "/plans", tag = "billing", security(()),
    responses((status = 200, description = "The plans", body = Vec<Plan>), super::openapi::Refused),
)]
async fn list_plans(State(app): State<App>) -> axum::Json<Vec<Plan>> {
    let (days, takes_payments) = (app.config.billing.period_days, app.billing.is_open());
    axum::Json(app.plans.all().iter().map(|plan| Plan::of(plan, days, takes_payments)).collect())
}

/// Begins to buy a plan
///
/// The browser goes on to the page of the answer, and comes back to `/billing/return`. Nothing is given before the payment
/// gateway itself has said that it was paid. Bought once more before its end, a plan goes on from there; another plan begins
/// at once, and what is left of the time before is counted by what the two cost. Where no gateway is set up this is 409
/// with the code `payments_off`; so it is with `too_many_orders` where ten wait to be paid. The same `Idempotency-Key` with the
/// same body gives the same order.
#[utoipa::path(
    post, path = "/billing/checkout", tag = "billing",
    params(IdempotencyHeader),
    request_body = NewCheckout,
    responses((status = 201, description = "Where to pay", body = Checkout), super::openapi::Refused),
)]
async fn create_checkout(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<NewCheckout>,
) -> Result<(StatusCode, axum::Json<Checkout>), Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let begun = billing::checkout(&app, &actor, &request.plan, key).await?;
    Ok((StatusCode::CREATED, axum::Json(begun.into())))
}

/// Says what came of an order
///
/// The payment gateway is asked, at most once in ten seconds. What it last said is the answer while it is silent.
#[utoipa::path(
    get, path = "/billing/payments/{order}", tag = "billing",
    params(("order" = String, Path, description = "The order")),
    responses((status = 200, description = "The order", body = Payment), super::openapi::Refused),
)]
async fn read_payment(
    State(app): State<App>,
    Caller(actor): Caller,
    params: RawPathParams,
) -> Result<axum::Json<Payment>, Problem> {
    let order = params.iter().next().map(|(_, order)| order).ok_or(Error::NotFound("payment"))?;
    Ok(axum::Json(billing::payment(&app, &actor, order).await?.into()))
}

/// Says what the account has bought
#[utoipa::path(
    get, path = "/billing/subscription", tag = "billing",
    responses((status = 200, description = "The subscription", body = Subscription), super::openapi::Refused),
)]
async fn read_subscription(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<Subscription>, Problem> {
    Ok(axum::Json(Subscription::of(&billing::overview(&app, &actor).await?)))
}

/// Ends what was bought when its time is over
#[utoipa::path(
    post, path = "/billing/cancel", tag = "billing",
    responses((status = 200, description = "The subscription", body = Subscription), super::openapi::Refused),
)]
async fn cancel_subscription(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<Subscription>, Problem> {
    billing::cancel(&app, &actor).await?;
    Ok(axum::Json(Subscription::of(&billing::overview(&app, &actor).await?)))
}

/// Takes a cancellation back
///
/// One that is over has to be bought again: 409 with the code `needs_payment`.
#[utoipa::path(
    post, path = "/billing/reactivate", tag = "billing",
    responses((status = 200, description = "The subscription", body = Subscription), super::openapi::Refused),
)]
async fn reactivate_subscription(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<Subscription>, Problem> {
    if let (_, Resumed::Over) = billing::reactivate(&app, &actor).await? {
        let message = "What you bought is over. Buy a plan to go on.";
        return Err(Error::conflict("needs_payment", message).into());
    }
    Ok(axum::Json(Subscription::of(&billing::overview(&app, &actor).await?)))
}

/// Lists what the account has paid, the newest first, at most 200
#[utoipa::path(
    get, path = "/billing/invoices", tag = "billing",
    responses((status = 200, description = "The payments", body = Vec<Payment>), super::openapi::Refused),
)]
async fn list_invoices(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<Vec<Payment>>, Problem> {
    let paid = billing::invoices(&app, &actor).await?;
    Ok(axum::Json(paid.into_iter().map(Payment::from).collect()))
}
