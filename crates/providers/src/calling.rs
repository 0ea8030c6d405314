//! Which models call tools. Few lists of models say, so that names have to.

use crate::{ProviderConfig, globs};

/// Families that call tools, whoever serves them.
const CALLING: [&str; 31] = [
    "*gpt-3.5-turbo*",
    "*gpt-4*",
    "*gpt-5*",
    "*gpt-oss*",
    "o1",
    "o1-20*",
    "o3*",
    "o4-*",
    "*claude-*",
    "*gemini-*",
    "*grok-*",
    "*llama3.1*",
    "*llama3.2*",
    "*llama3.3*",
    "*llama-3.1*",
    "*llama-3.2*",
    "*llama-3.3*",
    "*llama4*",
    "*llama-4*",
    "*qwen2.5*",
    "*qwen3*",
    "*mistral*",
    "*ministral*",
    "*magistral*",
    "*devstral*",
    "*command-r*",
    "*command-a*",
    "*deepseek-chat*",
    "*deepseek-v3*",
    "*kimi-*",
    "*glm-4*",
];

/// Whether a model calls tools: what the administrator says, else what the provider's list says, else what is known of
/// families. A server that refuses tools answers with an error, so that names of which nothing is known count as no.
pub(crate) fn calls(id: &str, said: Option<bool>, config: &ProviderConfig) -> bool {
    if !config.tools.is_empty() {
        return globs::any(&config.tools, id);
    }
    said.unwrap_or_else(|| CALLING.iter().any(|pattern| globs::fits(pattern, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_counts_more_than_the_list_and_the_list_more_than_the_name() {
        let other = ProviderConfig::default();
        let told = ProviderConfig { tools: vec!["mine*".to_owned()], ..ProviderConfig::default() };
        assert!(calls("gpt-4o-mini", None, &other) && calls("Qwen/Qwen3-8B", None, &other));
        assert!(!calls("llava:13b", None, &other) && !calls("unheard-of", None, &other));
        assert!(!calls("gpt-4o", Some(false), &other) && calls("unheard-of", Some(true), &other));
        assert!(calls("mine-7b", Some(false), &told) && !calls("gpt-4o", Some(true), &told));
    }
}
