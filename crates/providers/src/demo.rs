//! The built-in model: no key, no network. It shows what the product can do, and obeys a few commands so that every
//! way in which an answer can go can be seen without a vendor.

mod commands;
mod script;
mod vectors;

use std::{sync::Arc, time::Duration};

use domain::{Capabilities, ModelCard, Role, Usage};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use tokio::time::{Instant, sleep_until};

use self::{commands::Command, script::Script};
use crate::{
    ChatMessage, ChatRequest, ConfigError, Delta, Deltas, DynProvider, Embed, Embedded, Provider,
    ProviderConfig, ProviderError, ToolCall, attempts::Patience, estimate_tokens,
};

/// The name of the model that chats.
const MODEL: &str = "demo";
/// The name of the one that makes vectors.
const VECTORS: &str = "demo-embedding";

/// Opens the demo. Of the configuration it heeds `name` and `timeouts`.
#[expect(clippy::unnecessary_wraps, reason = "all protocols are opened alike")]
pub(crate) fn open(config: &ProviderConfig) -> Result<DynProvider, ConfigError> {
    let patience = Patience { max_attempts: 1, ..Patience::of(config) };
    Ok(Arc::new(Demo { name: config.name.clone(), patience }))
}

struct Demo {
    name: String,
    patience: Patience,
}

impl Provider for Demo {
    fn stream(&self, request: ChatRequest) -> Deltas {
        let request = Arc::new(request);
        self.patience.ask(move || answer(&request))
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelCard>, ProviderError>> {
        let card = ModelCard {
            id: MODEL.to_owned(),
            name: "Built-in demo".to_owned(),
            provider: self.name.clone(),
            context: None,
            capabilities: Capabilities { vision: true, tools: true, reasoning: true, embeddings: false },
            available: true,
        };
        let vectors = ModelCard {
            id: VECTORS.to_owned(),
            name: "Built-in demo of embeddings".to_owned(),
            capabilities: Capabilities { embeddings: true, ..Capabilities::default() },
            ..card.clone()
        };
        async { Ok(vec![card, vectors]) }.boxed()
    }

    fn embed(&self, request: Embed) -> BoxFuture<'_, Result<Embedded, ProviderError>> {
        std::future::ready(vectors::of(&request)).boxed()
    }
}

/// What comes after the last word.
enum End {
    Finish,
    Call(ToolCall),
    Fail,
    Stall,
}

fn answer(request: &ChatRequest) -> Deltas {
    let asked = request.messages.iter().rfind(|message| message.role == Role::User);
    let attached = asked.map_or(&[][..], |message| &message.attached);
    let asked = asked.map_or("", |message| message.text.as_str());
    let command = if script::wants_title(request) { Command::Title } else { Command::in_message(asked) };
    let Script { reasoning, text, pace, end } = script::of(&command, asked, attached, request);

    let said: String = reasoning.iter().chain(&text).map(String::as_str).collect();
    let prompt: i64 = request.messages.iter().map(ChatMessage::estimate).sum();
    let usage = Usage {
        prompt_tokens: prompt,
        completion_tokens: estimate_tokens(&said),
        reasoning_tokens: reasoning.iter().map(|word| estimate_tokens(word)).sum(),
        estimated: true,
    };
    let words = reasoning.into_iter().map(Delta::Reasoning).chain(text.into_iter().map(Delta::Text)).map(Ok);
    let is_endless = matches!(end, End::Stall);
    let last = match end {
        End::Finish => vec![Ok(Delta::Usage(usage)), Ok(Delta::Finish("stop".to_owned()))],
        End::Call(ToolCall { id, name, arguments }) => vec![
            Ok(Delta::ToolCall { index: 0, id: Some(id), name: Some(name), arguments }),
            Ok(Delta::Usage(usage)),
            Ok(Delta::Finish("tool_calls".to_owned())),
        ],
        End::Fail => vec![Err(ProviderError::unavailable("the demo was asked to fail"))],
        End::Stall => Vec::new(),
    };
    let spoken = paced(words, pace).chain(stream::iter(last));
    if is_endless { spoken.chain(stream::pending()).boxed() } else { spoken.boxed() }
}

