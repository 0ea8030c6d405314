//! A shared conversation on the wire: for its owner, and for everybody with the link.

use serde::Serialize;
use services::conversations::{
    Shared, SharedMessage as Shown, SharedOf, SharedPart as ShownPart, SharedView,
};
use utoipa::ToSchema;

use super::{
    file::Attachment,
    message::{MessageRole, Source},
    rfc3339,
};

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Share {
    /// What opens it.
    token: String,
    /// The address of the page.
    url: String,
    /// When it was shared first.
    #[schema(format = DateTime)]
    created_at: String,
    /// When what it shows was last brought up to date.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl Share {
    pub(crate) fn of(shared: Shared, address: impl Fn(&str) -> String) -> Self {
        let token = shared.token.unwrap_or_default();
        Self {
            url: address(&token),
            token,
            created_at: rfc3339(shared.created_at),
            updated_at: rfc3339(shared.updated_at),
        }
    }
}

/// A link in the list of its owner's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedShare {
    conversation_id: i64,
    /// The title as the link shows it.
    title: String,
    /// Null if the server's key is another since: then nobody can be given this link again.
    #[schema(required = true)]
    url: Option<String>,
    /// When it was shared first.
    #[schema(format = DateTime)]
    created_at: String,
    /// When what it shows was last brought up to date.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl ListedShare {
    pub(crate) fn of(listed: SharedOf, address: impl Fn(&str) -> String) -> Self {
        Self {
            conversation_id: listed.conversation.0,
            title: listed.title,
            url: listed.shared.token.as_deref().map(address),
            created_at: rfc3339(listed.shared.created_at),
            updated_at: rfc3339(listed.shared.updated_at),
        }
    }
}

/// Whether a conversation is shared, and how.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareStatus {
    shared: bool,
    /// Null if it is not shared, or if the server's key is another since: then sharing it again makes a new link.
    #[schema(required = true)]
    token: Option<String>,
    #[schema(required = true)]
    url: Option<String>,
    #[schema(required = true, format = DateTime)]
    created_at: Option<String>,
    #[schema(required = true, format = DateTime)]
    updated_at: Option<String>,
}

impl ShareStatus {
    pub(crate) fn of(shared: Option<Shared>, address: impl Fn(&str) -> String) -> Self {
        let (created_at, updated_at) =
            shared.as_ref().map(|one| (rfc3339(one.created_at), rfc3339(one.updated_at))).unzip();
        let is_shared = shared.is_some();
        let token = shared.and_then(|one| one.token);
        Self { shared: is_shared, url: token.as_deref().map(address), token, created_at, updated_at }
    }
}

/// A conversation as it was when it was shared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedConversation {
    title: String,
    /// When it was last brought up to date.
    #[schema(format = DateTime)]
    shared_at: String,
    /// Oldest first.
    messages: Vec<SharedMessage>,
}

impl From<SharedView> for SharedConversation {
    fn from(shown: SharedView) -> Self {
        Self {
            title: shown.title,
            shared_at: rfc3339(shown.updated_at),
            messages: shown.messages.into_iter().map(SharedMessage::from).collect(),
        }
    }
}

/// A message as everybody with the link sees it.
#[derive(Debug, Serialize, ToSchema)]
struct SharedMessage {
    role: MessageRole,
    /// The text of all text parts.
    content: String,
    parts: Vec<SharedPart>,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Shown> for SharedMessage {
    fn from(message: Shown) -> Self {
        let texts = message.parts.iter().filter_map(|part| match part {
            ShownPart::Text { text } => Some(text.as_str()),
            ShownPart::Reasoning { .. }
            | ShownPart::ToolCall { .. }
            | ShownPart::Source { .. }
            | ShownPart::File(_) => None,
        });
        Self {
            role: message.role.into(),
            content: texts.collect(),
            parts: message.parts.into_iter().map(SharedPart::from).collect(),
            created_at: rfc3339(message.created_at),
        }
    }
}

/// A piece of a message that is shared.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum SharedPart {
    /// What is said, as Markdown.
    Text {
        text: String,
    },
    /// What the model thought before it spoke.
    Reasoning {
        text: String,
        /// How long it thought, in milliseconds, if that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        duration_ms: Option<i64>,
    },
    /// A tool that the model called; with what, and what came of it, is not shown.
    ToolCall {
        name: String,
        /// `called`, `running`, `completed` or `failed`.
        state: String,
    },
    Source(Source),
    /// A file: `GET /api/v1/shared/{token}/files/{id}` is what it holds.
    File(Attachment),
}

impl From<ShownPart> for SharedPart {
    fn from(part: ShownPart) -> Self {
        match part {
            ShownPart::Text { text } => Self::Text { text },
            ShownPart::Reasoning { text, duration_ms } => Self::Reasoning { text, duration_ms },
            ShownPart::ToolCall { name, state } => Self::ToolCall { name, state },
            ShownPart::File(file) => Self::File(file.into()),
            ShownPart::Source { n, title, url, snippet } => Self::Source(Source { n, title, url, snippet }),
        }
    }
}
