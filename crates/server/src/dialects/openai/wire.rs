//! What a client asks, and how it becomes what our models are asked. Pure.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    chat::{Attached, Brought, ChatMessage, ToolCall, ToolChoice, ToolSpec},
    domain::Role,
};

use crate::http::problem::Problem;

/// The images that models see.
const IMAGES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A history to be gone on with. What is not named here is ignored.
#[derive(Debug, Deserialize)]
pub(super) struct CompletionRequest {
    pub(super) model: String,
    messages: Vec<Said>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    temperature: Option<f64>,
    max_tokens: Option<i64>,
    max_completion_tokens: Option<i64>,
    tools: Option<Vec<Tool>>,
    tool_choice: Option<Choice>,
    n: Option<i64>,
    /// Its members say how much is searched and from where; that it is there is what counts.
    web_search_options: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Said {
    role: String,
    content: Option<Content>,
    tool_calls: Option<Vec<Call>>,
    tool_call_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    refusal: Option<String>,
    image_url: Option<ImageUrl>,
}

#[derive(Debug, Deserialize)]
struct ImageUrl {
    url: String,
}

#[derive(Debug, Deserialize)]
struct Call {
    id: String,
    function: Called,
}

#[derive(Debug, Deserialize)]
struct Called {
    name: String,
    #[serde(default)]
    arguments: String,
}

#[derive(Debug, Deserialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: String,
    function: Option<Function>,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    description: Option<String>,
    parameters: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Choice {
    Word(String),
    Named { function: Name },
}

#[derive(Debug, Deserialize)]
struct Name {
    name: String,
}

impl CompletionRequest {
    pub(super) fn wants_stream(&self) -> bool {
        self.stream.unwrap_or_default()
    }

    /// Whether the last chunk of a stream says what it cost.
    pub(super) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().and_then(|options| options.include_usage).unwrap_or_default()
    }

    pub(super) fn temperature(&self) -> Option<f64> {
        self.temperature
    }

    pub(super) fn max_tokens(&self) -> Option<i64> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    /// Whether the web is searched first.
    pub(super) fn use_rag(&self) -> bool {
        self.web_search_options.as_ref().is_some_and(Value::is_object)
    }

    /// Refuses what no model can be asked.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.messages.is_empty() {
            return Err(Problem::invalid("/messages", "must not be empty"));
        }
        if self.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
            return Err(Problem::invalid("/temperature", "must be between 0 and 2"));
        }
        if self.max_tokens().is_some_and(|tokens| !(1..=10_000_000).contains(&tokens)) {
            let name =
                if self.max_completion_tokens.is_some() { "max_completion_tokens" } else { "max_tokens" };
            return Err(Problem::invalid(format!("/{name}"), "must be between 1 and 10000000"));
        }
        if self.n.is_some_and(|n| n != 1) {
            return Err(Problem::invalid("/n", "must be 1: an answer is one choice"));
        }
        Ok(())
    }

    /// The last message, to be said in a conversation.
    pub(super) fn said_last(&self) -> Result<String, Problem> {
        if self.tools.as_ref().is_some_and(|tools| !tools.is_empty()) {
            return Err(Problem::invalid("/tools", "cannot be used in a stored conversation"));
        }
        let at = self.messages.len().saturating_sub(1);
        let last = self.messages.last().filter(|said| said.role == "user");
        let last = last.ok_or_else(|| {
            Problem::invalid(format!("/messages/{at}/role"), "must be `user` in a stored conversation")
        })?;
        let message = last.read(at)?;
        if !message.attached.is_empty() {
            return Err(Problem::invalid(
                format!("/messages/{at}/content"),
                "may hold no images in a stored conversation",
            ));
        }
        Ok(message.text)
    }

    /// All of it, to be answered and not stored.
    pub(super) fn brought(self) -> Result<Brought, Problem> {
        let messages =
            self.messages.iter().enumerate().map(|(at, said)| said.read(at)).collect::<Result<_, _>>()?;
        let (max_tokens, use_rag) = (self.max_tokens(), self.use_rag());
        let tools = self.tools.unwrap_or_default().into_iter().enumerate();
        Ok(Brought {
            messages,
            temperature: self.temperature,
            max_tokens,
            tools: tools.map(|(at, tool)| tool.read(at)).collect::<Result<_, _>>()?,
            tool_choice: self.tool_choice.map(Choice::read).transpose()?,
            model: Some(self.model),
            use_rag,
        })
    }
}

