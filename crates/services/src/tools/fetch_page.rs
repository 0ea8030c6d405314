//! Reads a page of the web.
//!
//! Only addresses that somebody named: a person, a search, a page. A page of a stranger may tell a model to put what it knows
//! into an address and to ask for it there; an address that was made up so was read nowhere before.

use domain::{Feature, Role};
use futures_util::{FutureExt as _, future::BoxFuture};
use providers::{Attached, ChatMessage};
use serde_json::json;

use super::{About, Call, Told, Tool};
use crate::web_search;

/// How much of a result is left for what stands around the page's text, in characters.
const AROUND_CHARS: usize = 1_000;

/// Gives the text of a page.
pub(super) struct FetchPage;

impl Tool for FetchPage {
    fn about(&self) -> About {
        About {
            name: "fetch_page",
            description: "Reads the text of one web page. Takes only addresses that stand in the conversation: those \
                          that the user named, that a search found or that a page names.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "url": {
                        "type": "string",
                        "description": "The address, exactly as it was named.",
                    },
                    "query": {
                        "type": "string",
                        "description": "What to look for in a long page. Left out: how it begins.",
                    },
                },
                "required": ["url"],
                "additionalProperties": false,
            }),
            feature: Feature::WebSearch,
        }
    }

    fn run<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Told, String>> {
        async move {
            let url = call.text("url")?.ok_or("The argument `url` is missing.")?;
            let query = call.text("query")?;
            if !is_named(url, call.heard) {
                return Err(
                    "This address was not named by the user, by a search or by a page. Search the web for \
                            it, or ask the user for the address."
                        .into(),
                );
            }
            let whole = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
            let room = call.app.config.tools.result_chars.saturating_sub(AROUND_CHARS).max(AROUND_CHARS);
            match web_search::read_page(call.app, &whole, query, room).await {
                Ok(source) => Ok(Told::Sources(vec![source])),
                Err(error) => Err(error.to_string()),
            }
        }
        .boxed()
    }
}

/// Whether an address stands in what the model was asked with. What it said itself does not count.
fn is_named(url: &str, heard: &[ChatMessage]) -> bool {
    let wanted = bare(url).to_lowercase();
    let others = heard.iter().filter(|message| message.role != Role::Assistant);
    let holds = |text: &str| text.to_lowercase().contains(&wanted);
    let is_attached = |one: &Attached| matches!(one, Attached::Text { text, .. } if holds(text));
    wanted.contains(['.', ':'])
        && others.into_iter().any(|message| holds(&message.text) || message.attached.iter().any(is_attached))
}

/// An address without what people leave out of it.
fn bare(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_that_somebody_named() {
        let heard = [
            ChatMessage::text(Role::User, "What does Light.example/towers say?"),
            ChatMessage::text(Role::Assistant, "I would look at https://thief.example/?said=secret."),
            ChatMessage::text(Role::Tool, "[1] The sea (https://sea.example/wide?page=2)"),
        ];
        for url in [
            "https://light.example/towers",
            "http://www.light.example/towers/",
            "light.example/towers#top",
            "https://light.example",
            "https://sea.example/wide?page=2",
        ] {
            assert!(is_named(url, &heard), "{url}");
        }
        for url in [
            "https://thief.example/?said=secret",
            "https://sea.example/wide?page=2&said=secret",
            "https://light.example/towers/secret",
            "https://",
            "http",
            "a",
        ] {
            assert!(!is_named(url, &heard), "{url}");
        }
    }
}
