//! What is said when all is well.

use std::borrow::Cow;

use crate::{Script, question::Question};

/// The tokens of an answer, in order.
pub(crate) enum Answer {
    /// `t00001 t00002 …`, from the one behind `after` to `last`.
    Numbered { after: usize, last: usize },
    /// Text in pieces.
    Words(Vec<String>),
}

impl Answer {
    pub(crate) fn of(script: &Script, question: &Question) -> Self {
        match (&script.text, script.tokens) {
            (Some(text), _) => Self::text(text),
            (None, Some(last)) => Self::Numbered { after: script.after, last },
            (None, None) => Self::text(&friendly(question)),
        }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Words(text.split_inclusive(' ').map(str::to_owned).collect())
    }

    /// How many tokens it has.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbered { after, last } => last.saturating_sub(*after),
            Self::Words(words) => words.len(),
        }
    }

    /// The token with the place `place`, from 0, with the space that belongs to it.
    pub(crate) fn token(&self, place: usize) -> Cow<'_, str> {
        match self {
            Self::Numbered { after, .. } => numbered('t', after + place),
            Self::Words(words) => words.get(place).map_or("", String::as_str).into(),
        }
    }

    pub(crate) fn whole(&self) -> String {
        (0..self.len()).map(|place| self.token(place)).collect()
    }
}

/// `t00001`, ` t00002` …: a space stands before all but the first.
pub(crate) fn numbered(letter: char, place: usize) -> Cow<'static, str> {
    let space = if place == 0 { "" } else { " " };
    format!("{space}{letter}{:05}", place + 1).into()
}

/// Where a conversation asks to go on from an answer of numbered tokens: the commands of the question that it
/// answered, and the number of the last token.
pub(crate) fn continued(question: &Question) -> Option<(Script, usize)> {
    let last = question.messages.last()?;
    let text = last.text.to_ascii_lowercase();
    let asks = last.role == "assistant" || text.contains("continue") || text.contains("go on");
    let kept = question.messages.iter().rposition(|said| said.role == "assistant")?;
    let token = question.messages[kept].text.split_whitespace().last()?.strip_prefix('t')?;
    let number = (token.len() == 5).then(|| token.parse().ok()).flatten()?;
    let mut earlier = question.messages[..kept].iter().rev().filter(|said| said.role == "user");
    let script = earlier.find_map(|said| Script::in_message(&said.text).ok().flatten())?;
    asks.then_some((script, number))
}

fn friendly(question: &Question) -> String {
    if let Some(result) = question.results() {
        return format!("The tool answered: {result}");
    }
    let asked = question.last().split_whitespace().collect::<Vec<_>>().join(" ");
    let asked: String = asked.chars().take(200).collect();
    format!(
        "You asked: {asked}\n\nThis is the **fake provider**, which always has an answer:\n\n\
         - it is short,\n- it is friendly,\n- it is the same each time.\n\n\
         ```rust\nfn main() {{ println!(\"hello\"); }}\n```\n\nAnything else?"
    )
}
