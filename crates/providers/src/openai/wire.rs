//! What goes over the wire: requests as we write them, answers as servers really write them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Quirk;
use crate::{
    ChatMessage, ChatRequest, ToolChoice,
    lenient::{Arguments, Count, Text},
};
use domain::{Role, Usage};

#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choosing<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Choosing<'a> {
    Word(&'static str),
    Named {
        #[serde(rename = "type")]
        kind: &'static str,
        function: Named<'a>,
    },
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

impl<'a> Choosing<'a> {
    fn of(choice: &'a ToolChoice) -> Self {
        match choice {
            ToolChoice::Auto => Self::Word("auto"),
            ToolChoice::None => Self::Word("none"),
            ToolChoice::Required => Self::Word("required"),
            ToolChoice::Named(name) => Self::Named { kind: "function", function: Named { name } },
        }
    }
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: Role,
    /// `null` where a message is only tool calls: some servers refuse an empty text there.
    content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

/// A plain text wherever that says it all: not every server reads lists.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Blocks(Vec<Block<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: Cow<'a, str> },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Serialize)]
struct ImageUrl {
    url: String,
}

impl<'a> Content<'a> {
    fn of(message: &'a ChatMessage) -> Self {
        let text = message.whole_text();
        let images: Vec<_> = message
            .images()
            .map(|(media_type, data)| Block::ImageUrl {
                image_url: ImageUrl { url: format!("data:{media_type};base64,{data}") },
            })
            .collect();
        if images.is_empty() {
            return Self::Text(text);
        }
        let words = (!text.is_empty()).then_some(Block::Text { text });
        Self::Blocks(images.into_iter().chain(words).collect())
    }
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: CallFunction<'a>,
}

#[derive(Serialize)]
struct CallFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: ToolFunction<'a>,
}

#[derive(Serialize)]
struct ToolFunction<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

impl<'a> Request<'a> {
    pub(super) fn of(request: &'a ChatRequest, quirks: &[Quirk]) -> Self {
        let has = |quirk| quirks.contains(&quirk);
        let renamed = has(Quirk::MaxCompletionTokens);
        Self {
            model: &request.model,
            messages: request.messages.iter().map(Message::of).collect(),
            stream: true,
            stream_options: (!has(Quirk::NoStreamOptions)).then_some(StreamOptions { include_usage: true }),
            temperature: request.temperature.filter(|_| !has(Quirk::NoTemperature)),
            max_tokens: request.max_tokens.filter(|_| !renamed),
            max_completion_tokens: request.max_tokens.filter(|_| renamed),
            tools: request
                .tools
                .iter()
                .map(|tool| Tool {
                    kind: "function",
                    function: ToolFunction {
                        name: &tool.name,
                        description: &tool.description,
                        parameters: &tool.parameters,
                    },
                })
                .collect(),
            // Servers refuse a choice among no tools.
            tool_choice: request.tool_choice.as_ref().filter(|_| !request.tools.is_empty()).map(Choosing::of),
        }
    }
}

impl<'a> Message<'a> {
    fn of(message: &'a ChatMessage) -> Self {
        let tool_calls = message.tool_calls.iter().map(|call| Call {
            id: &call.id,
            kind: "function",
            function: CallFunction { name: &call.name, arguments: &call.arguments },
        });
        Self {
            role: message.role,
            content: (!message.text.is_empty() || message.tool_calls.is_empty())
                .then(|| Content::of(message)),
            tool_calls: tool_calls.collect(),
            tool_call_id: message.tool_call_id.as_deref(),
        }
    }
}

/// One event of a stream, or an answer that was not streamed.
#[derive(Deserialize)]
pub(super) struct Chunk {
    pub(super) choices: Option<Vec<Choice>>,
    pub(super) usage: Option<WireUsage>,
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    pub(super) index: Option<Count>,
    #[serde(default)]
    pub(super) delta: Option<Piece>,
    #[serde(default)]
    pub(super) message: Option<Piece>,
    pub(super) finish_reason: Option<String>,
    pub(super) error: Option<Value>,
}

#[derive(Deserialize, Default)]
pub(super) struct Piece {
    #[serde(default)]
    pub(super) content: Text,
    /// The word of DeepSeek and vLLM.
    #[serde(default)]
    pub(super) reasoning_content: Text,
    /// The word of OpenRouter and Ollama.
    #[serde(default)]
    pub(super) reasoning: Text,
    #[serde(default)]
    pub(super) refusal: Text,
    pub(super) tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Deserialize)]
pub(super) struct CallPiece {
    pub(super) index: Option<Count>,
    pub(super) id: Option<String>,
    pub(super) function: Option<FunctionPiece>,
}

#[derive(Deserialize, Default)]
pub(super) struct FunctionPiece {
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) arguments: Arguments,
}

#[derive(Deserialize)]
pub(super) struct WireUsage {
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    completion_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    reasoning_tokens: Count,
}

impl From<WireUsage> for Usage {
    fn from(usage: WireUsage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens.0,
            completion_tokens: usage.completion_tokens.0,
            reasoning_tokens: usage.completion_tokens_details.map_or(0, |details| details.reasoning_tokens.0),
            estimated: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Attached;

    #[test]
    fn images_are_addresses_that_hold_them_and_a_text_alone_stays_a_text() {
        let attached = vec![Attached::Image {
            name: "a.png".into(),
            media_type: "image/png".into(),
            data: bytes::Bytes::from_static(b"png"),
        }];
        let note = vec![Attached::Text { name: "n.txt".into(), text: "note\n".into() }];
        let request = ChatRequest {
            messages: vec![
                ChatMessage { attached: attached.clone(), ..ChatMessage::text(Role::User, "Look") },
                ChatMessage { attached, ..ChatMessage::text(Role::User, "") },
                ChatMessage { attached: note, ..ChatMessage::text(Role::User, "Read") },
            ],
            ..ChatRequest::default()
        };
        let image = json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,cG5n" } });
        let told = serde_json::to_value(Request::of(&request, &[])).unwrap();
        let content = |at: usize| told["messages"][at]["content"].clone();
        assert_eq!(content(0), json!([image, { "type": "text", "text": "Look" }]));
        assert_eq!(content(1), json!([image]));
        assert_eq!(content(2), json!("<attached-file name=\"n.txt\">\nnote\n</attached-file>\n\nRead"));
    }
}