/// One item each `pace`. Who is late does not wait, so the pace holds on average.
fn paced<T: Send + 'static>(
    items: impl Iterator<Item = T> + Send + 'static,
    pace: Duration,
) -> impl stream::Stream<Item = T> + Send {
    stream::unfold((items, Instant::now()), move |(mut items, due)| async move {
        let item = items.next()?;
        if !pace.is_zero() {
            sleep_until(due).await;
        }
        Some((item, (items, due + pace)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Attached, Timeouts, ToolSpec, Waited};

    #[derive(Debug, Default, PartialEq)]
    struct Said {
        text: String,
        reasoning: String,
        usage: Option<Usage>,
        finish: Option<String>,
        error: Option<ProviderError>,
        calls: Vec<(String, String)>,
    }

    async fn say(text: &str) -> Said {
        converse(vec![ChatMessage::text(Role::User, text)]).await
    }

    async fn converse(messages: Vec<ChatMessage>) -> Said {
        converse_with(&[], messages).await
    }

    async fn converse_with(tools: &[&str], messages: Vec<ChatMessage>) -> Said {
        let tools = tools.iter().map(|name| ToolSpec {
            name: (*name).to_owned(),
            description: String::new(),
            parameters: serde_json::json!({ "type": "object" }),
        });
        let tools = tools.collect();
        let request = ChatRequest { model: MODEL.to_owned(), messages, tools, ..ChatRequest::default() };
        let mut said = Said::default();
        let mut deltas = crate::open(&ProviderConfig::demo()).unwrap().stream(request);
        while let Some(delta) = deltas.next().await {
            match delta {
                Ok(Delta::Text(text)) => said.text += &text,
                Ok(Delta::Reasoning(text)) => said.reasoning += &text,
                Ok(Delta::Usage(usage)) => said.usage = Some(usage),
                Ok(Delta::Finish(word)) => said.finish = Some(word),
                Ok(Delta::ToolCall { name, arguments, .. }) => {
                    said.calls.push((name.unwrap_or_default(), arguments));
                }
                Err(error) => said.error = Some(error),
            }
        }
        said
    }

    #[tokio::test(start_paused = true)]
    async fn it_says_at_once_what_it_is_and_shows_what_can_be_shown() {
        let begun = Instant::now();
        let said = say("How do I bake bread\nat home with little time and no oven?").await;

        let first = said.text.split(". ").next().unwrap_or_default();
        assert!(first.contains("built-in demo"), "{first}");
        for shown in [
            "OPENAI_API_KEY",
            "OPENAI_BASE_URL",
            "> How do I bake bread at home",
            "## ",
            "- ",
            "| ",
            "```",
            "$$",
            "/help",
        ] {
            assert!(said.text.contains(shown), "{shown}: {}", said.text);
        }
        assert_eq!(said.finish.as_deref(), Some("stop"));
        assert!(said.usage.is_some_and(|usage| usage.completion_tokens > 50 && usage.estimated));
        let words = said.text.split_whitespace().count() as u32;
        assert!(
            begun.elapsed() > Duration::from_millis(15) * words
                && begun.elapsed() < Duration::from_millis(30) * words
        );
    }

    #[tokio::test(start_paused = true)]
    async fn it_obeys() {
        assert_eq!(say("/long 3").await.text, "w1 w2 w3");
        assert_eq!(say("/echo  a  **b**\nc").await.text, "a  **b**\nc");
        assert!(say("/help").await.text.contains("/stall"));
        let said = say("/think").await;
        assert!(!said.reasoning.is_empty() && !said.text.is_empty());
        assert_eq!(say("/long 200000").await.text.split(' ').count(), 100_000);

        let begun = Instant::now();
        assert_eq!(say("/slow 11 1000").await.text, "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11");
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn it_fails_and_stalls_on_request() {
        let said = say("/fail").await;
        assert_eq!(
            (said.error.map(|error| error.code()), said.text.is_empty()),
            (Some("provider_unavailable"), false)
        );

        let said = say("/stall").await;
        let after = Timeouts::default().idle;
        assert_eq!(said.error, Some(ProviderError::TimedOut { what: Waited::Idle, after }));
    }

    #[tokio::test(start_paused = true)]
    async fn it_says_which_files_it_got() {
        let attached = vec![
            Attached::Image {
                name: "cat.png".into(),
                media_type: "image/png".into(),
                data: bytes::Bytes::from_static(&[0; 2048]),
            },
            Attached::Text { name: "notes.md".into(), text: "twelve chars".into() },
        ];
        let said = converse(vec![ChatMessage { attached, ..ChatMessage::text(Role::User, "Look") }]).await;
        for line in ["- `cat.png`: image/png, 2048 bytes", "- `notes.md`: text, 12 characters"] {
            assert!(said.text.contains(line), "{line}: {}", said.text);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_calls_a_tool_that_is_offered_and_says_what_it_answered() {
        let asked = ChatMessage::text(Role::User, "/calc 2 + 2");
        let said = converse_with(&["calculator"], vec![asked.clone()]).await;
        let call = ("calculator".to_owned(), r#"{"expression":"2 + 2"}"#.to_owned());
        assert_eq!((said.calls, said.finish.as_deref()), (vec![call], Some("tool_calls")));
        let result = ChatMessage::text(Role::Tool, "4");
        let said = converse_with(&["calculator"], vec![asked.clone(), result]).await;
        assert!(said.text.contains("> 4") && said.calls.is_empty(), "{}", said.text);
        let said = converse_with(&["other"], vec![asked]).await;
        assert!(said.text.contains("not offered") && said.calls.is_empty(), "{}", said.text);
    }

    #[tokio::test(start_paused = true)]
    async fn it_finds_titles() {
        let system = "Write a title for this conversation, at most six words.";
        let said = converse(vec![
            ChatMessage::text(Role::System, system),
            ChatMessage::text(Role::User, "How do I bake bread at home with little time?"),
        ])
        .await;
        assert_eq!(said.text, "How do I bake bread at");
        let said =
            converse(vec![ChatMessage::text(Role::User, "Write a title for this conversation:\n\n/stall")])
                .await;
        assert_eq!(said.text, "A try of /stall");
    }
}
