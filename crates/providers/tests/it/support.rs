//! What the tests share: a provider that asks a fake, and an answer put together.

use std::time::Duration;

use domain::{Role, Usage};
use fakes::Fake;
use futures_util::StreamExt;
use providers::{
    ChatMessage, ChatRequest, Delta, Deltas, DynProvider, ProviderConfig, ProviderError, Timeouts, ToolCall,
    open,
};

/// The key that must never come back.
pub(crate) const KEY: &str = "sk-test-0123456789";

/// Patient enough for a busy machine, and no more.
pub(crate) fn config(fake: &Fake, protocol: &str) -> ProviderConfig {
    ProviderConfig {
        name: "fake".to_owned(),
        protocol: protocol.to_owned(),
        base_url: fake.base_url(),
        api_key: KEY.into(),
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            first_token: Duration::from_secs(20),
            idle: Duration::from_secs(20),
        },
        ..ProviderConfig::default()
    }
}

pub(crate) fn provider(fake: &Fake, protocol: &str) -> DynProvider {
    open(&config(fake, protocol)).unwrap()
}

pub(crate) fn question(text: &str) -> ChatRequest {
    ChatRequest {
        model: "fake".to_owned(),
        messages: vec![ChatMessage::text(Role::User, text)],
        ..ChatRequest::default()
    }
}

/// A whole answer.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) usage: Option<Usage>,
    pub(crate) finish: Option<String>,
    pub(crate) error: Option<ProviderError>,
    /// How many pieces the text came in.
    pub(crate) pieces: usize,
}

impl Answer {
    pub(crate) fn code(&self) -> &'static str {
        self.error.as_ref().map_or("", ProviderError::code)
    }
}

/// Reads to the end, and checks what is always true of it.
pub(crate) async fn collect(mut deltas: Deltas) -> Answer {
    let mut answer = Answer::default();
    while let Some(delta) = deltas.next().await {
        assert!(
            answer.error.is_none() && answer.finish.is_none(),
            "nothing follows an end: {answer:?} {delta:?}"
        );
        match delta {
            Ok(Delta::Text(text)) => {
                answer.pieces += 1;
                answer.text += &text;
            }
            Ok(Delta::Reasoning(text)) => answer.reasoning += &text,
            Ok(Delta::ToolCall { index, id, name, arguments }) => {
                if index == answer.calls.len() {
                    let id = id.clone().unwrap();
                    answer.calls.push(ToolCall { id, name: String::new(), arguments: String::new() });
                }
                answer.calls[index].name += &name.unwrap_or_default();
                answer.calls[index].arguments += &arguments;
            }
            Ok(Delta::Usage(usage)) => answer.usage = Some(usage),
            Ok(Delta::Finish(word)) => answer.finish = Some(word),
            Err(error) => answer.error = Some(error),
        }
    }
    assert!(answer.error.is_some() || answer.finish.is_some(), "an answer has an end: {answer:?}");
    assert!(!answer.text.contains('\0'));
    if let Some(error) = &answer.error {
        assert!(!error.to_string().contains(KEY), "{error}");
    }
    answer
}

pub(crate) async fn ask(provider: &DynProvider, text: &str) -> Answer {
    collect(provider.stream(question(text))).await
}

/// `t00001 t00002 …`
pub(crate) fn tokens(count: usize) -> String {
    (1..=count).map(|number| format!("t{number:05}")).collect::<Vec<_>>().join(" ")
}
