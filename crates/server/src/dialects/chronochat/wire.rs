//! Seed 004's words. Pure.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use services::domain::{self, CallState, Part, UserId, text_enum::TextEnum as _};

use crate::http::{sources::sources, time::rfc3339};

/// An account.
#[derive(Debug, Serialize)]
pub(super) struct User {
    username: String,
    email: String,
    full_name: Option<String>,
    id: i64,
    is_active: bool,
    is_verified: bool,
    created_at: String,
    last_login: Option<String>,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            username: user.username,
            email: user.email,
            full_name: user.full_name,
            id: user.id.0,
            is_active: user.is_active,
            is_verified: user.is_verified,
            created_at: rfc3339(user.created_at),
            last_login: user.last_login.map(rfc3339),
        }
    }
}

/// A conversation.
#[derive(Debug, Serialize)]
pub(super) struct Thread {
    title: String,
    id: String,
    user_id: i64,
    created_at: String,
    updated_at: String,
}

impl Thread {
    pub(super) fn of(one: domain::Conversation, owner: UserId) -> Self {
        Self {
            title: one.title,
            id: one.id.to_string(),
            user_id: owner.0,
            created_at: rfc3339(one.created_at),
            updated_at: rfc3339(one.updated_at.max(one.last_activity_at)),
        }
    }
}

/// Something that was said.
#[derive(Debug, Serialize)]
pub(super) struct Message {
    role: &'static str,
    content: String,
    id: i64,
    thread_id: String,
    tool_calls: Option<Vec<Value>>,
    metadata: Option<Value>,
    created_at: String,
}

impl From<&domain::Message> for Message {
    fn from(one: &domain::Message) -> Self {
        Self {
            role: if one.role == domain::Role::User { "user" } else { "assistant" },
            content: one.parts.text(),
            id: one.id.0,
            thread_id: one.conversation_id.to_string(),
            tool_calls: tool_calls(one),
            metadata: metadata(one),
            created_at: rfc3339(one.created_at),
        }
    }
}

/// Which model answered, and what it leant on, if it did.
fn metadata(one: &domain::Message) -> Option<Value> {
    let mut metadata = json!({ "model": one.model.as_ref()? });
    let sources = sources(&one.parts);
    if !sources.is_empty() {
        metadata["sources"] = json!(sources);
    }
    Some(metadata)
}

/// The tools that an answer called; `null` for none.
pub(super) fn tool_calls(message: &domain::Message) -> Option<Vec<Value>> {
    let calls: Vec<Value> = message.parts.0.iter().filter_map(|part| tool_call(message, part)).collect();
    (!calls.is_empty()).then_some(calls)
}

fn tool_call(message: &domain::Message, part: &Part) -> Option<Value> {
    let Part::ToolCall { id, name, arguments, state, result, duration_ms } = part else { return None };
    let input: Value = serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments));
    let success = match CallState::parse(state) {
        Ok(CallState::Completed) => "success",
        Ok(CallState::Failed) => "error",
        Ok(CallState::Called | CallState::Running) | Err(_) => "pending",
    };
    let has_failed = success == "error";
    Some(json!({
        "id": id,
        "message_id": message.id.0,
        "tool_name": name,
        "tool_input": input,
        "tool_output": result.as_ref().filter(|_| !has_failed),
        "execution_time": duration_ms,
        "success": success,
        "error_message": result.as_ref().filter(|_| has_failed),
        "created_at": rfc3339(message.created_at),
    }))
}

/// Something to say.
#[derive(Debug, Deserialize)]
pub(super) struct SendRequest {
    pub(super) message: String,
    pub(super) thread_id: Option<String>,
}

/// A title, in the query or in a body.
#[derive(Debug, Default, Deserialize)]
pub(super) struct TitleRequest {
    pub(super) title: Option<String>,
}

/// A full name, in the query or in a body.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ProfileRequest {
    pub(super) full_name: Option<String>,
}

/// Another password.
#[derive(Debug, Deserialize)]
pub(super) struct PasswordRequest {
    #[serde(rename = "current_password")]
    pub(super) current: String,
    #[serde(rename = "new_password")]
    pub(super) new: String,
    #[serde(rename = "confirm_new_password")]
    pub(super) confirmed: String,
}

/// A refresh token.
#[derive(Debug, Deserialize)]
pub(super) struct RefreshRequest {
    pub(super) refresh_token: String,
}
