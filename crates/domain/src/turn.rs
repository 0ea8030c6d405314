//! One user message and the production of its answer.

use crate::{ConversationId, MessageId, State, Timestamp, TurnId, UserId, text_enum};

text_enum! {
    /// What made the turn.
    pub enum TurnKind {
        /// Somebody said something new.
        Send = "send",
        /// The question was said differently.
        Edit = "edit",
        /// The question is asked again.
        Regenerate = "regenerate",
        /// An interrupted answer goes on.
        Continue = "continue",
    }
}

/// A turn as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Its id; never used again.
    pub id: TurnId,
    /// Where it was said.
    pub conversation_id: ConversationId,
    /// Who asked.
    pub user_id: UserId,
    /// The question.
    pub user_message_id: MessageId,
    /// The answer.
    pub message_id: MessageId,
    /// What made it.
    pub kind: TurnKind,
    /// The answer that a `Continue` goes on from.
    pub continued_id: Option<MessageId>,
    /// How far it has come.
    pub state: State,
    /// The model asked for, or the one that answers instead of it.
    pub model: String,
    /// The node that runs it.
    pub node: i64,
    /// That node's epoch.
    pub epoch: i64,
    /// The number of its `done` event, once settled.
    pub done_seq: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// The month that it is counted in, as the number of months since January 1970; none if it was given back.
    pub quota_month: Option<i64>,
}
