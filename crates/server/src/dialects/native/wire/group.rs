//! A group on the wire.

use serde::{Deserialize, Serialize};
use services::domain;
use utoipa::ToSchema;

use super::rfc3339;

/// A folder of conversations. It is the caller's own, also where conversations are shared with others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Group {
    id: i64,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last renamed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// Without those in the trash and those that are archived.
    conversation_count: i64,
}

impl From<domain::Group> for Group {
    fn from(group: domain::Group) -> Self {
        Self {
            id: group.id.0,
            name: group.name,
            created_at: rfc3339(group.created_at),
            updated_at: rfc3339(group.updated_at),
            conversation_count: group.conversation_count,
        }
    }
}

/// What a group is called.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct GroupName {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: String,
}
