//! Anthropic's own protocol: `POST {base}/messages`, `GET {base}/models`.

mod read;
mod wire;

use std::{sync::Arc, time::Duration};

use domain::{Capabilities, ModelCard};
use futures_util::{FutureExt, TryFutureExt, future::BoxFuture};
use serde::Deserialize;

use crate::{
    ChatRequest, ConfigError, Deltas, DynProvider, Embed, Embedded, Provider, ProviderConfig, ProviderError,
    attempts::Patience,
    calling,
    client::Endpoint,
    exchange::{self, from_json},
    offers, sight, vendors,
};

/// How long a list of models may take.
const LIST_LIMIT: Duration = Duration::from_secs(15);

/// Opens a provider with an Anthropic address.
pub(crate) fn open(config: &ProviderConfig) -> Result<DynProvider, ConfigError> {
    let auth = [("anthropic-version", "2023-06-01"), ("x-api-key", config.api_key.reveal())];
    let auth = if config.api_key.is_empty() { &auth[..1] } else { &auth[..] };
    let endpoint = Endpoint::open(config, auth)?;
    Ok(Arc::new(Anthropic { endpoint, patience: Patience::of(config), config: config.clone() }))
}

struct Anthropic {
    endpoint: Endpoint,
    patience: Patience,
    config: ProviderConfig,
}

impl Provider for Anthropic {
    fn stream(&self, request: ChatRequest) -> Deltas {
        let (endpoint, request) = (self.endpoint.clone(), Arc::new(request));
        self.patience.ask(move || {
            let (endpoint, request) = (endpoint.clone(), request.clone());
            let reading = async move {
                let body = wire::Request::of(&request);
                let response = endpoint.send(endpoint.post("messages").json(&body)).await?;
                Ok(exchange::read(endpoint, response, read::Reader::default()))
            };
            reading.try_flatten_stream()
        })
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelCard>, ProviderError>> {
        self.list().boxed()
    }

    /// This protocol has none, and no model's card says so.
    fn embed(&self, request: Embed) -> BoxFuture<'_, Result<Embedded, ProviderError>> {
        let message = format!("{} makes no vectors of texts", request.model);
        async { Err(ProviderError::BadRequest { status: 400, message }) }.boxed()
    }
}

#[derive(Deserialize)]
struct Listing {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    display_name: Option<String>,
}

impl Anthropic {
    async fn list(&self) -> Result<Vec<ModelCard>, ProviderError> {
        let request = self.endpoint.get_with("models", ("limit", "1000"));
        let body = self.endpoint.fetch(request, LIST_LIMIT).await?;
        let listing: Listing = from_json(&body)?;
        let vendor = &vendors()["anthropic"];
        let offered = listing.data.into_iter().filter(|entry| offers::offered(&entry.id, &self.config));
        let cards = offered.map(|entry| ModelCard {
            name: entry.display_name.unwrap_or_else(|| entry.id.clone()),
            provider: self.config.name.clone(),
            context: vendor.context_of(&entry.id),
            capabilities: Capabilities {
                vision: sight::sees(&entry.id, None, &self.config),
                tools: calling::calls(&entry.id, Some(true), &self.config),
                reasoning: false,
                embeddings: false,
            },
            available: true,
            id: entry.id,
        });
        Ok(cards.collect())
    }
}