impl Said {
    fn read(&self, at: usize) -> Result<ChatMessage, Problem> {
        let role = match self.role.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            _ => {
                let roles = "must be system, developer, user, assistant or tool";
                return Err(Problem::invalid(format!("/messages/{at}/role"), roles));
            }
        };
        if role == Role::Tool && self.tool_call_id.is_none() {
            return Err(Problem::invalid(format!("/messages/{at}/tool_call_id"), "is missing"));
        }
        let mut message = ChatMessage::text(role, "");
        match &self.content {
            None => {}
            Some(Content::Text(text)) => message.text.clone_from(text),
            Some(Content::Parts(parts)) => {
                for (place, part) in parts.iter().enumerate() {
                    part.add_to(&mut message, &format!("/messages/{at}/content/{place}"))?;
                }
            }
        }
        let calls = self.tool_calls.iter().flatten().map(|call| ToolCall {
            id: call.id.clone(),
            name: call.function.name.clone(),
            arguments: call.function.arguments.clone(),
        });
        message.tool_calls = calls.collect();
        message.tool_call_id.clone_from(&self.tool_call_id);
        Ok(message)
    }
}

impl Part {
    fn add_to(&self, message: &mut ChatMessage, place: &str) -> Result<(), Problem> {
        match (self.kind.as_str(), &self.text, &self.refusal, &self.image_url) {
            ("text", Some(text), ..) | ("refusal", _, Some(text), _) => {
                if !message.text.is_empty() {
                    message.text.push('\n');
                }
                message.text.push_str(text);
                Ok(())
            }
            ("image_url", _, _, Some(image)) if message.role == Role::User => {
                message.attached.push(image.read(place)?);
                Ok(())
            }
            _ => Err(Problem::invalid(place, "must be text, or an image of the user")),
        }
    }
}

impl ImageUrl {
    fn read(&self, place: &str) -> Result<Attached, Problem> {
        let bad = |why: &str| Problem::invalid(format!("{place}/image_url/url"), why);
        let data = self.url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        let (media_type, data) = data.ok_or_else(|| {
            bad("must be a URL such as `data:image/png;base64,…`: images elsewhere are not fetched")
        })?;
        if !IMAGES.contains(&media_type) {
            return Err(bad("must hold a PNG, JPEG, GIF or WebP image"));
        }
        let data = BASE64_STANDARD.decode(data).map_err(|_| bad("holds broken base64"))?;
        Ok(Attached::Image { name: "image".to_owned(), media_type: media_type.to_owned(), data: data.into() })
    }
}

impl Tool {
    fn read(self, at: usize) -> Result<ToolSpec, Problem> {
        let function = self.function.filter(|_| self.kind == "function");
        let function =
            function.ok_or_else(|| Problem::invalid(format!("/tools/{at}"), "must be a function"))?;
        Ok(ToolSpec {
            name: function.name,
            description: function.description.unwrap_or_default(),
            parameters: function.parameters.unwrap_or_else(|| json!({ "type": "object", "properties": {} })),
        })
    }
}

impl Choice {
    fn read(self) -> Result<ToolChoice, Problem> {
        match self {
            Self::Named { function } => Ok(ToolChoice::Named(function.name)),
            Self::Word(word) => match word.as_str() {
                "auto" => Ok(ToolChoice::Auto),
                "none" => Ok(ToolChoice::None),
                "required" => Ok(ToolChoice::Required),
                _ => Err(Problem::invalid("/tool_choice", "must be auto, none, required or name a function")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(messages: &Value) -> CompletionRequest {
        serde_json::from_value(json!({ "model": "m", "messages": messages, "unknown": 1 })).unwrap()
    }

    fn refused(messages: &Value) -> String {
        request(messages).brought().unwrap_err().errors.remove(0).pointer
    }

    #[test]
    fn a_history_is_read_with_its_tools_and_images() {
        let url = "data:image/png;base64,cG5n";
        let asked = json!([
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "content": [
                { "type": "text", "text": "Look" }, { "type": "image_url", "image_url": { "url": url } },
            ] },
            { "role": "assistant", "content": null, "tool_calls": [
                { "id": "1", "type": "function", "function": { "name": "f", "arguments": "{}" } },
            ] },
            { "role": "tool", "tool_call_id": "1", "content": "found" },
        ]);
        let read = request(&asked).brought().unwrap().messages;
        assert_eq!(
            read.iter().map(|one| one.role).collect::<Vec<_>>(),
            [Role::System, Role::User, Role::Assistant, Role::Tool,]
        );
        assert!(matches!(&read[1].attached[0], Attached::Image { data, .. } if data.as_ref() == b"png"));
        assert_eq!(read[2].tool_calls[0].name, "f");
        assert_eq!(read[3].tool_call_id.as_deref(), Some("1"));
    }

    #[test]
    fn an_image_elsewhere_is_refused() {
        for url in [
            "http://169.254.169.254/",
            "file:///etc/passwd",
            "data:text/html;base64,cG5n",
            "data:image/png,x",
        ] {
            let part = json!({ "type": "image_url", "image_url": { "url": url } });
            let place = refused(&json!([{ "role": "user", "content": [part] }]));
            assert_eq!(place, "/messages/0/content/0/image_url/url", "{url}");
        }
        assert_eq!(refused(&json!([{ "role": "ghost", "content": "x" }])), "/messages/0/role");
    }
}
