//! What goes over the wire. Their conversation differs from ours: instructions stand apart, people and models take
//! turns strictly, a tool's result is something that the person says.

use std::borrow::Cow;

use domain::{Role, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ChatMessage, ChatRequest, ToolChoice,
    lenient::{Count, Said},
};

/// Their protocol wants a limit; this is ours where the caller has none, in tokens.
const DEFAULT_MAX_TOKENS: i64 = 8192;

#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    max_tokens: i64,
    stream: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    system: String,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choosing<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Choosing<'a> {
    Auto,
    None,
    Any,
    Tool { name: &'a str },
}

impl<'a> Choosing<'a> {
    fn of(choice: &'a ToolChoice) -> Self {
        match choice {
            ToolChoice::Auto => Self::Auto,
            ToolChoice::None => Self::None,
            ToolChoice::Required => Self::Any,
            ToolChoice::Named(name) => Self::Tool { name },
        }
    }
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: Cow<'a, str> },
    Image { source: ImageSource<'a> },
    ToolUse { id: Cow<'a, str>, name: &'a str, input: Value },
    ToolResult { tool_use_id: Cow<'a, str>, content: &'a str },
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "base64")]
struct ImageSource<'a> {
    media_type: &'a str,
    data: String,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

impl<'a> Request<'a> {
    pub(super) fn of(request: &'a ChatRequest) -> Self {
        let instructions = request.messages.iter().filter(|message| message.role == Role::System);
        let instructions: Vec<_> = instructions.map(|message| message.text.as_str()).collect();
        Self {
            model: &request.model,
            max_tokens: request.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
            stream: true,
            system: instructions.join("\n\n"),
            messages: alternating(&request.messages),
            temperature: request.temperature.map(|temperature| temperature.clamp(0.0, 1.0)),
            tools: request
                .tools
                .iter()
                .map(|tool| Tool {
                    name: &tool.name,
                    description: &tool.description,
                    input_schema: &tool.parameters,
                })
                .collect(),
            // They refuse a choice among no tools.
            tool_choice: request.tool_choice.as_ref().filter(|_| !request.tools.is_empty()).map(Choosing::of),
        }
    }
}

/// Neighbours of one role become one message; the person speaks first; what the model is to go on from must not end
/// in white space.
fn alternating(messages: &[ChatMessage]) -> Vec<Message<'_>> {
    let mut merged: Vec<Message<'_>> = Vec::new();
    for message in messages {
        let role = match message.role {
            Role::System => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        let blocks = blocks(message);
        if blocks.is_empty() {
            continue;
        }
        if merged.is_empty() && role == "assistant" {
            merged.push(Message { role: "user", content: vec![Block::Text { text: "…".into() }] });
        }
        match merged.last_mut() {
            Some(last) if last.role == role => last.content.extend(blocks),
            _ => merged.push(Message { role, content: blocks }),
        }
    }
    if let Some(Message { role: "assistant", content }) = merged.last_mut()
        && let Some(Block::Text { text }) = content.last_mut()
    {
        let end = text.trim_end().len();
        text.to_mut().truncate(end);
    }
    merged
}

fn blocks(message: &ChatMessage) -> Vec<Block<'_>> {
    if message.role == Role::Tool {
        let tool_use_id = call_id(message.tool_call_id.as_deref().unwrap_or_default());
        return vec![Block::ToolResult { tool_use_id, content: &message.text }];
    }
    let images = (message.images())
        .map(|(media_type, data)| Block::Image { source: ImageSource { media_type, data } });
    let said =
        Some(message.whole_text()).filter(|text| !text.trim().is_empty()).map(|text| Block::Text { text });
    let calls = message.tool_calls.iter().map(|call| Block::ToolUse {
        id: call_id(&call.id),
        name: &call.name,
        input: serde_json::from_str(&call.arguments)
            .ok()
            .filter(Value::is_object)
            .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
    });
    images.chain(said).chain(calls).collect()
}

/// They take letters, digits, `_` and `-`; models of other vendors may have named earlier calls with more.
fn call_id(id: &str) -> Cow<'_, str> {
    let is_known = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-');
    if id.chars().all(is_known) {
        return id.into();
    }
    id.chars().map(|one| if is_known(one) { one } else { '_' }).collect::<String>().into()
}

/// Any event of a stream, or an answer that was not streamed.
#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) index: Option<Count>,
    pub(super) message: Option<Started>,
    pub(super) content_block: Option<WireBlock>,
    pub(super) delta: Option<WireDelta>,
    pub(super) usage: Option<WireUsage>,
    pub(super) error: Option<Value>,
    pub(super) content: Option<Vec<WireBlock>>,
    pub(super) stop_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Started {
    pub(super) usage: Option<WireUsage>,
}

#[derive(Deserialize)]
pub(super) struct WireBlock {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) text: Option<Said>,
    pub(super) thinking: Option<Said>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) input: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct WireDelta {
    pub(super) text: Option<Said>,
    pub(super) thinking: Option<Said>,
    pub(super) partial_json: Option<String>,
    pub(super) stop_reason: Option<String>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "their names")]
