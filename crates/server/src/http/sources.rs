//! What an answer leans on, for clients whose messages have room for more than words.

use serde_json::{Value, json};
use services::domain::{Part, Parts};

/// The sources of an answer, each with its number, title, address and the passage that matters.
pub(crate) fn sources(parts: &Parts) -> Vec<Value> {
    let told = |part: &Part| match part {
        Part::Source { n, title, url, snippet } => {
            Some(json!({ "n": n, "title": title, "url": url, "snippet": snippet }))
        }
        Part::Text { .. } | Part::Reasoning { .. } | Part::ToolCall { .. } | Part::File(_) => None,
    };
    parts.0.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_and_nothing_else() {
        let source = Part::Source { n: 2, title: "T".into(), url: "u".into(), snippet: "s".into() };
        let parts = Parts(vec![source, Part::Text { text: "said [2]".into() }]);
        assert_eq!(sources(&parts), [json!({ "n": 2, "title": "T", "url": "u", "snippet": "s" })]);
    }
}
