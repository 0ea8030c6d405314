//! A reader that reconnects sees each event exactly once; a stop reaches the provider; a key joins.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Events, Line, text_of, tokens};
use crate::{
    process::is_full,
    support::{TestServer, on_both, on_both_with},
};

#[tokio::test]
async fn a_stream_has_numbered_events_and_ends_with_done() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut events = ada.say("[tokens=5]").await;
        let lines = events.rest().await;
        assert!(events.ended);
        for (at, line) in lines.iter().enumerate() {
            assert_eq!(line.seq, i64::try_from(at).unwrap() + 1);
            assert_eq!(line.turn, lines[0].data["turn_id"]);
        }
        assert_eq!(text_of(&lines), tokens(5));
        let done = &lines.last().unwrap().data;
        assert_eq!(
            (&done["type"], &done["state"], &done["finish_reason"]),
            (&json!("done"), &json!("completed"), &json!("stop"))
        );
        assert!(done.get("content").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_thousand_disconnects_over_http_leave_no_gap_and_no_repeat() {
    on_both_with(
        |config| config.billing.enforced = false,
        async |server: TestServer| {
            let ada = server.user("ada").await;
            let wanted = if is_full() { 1_000 } else { 250 };
            let mut disconnects = 0;
            while disconnects < wanted {
                let mut first = ada.say("[tokens=250 rate=500]").await;
                let start = first.next().await.unwrap();
                let turn = start.data["turn_id"].as_i64().unwrap();
                let mut seen: Vec<Line> = vec![start];
                drop(first);
                loop {
                    let last = seen.last().unwrap();
                    // All spellings of a cursor, in turn.
                    let response = match disconnects % 3 {
                        0 => ada.follow(turn, Some(&format!("{turn}:{}", last.seq))).await,
                        1 => ada.follow(turn, Some(&last.seq.to_string())).await,
                        _ => {
                            let path = format!("/api/v1/turns/{turn}/events?after={}", last.seq);
                            ada.request(reqwest::Method::GET, &path).send().await.unwrap()
                        }
                    };
                    let mut events = Events::of(response);
                    for _ in 0..=disconnects % 7 {
                        match events.next().await {
                            Some(line) => seen.push(line),
                            None => break,
                        }
                    }
                    if seen.last().unwrap().data["type"] == "done" {
                        break;
                    }
                    disconnects += 1;
                }
                for (at, line) in seen.iter().enumerate() {
                    assert_eq!(line.seq, i64::try_from(at).unwrap() + 1, "a gap or a repeat");
                }
                assert_eq!(text_of(&seen), tokens(250));
                let last = seen.last().unwrap();
                assert_eq!(ada.follow(turn, Some(&format!("{turn}:{}", last.seq))).await.status(), 204);
            }
            println!("{disconnects} disconnects: 0 gaps, 0 repeats");
        },
    )
    .await;
}

#[tokio::test]
async fn stop_reaches_the_provider_within_half_a_second() {
    on_both_with(
        |config| config.billing.enforced = false,
        async |server: TestServer| {
            let ada = server.user("ada").await;
            let mut times: Vec<Duration> = Vec::new();
            for _ in 0..if is_full() { 200 } else { 40 } {
                let mut events = ada.say("[tokens=100000 rate=100]").await;
                let turn = events.next().await.unwrap().turn;
                events.next().await.unwrap();
                let before = server.provider.counts().disconnected;
                let asked = Instant::now();
                assert_eq!(ada.post(&format!("/api/v1/turns/{turn}/stop"), json!({})).await.status, 204);
                server.provider.until(|counts| counts.disconnected > before).await;
                times.push(asked.elapsed());
                let rest = events.rest().await;
                assert_eq!(rest.last().unwrap().data["state"], "stopped");
            }
            times.sort_unstable();
            let p99 = times[times.len() * 99 / 100];
            println!("stop, {} times: p50 {:?}, p99 {p99:?}", times.len(), times[times.len() / 2]);
            assert!(p99 < Duration::from_millis(500), "{p99:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn a_page_that_is_reloaded_shows_every_token_once() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut events = ada.say("[tokens=200 rate=400]").await;
        let start = events.next().await.unwrap();
        let mut seen = 0;
        while seen < 50 {
            let event = events.next().await.unwrap();
            seen += event.data["content"].as_str().unwrap_or_default().matches('t').count();
        }
        drop(events);
        let path = format!("/api/v1/conversations/{}/messages", start.data["conversation_id"]);
        let page = ada.get(&path).await.json;
        let answer = &page[1];
        let mut shown = answer["content"].as_str().unwrap().to_owned();
        if answer["state"] == "running" {
            let after = answer["covers"].to_string();
            let rest = Events::of(ada.follow(start.turn, Some(&after)).await).rest().await;
            shown.push_str(&text_of(&rest));
        }
        assert_eq!(shown, tokens(200));
    })
    .await;
}

#[tokio::test]
async fn the_same_key_a_hundred_times_is_one_turn() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let send = |body: &str, path: &str| {
            let body = json!({ "message": body });
            let request =
                ada.request(reqwest::Method::POST, path).header("idempotency-key", "k1").json(&body);
            async move { request.send().await.unwrap() }
        };
        let sends = (0..100).map(|_| send("[tokens=20 rate=200]", "/api/v1/chat"));
        let mut turns = Vec::new();
        for response in futures_util::future::join_all(sends).await {
            let lines = Events::of(response).rest().await;
            assert_eq!(text_of(&lines), tokens(20));
            turns.push(lines[0].turn);
        }
        turns.dedup();
        assert_eq!(turns.len(), 1);
        assert_eq!(server.provider.counts().requests, 1);
        assert_eq!(send("another", "/api/v1/chat").await.status(), 409);
        assert_eq!(send("[tokens=20 rate=200]", "/api/v1/chat/simple").await.status(), 409);
        let odd = ada.request(reqwest::Method::POST, "/api/v1/chat").header("idempotency-key", "not visible");
        assert_eq!(odd.json(&json!({ "message": "x" })).send().await.unwrap().status(), 422);
    })
    .await;
}

#[tokio::test]
async fn a_quiet_stream_is_kept_awake_without_using_up_numbers() {
    let server = TestServer::start_with(|config| config.chat.keep_alive_seconds = 1).await;
    let ada = server.user("ada").await;
    let response = ada
        .request(reqwest::Method::POST, "/api/v1/chat")
        .json(&json!({ "message": "[tokens=2 delay=2500]" }))
        .send()
        .await
        .unwrap();
    let text = response.text().await.unwrap();
    assert!(text.contains(": keep-alive\n\n"), "{text}");
    assert!(text.contains(":2\ndata: {\"type\":\"chunk\""), "{text}");
}

#[tokio::test]
async fn a_stream_ticket_opens_one_stream() {
    let server = TestServer::start().await;
    let ada = server.user("ada").await;
    let mut events = ada.say("[tokens=3]").await;
    let turn = events.next().await.unwrap().turn;
    events.rest().await;
    let ticket =
        ada.post("/api/v1/auth/stream-ticket", json!({})).await.json["ticket"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/turns/{turn}/events?ticket={ticket}");
    let nobody = server.anonymous();
    let lines = Events::of(nobody.request(reqwest::Method::GET, &path).send().await.unwrap()).rest().await;
    assert_eq!(text_of(&lines), tokens(3));
    assert_eq!(nobody.get(&path).await.status, 401);
}
