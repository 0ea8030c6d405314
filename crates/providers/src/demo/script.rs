//! What the demo says.

use std::time::Duration;

use domain::Role;

use super::{Command, End};
use crate::{Attached, ChatRequest, ToolCall, ToolChoice};

/// The pause between two words.
const PACE: Duration = Duration::from_millis(25);
/// How many words of a question are quoted.
const QUOTED_WORDS: usize = 12;
/// How many words make a title.
const TITLE_WORDS: usize = 6;
/// How a request for a title is known.
const TITLE_REQUEST: &str = "title for this conversation";

/// An answer before it is spoken.
pub(super) struct Script {
    pub(super) reasoning: Vec<String>,
    pub(super) text: Vec<String>,
    pub(super) pace: Duration,
    pub(super) end: End,
}

/// Whether a title is asked for: by the instructions, or by a request that says nothing else. A person in the middle of
/// a conversation may speak of titles.
pub(super) fn wants_title(request: &ChatRequest) -> bool {
    let alone = request.messages.len() == 1;
    let mut asked = request.messages.iter().filter(|message| message.role == Role::System || alone);
    asked.any(|message| message.text.to_ascii_lowercase().contains(TITLE_REQUEST))
}

/// What to say to `asked`, the last thing that the person said in a request.
pub(super) fn of(command: &Command, asked: &str, attached: &[Attached], request: &ChatRequest) -> Script {
    let told = |text: &str| Script { reasoning: Vec::new(), text: words(text), pace: PACE, end: End::Finish };
    match command {
        Command::Answer => told(&showcase(asked, attached)),
        Command::Title => Script { pace: Duration::ZERO, ..told(&title(asked)) },
        Command::Long(count) => Script { text: numbered(*count), ..told("") },
        Command::Slow(count, pause) => {
            Script { text: numbered(*count), pace: Duration::from_millis(*pause), ..told("") }
        }
        Command::Fail => Script { end: End::Fail, ..told("This answer will break off right ") },
        Command::Stall => Script { end: End::Stall, ..told("This answer will now stand still: ") },
        Command::Think => Script { reasoning: words(THOUGHTS), ..told(THOUGHT_OVER) },
        Command::Call(name, argument, text) => call(name, argument, text.as_deref(), request),
        Command::Echo(text) if text.is_empty() => told("(nothing)"),
        Command::Echo(text) => told(text),
        Command::Help => told(HELP),
    }
}

/// Calls a tool; once it has answered, says what.
fn call(name: &str, argument: &str, text: Option<&str>, request: &ChatRequest) -> Script {
    let told = |text: &str| Script { reasoning: Vec::new(), text: words(text), pace: PACE, end: End::Finish };
    if let Some(result) = request.messages.last().filter(|last| last.role == Role::Tool) {
        let quoted: Vec<_> = result.text.lines().map(|line| format!("> {line}")).collect();
        return told(&format!("The tool `{name}` answered:\n\n{}", quoted.join("\n")));
    }
    let is_offered = request.tools.iter().any(|tool| tool.name == name);
    if !is_offered || request.tool_choice == Some(ToolChoice::None) {
        return told(&format!("I would call the tool `{name}` now, but it is not offered to me."));
    }
    let arguments = text.map_or_else(|| serde_json::json!({}), |text| serde_json::json!({ argument: text }));
    let call =
        ToolCall { id: format!("demo_{name}"), name: name.to_owned(), arguments: arguments.to_string() };
    Script { end: End::Call(call), ..told("Let me ask a tool.") }
}

/// Words with the white space behind them.
fn words(text: &str) -> Vec<String> {
    text.split_inclusive([' ', '\n']).map(str::to_owned).collect()
}

fn numbered(count: usize) -> Vec<String> {
    let word = |number| if number == 1 { "w1".to_owned() } else { format!(" w{number}") };
    (1..=count).map(word).collect()
}

/// The first words of what the conversation is about. A prompt may hold it behind its own words: then the last line.
fn title(asked: &str) -> String {
    let about = if asked.to_ascii_lowercase().contains(TITLE_REQUEST) {
        asked.lines().next_back()
    } else {
        Some(asked)
    };
    let about = about.unwrap_or_default().trim();
    match about.split_whitespace().next() {
        Some(command) if command.starts_with('/') => format!("A try of {command}"),
        Some(_) => {
            let words: Vec<_> = about.split_whitespace().take(TITLE_WORDS).collect();
            words.join(" ").trim_end_matches(['.', '?', '!', ',', ':']).to_owned()
        }
        None => "A chat with the demo".to_owned(),
    }
}

fn quote(asked: &str) -> String {
    let mut words = asked.split_whitespace();
    let mut quoted: Vec<_> = words.by_ref().take(QUOTED_WORDS).collect();
    if words.next().is_some() {
        quoted.push("…");
    }
    quoted.join(" ")
}

fn showcase(asked: &str, attached: &[Attached]) -> String {
    SHOWCASE.replace("{question}", &quote(asked)).replace("{files}", &received(attached))
}

/// Which files came with the question.
fn received(attached: &[Attached]) -> String {
    if attached.is_empty() {
        return String::new();
    }
    let lines: String = (attached.iter())
        .map(|one| match one {
            Attached::Image { name, media_type, data } => {
                format!("- `{name}`: {media_type}, {} bytes\n", data.len())
            }
            Attached::Text { name, text } => {
                format!("- `{name}`: text, {} characters\n", text.chars().count())
            }
        })
        .collect();
    format!("These files came with it:\n\n{lines}\n")
}

const SHOWCASE: &str = "This is the **built-in demo**, not a language model, so it cannot think about what you wrote:

> {question}

{files}To get real answers, connect a model: set `OPENAI_API_KEY` (and `OPENAI_BASE_URL` for any other server that speaks the \
same protocol, such as Ollama or vLLM) and start Colloquy again.

## What an answer can look like

- Text with **weight**, *tone* and `code`
- Lists, such as this one
- [Links](https://www.rust-lang.org/)

| Feature | Try it |
| --- | --- |
| Stop an answer | `/long 500`, then Stop |
| See what a model thinks | `/think` |
| Watch it use a tool | `/calc 355/113` |
| Meet an error | `/fail` |

```rust
fn main() {
    let answer = 6 * 7;
    println!(\"The answer is {answer}.\");
}
```

Maths is set as maths: $e^{i\\pi} + 1 = 0$, or on a line of its own:

$$\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}$$

Write `/help` to see everything that this demo can do.
";

const HELP: &str = "This is the built-in demo. It obeys:

| Command | What happens |
| --- | --- |
| `/long N` | N numbered words (at most 100,000) |
| `/slow N MS` | N numbered words, one each MS milliseconds |
| `/think` | shows its reasoning first |
| `/calc EXPRESSION` | calls the calculator |
| `/time ZONE` | asks a tool for the time, such as `/time Europe/Rome` |
| `/echo TEXT` | says TEXT |
| `/fail` | the provider fails after a few words |
| `/stall` | the answer stands still until you stop it |
| `/help` | this table |

To connect a real model, set `OPENAI_API_KEY`, and `OPENAI_BASE_URL` for servers other than OpenAI's.
";

const THOUGHTS: &str = "The person wants to see reasoning. I have none, but I can show where it would stand: before the \
answer, folded away once the answer begins. First one looks at the question. Then one weighs what is known. Then one \
decides what to say.";

const THOUGHT_OVER: &str = "That was my reasoning; this is the answer. With a real model connected, what it thinks is \
shown in the same place.";
