//! The LLM APIs we call. The only crate that knows a vendor's JSON.
//!
//! A provider streams answers and lists its models; one whose models make vectors of texts does that, too.

mod anthropic;
mod attached;
mod attempts;
mod calling;
mod client;
mod complaint;
mod config;
mod demo;
mod embeddings;
mod error;
mod estimate;
mod exchange;
pub mod globs;
pub mod inquiry;
mod lenient;
mod mould;
mod offers;
mod openai;
pub mod payments;
mod protocols;
mod sight;
pub mod sse;
mod vendors;
pub mod web;

use std::{sync::Arc, time::Duration};

use domain::{ModelCard, Role, Usage};
use futures_util::{future::BoxFuture, stream::BoxStream};
use serde::Deserialize;

pub use attached::Attached;
pub use config::{ConfigError, ProviderConfig, Secret};
pub use embeddings::{Embed, Embedded, Input};
pub use error::{ProviderError, Waited};
pub use estimate::estimate_tokens;
pub use protocols::open;
pub use vendors::{Vendor, vendors};

/// A configured provider that can be asked.
pub type DynProvider = Arc<dyn Provider>;

/// A stream of what the model says; ends after the first error. An answer that is complete ends with
/// [`Delta::Finish`], always and only then.
pub type Deltas = BoxStream<'static, Result<Delta, ProviderError>>;

/// An LLM API behind one address.
pub trait Provider: Send + Sync + 'static {
    /// Asks. Nothing is sent before the stream is polled; dropping the stream drops the connection.
    fn stream(&self, request: ChatRequest) -> Deltas;

    /// The models it offers now. Asked for in the background; an error shows them as unavailable.
    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelCard>, ProviderError>>;

    /// Makes a vector of each text. Only asked for models whose card says that they do.
    fn embed(&self, request: Embed) -> BoxFuture<'_, Result<Embedded, ProviderError>>;
}

/// What a model is asked.
#[derive(Debug, Clone, Default)]
pub struct ChatRequest {
    /// The model's name as the vendor knows it.
    pub model: String,
    /// Oldest first; system messages first.
    pub messages: Vec<ChatMessage>,
    /// Sampling temperature, if the caller chose one.
    pub temperature: Option<f64>,
    /// The most tokens to answer with, if the caller chose.
    pub max_tokens: Option<i64>,
    /// Tools the model may call.
    pub tools: Vec<ToolSpec>,
    /// Whether it must call one, if the caller chose.
    pub tool_choice: Option<ToolChoice>,
}

/// One message of a request.
#[derive(Debug, Clone)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// Files that go with it.
    pub attached: Vec<Attached>,
    /// Tools that an assistant message called.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool message answers.
    pub tool_call_id: Option<String>,
}

impl ChatMessage {
    /// A message that is only text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), attached: Vec::new(), tool_calls: Vec::new(), tool_call_id: None }
    }
}

/// A tool the model may call.
#[derive(Debug, Clone)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: serde_json::Value,
}

/// Whether a model calls tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it likes.
    Auto,
    /// It calls none.
    None,
    /// It calls at least one.
    Required,
    /// It calls the one of this name.
    Named(String),
}

/// A whole tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// JSON text.
    pub arguments: String,
}

/// A piece of what a model sends. Text never holds U+0000.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// More of the answer.
    Text(String),
    /// More of what it thinks.
    Reasoning(String),
    /// A piece of the tool call with this place in the list; id and name come with its first piece.
    ToolCall {
        /// Place in the list of calls, from 0.
        index: usize,
        /// The provider's id, once.
        id: Option<String>,
        /// The tool's name, once.
        name: Option<String>,
        /// More of the arguments' JSON text.
        arguments: String,
    },
    /// What the answer cost so far; replaces what was said before.
    Usage(Usage),
    /// The model came to its end: `stop`, `length`, `tool_calls`, `content_filter` …
    Finish(String),
}

/// How long a provider may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "config::TimeoutsInMs")]
pub struct Timeouts {
    /// To accept the connection.
    pub connect: Duration,
    /// From the request to the first token, per attempt.
    pub first_token: Duration,
    /// Between two pieces.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_mins(2),
            idle: Duration::from_mins(1),
        }
    }
}
