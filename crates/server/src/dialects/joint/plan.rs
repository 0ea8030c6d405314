//! An account's plan and what it used of it, as seed 002's clients know them. Pure.

use serde_json::{Value, json};
use services::{domain::SubscriptionStatus, plans::Usage, stats::Stats};

use crate::http::time::rfc3339;

/// What was paid for. A plan that nobody has to pay for is active too.
pub(crate) fn subscription(usage: &Usage) -> Value {
    let status = match usage.paid.as_ref().map(|paid| paid.status) {
        Some(SubscriptionStatus::Canceled) => "canceled",
        Some(SubscriptionStatus::Active) | None => "active",
    };
    let mut said = json!({ "plan": usage.grant.plan.id, "status": status, "autoRenew": false });
    if let Some(paid) = &usage.paid {
        said["currentPeriodEnd"] = json!(rfc3339(paid.ends_at));
    }
    said
}

/// What was used.
pub(crate) fn usage(stats: &Stats, usage: &Usage) -> Value {
    json!({
        "messagesThisMonth": usage.used,
        "lastResetDate": rfc3339(usage.began_at),
        "totalMessages": stats.messages,
        "totalTokens": stats.prompt_tokens + stats.completion_tokens,
    })
}
