//! The commands that the demo obeys: the last thing that the person said, if it begins with one.

/// The longest answer, in words.
const MAX_WORDS: usize = 100_000;
/// The longest pause between two words, in milliseconds.
const MAX_PAUSE_MS: u64 = 60_000;

/// What the demo is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Nothing in particular.
    Answer,
    /// Find a title.
    Title,
    /// Say so many numbered words.
    Long(usize),
    /// Say so many numbered words, each after so many milliseconds.
    Slow(usize, u64),
    /// Fail after a few words.
    Fail,
    /// Stop for ever after a few words.
    Stall,
    /// Think first.
    Think,
    /// Call the tool of this name with a text as its argument of that name, if there is one.
    Call(&'static str, &'static str, Option<String>),
    /// Say this.
    Echo(String),
    /// Say what the commands are.
    Help,
}

impl Command {
    /// Numbers that are missing or cannot be read get a default, those beyond the bounds are cut.
    pub(super) fn in_message(text: &str) -> Self {
        let text = text.trim_start();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let mut numbers = rest.split_whitespace().map(|word| word.parse::<u64>().ok());
        let mut number = |default: u64, most: u64| numbers.next().flatten().unwrap_or(default).min(most);
        match word {
            "/long" => Self::Long(number(500, MAX_WORDS as u64) as usize),
            "/slow" => Self::Slow(number(20, MAX_WORDS as u64) as usize, number(500, MAX_PAUSE_MS)),
            "/fail" => Self::Fail,
            "/stall" => Self::Stall,
            "/think" => Self::Think,
            "/calc" => Self::Call("calculator", "expression", given(rest)),
            "/time" => Self::Call("current_time", "time_zone", given(rest)),
            "/echo" => Self::Echo(rest.trim().to_owned()),
            "/help" => Self::Help,
            _ => Self::Answer,
        }
    }
}

fn given(rest: &str) -> Option<String> {
    Some(rest.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_stands_at_the_beginning() {
        for (text, command) in [
            ("/long", Command::Long(500)),
            (" /long 7", Command::Long(7)),
            ("/long many", Command::Long(500)),
            ("/long 999999999", Command::Long(100_000)),
            ("/slow 3", Command::Slow(3, 500)),
            ("/slow 3 90000", Command::Slow(3, 60_000)),
            ("/echo a b\n", Command::Echo("a b".to_owned())),
            ("/echo", Command::Echo(String::new())),
            ("/calc 2 + 2", Command::Call("calculator", "expression", Some("2 + 2".to_owned()))),
            ("/time", Command::Call("current_time", "time_zone", None)),
            ("/longer", Command::Answer),
            ("say /fail", Command::Answer),
            ("", Command::Answer),
        ] {
            assert_eq!(Command::in_message(text), command, "{text}");
        }
    }
}
