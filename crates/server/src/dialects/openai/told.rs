//! An answer in OpenAI's words: chunks of a stream, or one object. Pure.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use services::{
    chat::{Answering, Delta},
    domain::{Event, EventKind, MessageError, Part, State, Usage},
};

/// What every piece of an answer says of it.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) id: i64,
    pub(super) model: Answering,
    /// When it was asked, in seconds since 1970.
    pub(super) created: i64,
}

fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens.saturating_add(usage.completion_tokens),
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning_tokens },
    })
}

/// One line of a stream.
pub(super) fn line(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// The end of every stream that came to its end.
pub(super) const END: &str = "data: [DONE]\n\n";

/// What an answer leans on: more of it may be found while the answer is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaning(Arc<Mutex<Vec<Part>>>);

impl Leaning {
    /// These were found, all of them up to now.
    pub(super) fn on(&self, sources: Vec<Part>) {
        if !sources.is_empty() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sources;
        }
    }

    /// Where `text` cites them: one annotation for each `[n]`, with its place in characters.
    fn annotations(&self, text: &str) -> Vec<Value> {
        let mut found = Vec::new();
        for source in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let Part::Source { n, title, url, .. } = source else { continue };
            let mark = format!("[{n}]");
            for (at, _) in text.match_indices(&mark) {
                let start = text[..at].chars().count();
                let cited = json!({
                    "start_index": start, "end_index": start + mark.len(), "title": title, "url": url,
                });
                found.push((start, json!({ "type": "url_citation", "url_citation": cited })));
            }
        }
        found.sort_by_key(|(start, _)| *start);
        found.into_iter().map(|(_, annotation)| annotation).collect()
    }
}

/// Makes chunks of what is said.
#[derive(Debug)]
pub(super) struct Chunks {
    about: About,
    leaning: Leaning,
    /// What was said, for the places of citations.
    text: String,
    wants_usage: bool,
    has_begun: bool,
    usage: Option<Usage>,
}

impl Chunks {
    pub(super) fn new(about: About, wants_usage: bool, leaning: Leaning) -> Self {
        Self { about, leaning, text: String::new(), wants_usage, has_begun: false, usage: None }
    }

    /// The lines of one delta.
    pub(super) fn lines(&mut self, delta: Delta) -> String {
        let piece = match delta {
            Delta::Text(text) => {
                self.text.push_str(&text);
                json!({ "content": text })
            }
            Delta::Reasoning(text) => json!({ "reasoning_content": text }),
            Delta::ToolCall { index, id, name, arguments } => {
                let mut call = json!({ "index": index, "function": { "arguments": arguments } });
                if let Some(id) = id {
                    call["id"] = json!(id);
                    call["type"] = json!("function");
                }
                if let Some(name) = name {
                    call["function"]["name"] = json!(name);
                }
                json!({ "tool_calls": [call] })
            }
            Delta::Usage(cost) => {
                self.usage = Some(cost);
                return String::new();
            }
            Delta::Finish(reason) => return self.end(&reason),
        };
        let mut lines = self.beginning();
        lines.push_str(&self.choice(&piece, None));
        lines
    }

    /// The first chunk says who speaks.
    fn beginning(&mut self) -> String {
        if std::mem::replace(&mut self.has_begun, true) {
            return String::new();
        }
        self.choice(&json!({ "role": "assistant", "content": "" }), None)
    }

    fn end(&mut self, reason: &str) -> String {
        let mut lines = self.beginning();
        let annotations = self.leaning.annotations(&self.text);
        if !annotations.is_empty() {
            lines.push_str(&self.choice(&json!({ "annotations": annotations }), None));
        }
        lines.push_str(&self.choice(&json!({}), Some(reason)));
        if self.wants_usage {
            lines.push_str(&self.chunk(&json!([]), self.usage.map(usage)));
        }
        lines.push_str(END);
        lines
    }

    fn choice(&self, delta: &Value, reason: Option<&str>) -> String {
        self.chunk(&json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]), None)
    }

    fn chunk(&self, choices: &Value, usage: Option<Value>) -> String {
        let About { id, model, created } = &self.about;
        let mut chunk = json!({
            "id": format!("chatcmpl-{id}"), "object": "chat.completion.chunk", "created": created,
            "model": model.name(), "choices": choices,
        });
        if self.wants_usage {
            chunk["usage"] = usage.unwrap_or(Value::Null);
        }
        line(&chunk)
    }
}

