//! One node of a conversation's tree.

use serde::{Deserialize, Serialize};

use crate::{
    Attachment, ConversationId, MessageId, Person, Timestamp, TurnId, text_enum, text_enum::TextEnum as _,
};

text_enum! {
    /// Who speaks.
    pub enum Role {
        /// A person.
        User = "user",
        /// A model.
        Assistant = "assistant",
        /// The instructions of a conversation.
        System = "system",
        /// A tool's result.
        Tool = "tool",
    }
}

text_enum! {
    /// How far a message, or the turn that produces it, has come.
    pub enum State {
        /// An earlier turn of the conversation is unsettled.
        Waiting = "waiting",
        /// It is being written.
        Running = "running",
        /// The model came to its end.
        Completed = "completed",
        /// A person ended it.
        Stopped = "stopped",
        /// The provider failed.
        Failed = "failed",
        /// The server ended under it.
        Interrupted = "interrupted",
    }
}

impl State {
    /// A settled answer is never written again.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// Why an answer ended without its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageError {
    /// A stable word such as `provider_timeout`.
    pub code: String,
    /// A sentence for the reader.
    pub message: String,
    /// Whether trying again may help.
    pub retryable: bool,
}

/// Tokens that an answer cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request.
    pub prompt_tokens: i64,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: i64,
    /// Tokens of the answer that were reasoning.
    #[serde(default)]
    pub reasoning_tokens: i64,
    /// The provider sent no figures, so these were estimated from the text.
    #[serde(default)]
    pub estimated: bool,
}

text_enum! {
    /// What a person thinks of an answer.
    pub enum Rating {
        /// It helped.
        Up = "up",
        /// It did not.
        Down = "down",
    }
}

/// A person's word about an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Good or bad.
    pub rating: Rating,
    /// Why, if the person said so.
    pub comment: Option<String>,
}

text_enum! {
    /// How far a tool call has come.
    pub enum CallState {
        /// The model has written it.
        Called = "called",
        /// The tool works on it.
        Running = "running",
        /// There is a result.
        Completed = "completed",
        /// There is none, but a sentence that says why.
        Failed = "failed",
    }
}

impl CallState {
    /// A call that has ended is never run again.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// A piece of a message. Parts only ever grow at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// What is said.
    Text {
        /// Markdown.
        text: String,
    },
    /// What the model thought before it spoke.
    Reasoning {
        /// Markdown.
        text: String,
        /// How long it thought, in milliseconds, once that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<i64>,
    },
    /// A tool that the model called.
    ToolCall {
        /// The provider's id of the call.
        id: String,
        /// The tool's name.
        name: String,
        /// JSON text, as the model wrote it.
        arguments: String,
        /// A [`CallState`] as a word.
        state: String,
        /// What the tool answered, or why it did not.
        result: Option<String>,
        /// How long it ran, in milliseconds.
        duration_ms: Option<i64>,
    },
    /// A page or document that the answer leans on.
    Source {
        /// The number used to cite it.
        n: i64,
        /// Its title.
        title: String,
        /// Its address.
        url: String,
        /// The passage that matters.
        snippet: String,
    },
    /// A file that goes with what a person says.
    File(Attachment),
}

/// What is said of a call that was cut off.
const CUT_OFF: &str = "The answer ended before the tool did.";

/// The parts of a message, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parts(pub Vec<Part>);

impl Parts {
    /// One text.
    pub fn text_only(text: impl Into<String>) -> Self {
        Self(vec![Part::Text { text: text.into() }])
    }

    /// What a person says: files, then words, if there are any.
    pub fn said(files: impl IntoIterator<Item = Attachment>, text: &str) -> Self {
        let words = (!text.trim().is_empty()).then(|| Part::Text { text: text.to_owned() });
        Self(files.into_iter().map(Part::File).chain(words).collect())
    }

