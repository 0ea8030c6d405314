//! Seed 000's words. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::domain::{self, Event, EventKind, State, UserId};

use crate::http::{sources::sources, time::rfc3339};

/// A conversation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    id: String,
    owner_id: String,
    title: String,
    model: String,
    created_at: String,
    updated_at: String,
}

impl Session {
    /// `model` is what answers when the conversation names none.
    pub(super) fn of(one: domain::Conversation, owner: UserId, model: &str) -> Self {
        Self {
            id: one.id.to_string(),
            owner_id: owner.to_string(),
            title: one.title,
            model: one.model.unwrap_or_else(|| model.to_owned()),
            created_at: rfc3339(one.created_at),
            updated_at: rfc3339(one.updated_at.max(one.last_activity_at)),
        }
    }
}

/// Something that was said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    id: String,
    owner_id: String,
    session_id: String,
    role: &'static str,
    content: String,
    created_at: String,
    /// What an answer leans on. Its server knew none: there only where there are some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Value>,
}

impl Message {
    pub(super) fn of(one: &domain::Message, owner: UserId) -> Self {
        Self {
            id: one.id.to_string(),
            owner_id: owner.to_string(),
            session_id: one.conversation_id.to_string(),
            role: match one.role {
                domain::Role::User => "user",
                domain::Role::Assistant | domain::Role::Tool => "assistant",
                domain::Role::System => "system",
            },
            content: one.parts.text(),
            created_at: rfc3339(one.created_at),
            sources: sources(&one.parts),
        }
    }
}

/// A title and a model, both optional.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SessionRequest {
    pub(super) title: Option<String>,
    pub(super) model: Option<String>,
}

/// Something to say, with all that was said before as the client has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamRequest {
    pub(super) session_id: String,
    pub(super) model: String,
    pub(super) messages: Vec<Spoken>,
    pub(super) temperature: Option<f64>,
}

/// One line of what was said.
#[derive(Debug, Deserialize)]
pub(super) struct Spoken {
    role: String,
    #[serde(default)]
    content: String,
}

impl StreamRequest {
    /// The newest question, and how many came before it.
    pub(super) fn question(&self) -> Option<(String, usize)> {
        let questions: Vec<&Spoken> = self.messages.iter().filter(|said| said.role == "user").collect();
        let (last, before) = questions.split_last()?;
        Some((last.content.clone(), before.len()))
    }
}

/// What was told of an answer so far, so that nothing is told twice.
#[derive(Debug, Default)]
pub(super) struct Told {
    text: String,
    failed: bool,
}

impl Told {
    /// The lines of one event; none if this client has no word for it.
    pub(super) fn lines(&mut self, event: Event) -> String {
        match event.kind {
            EventKind::Chunk(text) => self.chunk(&text),
            EventKind::Snapshot(message) => {
                let all = message.parts.text();
                let rest = all.strip_prefix(self.text.as_str()).unwrap_or_default().to_owned();
                self.chunk(&rest)
            }
            EventKind::Error(error) => self.error(&error.message),
            EventKind::Done { state: State::Interrupted, .. } if !self.failed => {
                self.error("The server was restarted under this answer. What it had said is kept.")
            }
            EventKind::Done { message_id, .. } if !self.failed => {
                line(&Line::End { message_id: message_id.to_string() })
            }
            _ => String::new(),
        }
    }

    fn chunk(&mut self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        self.text.push_str(text);
        line(&Line::Chunk { delta: text })
    }

    fn error(&mut self, text: &str) -> String {
        self.failed = true;
        line(&Line::Error { error: text })
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Chunk {
        delta: &'a str,
    },
    End {
        #[serde(rename = "messageId")]
        message_id: String,
    },
    Error {
        error: &'a str,
    },
}

fn line(line: &Line<'_>) -> String {
    format!("data: {}\n\n", serde_json::to_string(line).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use services::domain::{MessageError, MessageId};

    use super::*;

    fn done(state: State) -> Event {
        let kind = EventKind::Done { message_id: MessageId(7), state, finish_reason: None, usage: None };
        Event { seq: 9, kind }
    }

    #[test]
    fn an_answer_is_chunks_and_one_end() {
        let mut told = Told::default();
        let chunk = Event { seq: 2, kind: EventKind::Chunk("è \"so\"\n".into()) };
        assert_eq!(told.lines(chunk), "data: {\"type\":\"chunk\",\"delta\":\"è \\\"so\\\"\\n\"}\n\n");
        assert_eq!(told.lines(done(State::Completed)), "data: {\"type\":\"end\",\"messageId\":\"7\"}\n\n");
    }

    #[test]
    fn after_an_error_there_is_no_end() {
        let mut told = Told::default();
        let error = MessageError { code: "x".into(), message: "It failed.".into(), retryable: true };
        let failed = Event { seq: 2, kind: EventKind::Error(error) };
        assert_eq!(told.lines(failed), "data: {\"type\":\"error\",\"error\":\"It failed.\"}\n\n");
        assert_eq!(told.lines(done(State::Failed)), "");
        assert!(Told::default().lines(done(State::Interrupted)).contains("\"error\""));
    }

    #[test]
    fn the_newest_question_is_what_is_asked() {
        let request: StreamRequest = serde_json::from_str(
            r#"{"sessionId":"1","model":"gpt-4o","messages":[{"role":"user","content":"a"},
               {"role":"assistant","content":"b"},{"role":"user","content":"c","id":"x"}]}"#,
        )
        .unwrap();
        assert_eq!(request.question(), Some(("c".into(), 1)));
    }
}