/// An answer that is gathered.
#[derive(Debug, Default)]
pub(super) struct Whole {
    text: String,
    reasoning: String,
    calls: Vec<Value>,
    usage: Option<Usage>,
    finish: Option<String>,
}

impl Whole {
    pub(super) fn take(&mut self, delta: Delta) {
        match delta {
            Delta::Text(text) => self.text.push_str(&text),
            Delta::Reasoning(text) => self.reasoning.push_str(&text),
            Delta::ToolCall { index, id, name, arguments } => self.call(index, id, name, &arguments),
            Delta::Usage(usage) => self.usage = Some(usage),
            Delta::Finish(reason) => self.finish = Some(reason),
        }
    }

    fn call(&mut self, index: usize, id: Option<String>, name: Option<String>, arguments: &str) {
        let (id, name) = (id.unwrap_or_default(), name.unwrap_or_default());
        match self.calls.get_mut(index) {
            Some(call) => {
                let begun = call["function"]["arguments"].as_str().unwrap_or_default();
                call["function"]["arguments"] = json!(format!("{begun}{arguments}"));
                if !name.is_empty() {
                    call["function"]["name"] = json!(name);
                }
            }
            None => self.calls.push(
                json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } }),
            ),
        }
    }

    pub(super) fn say(self, about: &About, leaning: &Leaning) -> Value {
        let has_calls = !self.calls.is_empty();
        let content = if has_calls && self.text.is_empty() { Value::Null } else { json!(self.text) };
        let mut message = json!({ "role": "assistant", "content": content, "refusal": null });
        let annotations = leaning.annotations(&self.text);
        if !annotations.is_empty() {
            message["annotations"] = json!(annotations);
        }
        if !self.reasoning.is_empty() {
            message["reasoning_content"] = json!(self.reasoning);
        }
        if has_calls {
            message["tool_calls"] = json!(self.calls);
        }
        let finish = self.finish.unwrap_or_else(|| "stop".to_owned());
        json!({
            "id": format!("chatcmpl-{}", about.id),
            "object": "chat.completion",
            "created": about.created,
            "model": about.model.name(),
            "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish }],
            "usage": self.usage.map(usage),
        })
    }
}

/// Makes deltas of the events of a stored answer.
#[derive(Debug)]
pub(super) struct Retold {
    answering: Answering,
    leaning: Leaning,
    text: String,
    has_failed: bool,
}

impl Retold {
    /// Of an answer by this model, unless the events say otherwise. What it leans on is put into `leaning`.
    pub(super) fn of(answering: &Answering, leaning: Leaning) -> Self {
        Self { answering: answering.clone(), leaning, text: String::new(), has_failed: false }
    }

    pub(super) fn deltas(&mut self, event: Event) -> Vec<Result<Delta, MessageError>> {
        match event.kind {
            EventKind::Model { model, .. } => {
                self.answering.stands_in(&model);
                Vec::new()
            }
            EventKind::Chunk(text) => self.say(text),
            EventKind::Reasoning(text) => vec![Ok(Delta::Reasoning(text))],
            EventKind::Sources(sources) => {
                self.leaning.on(sources);
                Vec::new()
            }
            EventKind::Snapshot(message) => {
                let all = message.parts.text();
                let is_source = |part: &Part| matches!(part, Part::Source { .. });
                self.leaning.on(message.parts.0.into_iter().filter(is_source).collect());
                self.say(all.strip_prefix(self.text.as_str()).unwrap_or_default().to_owned())
            }
            EventKind::Error(error) => self.fail(error),
            EventKind::Done { state: State::Interrupted, .. } if !self.has_failed => {
                self.fail(MessageError {
                    code: "stopping".into(),
                    message: "The server was restarted under this answer. What it had said is kept.".into(),
                    retryable: true,
                })
            }
            EventKind::Done { finish_reason, usage, .. } if !self.has_failed => {
                let finish = Delta::Finish(finish_reason.unwrap_or_else(|| "stop".to_owned()));
                usage.map(Delta::Usage).into_iter().chain([finish]).map(Ok).collect()
            }
            _ => Vec::new(),
        }
    }

    fn say(&mut self, text: String) -> Vec<Result<Delta, MessageError>> {
        self.text.push_str(&text);
        vec![Ok(Delta::Text(text))]
    }

    fn fail(&mut self, error: MessageError) -> Vec<Result<Delta, MessageError>> {
        self.has_failed = true;
        vec![Err(error)]
    }
}
