//! Texts as vectors: what is asked, what comes back, and which models do it.

use crate::{ProviderConfig, ProviderError, globs};

/// What their names have in common, whoever makes them.
const BY_NAME: &str = "*embed*";

/// Texts of which vectors are made.
#[derive(Debug, Clone, Default)]
pub struct Embed {
    /// The model's name as the vendor knows it.
    pub model: String,
    /// In this order.
    pub inputs: Vec<Input>,
    /// How many numbers a vector should have, if the caller chose.
    pub dimensions: Option<i64>,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// In words.
    Text(String),
    /// In tokens that the caller made.
    Tokens(Vec<u32>),
}

/// The vectors of an [`Embed`].
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// One for each text, in their order.
    pub vectors: Vec<Vec<f32>>,
    /// What it cost, if the provider says.
    pub prompt_tokens: Option<i64>,
}

impl Embedded {
    /// Refuses what does not fit the texts: too many or too few vectors, or empty ones.
    pub(crate) fn checked(self, texts: usize) -> Result<Self, ProviderError> {
        let vectors = self.vectors.len();
        if vectors != texts {
            return Err(ProviderError::garbage(format!("{vectors} vectors for {texts} texts")));
        }
        if self.vectors.iter().any(Vec::is_empty) {
            return Err(ProviderError::garbage("an empty vector"));
        }
        Ok(self)
    }
}

/// Whether a model makes vectors: what the administrator says, else its name, if it is offered at all.
pub(crate) fn embeds(id: &str, config: &ProviderConfig) -> bool {
    if config.embeddings.is_empty() {
        globs::fits(BY_NAME, id) && (config.models.is_empty() || globs::any(&config.models, id))
    } else {
        globs::any(&config.embeddings, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_counts_more_than_the_name() {
        let mut config = ProviderConfig { vendor: Some("openai".to_owned()), ..ProviderConfig::default() };
        assert!(embeds("text-embedding-3-small", &config) && !embeds("gpt-4o", &config));
        config.models = vec!["gpt-*".to_owned()];
        assert!(!embeds("text-embedding-3-small", &config));
        config.embeddings = vec!["bge-*".to_owned()];
        assert!(embeds("bge-m3", &config) && !embeds("nomic-embed-text", &config));
    }
}
