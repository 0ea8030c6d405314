//! A message on the wire.

use serde::{Deserialize, Serialize};
use services::domain;
use utoipa::ToSchema;

use super::{file::Attachment, member::Author, rfc3339};

/// Who speaks.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageRole {
    User,
    Assistant,
    System,
    Tool,
}

impl From<domain::Role> for MessageRole {
    fn from(role: domain::Role) -> Self {
        match role {
            domain::Role::User => Self::User,
            domain::Role::Assistant => Self::Assistant,
            domain::Role::System => Self::System,
            domain::Role::Tool => Self::Tool,
        }
    }
}

/// How far an answer has come. A settled one (the last four) is never written again.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageState {
    Waiting,
    Running,
    Completed,
    Stopped,
    Failed,
    Interrupted,
}

impl From<domain::State> for MessageState {
    fn from(state: domain::State) -> Self {
        match state {
            domain::State::Waiting => Self::Waiting,
            domain::State::Running => Self::Running,
            domain::State::Completed => Self::Completed,
            domain::State::Stopped => Self::Stopped,
            domain::State::Failed => Self::Failed,
            domain::State::Interrupted => Self::Interrupted,
        }
    }
}

/// A page or document that the answer leans on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Source {
    pub(crate) n: i64,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) snippet: String,
}

/// A tool that the model called.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON text, as the model wrote it.
    pub(crate) arguments: String,
    /// `called`, `running`, `completed` or `failed`.
    pub(crate) state: String,
    /// What the tool answered; of a failed call a sentence that says why.
    #[schema(required = true)]
    pub(crate) result: Option<String>,
    /// How long it ran, once it has ended.
    #[schema(required = true)]
    pub(crate) duration_ms: Option<i64>,
}

/// A piece of a message. Parts only ever grow at the end.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Part {
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
    ToolCall(ToolCall),
    Source(Source),
    /// A file that goes with what a person says.
    File(Attachment),
}

impl From<domain::Part> for Part {
    fn from(part: domain::Part) -> Self {
        match part {
            domain::Part::Text { text } => Self::Text { text },
            domain::Part::Reasoning { text, duration_ms } => Self::Reasoning { text, duration_ms },
            domain::Part::ToolCall { id, name, arguments, state, result, duration_ms } => {
                Self::ToolCall(ToolCall { id, name, arguments, state, result, duration_ms })
            }
            domain::Part::Source { n, title, url, snippet } => {
                Self::Source(Source { n, title, url, snippet })
            }
            domain::Part::File(file) => Self::File(file.into()),
        }
    }
}

/// Tokens that an answer cost.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Usage {
    pub(crate) prompt_tokens: i64,
    pub(crate) completion_tokens: i64,
    pub(crate) reasoning_tokens: i64,
    /// The provider sent no figures: these were estimated from the text.
    pub(crate) estimated: bool,
}

impl From<domain::Usage> for Usage {
    fn from(usage: domain::Usage) -> Self {
        let domain::Usage { prompt_tokens, completion_tokens, reasoning_tokens, estimated } = usage;
        Self { prompt_tokens, completion_tokens, reasoning_tokens, estimated }
    }
}

/// Why an answer ended without its end.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MessageError {
    /// A stable word such as `provider_timeout`.
    pub(crate) code: String,
    /// A sentence for the reader.
    pub(crate) message: String,
    /// Whether trying again may help.
    pub(crate) retryable: bool,
}

impl From<domain::MessageError> for MessageError {
    fn from(error: domain::MessageError) -> Self {
        Self { code: error.code, message: error.message, retryable: error.retryable }
    }
}

/// What somebody thinks of an answer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rating {
    Up,
    Down,
}

impl From<domain::Rating> for Rating {
    fn from(rating: domain::Rating) -> Self {
        match rating {
            domain::Rating::Up => Self::Up,
            domain::Rating::Down => Self::Down,
        }
    }
}

impl From<Rating> for domain::Rating {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::Up => Self::Up,
            Rating::Down => Self::Down,
        }
    }
}

/// Somebody's word about an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Feedback {
    pub(crate) rating: Rating,
    #[schema(required = true)]
    pub(crate) comment: Option<String>,
}

/// One node of a conversation's tree.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) conversation_id: i64,
    #[schema(required = true)]
    pub(crate) parent_id: Option<i64>,
    pub(crate) role: MessageRole,
    /// Who of the members asked; null for all but questions, and once that account has ended.
    #[schema(required = true)]
    pub(crate) author: Option<Author>,
    /// The text of all text parts.
    pub(crate) content: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) state: MessageState,
    #[schema(required = true)]
    pub(crate) turn_id: Option<i64>,
    #[schema(required = true)]
    pub(crate) model: Option<String>,
    #[schema(required = true)]
    pub(crate) usage: Option<Usage>,
    #[schema(required = true)]
    pub(crate) finish_reason: Option<String>,
    #[schema(required = true)]
    pub(crate) error: Option<MessageError>,
    pub(crate) sources: Vec<Source>,
    pub(crate) tool_calls: Vec<ToolCall>,
    #[schema(format = DateTime)]
    pub(crate) timestamp: String,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// All messages with the same parent and role, oldest first, this one included.
    pub(crate) sibling_ids: Vec<i64>,
    /// What the caller thinks of it, if the caller said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) feedback: Option<Feedback>,
    /// While it is unsettled: everything up to this event is in `parts`; follow the turn with `?after=<covers>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) covers: Option<i64>,
}

impl From<domain::Message> for Message {
    fn from(message: domain::Message) -> Self {
        let content = message.parts.text();
        let parts: Vec<Part> = message.parts.0.into_iter().map(Part::from).collect();
        let sources = parts.iter().filter_map(|part| match part {
            Part::Source(source) => Some(source.clone()),
            Part::Text { .. } | Part::Reasoning { .. } | Part::ToolCall(_) | Part::File(_) => None,
        });
        let tool_calls = parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call.clone()),
            Part::Text { .. } | Part::Reasoning { .. } | Part::Source(_) | Part::File(_) => None,
        });
        Self {
            id: message.id.0,
            conversation_id: message.conversation_id.0,
            parent_id: message.parent_id.map(|id| id.0),
            role: message.role.into(),
            author: message.author.map(Author::from),
            content,
            sources: sources.collect(),
            tool_calls: tool_calls.collect(),
            parts,
            state: message.state.into(),
            turn_id: message.turn_id.map(|id| id.0),
            model: message.model,
            usage: message.usage.map(Usage::from),
            finish_reason: message.finish_reason,
            error: message.error.map(MessageError::from),
            timestamp: rfc3339(message.created_at),
            created_at: rfc3339(message.created_at),
            sibling_ids: message.sibling_ids.into_iter().map(|id| id.0).collect(),
            feedback: message
                .feedback
                .map(|said| Feedback { rating: said.rating.into(), comment: said.comment }),
            covers: message.covers,
        }
    }
}
