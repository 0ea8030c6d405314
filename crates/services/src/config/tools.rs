//! What models may call while they answer.

use super::manual::section;
use crate::tools;

section! {
    /// What models may call while they answer.
    Tools {
        /// The tools that are offered to models; an empty list offers none. There are `current_time`, `calculator`,
        /// `web_search` and `fetch_page`; the last two only where `web_search.enabled` allows that the web is asked.
        enabled: Vec<String> = tools::names().map(str::to_owned).collect(),
        /// How many times in one answer a model may call tools; then it has to answer with what it has.
        max_rounds: usize = 5,
        /// How long one call may take, in seconds.
        call_seconds: u64 = 20,
        /// How much of a tool's result is kept and shown to the model, in characters.
        result_chars: usize = 20_000,
    }
}

impl Tools {
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(strange) = self.enabled.iter().find(|name| !tools::names().any(|known| known == *name)) {
            let known: Vec<_> = tools::names().collect();
            return Err((
                "tools.enabled",
                format!("{strange:?} is not a tool; there are {}", known.join(", ")),
            ));
        }
        for (key, number) in [
            ("tools.max_rounds", self.max_rounds as u64),
            ("tools.call_seconds", self.call_seconds),
            ("tools.result_chars", self.result_chars as u64),
        ] {
            if number == 0 {
                return Err((key, "expected at least 1".into()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_there_is_not_is_refused() {
        let with = |enabled: &[&str]| Tools {
            enabled: enabled.iter().map(|name| (*name).to_owned()).collect(),
            ..Tools::default()
        };
        assert!(with(&[]).check().is_ok() && Tools::default().check().is_ok());
        let refused = with(&["calculator", "rm"]).check().unwrap_err();
        assert!(refused.0 == "tools.enabled" && refused.1.contains("\"rm\""), "{refused:?}");
        let never = Tools { max_rounds: 0, ..Tools::default() };
        assert_eq!(never.check().unwrap_err().0, "tools.max_rounds");
    }
}
