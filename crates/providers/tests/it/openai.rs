//! The OpenAI protocol.

use std::time::{Duration, Instant};

use domain::{Role, Usage};
use fakes::{Fake, Script};
use futures_util::StreamExt;
use providers::{ChatMessage, ChatRequest, Delta, ToolCall, ToolChoice, ToolSpec};
use serde_json::json;

use crate::support::{ask, collect, provider, question, tokens};

#[tokio::test]
async fn an_answer_comes_token_by_token_with_its_usage() {
    let fake = Fake::start().await;

    let answer = ask(&provider(&fake, "openai"), "go [tokens=200 reasoning=3]").await;

    assert_eq!((answer.text.as_str(), answer.pieces), (tokens(200).as_str(), 200));
    assert_eq!((answer.reasoning.as_str(), answer.finish.as_deref()), ("r00001 r00002 r00003", Some("stop")));
    let usage = Usage { prompt_tokens: 3, completion_tokens: 203, reasoning_tokens: 3, estimated: false };
    assert_eq!(answer.usage, Some(usage));
    fake.until(|counts| counts.finished == 1 && counts.open == 0).await;
}

#[tokio::test]
async fn a_request_says_everything_in_the_protocols_words() {
    let fake = Fake::start().await;
    let call = ToolCall { id: "c1".to_owned(), name: "search".to_owned(), arguments: "{}".to_owned() };
    let request = ChatRequest {
        model: "fake-2".to_owned(),
        messages: vec![
            ChatMessage::text(Role::System, "Be brief."),
            ChatMessage::text(Role::User, "Who?"),
            ChatMessage { tool_calls: vec![call], ..ChatMessage::text(Role::Assistant, "") },
            ChatMessage { tool_call_id: Some("c1".to_owned()), ..ChatMessage::text(Role::Tool, "Nobody.") },
        ],
        temperature: Some(0.7),
        max_tokens: Some(50),
        tools: vec![ToolSpec {
            name: "search".to_owned(),
            description: "Searches.".to_owned(),
            parameters: json!({ "type": "object" }),
        }],
        tool_choice: Some(ToolChoice::Named("search".to_owned())),
    };

    let answer = collect(provider(&fake, "openai").stream(request)).await;

    assert_eq!(answer.text, "The tool answered: Nobody.");
    let received = &fake.requests()[0];
    assert_eq!(received.path, "/v1/chat/completions");
    assert_eq!(received.headers["authorization"], "Bearer sk-test-0123456789");
    assert_eq!(received.headers["user-agent"], concat!("colloquy/", env!("CARGO_PKG_VERSION")));
    let function = json!({ "name": "search", "arguments": "{}" });
    let expected = json!({
        "model": "fake-2",
        "messages": [
            { "role": "system", "content": "Be brief." },
            { "role": "user", "content": "Who?" },
            { "role": "assistant", "content": null, "tool_calls": [{ "id": "c1", "type": "function", "function": function }] },
            { "role": "tool", "content": "Nobody.", "tool_call_id": "c1" },
        ],
        "stream": true,
        "stream_options": { "include_usage": true },
        "temperature": 0.7,
        "max_tokens": 50,
        "tools": [{ "type": "function", "function": { "name": "search", "description": "Searches.", "parameters": { "type": "object" } } }],
        "tool_choice": { "type": "function", "function": { "name": "search" } },
    });
    assert_eq!(received.body, expected);
}

#[tokio::test]
async fn harmless_oddities_change_nothing() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    for oddity in [
        "chop=1",
        "crlf=1",
        "cr=1",
        "cr=1 chop=1",
        "comments=1",
        "choices=1",
        "nul=1",
        "nodone=1",
        "nofinish=1",
        "json=1",
        "wrongtype=1",
        "wrongtype=1 chop=1",
        "linger=1",
        "nousage=1",
        "negusage=1",
    ] {
        let answer = ask(&provider, &format!("go [tokens=20 {oddity}]")).await;

        assert_eq!((answer.text, answer.finish.as_deref()), (tokens(20), Some("stop")), "{oddity}");
        let usage = answer.usage.map(|usage| (usage.prompt_tokens.min(1), usage.completion_tokens));
        let expected = match oddity {
            "nousage=1" => None,
            "negusage=1" => Some((0, 0)),
            _ => Some((1, 20)),
        };
        assert_eq!(usage, expected, "{oddity}");
    }
}

