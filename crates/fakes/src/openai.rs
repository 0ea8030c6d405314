//! An answer in OpenAI's words.

use serde_json::{Value, json};

use crate::play::{Call, Encoder, Ending, Figures};

const CREATED: u64 = 1_767_225_600;

/// Writes events of one answer. What does not change is serialized once.
pub(crate) struct OpenAi {
    id: String,
    model: String,
    prefix: Vec<u8>,
    has_index: bool,
    second_choice: bool,
    wants_usage: bool,
}

impl OpenAi {
    pub(crate) fn new(
        request: u64,
        model: &str,
        has_index: bool,
        second_choice: bool,
        wants_usage: bool,
    ) -> Self {
        let id = format!("chatcmpl-fake{request}");
        let prefix = format!(
            r#"data: {{"id":"{id}","object":"chat.completion.chunk","created":{CREATED},"model":{},"system_fingerprint":"fp_fake","choices":["#,
            json!(model)
        );
        Self {
            id,
            model: model.to_owned(),
            prefix: prefix.into_bytes(),
            has_index,
            second_choice,
            wants_usage,
        }
    }

    fn event(&self, choices: &str, tail: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(choices.as_bytes());
        out.extend_from_slice(b"]");
        out.extend_from_slice(tail.as_bytes());
        out.extend_from_slice(b"}\n\n");
    }

    fn delta(&self, delta: &Value, out: &mut Vec<u8>) {
        self.event(&json!({ "index": 0, "delta": delta, "finish_reason": null }).to_string(), "", out);
    }

    fn text(&self, field: &str, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.prefix);
        if self.second_choice {
            let other = json!({ "index": 1, "delta": { "content": "WRONG" }, "finish_reason": null });
            out.extend_from_slice(format!("{other},").as_bytes());
        }
        out.extend_from_slice(br#"{"index":0,"delta":{""#);
        out.extend_from_slice(field.as_bytes());
        out.extend_from_slice(br#"":"#);
        serde_json::to_writer(&mut *out, text).expect("a Vec takes all");
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    }
}

fn usage(figures: Figures) -> Value {
    json!({
        "prompt_tokens": figures.prompt,
        "completion_tokens": figures.completion,
        "total_tokens": figures.prompt + figures.completion,
        "completion_tokens_details": { "reasoning_tokens": figures.reasoning },
    })
}

impl Encoder for OpenAi {
    fn open(&mut self, _: Figures, out: &mut Vec<u8>) {
        self.delta(&json!({ "role": "assistant", "content": "" }), out);
    }

    fn token(&mut self, text: &str, out: &mut Vec<u8>) {
        self.text("content", text, out);
    }

    fn thought(&mut self, text: &str, out: &mut Vec<u8>) {
        self.text("reasoning_content", text, out);
    }

    fn tool_call(&mut self, place: usize, call: &Call, out: &mut Vec<u8>) {
        let Call { name, arguments, .. } = call;
        let mut piece = |mut piece: Value| {
            if self.has_index {
                piece["index"] = json!(place);
            }
            self.delta(&json!({ "tool_calls": [piece] }), out);
        };
        piece(
            json!({ "id": format!("call_{}", call.id), "type": "function", "function": { "name": name, "arguments": "" } }),
        );
        let (first, second) = arguments.split_at(arguments.floor_char_boundary(arguments.len() / 2));
        for part in [first, second] {
            piece(json!({ "function": { "arguments": part } }));
        }
    }

    fn close(&mut self, ending: Ending, out: &mut Vec<u8>) {
        if let Some(word) = ending.finish {
            let word = match word {
                "tool" => "tool_calls",
                word => word,
            };
            self.event(&json!({ "index": 0, "delta": {}, "finish_reason": word }).to_string(), "", out);
        }
        if let Some(figures) = ending.figures.filter(|_| self.wants_usage) {
            self.event("", &format!(r#","usage":{}"#, usage(figures)), out);
        }
        if ending.done {
            out.extend_from_slice(b"data: [DONE]\n\n");
        }
    }

    fn error(&mut self, out: &mut Vec<u8>) {
        let error = json!({ "error": { "message": "The fake provider failed on request", "type": "server_error", "code": 500 } });
        out.extend_from_slice(format!("data: {error}\n\n").as_bytes());
    }

    fn whole(&mut self, thought: &str, text: &str, calls: &[Call], figures: Figures) -> Value {
        let calls = calls.iter().map(|Call { id, name, arguments }| {
            json!({ "id": format!("call_{id}"), "type": "function", "function": { "name": name, "arguments": arguments } })
        });
        let calls: Vec<Value> = calls.collect();
        let mut message = json!({ "role": "assistant", "content": text });
        if !thought.is_empty() {
            message["reasoning_content"] = json!(thought);
        }
        let finish = if calls.is_empty() {
            "stop"
        } else {
            message["tool_calls"] = json!(calls);
            "tool_calls"
        };
        json!({
            "id": self.id, "object": "chat.completion", "created": CREATED, "model": self.model,
            "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
            "usage": usage(figures),
        })
    }
}

/// The body of a refusal.
pub(crate) fn refusal(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    };
    json!({ "error": { "message": message, "type": kind, "param": null, "code": null } })
}

/// The list of models.
pub(crate) fn models(names: &[String]) -> Value {
    let data: Vec<_> = names
        .iter()
        .map(|name| json!({ "id": name, "object": "model", "created": CREATED, "owned_by": "fake", "context_length": 32768 }))
        .collect();
    json!({ "object": "list", "data": data })
}
