//! Which models see images. Few lists of models say, so that names have to.

use crate::{ProviderConfig, globs, vendors};

/// Families of open models that see, whoever serves them.
const SEEING: [&str; 14] = [
    "*vision*",
    "*-vl*",
    "*vl:*",
    "*llava*",
    "*pixtral*",
    "*gemma3*",
    "*gemma-3*",
    "*llama4*",
    "*llama-4*",
    "*minicpm-v*",
    "*moondream*",
    "*internvl*",
    "*gpt-4o*",
    "*claude-*",
];

/// Whether a model sees: what the administrator says, else what the provider's list says, else what is known of the
/// vendor's names and of families.
pub(crate) fn sees(id: &str, said: Option<bool>, config: &ProviderConfig) -> bool {
    if !config.vision.is_empty() {
        return globs::any(&config.vision, id);
    }
    if let Some(said) = said {
        return said;
    }
    let vendor = config.vendor.as_deref().and_then(|name| vendors().get(name));
    vendor.is_some_and(|vendor| globs::any(&vendor.vision, id))
        || SEEING.iter().any(|pattern| globs::fits(pattern, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_counts_more_than_the_list_and_the_list_more_than_the_name() {
        let openai = ProviderConfig { vendor: Some("openai".to_owned()), ..ProviderConfig::default() };
        let told = ProviderConfig { vision: vec!["mine*".to_owned()], ..ProviderConfig::default() };
        assert!(sees("gpt-4o-mini", None, &openai) && !sees("gpt-3.5-turbo", None, &openai));
        assert!(!sees("o3-mini", None, &openai) && sees("o3", None, &openai));
        assert!(!sees("gpt-4o", Some(false), &openai) && sees("unheard-of", Some(true), &openai));
        assert!(sees("mine-7b", Some(false), &told) && !sees("llava", Some(true), &told));
        let other = ProviderConfig::default();
        assert!(sees("llava:13b", None, &other) && sees("Qwen/Qwen2.5-VL-7B-Instruct", None, &other));
        assert!(!sees("llama3.2", None, &other));
    }
}
