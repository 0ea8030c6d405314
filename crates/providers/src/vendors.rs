//! Vendors of a protocol we know are data: `vendors.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::globs;

/// What is known of a vendor before it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// Its name for people.
    pub title: String,
    /// The protocol it speaks.
    pub protocol: String,
    /// Where it answers.
    pub base_url: String,
    /// The environment variable that its own documentation names for the key; nothing here reads it.
    pub key_env: Option<String>,
    /// Tokens that a model can read, by pattern of its name.
    #[serde(default)]
    pub context: BTreeMap<String, i64>,
    /// Patterns of models that see images.
    #[serde(default)]
    pub vision: Vec<String>,
    /// Patterns of models that do not chat.
    #[serde(default)]
    pub hide: Vec<String>,
}

impl Vendor {
    /// The tokens that `model` can read: what the longest fitting pattern says.
    pub fn context_of(&self, model: &str) -> Option<i64> {
        let fitting = self.context.iter().filter(|(pattern, _)| globs::fits(pattern, model));
        fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, tokens)| *tokens)
    }
}

/// All vendors by the word that a configuration names them with.
pub fn vendors() -> &'static BTreeMap<String, Vendor> {
    static ALL: LazyLock<BTreeMap<String, Vendor>> = LazyLock::new(|| {
        toml::from_str(include_str!("vendors.toml")).expect("vendors.toml is read by a test")
    });
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_readable_and_speaks_known_protocols() {
        for (name, vendor) in vendors() {
            assert!(crate::protocols::names().any(|known| known == vendor.protocol), "{name}");
            assert!(reqwest::Url::parse(&vendor.base_url).is_ok(), "{name}");
        }
        assert_eq!(vendors().len(), 12);
    }

    #[test]
    fn the_longest_pattern_says_how_much_a_model_can_read() {
        let openai = &vendors()["openai"];
        assert_eq!(openai.context_of("gpt-4"), Some(8192));
        assert_eq!(openai.context_of("gpt-4o-mini"), Some(128_000));
        assert_eq!(openai.context_of("unheard-of"), None);
    }
}
