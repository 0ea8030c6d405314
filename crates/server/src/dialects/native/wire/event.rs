//! The events of a turn on the wire: one JSON object a `data:` line, `id: <turn>:<seq>`, `data: [DONE]` at the end.

use serde::Serialize;
use services::domain::{self, EventKind, TurnId};
use utoipa::ToSchema;

use super::message::{Message, MessageState, Part, Source, ToolCall, Usage};

/// What happened in a turn.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum TurnEvent {
    /// The question is stored; the answer begins.
    Start { turn_id: i64, conversation_id: i64, user_message_id: i64, message_id: i64, model: String },
    /// Another model answers than the one that was asked for, which failed before its first word.
    Model {
        model: String,
        instead_of: String,
        /// The code of the failure.
        reason: String,
    },
    /// More of the answer.
    Chunk { content: String },
    /// More of what the model thinks.
    Reasoning {
        content: String,
        /// How long it thought, in milliseconds: on the last one before it goes on to something else.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        duration_ms: Option<i64>,
    },
    /// A tool call began, went on or ended.
    Tool(ToolCall),
    /// What the answer leans on, all of it up to here: replaces what an earlier one said.
    Sources { sources: Vec<Source> },
    /// The conversation has a better title.
    Title { title: String },
    /// What the answer cost.
    Usage(Usage),
    /// The answer failed; `done` follows.
    Error { code: String, message: String, retryable: bool },
    /// The message as stored: replaces text and cursor, whatever its number.
    Snapshot { message: Box<Message>, covers: i64 },
    /// The answer is settled. Exactly one, always last.
    Done {
        message_id: i64,
        state: MessageState,
        #[schema(required = true)]
        finish_reason: Option<String>,
        #[schema(required = true)]
        usage: Option<Usage>,
        /// What the answer leans on, as `sources` said it, if that was told in this stream.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[schema(required = false)]
        sources: Vec<Source>,
    },
}

impl From<domain::Event> for TurnEvent {
    fn from(event: domain::Event) -> Self {
        match event.kind {
            EventKind::Start { turn_id, conversation_id, user_message_id, message_id, model } => {
                Self::Start {
                    turn_id: turn_id.0,
                    conversation_id: conversation_id.0,
                    user_message_id: user_message_id.0,
                    message_id: message_id.0,
                    model,
                }
            }
            EventKind::Model { model, instead_of, reason } => Self::Model { model, instead_of, reason },
            EventKind::Chunk(content) => Self::Chunk { content },
            EventKind::Reasoning(content) => Self::Reasoning { content, duration_ms: None },
            EventKind::Thought(duration_ms) => {
                Self::Reasoning { content: String::new(), duration_ms: Some(duration_ms) }
            }
            EventKind::Tool(part) => match Part::from(part) {
                Part::ToolCall(call) => Self::Tool(call),
                Part::Text { text } | Part::Reasoning { text, .. } => Self::Chunk { content: text },
                Part::File(file) => Self::Chunk { content: file.name },
                Part::Source(source) => Self::Sources { sources: vec![source] },
            },
            EventKind::Sources(parts) => {
                let sources = parts.into_iter().filter_map(|part| match Part::from(part) {
                    Part::Source(source) => Some(source),
                    Part::Text { .. } | Part::Reasoning { .. } | Part::ToolCall(_) | Part::File(_) => None,
                });
                Self::Sources { sources: sources.collect() }
            }
            EventKind::Title(title) => Self::Title { title },
            EventKind::Usage(usage) => Self::Usage(usage.into()),
            EventKind::Error(error) => {
                Self::Error { code: error.code, message: error.message, retryable: error.retryable }
            }
            EventKind::Snapshot(message) => {
                Self::Snapshot { message: Box::new(Message::from(*message)), covers: event.seq }
            }
            EventKind::Done { message_id, state, finish_reason, usage } => Self::Done {
                message_id: message_id.0,
                state: state.into(),
                finish_reason,
                usage: usage.map(Usage::from),
                sources: Vec::new(),
            },
        }
    }
}

