//! Seed 003's words. Pure.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use services::domain::{self, ConversationId, GroupId, UserId};

use crate::http::{sources::sources, time::rfc3339};

/// A folder of sessions.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    id: String,
    name: String,
    user_id: String,
    created_at: String,
    updated_at: String,
}

impl Group {
    pub(super) fn of(one: domain::Group, owner: UserId) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name,
            user_id: owner.to_string(),
            created_at: rfc3339(one.created_at),
            updated_at: rfc3339(one.updated_at),
        }
    }
}

/// A conversation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    id: String,
    title: String,
    user_id: String,
    group_id: Option<String>,
    model: String,
    is_favorite: bool,
    created_at: String,
    updated_at: String,
}

impl Session {
    /// `model` is what answers when the conversation names none.
    pub(super) fn of(one: domain::Conversation, owner: UserId, model: &str) -> Self {
        Self {
            id: one.id.to_string(),
            title: one.title,
            user_id: owner.to_string(),
            group_id: one.group_id.map(|id| id.to_string()),
            model: one.model.unwrap_or_else(|| model.to_owned()),
            is_favorite: one.favorite,
            created_at: rfc3339(one.created_at),
            updated_at: rfc3339(one.updated_at.max(one.last_activity_at)),
        }
    }
}

/// Something that was said.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    id: String,
    session_id: String,
    role: &'static str,
    content: String,
    created_at: String,
    /// What an answer leans on. Its server knew none: there only where there are some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Value>,
}

impl From<&domain::Message> for Message {
    fn from(one: &domain::Message) -> Self {
        Self {
            id: one.id.to_string(),
            session_id: one.conversation_id.to_string(),
            role: if one.role == domain::Role::User { "user" } else { "assistant" },
            content: one.parts.text(),
            created_at: rfc3339(one.created_at),
            sources: sources(&one.parts),
        }
    }
}

/// What came of a message: a question with its answer, or an answer alone. The members of the one that was sent stand at
/// the top too.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exchange {
    #[serde(flatten)]
    sent: Message,
    user_message: Option<Message>,
    assistant_message: Message,
}

impl Exchange {
    pub(super) fn of_question(question: Message, answer: &domain::Message) -> Self {
        Self { sent: question.clone(), user_message: Some(question), assistant_message: answer.into() }
    }

    pub(super) fn of_answer(answer: &domain::Message) -> Self {
        Self { sent: answer.into(), user_message: None, assistant_message: answer.into() }
    }
}

/// What a session is, or shall be.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionRequest {
    pub(super) title: Option<String>,
    pub(super) model: Option<String>,
    pub(super) is_favorite: Option<bool>,
    #[serde(default, deserialize_with = "said")]
    group_id: Option<Option<String>>,
}

impl SessionRequest {
    /// The group that is named; `Some(None)` is none. What is no id is no group.
    pub(super) fn group(&self) -> Result<Option<Option<GroupId>>, services::Error> {
        let parse = |id: &Option<String>| match id {
            None => Ok(None),
            Some(id) => id.parse().map(Some).map_err(|()| services::Error::NotFound("group")),
        };
        self.group_id.as_ref().map(parse).transpose()
    }
}

/// Tells a member that is null from one that is not there.
fn said<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FavoriteRequest {
    pub(super) is_favorite: bool,
}

/// A group's name.
#[derive(Debug, Deserialize)]
pub(super) struct GroupRequest {
    pub(super) name: String,
}

/// Another name of a group, or none.
#[derive(Debug, Deserialize)]
pub(super) struct GroupChange {
    pub(super) name: Option<String>,
}

/// Something to say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageRequest {
    pub(super) session_id: String,
    pub(super) role: Option<String>,
    pub(super) content: String,
}

/// Something to say and to be answered in pieces.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromptRequest {
    #[serde(default)]
    pub(super) session_id: String,
    #[serde(default)]
    pub(super) prompt: String,
}

/// A session's id as a member: what is none names nothing.
pub(super) fn session_id(text: &str) -> Result<ConversationId, services::Error> {
    text.parse().map_err(|()| services::Error::NotFound("conversation"))
}

/// The visible branch as this API exports it: a line for each message.
pub(super) fn markdown(title: &str, model: &str, messages: &[domain::Message]) -> String {
    let said = messages.iter().map(|one| {
        let role = if one.role == domain::Role::User { "user" } else { "assistant" };
        format!("**{role}**: {}", one.parts.text())
    });
    let head = [format!("# {title} (model: {model})"), String::new()];
    let lines: Vec<String> = head.into_iter().chain(said).chain([String::new()]).collect();
    lines.join("\n")
}
