//! Which of a vendor's models are offered.

use crate::{ProviderConfig, globs, vendors};

/// Whether the configuration and what is known of the vendor let a model through. A pattern that an administrator
/// wrote counts more than what we think does not chat.
pub(crate) fn offered(id: &str, config: &ProviderConfig) -> bool {
    if config.models.is_empty() {
        let vendor = config.vendor.as_deref().and_then(|name| vendors().get(name));
        vendor.is_none_or(|vendor| !globs::any(&vendor.hide, id))
    } else {
        globs::any(&config.models, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_an_administrator_count_more_than_what_we_hide() {
        let mut config = ProviderConfig { vendor: Some("openai".to_owned()), ..ProviderConfig::default() };
        assert!(offered("gpt-4o", &config) && !offered("text-embedding-3-small", &config));
        config.models = vec!["*embedding*".to_owned()];
        assert!(!offered("gpt-4o", &config) && offered("text-embedding-3-small", &config));
    }
}
