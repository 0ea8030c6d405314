//! The Anthropic protocol.

use std::time::Duration;

use domain::{Role, Usage};
use fakes::Fake;
use futures_util::StreamExt;
use providers::{ChatMessage, ChatRequest, Delta, ToolCall};

use crate::support::{ask, collect, provider, question, tokens};

#[tokio::test]
async fn an_answer_comes_token_by_token_with_its_usage() {
    let fake = Fake::start().await;

    let answer = ask(&provider(&fake, "anthropic"), "go [tokens=100 reasoning=2]").await;

    assert_eq!((answer.text.as_str(), answer.pieces), (tokens(100).as_str(), 100));
    assert_eq!((answer.reasoning.as_str(), answer.finish.as_deref()), ("r00001 r00002", Some("stop")));
    let usage = Usage { prompt_tokens: 3, completion_tokens: 102, reasoning_tokens: 0, estimated: false };
    assert_eq!(answer.usage, Some(usage));
    let received = &fake.requests()[0];
    assert_eq!(received.path, "/v1/messages");
    assert_eq!(received.headers["x-api-key"], "sk-test-0123456789");
    assert_eq!(received.headers["anthropic-version"], "2023-06-01");
    assert!(!received.headers.contains_key("authorization"));
}

#[tokio::test]
async fn harmless_oddities_change_nothing() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "anthropic");
    for oddity in
        ["chop=1", "crlf=1", "cr=1", "comments=1", "nul=1", "nodone=1", "nofinish=1", "json=1", "linger=1"]
    {
        let answer = ask(&provider, &format!("go [tokens=20 {oddity}]")).await;
        assert_eq!((answer.text, answer.finish.as_deref()), (tokens(20), Some("stop")), "{oddity}");
    }
}

#[tokio::test]
async fn an_answer_without_its_end_is_never_complete() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "anthropic");
    for (fault, code, kept) in [
        ("cut=7", "provider_cut", 7),
        ("end=7", "provider_cut", 7),
        ("malformed=7", "provider_garbage", 7),
        ("error=7", "provider_unavailable", 7),
        ("nodone=1 nofinish=1", "provider_cut", 20),
    ] {
        let answer = ask(&provider, &format!("go [tokens=20 {fault}]")).await;
        assert_eq!((answer.code(), answer.text), (code, tokens(kept)), "{fault}");
    }
}

#[tokio::test]
async fn a_tool_call_is_put_together_and_its_result_sent_back() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "anthropic");
    let call = ToolCall {
        id: "toolu_search".to_owned(),
        name: "search".to_owned(),
        arguments: r#"{"query":"a"}"#.to_owned(),
    };
    for fault in ["", "json=1"] {
        let answer = ask(&provider, &format!("go [toolcall=search args=a {fault}]")).await;
        assert_eq!((answer.calls, answer.finish.as_deref()), (vec![call.clone()], Some("tool_calls")));
    }

    let result =
        ChatMessage { tool_call_id: Some(call.id.clone()), ..ChatMessage::text(Role::Tool, "Nothing.") };
    let messages = vec![
        ChatMessage::text(Role::User, "go"),
        ChatMessage { tool_calls: vec![call], ..ChatMessage::text(Role::Assistant, "") },
        result,
    ];
    let request = ChatRequest { model: "fake".to_owned(), messages, ..ChatRequest::default() };
    assert_eq!(collect(provider.stream(request)).await.text, "The tool answered: Nothing.");
}

#[tokio::test]
async fn a_dropped_answer_drops_the_connection_at_once() {
    let fake = Fake::start().await;
    let mut deltas = provider(&fake, "anthropic").stream(question("go [tokens=9 hang=3]"));
    while !matches!(deltas.next().await, Some(Ok(Delta::Text(_)))) {}

    drop(deltas);

    let left = fake.until(|counts| counts.disconnected == 1);
    tokio::time::timeout(Duration::from_millis(500), left).await.unwrap();
}
