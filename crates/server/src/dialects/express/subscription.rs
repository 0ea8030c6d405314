//! What is sold: plans, orders, and what an account has bought.

use axum::{
    Json as Said,
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Map, Value, json};
use services::{
    Actor, App, Error,
    billing::{self, Resumed},
    plans as granted, stats,
};

use super::wire::{CheckoutRequest, billing as words};
use crate::{
    dialects::joint::plan as joint,
    http::{
        extract::{Caller, Json},
        problem::Problem,
        time::rfc3339,
    },
    webhooks,
};

/// The plans, by their words and as a list.
pub(super) async fn plans(State(app): State<App>) -> Said<Value> {
    let all = app.plans.all();
    let by_word: Map<String, Value> = all.iter().map(|plan| (plan.id.clone(), words::plan(plan))).collect();
    let listed: Vec<Value> = all.iter().map(|plan| words::plan(plan)).collect();
    Said(json!({ "success": true, "plans": by_word, "data": listed }))
}

/// Begins to buy a plan.
pub(super) async fn create_checkout(
    State(app): State<App>,
    Caller(actor): Caller,
    request: Option<Json<CheckoutRequest>>,
) -> Result<Said<Value>, Problem> {
    let plan = request.and_then(|Json(request)| request.plan).unwrap_or_default();
    match billing::checkout(&app, &actor, &plan, None).await {
        Ok(begun) => {
            let (order, url) = (begun.order.public_id, begun.pay_url);
            Ok(Said(json!({
                "success": true, "paymentUrl": url, "orderId": order,
                "data": { "checkoutUrl": url, "paymentUrl": url, "orderId": order },
            })))
        }
        Err(Error::Unfit { field: "plan", .. }) => {
            Err(Problem::said(StatusCode::BAD_REQUEST, "Invalid plan selected."))
        }
        Err(Error::Unavailable { code: "gateway_unreachable", .. }) => {
            Err(Problem::said(StatusCode::BAD_REQUEST, "Failed to create payment session."))
        }
        Err(error @ Error::Conflict { .. }) => Err(in_bad_request(error)),
        Err(error @ Error::Internal(_)) => {
            // It is in the log; the clients of this API know a sentence of their own.
            let problem = Problem::from(error);
            Err(Problem::said(problem.status, "Error creating checkout session."))
        }
        Err(error) => Err(error.into()),
    }
}

/// What came of an order. Somebody else's and none look the same.
pub(super) async fn payment_status(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(order): Path<String>,
) -> Result<Said<Value>, Problem> {
    let order = match billing::payment(&app, &actor, &order).await {
        Err(Error::NotFound(_)) => return Err(Problem::said(StatusCode::FORBIDDEN, "Access denied.")),
        found => found?,
    };
    let subscription = bought(&app, &actor).await?;
    let status = words::status(order.state);
    Ok(Said(json!({
        "success": true, "status": status, "subscription": subscription,
        "data": { "status": status, "order": words::order(&order) },
    })))
}

/// Ends what was bought when its time is over.
pub(super) async fn cancel(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    match billing::cancel(&app, &actor).await {
        Ok(subscription) => Ok(Said(json!({
            "success": true,
            "message": "Subscription will be canceled at the end of the current period.",
            "currentPeriodEnd": rfc3339(subscription.ends_at),
        }))),
        Err(error) => Err(in_bad_request(error)),
    }
}

/// Takes a cancellation back, or says that it has to be paid for again.
pub(super) async fn reactivate(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Said<Value>, Problem> {
    let (message, needs_payment) = match billing::reactivate(&app, &actor).await {
        Ok((_, Resumed::Active)) => ("Subscription reactivated.", false),
        Ok((_, Resumed::Over)) => ("Please create a new subscription to reactivate.", true),
        Err(error) => return Err(in_bad_request(error)),
    };
    Ok(Said(json!({ "success": true, "message": message, "requiresNewPayment": needs_payment })))
}

/// What the account has bought, has used, and may use.
pub(super) async fn status(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    let subscription = bought(&app, &actor).await?;
    let month = granted::usage(&app, actor.user, actor.role).await?;
    let used = joint::usage(&stats::read(&app, &actor).await?, &month);
    let limits: Map<String, Value> =
        app.plans.all().iter().map(|plan| (plan.id.clone(), json!(plan.messages_per_month))).collect();
    Ok(Said(json!({
        "success": true, "subscription": subscription, "usage": used, "limits": limits,
        "data": { "subscription": subscription, "usage": used },
    })))
}

/// What the payment gateway calls; also in the form that this API's own server made up. Neither is believed.
pub(super) async fn webhook(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    webhooks::take(&app, request, true).await
}

/// What an account has bought, as it is shown with the account.
pub(super) async fn bought(app: &App, actor: &Actor) -> Result<Value, Problem> {
    Ok(words::subscription(&billing::overview(app, actor).await?))
}

/// Here it is 400 that something is not in the state that this needs.
fn in_bad_request(error: Error) -> Problem {
    match error {
        Error::Conflict { message, .. } => Problem::said(StatusCode::BAD_REQUEST, message),
        error => error.into(),
    }
}
