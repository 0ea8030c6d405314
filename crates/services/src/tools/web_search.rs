//! Searches the web.

use domain::Feature;
use futures_util::{FutureExt as _, future::BoxFuture};
use serde_json::json;

use super::{About, Call, Told, Tool};
use crate::web_search;

/// Finds pages and reads the best of them.
pub(super) struct WebSearch;

impl Tool for WebSearch {
    fn about(&self) -> About {
        About {
            name: "web_search",
            description: "Searches the web and gives numbered passages of the pages that it found. Call it for what may \
                          have changed since you learnt it, for what you are not sure of, and when you are asked to \
                          look something up.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "query": {
                        "type": "string",
                        "description": "The words to search for, as somebody would type them into a search engine. \
                                        Leave out names and details of the user that the search does not need.",
                    },
                },
                "required": ["query"],
                "additionalProperties": false,
            }),
            feature: Feature::WebSearch,
        }
    }

    fn run<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Told, String>> {
        async move {
            let query = call.text("query")?.ok_or("The argument `query` is missing.")?;
            match web_search::search(call.app, query).await {
                Ok(found) => Ok(Told::Sources(found.sources)),
                Err(error) => Err(error.to_string()),
            }
        }
        .boxed()
    }
}
