//! A way into a conversation for who is no member yet.

use crate::{ConversationId, InvitationId, MemberRole, Timestamp};

/// The most invitations to one conversation that are good at the same time.
pub const MOST_INVITATIONS: i64 = 50;
/// How many days one is good for, unless its maker says.
pub const DEFAULT_DAYS: i64 = 7;
/// The most days that one is good for.
pub const MOST_DAYS: i64 = 30;

/// An invitation, as the owner of the conversation sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Where it leads.
    pub conversation_id: ConversationId,
    /// What it makes of who accepts it.
    pub role: MemberRole,
    /// Where it was mailed to: then one account can use it, once.
    pub email: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is good for nothing.
    pub expires_at: Timestamp,
    /// How many people have come in by it.
    pub uses: i64,
}