pub(super) struct WireUsage {
    input_tokens: Option<Count>,
    cache_creation_input_tokens: Option<Count>,
    cache_read_input_tokens: Option<Count>,
    output_tokens: Option<Count>,
}

impl WireUsage {
    /// Figures are totals so far; those that are missing stay as they were.
    pub(super) fn add_to(&self, usage: &mut Usage) {
        let prompt = [self.input_tokens, self.cache_creation_input_tokens, self.cache_read_input_tokens];
        if self.input_tokens.is_some() {
            usage.prompt_tokens = prompt.iter().flatten().fold(0, |sum, count| sum.saturating_add(count.0));
        }
        if let Some(output) = self.output_tokens {
            usage.completion_tokens = output.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Attached, ToolCall, ToolSpec};

    #[test]
    fn a_conversation_is_told_in_their_way() {
        let call = |id: &str, arguments: &str| ToolCall {
            id: id.to_owned(),
            name: "search".to_owned(),
            arguments: arguments.to_owned(),
        };
        let result = |id: &str| ChatMessage {
            tool_call_id: Some(id.to_owned()),
            ..ChatMessage::text(Role::Tool, "found")
        };
        let request = ChatRequest {
            model: "claude".to_owned(),
            messages: vec![
                ChatMessage::text(Role::System, "Be brief."),
                ChatMessage::text(Role::System, "Be kind."),
                ChatMessage::text(Role::Assistant, "Welcome."),
                ChatMessage::text(Role::User, "a"),
                ChatMessage::text(Role::User, "b"),
                ChatMessage::text(Role::Assistant, " "),
                ChatMessage {
                    tool_calls: vec![call("1", "{\"q\":1}"), call("f.search:2", "broken")],
                    ..ChatMessage::text(Role::Assistant, "Looking.")
                },
                result("1"),
                result("f.search:2"),
                ChatMessage::text(Role::User, "and?"),
                ChatMessage::text(Role::Assistant, "So far, "),
            ],
            temperature: Some(1.5),
            ..ChatRequest::default()
        };
        let text = |text: &str| json!({ "type": "text", "text": text });
        let found = |id: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": "found" });
        let expected = json!({
            "model": "claude", "max_tokens": 8192, "stream": true, "temperature": 1.0,
            "system": "Be brief.\n\nBe kind.",
            "messages": [
                { "role": "user", "content": [text("…")] },
                { "role": "assistant", "content": [text("Welcome.")] },
                { "role": "user", "content": [text("a"), text("b")] },
                { "role": "assistant", "content": [
                    text("Looking."),
                    { "type": "tool_use", "id": "1", "name": "search", "input": { "q": 1 } },
                    { "type": "tool_use", "id": "f_search_2", "name": "search", "input": {} },
                ] },
                { "role": "user", "content": [found("1"), found("f_search_2"), text("and?")] },
                { "role": "assistant", "content": [text("So far,")] },
            ],
        });
        assert_eq!(serde_json::to_value(Request::of(&request)).unwrap(), expected);
    }

    #[test]
    fn a_choice_of_tools_has_their_words() {
        let chosen = |choice: ToolChoice, tools: usize| {
            let tool = ToolSpec {
                name: "f".to_owned(),
                description: String::new(),
                parameters: json!({ "type": "object" }),
            };
            let request =
                ChatRequest { tool_choice: Some(choice), tools: vec![tool; tools], ..ChatRequest::default() };
            serde_json::to_value(Request::of(&request)).unwrap()["tool_choice"].clone()
        };
        assert_eq!(chosen(ToolChoice::Auto, 1), json!({ "type": "auto" }));
        assert_eq!(chosen(ToolChoice::None, 1), json!({ "type": "none" }));
        assert_eq!(chosen(ToolChoice::Required, 1), json!({ "type": "any" }));
        assert_eq!(chosen(ToolChoice::Named("f".into()), 1), json!({ "type": "tool", "name": "f" }));
        assert_eq!(chosen(ToolChoice::Required, 0), json!(null), "there is nothing to choose");
    }

    #[test]
    fn images_stand_before_the_words() {
        let attached = vec![
            Attached::Text { name: "n.txt".into(), text: "note".into() },
            Attached::Image {
                name: "a.png".into(),
                media_type: "image/png".into(),
                data: bytes::Bytes::from_static(b"png"),
            },
        ];
        let request = ChatRequest {
            messages: vec![ChatMessage { attached, ..ChatMessage::text(Role::User, "Look") }],
            ..ChatRequest::default()
        };
        let expected = json!([
            { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "cG5n" } },
            { "type": "text", "text": "<attached-file name=\"n.txt\">\nnote\n</attached-file>\n\nLook" },
        ]);
        let told = serde_json::to_value(Request::of(&request)).unwrap();
        assert_eq!(told["messages"][0]["content"], expected);
    }
}