    /// Adds `text` to the last part if that is a text, else as a new part.
    pub fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Text { text: last }) => last.push_str(text),
            _ => self.0.push(Part::Text { text: text.to_owned() }),
        }
    }

    /// Adds `text` to the last part if that is reasoning, else as a new part.
    pub fn push_reasoning(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Reasoning { text: last, .. }) => last.push_str(text),
            _ => self.0.push(Part::Reasoning { text: text.to_owned(), duration_ms: None }),
        }
    }

    /// Notes how long the model thought before it went on. What it thinks on in the same part is added to that.
    pub fn push_thought(&mut self, duration_ms: i64) {
        match self.0.last_mut() {
            Some(Part::Reasoning { duration_ms: known, .. }) => {
                *known = Some(known.unwrap_or(0) + duration_ms);
            }
            _ => self.0.push(Part::Reasoning { text: String::new(), duration_ms: Some(duration_ms) }),
        }
    }

    /// Puts a part behind what is held: text and reasoning are joined, a tool call with a known id is replaced, and so is a
    /// source with a known number.
    pub fn push(&mut self, part: Part) {
        match part {
            Part::Text { text } => self.push_text(&text),
            Part::Reasoning { text, duration_ms } => {
                self.push_reasoning(&text);
                if let Some(duration_ms) = duration_ms {
                    self.push_thought(duration_ms);
                }
            }
            Part::ToolCall { ref id, .. } => {
                let known = self
                    .0
                    .iter_mut()
                    .find(|held| matches!(held, Part::ToolCall { id: held, .. } if held == id));
                match known {
                    Some(held) => *held = part,
                    None => self.0.push(part),
                }
            }
            Part::Source { n, .. } => {
                let is_it = |held: &&mut Part| matches!(held, Part::Source { n: known, .. } if *known == n);
                match self.0.iter_mut().find(is_it) {
                    Some(held) => *held = part,
                    None => self.0.push(part),
                }
            }
            Part::File(_) => self.0.push(part),
        }
    }

    /// What is said, without reasoning, tools and sources.
    pub fn text(&self) -> String {
        let texts = self.0.iter().filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::Source { .. } | Part::File(_) => None,
        });
        texts.collect()
    }

    /// The files that go with it.
    pub fn files(&self) -> impl Iterator<Item = &Attachment> {
        self.0.iter().filter_map(|part| match part {
            Part::File(file) => Some(file),
            Part::Text { .. } | Part::Reasoning { .. } | Part::ToolCall { .. } | Part::Source { .. } => None,
        })
    }

    /// Tool calls that neither completed nor failed fail now: nobody works on them any more. Gives those calls.
    pub fn end_calls(&mut self) -> Vec<Part> {
        let mut ended = Vec::new();
        for part in &mut self.0 {
            let Part::ToolCall { state, result, .. } = part else { continue };
            if CallState::parse(state).is_ok_and(CallState::has_ended) {
                continue;
            }
            CallState::Failed.as_str().clone_into(state);
            result.get_or_insert_with(|| CUT_OFF.to_owned());
            ended.push(part.clone());
        }
        ended
    }

    /// Nothing was said, thought or called.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it was said.
    pub conversation_id: ConversationId,
    /// What it answers or follows; an edit or a regeneration is a sibling.
    pub parent_id: Option<MessageId>,
    /// Who speaks.
    pub role: Role,
    /// Who of the members asked, of a question; nobody once that account has ended.
    pub author: Option<Person>,
    /// What is said. While it runs: the tail that is saved so far.
    pub parts: Parts,
    /// How far it has come.
    pub state: State,
    /// The turn that asked (of a question) or produces it (of an answer).
    pub turn_id: Option<TurnId>,
    /// The model that answers.
    pub model: Option<String>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// Why the model ended: `stop`, `length`, `tool_calls`, `content_filter` …
    pub finish_reason: Option<String>,
    /// Why it failed.
    pub error: Option<MessageError>,
    /// When it was made.
    pub created_at: Timestamp,
    /// All messages with the same parent and role, oldest first, this one included.
    pub sibling_ids: Vec<MessageId>,
    /// While it is unsettled: everything up to this `seq` of the turn's log is in `parts`.
    pub covers: Option<i64>,
    /// What the reader thinks of it.
    pub feedback: Option<Feedback>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_grows_in_one_part() {
        let mut parts = Parts::default();
        for word in ["Hel", "lo"] {
            parts.push_text(word);
        }
        parts.push(Part::Reasoning { text: "hm".into(), duration_ms: None });
        parts.push_text("!");
        assert_eq!(parts.0.len(), 3);
        assert_eq!(parts.text(), "Hello!");
    }

    #[test]
    fn a_call_is_replaced_where_it_stands_and_one_that_nobody_works_on_fails() {
        let call = |id: &str, state: CallState, result: Option<&str>| Part::ToolCall {
            id: id.into(),
            name: "f".into(),
            arguments: "{}".into(),
            state: state.to_string(),
            result: result.map(str::to_owned),
            duration_ms: None,
        };
        let mut parts = Parts::default();
        parts.push(call("a", CallState::Called, None));
        parts.push(call("b", CallState::Running, None));
        parts.push_text("so");
        parts.push(call("a", CallState::Completed, Some("1")));
        let ended = parts.end_calls();
        assert_eq!(ended, [call("b", CallState::Failed, Some(CUT_OFF))]);
        assert_eq!(parts.0[0], call("a", CallState::Completed, Some("1")));
        assert_eq!(parts.0[1..2], ended);
        assert_eq!((parts.0.len(), parts.end_calls().len()), (3, 0));
    }

    #[test]
    fn pieces_of_a_thought_are_one_thought_that_took_as_long_as_all_of_them() {
        let thought = |text: &str, duration_ms| Part::Reasoning { text: text.into(), duration_ms };
        let mut parts = Parts::default();
        // The last piece of a running answer may hold nothing but the end of the thought.
        for piece in [thought("Let", None), thought(" me", None), thought("", Some(700))] {
            parts.push(piece);
        }
        assert_eq!(parts.0, [thought("Let me", Some(700))]);
        parts.push(thought(" see", Some(50)));
        assert_eq!(parts.0, [thought("Let me see", Some(750))]);
    }
}