#[tokio::test]
async fn a_finished_answer_does_not_wait_for_a_connection_that_never_closes() {
    let fake = Fake::start().await;
    let begun = Instant::now();

    let answer = ask(&provider(&fake, "openai"), "go [tokens=2 nodone=1 linger=1]").await;

    assert_eq!(answer.finish.as_deref(), Some("stop"));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_answer_without_its_end_is_never_complete() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    for (fault, code, kept) in [
        ("cut=7", "provider_cut", 7),
        ("end=7", "provider_cut", 7),
        ("cut=7 chop=1", "provider_cut", 7),
        ("malformed=7", "provider_garbage", 7),
        ("error=7", "provider_unavailable", 7),
        ("nodone=1 nofinish=1", "provider_cut", 20),
        ("huge=17000000", "provider_garbage", 0),
    ] {
        let answer = ask(&provider, &format!("go [tokens=20 {fault}]")).await;

        assert_eq!((answer.code(), answer.text), (code, tokens(kept)), "{fault}");
    }
}

#[tokio::test]
async fn every_token_before_a_cut_is_kept() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    for cut in (1..=50).step_by(7) {
        for how in ["cut", "end"] {
            let answer = ask(&provider, &format!("go [tokens=51 {how}={cut}]")).await;
            assert_eq!((answer.code(), answer.text), ("provider_cut", tokens(cut)), "{how} {cut}");
        }
    }
}

#[tokio::test]
async fn a_large_event_is_taken_whole() {
    let fake = Fake::start().await;

    let answer = ask(&provider(&fake, "openai"), "go [tokens=1 huge=10000000]").await;

    assert_eq!((answer.text.len(), answer.finish.as_deref()), (10_000_006, Some("stop")));
}

#[tokio::test]
async fn what_is_no_stream_is_garbage() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    let bodies: [&[u8]; 7] = [
        b"<!doctype html><html>Sign in</html>",
        b"Bad gateway",
        b"{\"hello\":1}",
        b"{\"choices\":[",
        b"[]",
        b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\n",
        b"data: {\"choices\":7}\n\ndata: [DONE]\n\n",
    ];
    for body in bodies {
        fake.next(Script::raw([body]));
        let answer = ask(&provider, "go").await;
        assert_eq!(
            (answer.code(), answer.text.as_str()),
            ("provider_garbage", ""),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    let asked = fake.counts().requests;
    assert_eq!(asked, bodies.len() as u64, "garbage is not asked for again");
}

#[tokio::test]
async fn a_character_split_between_packets_is_whole() {
    let fake = Fake::start().await;
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"größe 🎈\"},\"finish_reason\":\"stop\"}]}\n\n"
        .as_bytes();
    for cut in 1..event.len() {
        fake.next(Script::raw([event[..cut].to_vec(), event[cut..].to_vec()]));
    }
    let provider = provider(&fake, "openai");
    for _ in 1..event.len() {
        assert_eq!(ask(&provider, "go").await.text, "größe 🎈");
    }
}

#[tokio::test]
async fn an_answer_that_ends_in_the_middle_of_an_event_is_cut() {
    let fake = Fake::start().await;
    let first = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    fake.next(Script::raw([first, "data: {\"choices\":[{\"del"]));

    let answer = ask(&provider(&fake, "openai"), "go").await;

    assert_eq!((answer.code(), answer.text.as_str()), ("provider_cut", "a"));
}

#[tokio::test]
async fn a_tool_call_is_put_together() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    for fault in ["", "noindex=1", "json=1", "chop=1"] {
        let answer = ask(&provider, &format!("go [toolcall=search args=a_b {fault}]")).await;

        let call = ToolCall {
            id: "call_search".to_owned(),
            name: "search".to_owned(),
            arguments: r#"{"query":"a b"}"#.to_owned(),
        };
        assert_eq!((answer.calls, answer.finish.as_deref()), (vec![call], Some("tool_calls")), "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_stream_options_is_asked_without_them() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    for _ in 0..2 {
        let answer = ask(&provider, "go [tokens=3 strict=1]").await;
        assert_eq!((answer.text, answer.usage), (tokens(3), None));
    }
    assert_eq!(fake.counts().requests, 3, "it is remembered");
}

#[tokio::test]
async fn a_dropped_answer_drops_the_connection_at_once() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    for script in ["tokens=9 hang=3", "tokens=1000 rate=50", "tokens=9 delay=60000", "hold=60000"] {
        let before = fake.counts().disconnected;
        let mut deltas = provider.stream(question(&format!("go [{script}]")));
        if script.contains("tokens=9 h") || script.contains("rate") {
            assert_eq!(deltas.next().await, Some(Ok(Delta::Text("t00001".to_owned()))));
        } else {
            let waited = tokio::time::timeout(Duration::from_millis(200), deltas.next()).await;
            assert!(waited.is_err());
        }

        let dropped = Instant::now();
        drop(deltas);

        let left = fake.until(|counts| counts.disconnected == before + 1);
        tokio::time::timeout(Duration::from_secs(5), left).await.expect(script);
        assert!(dropped.elapsed() < Duration::from_millis(500), "{script}: {:?}", dropped.elapsed());
    }
}

