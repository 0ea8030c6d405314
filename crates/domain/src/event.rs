//! One entry of a turn's log.

use crate::{ConversationId, Message, MessageError, MessageId, Part, State, TurnId, Usage};

/// The number of an event in its turn: 1, 2, 3 … without gaps. 0 stands before the first.
pub type Seq = i64;

/// A numbered event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number; a snapshot's is what it covers.
    pub seq: Seq,
    /// What happened.
    pub kind: EventKind,
}

/// What happened in a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// The turn was begun.
    Start {
        /// The turn.
        turn_id: TurnId,
        /// Its conversation.
        conversation_id: ConversationId,
        /// The question.
        user_message_id: MessageId,
        /// The answer.
        message_id: MessageId,
        /// The model that answers.
        model: String,
    },
    /// Another model answers than the one that was asked for.
    Model {
        /// The one that does.
        model: String,
        /// The one that was asked for.
        instead_of: String,
        /// Why that one does not: the code of its failure.
        reason: String,
    },
    /// More of the answer.
    Chunk(String),
    /// More of what the model thinks.
    Reasoning(String),
    /// The model has thought, for so many milliseconds, and goes on to something else.
    Thought(i64),
    /// A tool call began, went on or ended: always a [`Part::ToolCall`].
    Tool(Part),
    /// What the answer leans on, all of it up to here: always [`Part::Source`]s.
    Sources(Vec<Part>),
    /// The conversation has a better title.
    Title(String),
    /// What the answer cost.
    Usage(Usage),
    /// The answer failed; `Done` follows.
    Error(MessageError),
    /// The message as stored: replaces what the reader holds. Made for a resume, never in a log.
    Snapshot(Box<Message>),
    /// The answer is settled. Exactly one, always last.
    Done {
        /// The answer.
        message_id: MessageId,
        /// How it ended.
        state: State,
        /// Why the model ended.
        finish_reason: Option<String>,
        /// What it cost.
        usage: Option<Usage>,
    },
}

impl Event {
    /// Nothing follows this event.
    pub fn is_done(&self) -> bool {
        matches!(self.kind, EventKind::Done { .. })
    }
}
