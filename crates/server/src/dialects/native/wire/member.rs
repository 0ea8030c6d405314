//! People in a conversation, on the wire.

use serde::{Deserialize, Serialize};
use services::domain;
use utoipa::ToSchema;

use super::{conversation::MemberRole, rfc3339};

/// Who said something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Author {
    id: i64,
    username: String,
    #[schema(required = true)]
    full_name: Option<String>,
}

impl From<domain::Person> for Author {
    fn from(person: domain::Person) -> Self {
        let domain::Person { id, username, full_name } = person;
        Self { id: id.0, username, full_name }
    }
}

/// Somebody who sees a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Member {
    user_id: i64,
    username: String,
    #[schema(required = true)]
    full_name: Option<String>,
    role: MemberRole,
    /// Of the owner: when the conversation was made.
    #[schema(format = DateTime)]
    joined_at: String,
}

impl From<domain::Member> for Member {
    fn from(member: domain::Member) -> Self {
        let domain::Person { id, username, full_name } = member.person;
        Self {
            user_id: id.0,
            username,
            full_name,
            role: member.role.into(),
            joined_at: rfc3339(member.joined_at),
        }
    }
}

/// A role that can be given.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GivenRole {
    /// May prompt, edit and stop answers.
    Editor,
    /// May read and write notes.
    Commenter,
    /// May read.
    Viewer,
}

impl From<GivenRole> for domain::MemberRole {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Editor => Self::Editor,
            GivenRole::Commenter => Self::Commenter,
            GivenRole::Viewer => Self::Viewer,
        }
    }
}

/// What changes about a member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct MemberChange {
    pub(crate) role: GivenRole,
}
