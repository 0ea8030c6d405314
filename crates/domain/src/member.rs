//! People in a conversation, as the others in it see them.

use crate::{MemberRole, Person, Timestamp};

/// The most people in one conversation.
pub const MOST_MEMBERS: i64 = 100;

/// Somebody who sees a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub person: Person,
    /// What the member may do.
    pub role: MemberRole,
    /// Since when; of the owner, since the conversation was made.
    pub joined_at: Timestamp,
}
