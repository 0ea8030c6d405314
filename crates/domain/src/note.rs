//! What members write beside a conversation: for people, never for a model.

use crate::{ConversationId, MessageId, NoteId, Person, Timestamp};

/// The longest note, in characters.
pub const NOTE_CHARS: usize = 10_000;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Where it was written.
    pub conversation_id: ConversationId,
    /// The message that it is about, if it is about one.
    pub message_id: Option<MessageId>,
    /// Who wrote it; nobody once the account has ended.
    pub author: Option<Person>,
    /// What it says, as it was typed.
    pub content: String,
    /// When it was written.
    pub created_at: Timestamp,
}
