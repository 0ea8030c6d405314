//! A note on the wire.

use serde::{Deserialize, Serialize};
use services::{chat::IdempotencyKey, domain, domain::MessageId, notes::New};
use utoipa::ToSchema;

use super::{member::Author, rfc3339};

/// What a member wrote beside a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Note {
    id: i64,
    conversation_id: i64,
    /// The message that it is about.
    #[schema(required = true)]
    message_id: Option<i64>,
    /// Null once the account has ended.
    #[schema(required = true)]
    author: Option<Author>,
    content: String,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<domain::Note> for Note {
    fn from(note: domain::Note) -> Self {
        Self {
            id: note.id.0,
            conversation_id: note.conversation_id.0,
            message_id: note.message_id.map(|id| id.0),
            author: note.author.map(Author::from),
            content: note.content,
            created_at: rfc3339(note.created_at),
        }
    }
}

/// A note to be written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewNote {
    /// 1 to 10,000 characters.
    #[schema(min_length = 1, max_length = 10_000)]
    content: String,
    /// The message that it is about.
    message_id: Option<i64>,
}

impl NewNote {
    pub(crate) fn into_new(self, key: Option<IdempotencyKey>) -> New {
        New { content: self.content, message: self.message_id.map(MessageId), key }
    }
}
