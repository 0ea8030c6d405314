//! What is asked, whichever protocol asks.

use serde_json::{Value, json};

/// The words by which a request for a title is known.
const TITLE_WORDS: &str = "title for this conversation";

/// A request for an answer.
pub(crate) struct Question {
    pub(crate) model: String,
    pub(crate) messages: Vec<Said>,
    pub(crate) stream: bool,
    /// Usage figures are wanted in the stream.
    pub(crate) usage: bool,
    /// `stream_options` is there.
    pub(crate) has_stream_options: bool,
    tools: Value,
    tool_choice: Value,
}

/// One message.
pub(crate) struct Said {
    pub(crate) role: String,
    pub(crate) text: String,
    /// It holds a tool's result.
    pub(crate) is_result: bool,
}

impl Question {
    pub(crate) fn of(body: &Value) -> Option<Self> {
        let messages: Vec<_> = body.get("messages")?.as_array()?.iter().map(Said::of).collect();
        let system = body.get("system").map(|system| Said {
            role: "system".to_owned(),
            text: text_of(system),
            is_result: false,
        });
        Some(Self {
            model: body.get("model")?.as_str()?.to_owned(),
            messages: system.into_iter().chain(messages).collect(),
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or_default(),
            usage: body.pointer("/stream_options/include_usage").and_then(Value::as_bool).unwrap_or_default(),
            has_stream_options: body.get("stream_options").is_some(),
            tools: body.get("tools").cloned().unwrap_or_default(),
            tool_choice: body.get("tool_choice").cloned().unwrap_or_default(),
        })
    }

    /// What the person said last.
    pub(crate) fn last(&self) -> &str {
        self.messages
            .iter()
            .rfind(|said| said.role == "user" && !said.is_result)
            .map_or("", |said| said.text.as_str())
    }

    /// Whether a title is asked for: by the instructions, or by what the person said last.
    pub(crate) fn wants_title(&self) -> bool {
        let mut instructions =
            self.messages.iter().filter(|said| matches!(said.role.as_str(), "system" | "developer"));
        instructions.any(|said| asks_for_title(&said.text)) || asks_for_title(self.last())
    }

    /// The results of tools that came since the person spoke.
    pub(crate) fn results(&self) -> Option<String> {
        let last = self.messages.last().filter(|said| said.is_result)?;
        Some(last.text.clone())
    }

    /// How many times results of tools came since the person spoke.
    pub(crate) fn rounds(&self) -> usize {
        let since = self.messages.iter().rposition(|said| said.role == "user" && !said.is_result);
        let since = &self.messages[since.map_or(0, |at| at + 1)..];
        let came = |pair: &[Said]| pair[1].is_result && !pair[0].is_result;
        since.windows(2).filter(|pair| came(pair)).count()
    }

    /// Whether it says that no tools are to be called.
    pub(crate) fn refuses_tools(&self) -> bool {
        self.tool_choice == "none" || self.tool_choice["type"] == "none"
    }

    /// Words in all messages.
    pub(crate) fn words(&self) -> usize {
        self.messages.iter().map(|said| said.text.split_whitespace().count()).sum()
    }

    /// Arguments that fit the tool's schema: `value` for each text, 1 for each number.
    pub(crate) fn arguments(&self, tool: &str, value: Option<&str>) -> Value {
        let specs = self.tools.as_array().into_iter().flatten();
        let spec = specs.map(|spec| spec.get("function").unwrap_or(spec)).find(|spec| spec["name"] == tool);
        let Some(spec) = spec else { return json!({ "query": value.unwrap_or("something") }) };
        let schema = spec.get("parameters").or_else(|| spec.get("input_schema"));
        let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        let filled = properties.into_iter().flatten().filter_map(|(name, property)| {
            let filled = match property.get("type").and_then(Value::as_str)? {
                "string" => json!(value.unwrap_or(if name == "expression" { "2+2*10" } else { "something" })),
                "number" | "integer" => json!(1),
                "boolean" => json!(true),
                _ => return None,
            };
            Some((name.clone(), filled))
        });
        Value::Object(filled.collect())
    }
}

fn asks_for_title(text: &str) -> bool {
    text.to_ascii_lowercase().contains(TITLE_WORDS)
}

impl Said {
    fn of(message: &Value) -> Self {
        let role = message.get("role").and_then(Value::as_str).unwrap_or_default().to_owned();
        let content = message.get("content").cloned().unwrap_or_default();
        let blocks = content.as_array().into_iter().flatten();
        let is_result = role == "tool" || blocks.clone().any(|block| block["type"] == "tool_result");
        Self { role, text: text_of(&content), is_result }
    }
}

/// The text of a string, of a list of parts, or of a part.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join(" "),
        Value::Object(part) => {
            part.get("text").or_else(|| part.get("content")).map(text_of).unwrap_or_default()
        }
        _ => String::new(),
    }
}