/// What ends every stream.
pub(crate) const END: &str = "data: [DONE]\n\n";

/// Tells the events of one turn, oldest first.
pub(crate) struct Telling {
    turn: TurnId,
    /// What was told that the answer leans on: the end says it again.
    sources: Vec<Source>,
}

impl Telling {
    /// Nothing was told yet.
    pub(crate) fn of(turn: TurnId) -> Self {
        Self { turn, sources: Vec::new() }
    }

    /// The lines of one event.
    pub(crate) fn lines(&mut self, event: domain::Event) -> String {
        let (turn, seq) = (self.turn, event.seq);
        let mut event = TurnEvent::from(event);
        match &mut event {
            TurnEvent::Sources { sources } => self.sources.clone_from(sources),
            TurnEvent::Snapshot { message, .. } => self.sources.clone_from(&message.sources),
            TurnEvent::Done { sources, .. } => *sources = std::mem::take(&mut self.sources),
            _ => {}
        }
        let data = serde_json::to_string(&event).unwrap_or_default();
        format!("id: {turn}:{seq}\ndata: {data}\n\n")
    }
}

/// The cursor in `Last-Event-ID` or `?after=`: `<turn>:<seq>` or a plain `seq`. A cursor of another turn, or one that
/// nobody gave, means from the start.
pub(crate) fn cursor(text: &str, turn: TurnId) -> i64 {
    let seq = match text.trim().split_once(':') {
        Some((of, seq)) if of.parse() == Ok(turn.0) => seq,
        Some(_) => return 0,
        None => text.trim(),
    };
    seq.parse().ok().filter(|seq| *seq >= 0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_an_id_line_and_one_line_of_json() {
        let event = domain::Event { seq: 3, kind: EventKind::Chunk("Hel\nlo".into()) };
        let mut telling = Telling::of(TurnId(7));
        assert_eq!(telling.lines(event), "id: 7:3\ndata: {\"type\":\"chunk\",\"content\":\"Hel\\nlo\"}\n\n");
        let usage =
            domain::Usage { prompt_tokens: 9, completion_tokens: 3, reasoning_tokens: 0, estimated: false };
        let done = EventKind::Done {
            message_id: domain::MessageId(75),
            state: domain::State::Completed,
            finish_reason: Some("stop".into()),
            usage: Some(usage),
        };
        assert_eq!(
            telling.lines(domain::Event { seq: 9, kind: done }),
            "id: 7:9\ndata: {\"type\":\"done\",\"message_id\":75,\"state\":\"completed\",\"finish_reason\":\"stop\",\
             \"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"reasoning_tokens\":0,\"estimated\":false}}\n\n"
        );
    }

    #[test]
    fn the_end_says_again_what_the_answer_leans_on() {
        let source = domain::Part::Source { n: 1, title: "T".into(), url: "u".into(), snippet: "s".into() };
        let mut telling = Telling::of(TurnId(7));
        telling.lines(domain::Event { seq: 2, kind: EventKind::Sources(vec![source]) });
        let done = EventKind::Done {
            message_id: domain::MessageId(75),
            state: domain::State::Completed,
            finish_reason: None,
            usage: None,
        };
        let told = telling.lines(domain::Event { seq: 9, kind: done });
        let sources = "\"sources\":[{\"n\":1,\"title\":\"T\",\"url\":\"u\",\"snippet\":\"s\"}]}";
        assert!(told.trim_end().ends_with(sources), "{told}");
    }

    #[test]
    fn a_cursor_of_another_turn_means_from_the_start() {
        assert_eq!(cursor("7:12", TurnId(7)), 12);
        assert_eq!(cursor("12", TurnId(7)), 12);
        for odd in ["8:12", "", "x", "-4", "7:-4", "7:x"] {
            assert_eq!(cursor(odd, TurnId(7)), 0, "{odd}");
        }
    }
}
