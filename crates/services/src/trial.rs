//! Trying out whether a model answers. Nothing is kept of it.

use std::time::Duration;

use domain::Role;
use futures_util::StreamExt as _;
use providers::{ChatMessage, ChatRequest, Delta};

use crate::{Actor, App, Error, Result, access};

/// How long the model has.
const LIMIT: Duration = Duration::from_secs(30);
/// The most tokens to answer with.
const MOST_TOKENS: i64 = 64;

/// What the default model says to a greeting. For administrators: it costs money and belongs to no account.
pub async fn trial(app: &App, actor: &Actor) -> Result<String> {
    access::needs_admin(actor)?;
    let chosen = app.models.find(&app.models.choose(None, None)?)?;
    let request = ChatRequest {
        model: chosen.vendor_model,
        messages: vec![ChatMessage::text(Role::User, "Say hello in one short sentence.")],
        temperature: None,
        max_tokens: Some(MOST_TOKENS),
        tools: Vec::new(),
        tool_choice: None,
    };
    let heard = async {
        let mut deltas = chosen.provider.stream(request);
        let mut said = String::new();
        while let Some(delta) = deltas.next().await {
            if let Delta::Text(text) = delta.map_err(|error| silent(&error.to_string()))? {
                said.push_str(&text);
            }
        }
        Ok(said)
    };
    tokio::time::timeout(LIMIT, heard).await.map_err(|_| silent("it took too long"))?
}

fn silent(why: &str) -> Error {
    Error::Unavailable { code: "no_model", message: format!("The model did not answer: {why}") }
}
