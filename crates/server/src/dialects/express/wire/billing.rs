//! Plans and orders in seed 002's words. Amounts are numbers of whole currency there.

use serde_json::{Value, json};
use services::{
    billing::Overview,
    domain::{Money, Order, OrderState, Plan, SubscriptionStatus, text_enum::TextEnum as _},
};

use crate::http::time::rfc3339;

/// An amount as a number: a whole one where it is one.
fn amount(money: Money) -> Value {
    let text = money.decimal();
    match text.parse::<i64>() {
        Ok(whole) => json!(whole),
        Err(_) => json!(text.parse::<f64>().unwrap_or_default()),
    }
}

/// A plan.
pub(in crate::dialects::express) fn plan(plan: &Plan) -> Value {
    json!({
        "id": plan.id,
        "name": plan.name,
        "price": amount(plan.price),
        "currency": plan.price.currency.as_str(),
        "messagesPerMonth": plan.messages_per_month,
        "features": plan.highlights,
        "description": plan.description,
    })
}

/// How an order stands.
pub(in crate::dialects::express) fn status(state: OrderState) -> &'static str {
    match state {
        OrderState::Open => "PENDING",
        OrderState::Paid => "SUCCESS",
        OrderState::Failed | OrderState::Expired => "FAILED",
    }
}

/// An order.
pub(in crate::dialects::express) fn order(order: &Order) -> Value {
    json!({
        "orderId": order.public_id,
        "plan": order.plan,
        "status": status(order.state),
        "amount": amount(order.price),
        "currency": order.price.currency.as_str(),
        "createdAt": rfc3339(order.created_at),
        "paidAt": order.paid_at.map(rfc3339),
    })
}

/// What an account has bought: what runs, else what waits to be paid, else the plan that everybody has.
pub(in crate::dialects::express) fn subscription(overview: &Overview) -> Value {
    let bought = overview.subscription.as_ref().filter(|_| overview.is_running);
    let waiting = overview.last_order.as_ref().filter(|order| order.state == OrderState::Open);
    let mut said = match (bought, waiting) {
        (Some(bought), _) => json!({
            "plan": bought.plan,
            "status": match bought.status {
                SubscriptionStatus::Active => "active",
                SubscriptionStatus::Canceled => "canceled",
            },
            "currentPeriodEnd": rfc3339(bought.ends_at),
        }),
        (None, Some(order)) => json!({ "plan": order.plan, "status": "pending" }),
        (None, None) => json!({ "plan": overview.plan.id, "status": "active" }),
    };
    // Nothing is ever charged by itself: a period is paid for, or it ends.
    said["autoRenew"] = json!(false);
    if let Some(order) = waiting.or(overview.last_paid.as_ref()) {
        said["konnectOrderId"] = json!(order.public_id);
    }
    if let Some(paid) = &overview.last_paid {
        said["lastPaymentDate"] = json!(paid.paid_at.map(rfc3339));
        said["lastPaymentAmount"] = amount(paid.price);
        said["lastPaymentCurrency"] = json!(paid.price.currency.as_str());
    }
    said
}

#[cfg(test)]
mod tests {
    use services::domain::Currency;

    use super::*;

    #[test]
    fn amounts_are_numbers() {
        assert_eq!(amount(Money::new(30_000, Currency::Tnd)), json!(30));
        assert_eq!(amount(Money::new(29_900, Currency::Tnd)), json!(29.9));
        assert_eq!(amount(Money::new(0, Currency::Eur)), json!(0));
    }
}
