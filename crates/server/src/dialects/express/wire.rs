//! Seed 002's words. Pure.

pub(super) mod billing;

use serde::Deserialize;
use serde_json::{Value, json};
use services::domain::{self, Message, ModelCard, Role, UserId};

use crate::http::{sources::sources, time::rfc3339};

/// Ids are 24 hex digits.
pub(super) fn hex(id: i64) -> String {
    format!("{id:024x}")
}

/// A line of a list.
pub(super) fn listed(one: &domain::Conversation, model: &str, tokens: i64) -> Value {
    json!({
        "_id": hex(one.id.0),
        "title": one.title,
        "model": one.model.as_deref().unwrap_or(model),
        "totalTokens": tokens,
        "totalMessages": one.message_count,
        "metadata": { "lastActivity": rfc3339(one.last_activity_at) },
        "createdAt": rfc3339(one.created_at),
        "isArchived": one.archived_at.is_some(),
    })
}

/// A whole conversation. `model` is what answers when it names none.
pub(super) fn conversation(
    one: &domain::Conversation,
    owner: UserId,
    model: &str,
    messages: &[Message],
) -> Value {
    let model = one.model.as_deref().unwrap_or(model);
    json!({
        "_id": hex(one.id.0),
        "id": hex(one.id.0),
        "userId": hex(owner.0),
        "isActive": one.deleted_at.is_none(),
        "isArchived": one.archived_at.is_some(),
        "title": one.title,
        "model": model,
        "messages": messages.iter().map(|said| message(said, model)).collect::<Vec<_>>(),
        "totalTokens": tokens(messages),
        "totalMessages": messages.len(),
        "metadata": {
            "lastActivity": rfc3339(one.last_activity_at),
            "messageCount": messages.len(),
            "averageResponseTime": 0,
            "favoriteTopics": [],
            "tags": [],
        },
        "settings": { "autoSave": true, "maxMessages": 100, "maxTokens": 4000 },
        "createdAt": rfc3339(one.created_at),
        "updatedAt": rfc3339(one.updated_at.max(one.last_activity_at)),
    })
}

/// What a conversation amounts to.
pub(super) fn stats(messages: &[Message]) -> Value {
    let by = |role: Role| messages.iter().filter(|one| one.role == role).count();
    let all = tokens(messages);
    let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    let span = match (messages.first(), messages.last()) {
        (Some(first), Some(last)) => last.created_at.ms_since(first.created_at),
        _ => 0,
    };
    json!({
        "totalMessages": messages.len(),
        "userMessages": by(Role::User),
        "assistantMessages": by(Role::Assistant),
        "totalTokens": all,
        "averageTokensPerMessage": if count == 0 { 0 } else { all / count },
        "duration": span,
        "averageResponseTime": 0,
    })
}

fn tokens(messages: &[Message]) -> i64 {
    messages.iter().map(tokens_of).sum()
}

pub(super) fn tokens_of(message: &Message) -> i64 {
    message.usage.map_or(0, |usage| usage.completion_tokens)
}

/// Something that was said.
pub(super) fn message(one: &Message, model: &str) -> Value {
    let mut metadata = json!({ "retryCount": 0 });
    if let Some(error) = &one.error {
        metadata["error"] = json!(error.message);
    }
    let sources = sources(&one.parts);
    if !sources.is_empty() {
        metadata["sources"] = json!(sources);
    }
    json!({
        "_id": hex(one.id.0),
        "role": if one.role == Role::User { "user" } else { "assistant" },
        "content": one.parts.text(),
        "timestamp": rfc3339(one.created_at),
        "tokens": tokens_of(one),
        "model": one.model.as_deref().unwrap_or(model),
        "attachments": [],
        "metadata": metadata,
    })
}

/// A model, with the price that nobody asks here.
pub(super) fn model(card: &ModelCard) -> Value {
    json!({
        "id": card.id,
        "name": card.name,
        "description": format!("{} by {}", card.name, card.provider),
        "maxTokens": card.context.unwrap_or(4096),
        "pricing": { "input": 0, "output": 0 },
        "price": 0,
    })
}

/// Which conversations.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default = "first")]
    pub(super) page: usize,
    #[serde(default = "twenty")]
    pub(super) limit: usize,
    pub(super) sort: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) search: Option<String>,
}

fn first() -> usize {
    1
}

fn twenty() -> usize {
    20
}

/// Where a page stands among all.
pub(super) fn pagination(page: usize, limit: usize, total: usize) -> Value {
    let pages = total.div_ceil(limit.max(1));
    json!({
        "page": page,
        "limit": limit,
        "total": total,
        "pages": pages,
        "hasNext": page < pages,
        "hasPrev": page > 1,
    })
}

/// A conversation to be made.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NewRequest {
    pub(super) title: Option<String>,
    pub(super) model: Option<String>,
}

/// Something to say.
#[derive(Debug, Deserialize)]
pub(super) struct SayRequest {
    pub(super) message: String,
    pub(super) model: Option<String>,
}

/// What is to be bought.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CheckoutRequest {
    pub(super) plan: Option<String>,
}

/// Another title.
#[derive(Debug, Deserialize)]
pub(super) struct TitleRequest {
    pub(super) title: String,
}

/// Another name or address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProfileRequest {
    pub(super) username: Option<String>,
    pub(super) email: Option<String>,
    pub(super) current_password: Option<String>,
}

/// Another password, in either spelling.
#[derive(Debug, Deserialize)]
pub(super) struct PasswordRequest {
    #[serde(default, alias = "currentPassword")]
    pub(super) current_password: String,
    #[serde(default, alias = "newPassword")]
    pub(super) new_password: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted() {
        assert_eq!(
            pagination(2, 20, 41),
            json!({ "page": 2, "limit": 20, "total": 41, "pages": 3, "hasNext": true, "hasPrev": true })
        );
        assert_eq!(pagination(1, 20, 0)["hasNext"], false);
        assert_eq!(hex(255), "0000000000000000000000ff");
    }
}
