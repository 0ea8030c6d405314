//! An account as the clients of the seeds 000, 002 and 004 know it: every spelling at once.

use serde_json::{Value, json};
use services::{
    domain::{User, UserRole},
    plans::Usage,
    stats::Stats,
};

use super::plan;
use crate::http::time::rfc3339;

/// Whose clients take the account's id for a number: all others take it for text.
pub(super) const NUMBERED: &str = "chronochat";

/// The account. `dialect` is the client API that its login session was made through.
pub(super) fn person(user: &User, stats: &Stats, usage: &Usage, dialect: &str) -> Value {
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
        "subscription": plan::subscription(usage),
        "usage": plan::usage(stats, usage),
        "isActive": user.is_active,
        "is_active": user.is_active,
        "is_verified": user.is_verified,
        "createdAt": made,
        "created_at": made,
        "lastLogin": last,
        "last_login": last,
    })
}
