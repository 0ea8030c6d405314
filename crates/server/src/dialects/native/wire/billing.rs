//! Plans, orders and subscriptions on the wire.

use serde::{Deserialize, Serialize};
use services::{
    billing,
    domain::{self, text_enum::TextEnum as _},
};
use utoipa::ToSchema;

use super::rfc3339;

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Price {
    /// How many of the currency's smallest unit: 30 TND are 30000.
    amount: i64,
    /// The currency, by its ISO 4217 code.
    currency: &'static str,
    /// How many decimals the smallest unit has.
    exponent: i64,
    /// The amount as a decimal number.
    text: String,
}

impl From<domain::Money> for Price {
    fn from(money: domain::Money) -> Self {
        Self {
            amount: money.units,
            currency: money.currency.as_str(),
            exponent: i64::from(money.currency.exponent()),
            text: money.decimal(),
        }
    }
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plan {
    /// The word it is asked for by.
    id: String,
    /// What it is called.
    name: String,
    /// A sentence about it.
    description: String,
    /// What a period costs.
    price: Price,
    /// How many days a payment is good for.
    period_days: i64,
    /// How many messages a calendar month (UTC); null: as many as one likes.
    #[schema(required)]
    messages_per_month: Option<i64>,
    /// What else it allows.
    features: Vec<&'static str>,
    /// What it offers, line by line.
    highlights: Vec<String>,
    /// Whether it can be bought here.
    can_buy: bool,
}

impl Plan {
    /// A plan, where a period has so many days and payments are taken or not.
    pub(crate) fn of(plan: &domain::Plan, period_days: u32, takes_payments: bool) -> Self {
        Self {
            id: plan.id.clone(),
            name: plan.name.clone(),
            description: plan.description.clone(),
            price: plan.price.into(),
            period_days: i64::from(period_days),
            messages_per_month: plan.messages_per_month,
            features: plan.features.iter().map(|feature| feature.as_str()).collect(),
            highlights: plan.highlights.clone(),
            can_buy: takes_payments && plan.is_paid(),
        }
    }
}

/// What is to be bought.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewCheckout {
    /// The plan.
    pub(crate) plan: String,
}

/// An order that waits to be paid.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Checkout {
    /// The order: `GET /api/v1/billing/payments/{order}` says what came of it.
    order: String,
    /// The page where it is paid.
    payment_url: String,
    /// What is to be paid.
    price: Price,
    /// Until when.
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<billing::Checkout> for Checkout {
    fn from(begun: billing::Checkout) -> Self {
        Self {
            order: begun.order.public_id,
            payment_url: begun.pay_url,
            price: begun.order.price.into(),
            expires_at: rfc3339(begun.order.expires_at),
        }
    }
}

/// How an order stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PaymentState {
    /// It waits to be paid.
    Open,
    /// It is paid, and the plan is on.
    Paid,
    /// The payment was declined.
    Failed,
    /// Nobody paid in time.
    Expired,
}

/// An order, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Payment {
    /// The order.
    order: String,
    /// How it stands. A payment that comes late is taken all the same.
    state: PaymentState,
    /// The plan's word.
    plan: String,
    /// What the plan was called when it was ordered.
    plan_name: String,
    /// What it costs.
    price: Price,
    /// How many days it is good for.
    period_days: i64,
    /// When it was ordered.
    #[schema(format = DateTime)]
    created_at: String,
    /// Until when it is to be paid.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was paid.
    #[schema(required, format = DateTime)]
    paid_at: Option<String>,
}

impl From<domain::Order> for Payment {
    fn from(order: domain::Order) -> Self {
        Self {
            order: order.public_id,
            state: match order.state {
                domain::OrderState::Open => PaymentState::Open,
                domain::OrderState::Paid => PaymentState::Paid,
                domain::OrderState::Failed => PaymentState::Failed,
                domain::OrderState::Expired => PaymentState::Expired,
            },
            plan: order.plan,
            plan_name: order.plan_name,
            price: order.price.into(),
            period_days: order.period_days,
            created_at: rfc3339(order.created_at),
            expires_at: rfc3339(order.expires_at),
            paid_at: order.paid_at.map(rfc3339),
        }
    }
}

/// How a subscription stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SubscriptionState {
    /// Nothing was bought, or it is over.
    None,
    /// It is paid for.
    Active,
    /// It was cancelled, and is good until its end.
    Canceled,
}

/// What the account has bought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subscription {
    /// The plan that counts now.
    plan: String,
    /// What that plan is called.
    plan_name: String,
    /// How it stands.
    status: SubscriptionState,
    /// Since when it is paid for, without a gap.
    #[schema(required, format = DateTime)]
    started_at: Option<String>,
    /// Until when it is paid for; also of one that is over.
    #[schema(required, format = DateTime)]
    ends_at: Option<String>,
}

impl Subscription {
    /// What was bought, in the words of the plan that counts now.
    pub(crate) fn of(overview: &billing::Overview) -> Self {
        let running = overview.subscription.as_ref().filter(|_| overview.is_running);
        Self {
            plan: overview.plan.id.clone(),
            plan_name: overview.plan.name.clone(),
            status: match running.map(|bought| bought.status) {
                None => SubscriptionState::None,
                Some(domain::SubscriptionStatus::Active) => SubscriptionState::Active,
                Some(domain::SubscriptionStatus::Canceled) => SubscriptionState::Canceled,
            },
            started_at: running.map(|bought| rfc3339(bought.started_at)),
            ends_at: overview.subscription.as_ref().map(|bought| rfc3339(bought.ends_at)),
        }
    }
}
