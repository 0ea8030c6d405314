//! Seed 003's client over sockets.

use std::time::Duration;

use fakes::Socket;
use serde_json::{Value, json};
use services::testing::On;

use super::{
    super::contract::{Events, NEST_EVENTS, assert_like},
    signed_in,
};
use crate::support::{Client, TestServer, on_both};

async fn connected(server: &TestServer, client: &Client) -> Socket {
    Socket::connect(server.address, "/chat", json!({ "token": client.token })).await.unwrap()
}

async fn session(client: &Client) -> String {
    client.post("/sessions", json!({})).await.json["id"].as_str().unwrap().to_owned()
}

fn deltas(heard: &[(String, Value)]) -> String {
    let streamed = heard.iter().filter(|(name, _)| name == "message:stream");
    streamed.map(|(_, data)| data["delta"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn its_client_hears_all_that_it_can() {
    on_both(async |server| {
        server.user("first").await;
        let ada = signed_in(&server, "ada@example.org").await;
        let events = Events::of(NEST_EVENTS);
        let (mut one, mut other) = (connected(&server, &ada).await, connected(&server, &ada).await);
        let id = session(&ada).await;
        for socket in [&mut one, &mut other] {
            let joined = events.ask(socket, "join", json!({ "sessionId": id })).await;
            assert_eq!(joined, json!({ "ok": true }));
        }
        ada.post("/messages", json!({ "sessionId": id, "content": "Hello [tokens=3]" })).await;
        for socket in [&mut one, &mut other] {
            let heard = events.hear_until(socket, "message:done").await;
            let message = |role: &str, content: &str| {
                json!({
                    "id": "<id>", "sessionId": id, "role": role, "content": content, "createdAt": "<time>",
                    "...": 1,
                })
            };
            assert_like(&heard[0].1, &message("user", "Hello [tokens=3]"));
            assert_like(&heard[1].1, &message("assistant", ""));
            assert_eq!(heard[1].0, "message:new");
            assert_eq!(deltas(&heard), "t00001 t00002 t00003");
            let (update, done) = (&heard[heard.len() - 2], &heard[heard.len() - 1]);
            assert_eq!(update.0, "message:update");
            assert_like(&update.1, &message("assistant", "t00001 t00002 t00003"));
            assert_eq!(done.1["messageId"], update.1["id"]);
            let streamed = json!({ "messageId": update.1["id"], "delta": "<text>", "cursor": "<text>" });
            assert_like(&heard[2].1, &streamed);
        }
        // An answer that is written down as it is.
        let body = json!({ "sessionId": id, "role": "assistant", "content": "As it is" });
        ada.post("/messages", body).await;
        let heard = events.hear_until(&mut one, "message:done").await;
        let names: Vec<&str> = heard.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["message:new", "message:update", "message:done"]);
        assert_eq!(heard[1].1["content"], "As it is");
        events.hear_until(&mut other, "message:done").await;

        for typing in [true, false] {
            let said = json!({ "sessionId": id, "typing": typing });
            assert_eq!(events.ask(&mut one, "typing", said).await, json!({ "ok": true }));
            let heard = events.hear(&mut other, "typing").await;
            assert_like(&heard, &json!({ "typing": typing, "sessionId": id, "userId": "<id>" }));
        }
        events.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_hears_what_was_missed_and_nothing_twice() {
    on_both(async |server| {
        server.user("first").await;
        let ada = signed_in(&server, "ada@example.org").await;
        let events = Events::of(NEST_EVENTS);
        let id = session(&ada).await;
        let mut before = connected(&server, &ada).await;
        events.ask(&mut before, "join", json!({ "sessionId": id })).await;
        let asked = ada.clone();
        let body = json!({ "sessionId": id, "content": "[tokens=150 rate=150]" });
        let first = tokio::join!(asked.post("/messages", body), async {
            let mut heard = Vec::new();
            while heard.len() < 12 {
                heard.push(before.next().await.unwrap());
            }
            drop(before);
            let cursor = heard.last().unwrap().1["cursor"].clone();
            // The answer is still being written.
            let mut after = connected(&server, &ada).await;
            let joined = events.ask(&mut after, "join", json!({ "sessionId": id, "cursor": cursor })).await;
            assert_eq!(joined, json!({ "ok": true }));
            let rest = events.hear_until(&mut after, "message:done").await;
            (heard, rest)
        });
        let (said, (heard, rest)) = first;
        let whole = said.json["assistantMessage"]["content"].as_str().unwrap();
        assert_eq!(deltas(&heard) + &deltas(&rest), whole);
        assert!(rest.iter().all(|(name, _)| name != "message:new"));

        // With the cursor of the end, only what came after it is told.
        let done = rest.last().unwrap().1["cursor"].clone();
        ada.post("/messages", json!({ "sessionId": id, "content": "Again [tokens=2]" })).await;
        let mut late = connected(&server, &ada).await;
        events.ask(&mut late, "join", json!({ "sessionId": id, "cursor": done })).await;
        let missed = events.hear_until(&mut late, "message:done").await;
        assert_eq!(missed[0].1["content"], "Again [tokens=2]");
        assert_eq!(deltas(&missed), "t00001 t00002");
        // Without one, what is being written is told from its beginning.
        let body = json!({ "sessionId": id, "content": "[tokens=100 rate=100]" });
        let (_, heard) = tokio::join!(ada.post("/messages", body), async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let mut late = connected(&server, &ada).await;
            events.ask(&mut late, "join", json!({ "sessionId": id })).await;
            events.hear_until(&mut late, "message:done").await
        });
        assert_eq!(heard[0].0, "message:new");
        assert!(deltas(&heard).starts_with("t00001 ") && deltas(&heard).ends_with("t00100"));
        for cursor in ["x", "1:1:1", "1:1:1:1"] {
            let mut socket = connected(&server, &ada).await;
            let refused = socket.ask("join", &json!({ "sessionId": id, "cursor": cursor })).await;
            assert_eq!(refused["ok"], false, "{cursor}");
        }
    })
    .await;
}

/// The place that is come back to is that of the oldest answer that was not heard whole.
#[tokio::test]
async fn who_leaves_between_two_questions_hears_both_answers_whole() {
    on_both(async |server| {
        server.user("first").await;
        let ada = signed_in(&server, "ada@example.org").await;
        let events = Events::of(NEST_EVENTS);
        for settles_meanwhile in [false, true] {
            let id = session(&ada).await;
            let mut before = connected(&server, &ada).await;
            events.ask(&mut before, "join", json!({ "sessionId": id })).await;
            let ask = |content: &str| {
                let (asked, body) = (ada.clone(), json!({ "sessionId": id, "content": content }));
                async move { asked.post("/messages", body).await }
            };
            let late = async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                ask("Second [tokens=20]").await
            };
            let hear = async {
                let mut heard: Vec<(String, Value)> = Vec::new();
                while !heard.iter().any(|(_, data)| data["content"] == "Second [tokens=20]") {
                    heard.push(before.next().await.unwrap());
                }
                drop(before);
                if settles_meanwhile {
                    tokio::time::sleep(Duration::from_secs(4)).await;
                }
                let cursor = heard.iter().rev().find_map(|(_, data)| data.get("cursor")).unwrap().clone();
                let mut after = connected(&server, &ada).await;
                events.ask(&mut after, "join", json!({ "sessionId": id, "cursor": cursor })).await;
                let first = events.hear_until(&mut after, "message:done").await;
                heard.extend(first);
                heard.extend(events.hear_until(&mut after, "message:done").await);
                heard
            };
            let (first, second, heard) = tokio::join!(ask("First [tokens=200 rate=100]"), late, hear);
            for said in [first, second] {
                let answer = &said.json["assistantMessage"];
                let of = |name: &str| {
                    heard
                        .iter()
                        .filter(|(event, data)| event == name && data["messageId"] == answer["id"])
                        .count()
                };
                let own: Vec<_> =
                    heard.iter().filter(|(_, data)| data["messageId"] == answer["id"]).cloned().collect();
                assert_eq!(deltas(&own), answer["content"].as_str().unwrap());
                assert_eq!(of("message:done"), 1);
            }
            let new = heard.iter().filter(|(name, _)| name == "message:new").count();
            assert_eq!(new, 4, "each question and each answer once");
        }
    })
    .await;
}

#[tokio::test]
async fn anonymous_sockets_are_let_in_only_where_the_settings_say_so() {
    let mut server = TestServer::start().await;
    for allowed in [false, true] {
        if allowed {
            server = TestServer::start_on(On::Sqlite, |config| config.server.anonymous_sockets = true).await;
        }
        server.user("first").await;
        let ada = signed_in(&server, "ada@example.org").await;
        let id = session(&ada).await;
        let nobody = Socket::connect(server.address, "/chat", json!({})).await;
        if !allowed {
            assert_eq!(nobody.unwrap_err(), "Authentication error: No token provided");
            continue;
        }
        let mut nobody = nobody.unwrap();
        assert_eq!(nobody.ask("join", &json!({ "sessionId": "77" })).await["ok"], false);
        assert_eq!(nobody.next().await.unwrap().0, "exception");
        assert_eq!(nobody.ask("join", &json!({ "sessionId": id })).await, json!({ "ok": true }));
        ada.post("/messages", json!({ "sessionId": id, "content": "[tokens=2]" })).await;
        let events = Events::of(NEST_EVENTS);
        assert_eq!(deltas(&events.hear_until(&mut nobody, "message:done").await), "t00001 t00002");
        let elsewhere = Socket::connect(server.address, "/", json!({})).await;
        assert_eq!(elsewhere.unwrap_err(), "Authentication error: No token provided");
    }
}
