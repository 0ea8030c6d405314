//! Who is put out, or leaves, reads no further, wherever the reading was begun.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{let_in, path, put_out};
use crate::support::{Answer, Client, TestServer, on_both, time_until_end};

/// As promised to people.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A conversation in which a long answer is being written, and its turn.
async fn long_talk(owner: &Client) -> (i64, i64, Response) {
    let stream = owner.long_answer().await;
    let listed = owner.get("/api/v1/conversations").await.json[0].clone();
    (listed["id"].as_i64().unwrap(), listed["running_turn_id"].as_i64().unwrap(), stream)
}

async fn follow(client: &Client, turn: i64) -> Response {
    let response = client.request(Method::GET, &format!("/api/v1/turns/{turn}/events")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

/// Whether it still says something new.
async fn goes_on(stream: &mut Response) -> bool {
    matches!(tokio::time::timeout(Duration::from_secs(5), stream.chunk()).await, Ok(Ok(Some(_))))
}

async fn stop(client: &Client, turn: i64) {
    let stopped = client.post(&format!("/api/v1/turns/{turn}/stop"), json!({})).await;
    assert_eq!(stopped.status, 204);
}

#[tokio::test]
async fn who_is_put_out_reads_no_further_and_the_others_do() {
    on_both(async |server: TestServer| {
        let (ada, bob, carol) =
            (server.user("ada").await, server.user("bob").await, server.user("carol").await);
        let (talk, turn, mut of_ada) = long_talk(&ada).await;
        let_in(&ada, talk, &bob, "viewer").await;
        let_in(&ada, talk, &carol, "viewer").await;
        let (first, second) = (follow(&bob, turn).await, follow(&bob, turn).await);
        let mut of_carol = follow(&carol, turn).await;

        let (one, two, removed) =
            tokio::join!(time_until_end(first), time_until_end(second), put_out(&ada, talk, &bob));

        assert_eq!(removed.status, 204);
        assert!(one < AT_ONCE && two < AT_ONCE, "{one:?} {two:?}");
        assert_eq!(bob.get(&format!("/api/v1/turns/{turn}/events")).await.status, 404);
        assert!(goes_on(&mut of_ada).await && goes_on(&mut of_carol).await);

        let own = format!("{}/members/{}", path(talk), carol.id);
        let leaves = carol.delete(&own);
        let (took, left) = tokio::join!(time_until_end(of_carol), leaves);
        assert!(left.status == 204 && took < AT_ONCE, "{took:?}");

        let_in(&ada, talk, &bob, "viewer").await;
        assert!(goes_on(&mut follow(&bob, turn).await).await, "who is let in again reads again");
        stop(&ada, turn).await;
    })
    .await;
}

#[tokio::test]
async fn what_somebody_asked_who_is_put_out_is_answered_all_the_same() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (talk, turn, _stream) = long_talk(&ada).await;
        let_in(&ada, talk, &bob, "editor").await;
        let body = json!({ "message": "[tokens=3] of bob", "conversation_id": talk });
        let waiting = bob.request(Method::POST, "/api/v1/chat").json(&body).send().await.unwrap();
        assert_eq!(waiting.status(), 200);

        let (took, _) = tokio::join!(time_until_end(waiting), put_out(&ada, talk, &bob));

        assert!(took < AT_ONCE, "{took:?}");
        stop(&ada, turn).await;
        server.app.idle().await;
        let all = ada.get(&format!("{}/messages", path(talk))).await.json;
        let last = all.as_array().unwrap().last().unwrap();
        assert_eq!((&last["state"], &last["content"]), (&json!("completed"), &json!("t00001 t00002 t00003")));
        let sent = bob.post("/api/v1/chat/simple", body).await;
        assert_eq!(sent.status, 404);
    })
    .await;
}

/// The streams of answers of the other client APIs, as their clients open them.
#[tokio::test]
async fn it_ends_on_every_door() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = super::talk_of(&ada, "[tokens=1]").await;
        let long = "[tokens=100000 rate=50]";
        let doors: [(&str, Value); 4] = [
            ("/api/v1/chat", json!({ "message": long, "conversation_id": talk })),
            ("/api/v1/chat/simple", json!({ "message": long, "conversation_id": talk })),
            (
                "/api/chat/stream",
                json!({
                    "sessionId": talk.to_string(), "model": "any",
                    "messages": [{ "role": "user", "content": format!("{long} once more") }],
                }),
            ),
            (
                "/v1/chat/completions",
                json!({ "model": "fake", "stream": true, "messages": [{ "role": "user", "content": long }] }),
            ),
        ];
        for (door, body) in doors {
            let_in(&ada, talk, &bob, "editor").await;
            let models = bob.get("/api/v1/models").await.json;
            let mut body = body;
            if body["model"] == "fake" {
                body["model"] = models[0]["id"].clone();
            }
            let asked =
                bob.request(Method::POST, door).header("x-conversation-id", talk.to_string()).json(&body);
            let asking = server.app.spawn(asked.send());
            let running = || async { ada.get(&path(talk)).await.json["running_turn_id"].as_i64() };
            let turn = tokio::time::timeout(Duration::from_secs(10), async {
                loop {
                    if let Some(turn) = running().await {
                        return turn;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            });
            let turn = turn.await.unwrap_or_else(|_| panic!("{door}: no turn began"));
            let began = std::time::Instant::now();
            assert_eq!(put_out(&ada, talk, &bob).await.status, 204);
            let response = asking.await.unwrap().unwrap();
            let answer = tokio::time::timeout(Duration::from_secs(10), Answer::read(response)).await;
            let answer = answer.unwrap_or_else(|_| panic!("{door} goes on"));
            assert!(began.elapsed() < 2 * AT_ONCE, "{door}: {:?}", began.elapsed());
            assert!([200, 404].contains(&answer.status), "{door}: {}", answer.text);
            assert_eq!(running().await, Some(turn), "{door}: the answer belongs to the conversation");
            stop(&ada, turn).await;
            server.app.idle().await;
        }
    })
    .await;
}

#[tokio::test]
async fn two_members_see_the_same_events() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = super::talk_of(&ada, "[tokens=1]").await;
        let_in(&ada, talk, &bob, "viewer").await;
        let body = json!({ "message": "[tokens=60 rate=100]", "conversation_id": talk });
        let stream = ada.request(Method::POST, "/api/v1/chat").json(&body).send().await.unwrap();
        let turn = loop {
            if let Some(turn) = bob.get(&path(talk)).await.json["running_turn_id"].as_i64() {
                break turn;
            }
        };
        let (of_ada, of_bob) = (follow(&ada, turn).await, follow(&bob, turn).await);
        let (asked, one, other) = tokio::join!(stream.text(), of_ada.text(), of_bob.text());
        let events = |text: String| {
            text.split("\n\n").filter(|part| !part.starts_with(':')).map(str::to_owned).collect::<Vec<_>>()
        };
        let (asked, one, other) = (events(asked.unwrap()), events(one.unwrap()), events(other.unwrap()));
        assert!(one.len() > 5, "{one:?}");
        assert_eq!(one, other);
        assert_eq!(asked, one);
    })
    .await;
}
