//! A conversation on the wire.

use serde::{Deserialize, Deserializer, Serialize};
use services::{
    conversations::{Change, Export, New},
    domain,
    domain::{GroupId, MessageId},
};
use utoipa::ToSchema;

use super::{message::Message, note::Note, rfc3339};

/// How somebody belongs to a conversation.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberRole {
    Owner,
    Editor,
    Commenter,
    Viewer,
}

impl From<domain::MemberRole> for MemberRole {
    fn from(role: domain::MemberRole) -> Self {
        match role {
            domain::MemberRole::Owner => Self::Owner,
            domain::MemberRole::Editor => Self::Editor,
            domain::MemberRole::Commenter => Self::Commenter,
            domain::MemberRole::Viewer => Self::Viewer,
        }
    }
}

/// A conversation, as the caller sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Conversation {
    pub(crate) id: i64,
    pub(crate) title: String,
    #[schema(required = true)]
    pub(crate) model: Option<String>,
    #[schema(required = true)]
    pub(crate) instructions: Option<String>,
    /// The caller's role.
    pub(crate) role: MemberRole,
    #[schema(required = true)]
    pub(crate) group_id: Option<i64>,
    /// The caller's own mark.
    pub(crate) favorite: bool,
    /// The caller's own mark.
    pub(crate) archived: bool,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    #[schema(format = DateTime)]
    pub(crate) updated_at: String,
    #[schema(format = DateTime)]
    pub(crate) last_activity_at: String,
    /// How many people see it; 1 when the caller is alone with it.
    pub(crate) member_count: i64,
    /// In all branches.
    pub(crate) message_count: i64,
    /// The leaf of the visible branch.
    #[schema(required = true)]
    pub(crate) active_message_id: Option<i64>,
    /// Its oldest unsettled turn.
    #[schema(required = true)]
    pub(crate) running_turn_id: Option<i64>,
    /// When it was moved to the trash; only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub(crate) deleted_at: Option<String>,
}

impl From<domain::Conversation> for Conversation {
    fn from(one: domain::Conversation) -> Self {
        Self {
            id: one.id.0,
            title: one.title,
            model: one.model,
            instructions: one.instructions,
            role: one.role.into(),
            group_id: one.group_id.map(|id| id.0),
            favorite: one.favorite,
            archived: one.archived_at.is_some(),
            created_at: rfc3339(one.created_at),
            updated_at: rfc3339(one.updated_at),
            last_activity_at: rfc3339(one.last_activity_at),
            member_count: one.member_count,
            message_count: one.message_count,
            active_message_id: one.active_message_id.map(|id| id.0),
            running_turn_id: one.running_turn_id.map(|id| id.0),
            deleted_at: one.deleted_at.map(rfc3339),
        }
    }
}

/// A conversation with the newest page of its visible branch, or, in an export, with all its messages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ConversationDetail {
    #[serde(flatten)]
    pub(crate) conversation: Conversation,
    pub(crate) messages: Vec<Message>,
    /// What members noted, oldest first; only in an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) notes: Option<Vec<Note>>,
}

impl From<Export> for ConversationDetail {
    fn from(export: Export) -> Self {
        Self {
            conversation: export.conversation.into(),
            messages: export.messages.into_iter().map(Message::from).collect(),
            notes: Some(export.notes.into_iter().map(Note::from).collect()),
        }
    }
}

/// A conversation to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewConversation {
    /// None: `New conversation`, until the first words are said.
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) title: Option<String>,
    /// None: the default model.
    pub(crate) model: Option<String>,
    /// What every answer should heed.
    #[schema(max_length = 20_000)]
    pub(crate) instructions: Option<String>,
}

impl NewConversation {
    pub(crate) fn into_new(self, key: Option<services::chat::IdempotencyKey>) -> New {
        New { title: self.title, placeholder: None, model: self.model, instructions: self.instructions, key }
    }
}

/// What changes. A member that is left out stays as it is; `model`, `instructions` and `group_id` can be taken
/// back with null.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub(crate) struct ConversationChange {
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) title: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(crate) model: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 20_000)]
    pub(crate) instructions: Option<Option<String>>,
    pub(crate) favorite: Option<bool>,
    pub(crate) archived: Option<bool>,
    /// One of the caller's groups; null takes it out of any.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub(crate) group_id: Option<Option<i64>>,
    /// Shows the branch of this message: its newest leaf becomes the active one.
    pub(crate) active_message_id: Option<i64>,
}

/// Tells "null" from "left out".
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}

impl ConversationChange {
    pub(crate) fn into_change(self) -> Change {
        Change {
            title: self.title,
            model: self.model,
            instructions: self.instructions,
            favorite: self.favorite,
            archived: self.archived,
            group: self.group_id.map(|id| id.map(GroupId)),
            active: self.active_message_id.map(MessageId),
        }
    }
}
