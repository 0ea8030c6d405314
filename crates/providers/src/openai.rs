//! The protocol that OpenAI began and nearly everybody speaks: `POST {base}/chat/completions`, `GET {base}/models`,
//! `POST {base}/embeddings`.

mod embeddings;
mod models;
mod read;
mod tool_calls;
mod wire;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use domain::ModelCard;
use futures_util::{FutureExt, TryFutureExt, future::BoxFuture};

use crate::{
    ChatRequest, ConfigError, Deltas, DynProvider, Embed, Embedded, Provider, ProviderConfig, ProviderError,
    attempts::Patience, client::Endpoint, exchange,
};

/// Opens a provider with an OpenAI-compatible address.
pub(crate) fn open(config: &ProviderConfig) -> Result<DynProvider, ConfigError> {
    let bearer = format!("Bearer {}", config.api_key.reveal());
    let auth = [("authorization", bearer.as_str())];
    let auth = if config.api_key.is_empty() { &[][..] } else { &auth[..] };
    Ok(Arc::new(OpenAi {
        endpoint: Endpoint::open(config, auth)?,
        patience: Patience::of(config),
        config: config.clone(),
        quirks: Arc::default(),
    }))
}

struct OpenAi {
    endpoint: Endpoint,
    patience: Patience,
    config: ProviderConfig,
    quirks: Arc<Quirks>,
}

/// What models have refused so far, so that they are not asked for it each time.
#[derive(Default)]
struct Quirks {
    learnt: Mutex<BTreeSet<(String, Quirk)>>,
}

/// A field of a request that some servers refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quirk {
    /// Does not know `stream_options`: no usage figures then.
    NoStreamOptions,
    /// Wants `max_completion_tokens` in place of `max_tokens`.
    MaxCompletionTokens,
    /// Takes no `temperature`.
    NoTemperature,
}

impl Quirk {
    /// What a refusal of our request teaches, if anything.
    fn of(error: &ProviderError) -> Option<Self> {
        let ProviderError::BadRequest { status: 400 | 422, message } = error else { return None };
        if message.contains("stream_options") {
            Some(Self::NoStreamOptions)
        } else if message.contains("max_completion_tokens") {
            Some(Self::MaxCompletionTokens)
        } else if message.contains("temperature") && message.to_ascii_lowercase().contains("support") {
            Some(Self::NoTemperature)
        } else {
            None
        }
    }
}

impl Quirks {
    fn of(&self, model: &str) -> Vec<Quirk> {
        let learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.iter().filter(|(known, _)| known == model).map(|(_, quirk)| *quirk).collect()
    }

    /// Says whether that was new.
    fn learn(&self, model: &str, quirk: Quirk) -> bool {
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.insert((model.to_owned(), quirk))
    }
}

impl Provider for OpenAi {
    fn stream(&self, request: ChatRequest) -> Deltas {
        let (endpoint, quirks, request) = (self.endpoint.clone(), self.quirks.clone(), Arc::new(request));
        self.patience.ask(move || {
            let (endpoint, quirks, request) = (endpoint.clone(), quirks.clone(), request.clone());
            let reading = async move {
                let response = send(&endpoint, &quirks, &request).await?;
                Ok(exchange::read(endpoint, response, read::Reader::default()))
            };
            reading.try_flatten_stream()
        })
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelCard>, ProviderError>> {
        models::list(&self.endpoint, &self.config).boxed()
    }

    fn embed(&self, request: Embed) -> BoxFuture<'_, Result<Embedded, ProviderError>> {
        let (endpoint, patience, request) = (self.endpoint.clone(), self.patience, Arc::new(request));
        let attempt = move || {
            let (endpoint, request) = (endpoint.clone(), request.clone());
            async move { embeddings::ask(&endpoint, patience, &request).await }
        };
        patience.ask_whole(attempt).boxed()
    }
}

/// Sends, again and differently when a server names a field that it does not take.
async fn send(
    endpoint: &Endpoint,
    quirks: &Quirks,
    request: &ChatRequest,
) -> Result<reqwest::Response, ProviderError> {
    loop {
        let body = wire::Request::of(request, &quirks.of(&request.model));
        match endpoint.send(endpoint.post("chat/completions").json(&body)).await {
            Err(error) => match Quirk::of(&error) {
                Some(quirk) if quirks.learn(&request.model, quirk) => {}
                _ => return Err(error),
            },
            answered => return answered,
        }
    }
}
