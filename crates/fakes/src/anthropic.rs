//! An answer in Anthropic's words.

use serde_json::{Value, json};

use crate::play::{Call, Encoder, Ending, Figures};

/// Writes events of one answer; remembers which block is open.
pub(crate) struct Anthropic {
    id: String,
    model: String,
    blocks: usize,
    open: Option<&'static str>,
}

impl Anthropic {
    pub(crate) fn new(request: u64, model: &str) -> Self {
        Self { id: format!("msg_fake{request}"), model: model.to_owned(), blocks: 0, open: None }
    }

    /// Makes sure that a block of this kind is open.
    fn block(&mut self, kind: &'static str, start: &Value, out: &mut Vec<u8>) {
        if self.open == Some(kind) {
            return;
        }
        self.end_block(out);
        self.open = Some(kind);
        event("content_block_start", &json!({ "index": self.blocks, "content_block": start }), out);
    }

    fn end_block(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            event("content_block_stop", &json!({ "index": self.blocks }), out);
            self.blocks += 1;
        }
    }

    fn delta(&self, delta: &Value, out: &mut Vec<u8>) {
        event("content_block_delta", &json!({ "index": self.blocks, "delta": delta }), out);
    }
}

fn event(name: &str, data: &Value, out: &mut Vec<u8>) {
    let mut data = data.clone();
    data["type"] = json!(name);
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}

impl Encoder for Anthropic {
    fn open(&mut self, figures: Figures, out: &mut Vec<u8>) {
        let message = json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": [],
            "stop_reason": null, "usage": { "input_tokens": figures.prompt, "output_tokens": 1 },
        });
        event("message_start", &json!({ "message": message }), out);
        event("ping", &json!({}), out);
    }

    fn token(&mut self, text: &str, out: &mut Vec<u8>) {
        self.block("text", &json!({ "type": "text", "text": "" }), out);
        self.delta(&json!({ "type": "text_delta", "text": text }), out);
    }

    fn thought(&mut self, text: &str, out: &mut Vec<u8>) {
        self.block("thinking", &json!({ "type": "thinking", "thinking": "" }), out);
        self.delta(&json!({ "type": "thinking_delta", "thinking": text }), out);
    }

    fn tool_call(&mut self, _place: usize, call: &Call, out: &mut Vec<u8>) {
        let Call { id, name, arguments } = call;
        let start = json!({ "type": "tool_use", "id": format!("toolu_{id}"), "name": name, "input": {} });
        self.end_block(out);
        self.block("tool_use", &start, out);
        let (first, second) = arguments.split_at(arguments.floor_char_boundary(arguments.len() / 2));
        for part in ["", first, second] {
            self.delta(&json!({ "type": "input_json_delta", "partial_json": part }), out);
        }
    }

    fn close(&mut self, ending: Ending, out: &mut Vec<u8>) {
        self.end_block(out);
        if let Some(word) = ending.finish {
            let word = match word {
                "tool" => "tool_use",
                "length" => "max_tokens",
                _ => "end_turn",
            };
            let output = ending.figures.map(|figures| figures.completion);
            let usage = output.map_or(json!({}), |output| json!({ "output_tokens": output }));
            event("message_delta", &json!({ "delta": { "stop_reason": word }, "usage": usage }), out);
        }
        if ending.done {
            event("message_stop", &json!({}), out);
        }
    }

    fn error(&mut self, out: &mut Vec<u8>) {
        event(
            "error",
            &json!({ "error": { "type": "overloaded_error", "message": "The fake provider failed on request" } }),
            out,
        );
    }

    fn whole(&mut self, thought: &str, text: &str, calls: &[Call], figures: Figures) -> Value {
        let mut content = Vec::new();
        if !thought.is_empty() {
            content.push(json!({ "type": "thinking", "thinking": thought }));
        }
        if !text.is_empty() {
            content.push(json!({ "type": "text", "text": text }));
        }
        let mut stop = "end_turn";
        for Call { id, name, arguments } in calls {
            let input: Value = serde_json::from_str(arguments).unwrap_or_default();
            content.push(
                json!({ "type": "tool_use", "id": format!("toolu_{id}"), "name": name, "input": input }),
            );
            stop = "tool_use";
        }
        json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": content,
            "stop_reason": stop, "usage": { "input_tokens": figures.prompt, "output_tokens": figures.completion },
        })
    }
}

/// The body of a refusal.
pub(crate) fn refusal(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    json!({ "type": "error", "error": { "type": kind, "message": message } })
}

/// The list of models.
pub(crate) fn models(names: &[String]) -> Value {
    let data: Vec<_> = names
        .iter()
        .map(|name| json!({ "type": "model", "id": name, "display_name": format!("Fake {name}") }))
        .collect();
    json!({ "data": data, "has_more": false, "first_id": names.first(), "last_id": names.last() })
}
