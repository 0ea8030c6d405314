//! A model that can be asked.

use serde::{Deserialize, Serialize};

/// What a model can do beside text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// Takes images.
    #[serde(default)]
    pub vision: bool,
    /// Calls tools.
    #[serde(default)]
    pub tools: bool,
    /// Shows what it thinks.
    #[serde(default)]
    pub reasoning: bool,
    /// Makes vectors of texts, and does not chat.
    #[serde(default)]
    pub embeddings: bool,
}

/// What a list of models says of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    /// The name to ask for; unique in the installation.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// The configured provider that answers.
    pub provider: String,
    /// How many tokens it can read, if known.
    pub context: Option<i64>,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Its provider answered the last time it was asked.
    pub available: bool,
}