#[tokio::test]
async fn nothing_is_sent_before_somebody_listens() {
    let fake = Fake::start().await;
    let deltas = provider(&fake, "openai").stream(question("go"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(deltas);
    assert_eq!(fake.counts().requests, 0);
}

#[tokio::test]
async fn the_fake_goes_on_from_what_was_kept() {
    let fake = Fake::start().await;
    let messages = vec![
        ChatMessage::text(Role::User, "go [tokens=9 cut=3]"),
        ChatMessage::text(Role::Assistant, tokens(3)),
        ChatMessage::text(Role::User, "Please continue from your last word."),
    ];
    let request = ChatRequest { model: "fake".to_owned(), messages, ..ChatRequest::default() };

    let answer = collect(provider(&fake, "openai").stream(request)).await;

    assert_eq!(tokens(3) + &answer.text, tokens(9));
}

#[tokio::test]
async fn the_fake_finds_titles_without_touching_its_queue() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");
    fake.next(Script::text("one two"));
    let prompt = "Write a title for this conversation:";
    assert_eq!(ask(&provider, &format!("{prompt} hi [hang=1]")).await.text, "Fake title");
    assert_eq!(ask(&provider, &format!("{prompt} hi [hang=1 title=A_b]")).await.text, "A b");
    assert_eq!(ask(&provider, "hi").await.text, "one two");
    assert_eq!(
        fake.requests().iter().map(|received| received.title).collect::<Vec<_>>(),
        [true, true, false]
    );
}

#[tokio::test]
async fn a_dropped_fake_cuts_its_streams_and_its_port_is_free() {
    let fake = Fake::start().await;
    let (provider, address) = (provider(&fake, "openai"), fake.address());
    let mut deltas = provider.stream(question("go [tokens=9 hang=3]"));
    assert_eq!(deltas.next().await, Some(Ok(Delta::Text("t00001".to_owned()))));

    drop(fake);

    assert_eq!(collect(deltas).await.code(), "provider_cut");
    assert_eq!(ask(&provider, "go").await.code(), "provider_unavailable");
    let _again = Fake::start_at(address).await;
    assert_eq!(ask(&provider, "go [tokens=2]").await.text, tokens(2));
}
