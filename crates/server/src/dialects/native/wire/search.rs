//! What a search finds, on the wire.

use serde::Serialize;
use services::search::Hit;
use utoipa::ToSchema;

use super::{message::MessageRole, rfc3339};

/// Something that was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SearchHit {
    pub(crate) conversation_id: i64,
    /// None if the title was found.
    #[schema(required = true)]
    pub(crate) message_id: Option<i64>,
    /// The conversation's title.
    pub(crate) title: String,
    /// The passage, HTML-escaped, with what was found in `<mark>`.
    pub(crate) snippet: String,
    #[schema(required = true)]
    pub(crate) role: Option<MessageRole>,
    #[schema(format = DateTime)]
    pub(crate) timestamp: String,
}

impl From<Hit> for SearchHit {
    fn from(hit: Hit) -> Self {
        Self {
            conversation_id: hit.conversation.0,
            message_id: hit.message.map(|id| id.0),
            title: hit.title,
            snippet: hit.snippet,
            role: hit.role.map(MessageRole::from),
            timestamp: rfc3339(hit.at),
        }
    }
}
