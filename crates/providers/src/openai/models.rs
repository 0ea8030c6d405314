//! `GET {base}/models`, in the shapes that vendors give it.

use std::time::Duration;

use domain::{Capabilities, ModelCard};
use serde::Deserialize;

use crate::{
    ProviderConfig, ProviderError, calling, client::Endpoint, embeddings::embeds, exchange::from_json, globs,
    lenient::Count, offers, sight, vendors,
};

/// How long a list may take.
const LIMIT: Duration = Duration::from_secs(15);

/// Most send `{data: […]}`, some the bare list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Listing {
    Wrapped { data: Vec<Entry> },
    Bare(Vec<Entry>),
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    name: Option<String>,
    display_name: Option<String>,
    context_length: Option<Count>,
    context_window: Option<Count>,
    max_model_len: Option<Count>,
    #[serde(default)]
    supported_parameters: Vec<String>,
    architecture: Option<Architecture>,
}

#[derive(Deserialize, Default)]
struct Architecture {
    #[serde(default)]
    input_modalities: Vec<String>,
}

/// The models that the configuration lets through, in the vendor's order. A server without such a list offers what
/// the configuration names in full.
pub(super) async fn list(
    endpoint: &Endpoint,
    config: &ProviderConfig,
) -> Result<Vec<ModelCard>, ProviderError> {
    let body = match endpoint.fetch(endpoint.get("models"), LIMIT).await {
        Err(ProviderError::BadRequest { status: 404 | 405 | 501, .. })
            if !config.models.is_empty() && config.models.iter().all(|name| globs::is_literal(name)) =>
        {
            let named = config.models.iter().chain(&config.embeddings).filter(|name| globs::is_literal(name));
            return Ok(named.map(|name| card(bare(name), config)).collect());
        }
        body => body?,
    };
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(ProviderError::garbage("a web page in place of a list of models"));
    }
    let entries = match from_json(&body)? {
        Listing::Wrapped { data } | Listing::Bare(data) => data,
    };
    Ok(entries
        .into_iter()
        .filter(|entry| embeds(&entry.id, config) || offers::offered(&entry.id, config))
        .map(|entry| card(entry, config))
        .collect())
}

fn bare(id: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        name: None,
        display_name: None,
        context_length: None,
        context_window: None,
        max_model_len: None,
        supported_parameters: Vec::new(),
        architecture: None,
    }
}

fn card(entry: Entry, config: &ProviderConfig) -> ModelCard {
    let said = [entry.context_length, entry.context_window, entry.max_model_len];
    let said = said.into_iter().flatten().map(|count| count.0).find(|count| *count > 0);
    let vendor = config.vendor.as_deref().and_then(|name| vendors().get(name));
    let said_to_see = entry
        .architecture
        .as_ref()
        .filter(|architecture| !architecture.input_modalities.is_empty())
        .map(|architecture| architecture.input_modalities.iter().any(|kind| kind == "image"));
    let takes = |word: &str| entry.supported_parameters.iter().any(|known| known == word);
    let said_to_call = (!entry.supported_parameters.is_empty()).then(|| takes("tools"));
    ModelCard {
        context: said.or_else(|| vendor.and_then(|vendor| vendor.context_of(&entry.id))),
        capabilities: Capabilities {
            vision: sight::sees(&entry.id, said_to_see, config),
            tools: calling::calls(&entry.id, said_to_call, config),
            reasoning: takes("reasoning") || takes("include_reasoning"),
            embeddings: embeds(&entry.id, config),
        },
        name: entry
            .display_name
            .or(entry.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| entry.id.clone()),
        provider: config.name.clone(),
        available: true,
        id: entry.id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_in_every_shape() {
        for json in [
            r#"{"object":"list","data":[{"id":"a","object":"model","created":1}]}"#,
            r#"[{"id":"a","context_length":7,"type":"chat"}]"#,
        ] {
            let listing: Listing = from_json(json.as_bytes()).unwrap();
            let (Listing::Wrapped { data } | Listing::Bare(data)) = listing;
            assert_eq!(data[0].id, "a");
        }
    }
}
