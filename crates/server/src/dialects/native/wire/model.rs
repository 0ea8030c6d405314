//! A model on the wire.

use serde::Serialize;
use services::{domain, plans::Grant};
use utoipa::ToSchema;

/// What a model can do beside text.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ModelCapabilities)]
pub(crate) struct Capabilities {
    pub(crate) vision: bool,
    pub(crate) tools: bool,
    pub(crate) reasoning: bool,
}

/// A model that can be asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ModelCard {
    /// The name to ask for.
    pub(crate) id: String,
    /// The name to show.
    pub(crate) name: String,
    /// Who answers.
    pub(crate) provider: String,
    /// How many tokens it reads, if known.
    #[schema(required = true)]
    pub(crate) context: Option<i64>,
    pub(crate) capabilities: Capabilities,
    /// Its provider answered the last time it was asked.
    pub(crate) available: bool,
    /// The caller's plan includes it.
    pub(crate) allowed: bool,
    /// It answers when nobody names another.
    pub(crate) default: bool,
}

impl ModelCard {
    pub(crate) fn of(card: domain::ModelCard, default: Option<&str>, grant: &Grant) -> Self {
        let domain::Capabilities { vision, tools, reasoning, embeddings: _ } = card.capabilities;
        Self {
            default: default == Some(card.id.as_str()),
            allowed: grant.allows_model(&card.id),
            id: card.id,
            name: card.name,
            provider: card.provider,
            context: card.context,
            capabilities: Capabilities { vision, tools, reasoning },
            available: card.available,
        }
    }
}
