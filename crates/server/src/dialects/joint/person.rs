//! An account as the clients of the seeds 000, 002 and 004 know it: every spelling at once.

use serde_json::{Value, json};
use services::{
    App, billing,
    domain::{User, UserId, UserRole, text_enum::TextEnum as _},
    stats::Stats,
};

use crate::http::{problem::Problem, time::rfc3339};

/// Whose clients take the account's id for a number: all others take it for text.
pub(super) const NUMBERED: &str = "chronochat";

/// What an account has bought: what runs, else the plan that everybody has.
pub(super) async fn bought(app: &App, user: UserId) -> Result<Value, Problem> {
    let running = billing::running(app, user).await?;
    // Nothing is ever charged by itself: a period is paid for, or it ends.
    Ok(match running {
        Some(bought) => json!({
            "plan": bought.plan,
            "status": bought.status.as_str(),
            "currentPeriodEnd": rfc3339(bought.ends_at),
            "autoRenew": false,
        }),
        None => json!({ "plan": app.config.billing.default_plan, "status": "active", "autoRenew": false }),
    })
}

/// The account, with what it has bought. `dialect` is the client API that its login session was made through.
pub(super) fn person(user: &User, stats: &Stats, bought: &Value, dialect: &str) -> Value {
    let id = if dialect == NUMBERED { json!(user.id.0) } else { json!(user.id.to_string()) };
    let role = match user.role {
        UserRole::User => "user",
        UserRole::Admin => "admin",
    };
    let (made, last) = (rfc3339(user.created_at), user.last_login.map(rfc3339));
    json!({
        "id": id,
        "_id": format!("{:024x}", user.id.0),
        "user_id": user.id.0,
        "email": user.email,
        "username": user.username,
        "full_name": user.full_name,
        "role": role,
        "subscription": bought,
        "usage": {
            "messagesThisMonth": stats.answers,
            "lastResetDate": rfc3339(stats.month_began_at),
            "totalMessages": stats.messages,
            "totalTokens": stats.prompt_tokens + stats.completion_tokens,
        },
        "isActive": user.is_active,
        "is_active": user.is_active,
        "is_verified": user.is_verified,
        "createdAt": made,
        "created_at": made,
        "lastLogin": last,
        "last_login": last,
    })
}
