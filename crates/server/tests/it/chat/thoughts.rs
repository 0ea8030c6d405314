//! How long a model thought is measured here, told to who follows, and kept.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::Line;
use crate::support::{Client, TestServer, on_both};

/// Longer than a thought of four words at twenty a second may seem on a busy machine, much shorter than the answer.
const AT_LEAST_MS: i64 = 50;

async fn branch(client: &Client, conversation: &Value) -> Value {
    client.get(&format!("/api/v1/conversations/{conversation}/messages")).await.json
}

fn of_kind<'l>(lines: &'l [Line], kind: &'l str) -> impl Iterator<Item = &'l Line> {
    lines.iter().filter(move |line| line.data["type"] == kind)
}

#[tokio::test]
async fn how_long_a_model_thought_is_told_once_and_kept_everywhere() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let asked = Instant::now();
        let mut events = ada.say("[reasoning=4 tokens=40 rate=20]").await;
        let mut lines = Vec::new();
        let until_words = loop {
            let line = events.next().await.unwrap();
            let is_word = line.data["type"] == "chunk";
            lines.push(line);
            if is_word {
                break i64::try_from(asked.elapsed().as_millis()).unwrap();
            }
        };
        let conversation = lines[0].data["conversation_id"].clone();
        let told: Vec<_> =
            of_kind(&lines, "reasoning").filter_map(|line| line.data.get("duration_ms")).cloned().collect();
        let [told] = &told[..] else { panic!("told once, before the first word: {told:?}") };
        let duration = told.as_i64().unwrap();
        assert!((AT_LEAST_MS..=until_words).contains(&duration), "{duration} of {until_words} ms");

        // It is saved while the answer is still being written.
        let begun = Instant::now();
        let saved = loop {
            let answer = branch(&ada, &conversation).await[1].clone();
            if answer["parts"][0].get("duration_ms").is_some() {
                break answer;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{answer}");
        };
        assert_eq!((&saved["state"], &saved["parts"][0]["duration_ms"]), (&json!("running"), told));

        lines.extend(events.rest().await);
        assert_eq!(
            of_kind(&lines, "reasoning").filter(|line| line.data.get("duration_ms").is_some()).count(),
            1
        );
        let thought =
            json!({ "type": "reasoning", "text": "r00001 r00002 r00003 r00004", "duration_ms": told });
        let answer = branch(&ada, &conversation).await[1].clone();
        assert_eq!((&answer["parts"][0], answer["parts"].as_array().unwrap().len()), (&thought, 2));
        let path = format!("/api/v1/conversations/{conversation}");
        assert_eq!(ada.get(&format!("{path}/export.json")).await.json["messages"][1]["parts"][0], thought);
        let token = ada.send(Method::POST, &format!("{path}/share"), None).await.json["token"].clone();
        let link = format!("/api/v1/shared/{}", token.as_str().unwrap());
        assert_eq!(server.anonymous().get(&link).await.json["messages"][1]["parts"][0], thought);
    })
    .await;
}

#[tokio::test]
async fn a_thought_that_is_stopped_has_a_length_and_an_answer_without_one_has_none() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut events = ada.say("[reasoning=400 tokens=2 rate=20]").await;
        let start = events.next().await.unwrap();
        for _ in 0..3 {
            assert_eq!(events.next().await.unwrap().data["type"], "reasoning");
        }
        ada.post(&format!("/api/v1/turns/{}/stop", start.turn), json!({})).await;
        events.rest().await;
        let answer = branch(&ada, &start.data["conversation_id"]).await[1].clone();
        assert_eq!(answer["state"], "stopped");
        assert!(answer["parts"][0]["duration_ms"].as_i64().unwrap() >= AT_LEAST_MS, "{answer}");

        let lines = ada.say("[tokens=2]").await.rest().await;
        assert_eq!(of_kind(&lines, "reasoning").count(), 0);
        let answer = branch(&ada, &lines[0].data["conversation_id"]).await[1].clone();
        assert_eq!(answer["parts"], json!([{ "type": "text", "text": answer["content"] }]));
    })
    .await;
}
