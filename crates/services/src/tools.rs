//! What models can call while they answer. Each tool is a file in `tools/` and a row of `ALL`.

mod calculator;
mod current_time;
mod fetch_page;
mod web_search;

use domain::{Feature, Turn, UserId};
use futures_util::future::BoxFuture;
use providers::{ChatMessage, ToolSpec};
use serde_json::Value;

use crate::{
    App, Result,
    plans::Grant,
    web_search::{self as web, Source},
};

/// All tools, in the order in which models are told of them.
static ALL: [&dyn Tool; 4] =
    [&current_time::CurrentTime, &calculator::Calculator, &web_search::WebSearch, &fetch_page::FetchPage];

/// Something that a model can call.
pub trait Tool: Send + Sync {
    /// What models are told of it, and who may use it.
    fn about(&self) -> About;

    /// Does it. Dropping the future ends it at once. The error is a sentence for the model, which may try again.
    fn run<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Told, String>>;
}

/// What a tool says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A text for the model.
    Text(String),
    /// Pages for the answer to lean on. It gives them their numbers.
    Sources(Vec<Source>),
}

/// What a tool is.
#[derive(Debug, Clone)]
pub struct About {
    /// Its name: letters, digits and `_`.
    pub name: &'static str,
    /// What it is for and when to call it.
    pub description: &'static str,
    /// JSON Schema of its arguments, an object.
    pub parameters: Value,
    /// What a plan must allow for it to be offered. One that asks the web is offered only where that may be asked.
    pub feature: Feature,
}

/// What a tool is called with.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The installation.
    pub app: &'a App,
    /// Whose question is being answered.
    pub user: UserId,
    /// What the model was asked with, results of tools among it.
    pub heard: &'a [ChatMessage],
    /// The arguments: always an object, and whatever the model put into it.
    pub arguments: &'a Value,
}

impl<'a> Call<'a> {
    /// An argument that is a text. One that is missing, `null` or blank is none.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(format!("The argument `{name}` must be a string.")),
        }
    }
}

/// The names of all tools.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|tool| tool.about().name)
}

/// The tools that a turn's model may call: none unless its card says that it calls tools; of the others those that the
/// settings name and the plan of whoever asks allows.
pub(crate) fn offered(app: &App, turn: &Turn, grant: &Grant) -> Result<Vec<&'static dyn Tool>> {
    if app.config.tools.enabled.is_empty() || !app.models.find(&turn.model)?.tools {
        return Ok(Vec::new());
    }
    let is_enabled = |name: &str| app.config.tools.enabled.iter().any(|enabled| enabled == name);
    let may_be_called = |tool: &&'static dyn Tool| {
        let about = tool.about();
        is_enabled(about.name)
            && (about.feature != Feature::WebSearch || web::is_on(app))
            && grant.allows(Feature::Tools)
            && grant.allows(about.feature)
    };
    Ok(ALL.iter().copied().filter(may_be_called).collect())
}

/// A tool as a model is told of it.
pub(crate) fn spec(tool: &dyn Tool) -> ToolSpec {
    let About { name, description, parameters, .. } = tool.about();
    ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_can_be_told_to_every_vendor() {
        let mut seen = std::collections::HashSet::new();
        for tool in ALL {
            let About { name, description, parameters, .. } = tool.about();
            assert!(seen.insert(name), "{name} twice");
            assert!(name.len() <= 64 && name.chars().all(|one| one.is_ascii_lowercase() || one == '_'));
            assert!(description.len() <= 1_000 && description.ends_with('.'));
            assert_eq!(parameters["type"], "object", "{name}");
            assert!(parameters["properties"].is_object() && parameters["required"].is_array(), "{name}");
        }
    }
}
