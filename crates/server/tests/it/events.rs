//! What concerns a person reaches all that the person has open, at once, and nobody else.

mod slow;

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream::BoxStream};
use reqwest::Method;
use serde_json::{Value, json};
use services::{domain::MemberRole, testing::set_member};

use crate::{
    process::is_full,
    support::{Client, TestServer, on_both, on_both_with, time_until_end},
};

/// As promised to people.
const SOON: Duration = Duration::from_millis(500);

/// [`SOON`] in a full run; on a machine that is shared it has five times the room.
fn soon() -> Duration {
    if is_full() { SOON } else { 5 * SOON }
}

/// Somebody who listens.
pub(crate) struct Live {
    bytes: BoxStream<'static, reqwest::Result<axum::body::Bytes>>,
    held: String,
}

impl Live {
    /// Opens the stream; `hello` has come.
    pub(crate) async fn of(client: &Client) -> Self {
        let response = client.request(Method::GET, "/api/v1/events").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut live = Self { bytes: response.bytes_stream().boxed(), held: String::new() };
        assert_eq!(live.next().await, Some(json!({ "type": "hello" })));
        live
    }

    /// The next event; `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.held.split_once("\n\n") {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.held = rest;
                if line.starts_with(':') {
                    continue;
                }
                return Some(serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap());
            }
            self.held.push_str(std::str::from_utf8(&self.bytes.next().await?.ok()?).unwrap());
        }
    }

    /// All that comes up to the first event of this type, soon.
    pub(crate) async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let began = Instant::now();
        while all.last().is_none_or(|last: &Value| last["type"] != kind) {
            let next = tokio::time::timeout(soon(), self.next()).await;
            let next = next.unwrap_or_else(|_| panic!("no {kind} in time after {all:?}"));
            all.push(next.expect("the stream goes on"));
        }
        assert!(began.elapsed() < soon(), "{:?}", began.elapsed());
        all
    }

    /// The conversation in the next event of this type.
    pub(crate) async fn conversation(&mut self, kind: &str) -> Value {
        self.until(kind).await.pop().unwrap()["conversation"].clone()
    }

    /// Whether nothing comes for a while that is longer than news take.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(SOON, self.next()).await.is_err()
    }
}

pub(crate) fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

async fn say(client: &Client, text: &str, conversation: Option<i64>) -> Value {
    let body = json!({ "message": text, "conversation_id": conversation });
    let answer = client.post("/api/v1/chat/simple", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

#[tokio::test]
async fn two_logins_of_one_person_see_the_same_and_a_stranger_nothing() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let phone = server.login("ada").await;
        let mut both = [Live::of(&ada).await, Live::of(&phone).await];
        let mut stranger = Live::of(&bob).await;

        let said = say(&ada, "[tokens=3]", None).await;

        let mut seen = Vec::new();
        for live in &mut both {
            let mut events = live.until("turn.ended").await;
            events.extend(live.until("conversation.updated").await);
            seen.push(events);
        }
        assert_eq!(seen[0], seen[1]);
        let events = &seen[0];
        assert_eq!(
            kinds(events),
            [
                "conversation.created",
                "message.created",
                "message.created",
                "turn.started",
                "turn.ended",
                "conversation.updated"
            ]
        );
        let created = &events[0]["conversation"];
        assert_eq!((&created["id"], &created["title"]), (&said["conversation_id"], &json!("[tokens=3]")));
        assert_eq!((&events[1]["role"], &events[1]["state"]), (&json!("user"), &json!("completed")));
        assert_eq!(
            (&events[2]["role"], &events[2]["message_id"]),
            (&json!("assistant"), &said["message_id"])
        );
        let ended = json!({
            "type": "turn.ended", "conversation_id": said["conversation_id"], "turn_id": said["turn_id"],
            "message_id": said["message_id"], "state": "completed",
        });
        assert_eq!(events[4], ended);
        let listed = ada.get("/api/v1/conversations").await.json[0].clone();
        assert_eq!((&events[5]["conversation"], &listed["running_turn_id"]), (&listed, &Value::Null));
        assert!(stranger.is_quiet().await);
    })
    .await;
}

#[tokio::test]
async fn every_change_of_a_conversation_is_news() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut live = Live::of(&ada).await;
        let made = ada.post("/api/v1/conversations", json!({ "title": "one" })).await.json;
        assert_eq!(live.conversation("conversation.created").await, made);
        let path = format!("/api/v1/conversations/{}", made["id"]);
        for change in [json!({ "title": "two" }), json!({ "favorite": true }), json!({ "archived": true })] {
            let changed = ada.patch(&path, change).await.json;
            assert_eq!(live.conversation("conversation.updated").await, changed);
        }
        assert_eq!(ada.delete(&path).await.status, 204);
        assert!(live.conversation("conversation.deleted").await["deleted_at"].is_string());
        let restored = ada.post(&format!("{path}/restore"), json!({})).await.json;
        assert_eq!(live.conversation("conversation.updated").await, restored);
        assert_eq!(ada.delete(&format!("{path}?permanent=true")).await.status, 204);
        assert_eq!(live.conversation("conversation.deleted").await["title"], "two");

        let key = |text: &str| {
            let request = ada.request(Method::POST, "/api/v1/conversations");
            request.header("idempotency-key", "k").json(&json!({ "title": text })).send()
        };
        for _ in 0..2 {
            assert_eq!(key("x").await.unwrap().status(), 201);
        }
        live.until("conversation.created").await;
        assert!(live.is_quiet().await, "twice is once");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_deleted_is_news() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let said = say(&ada, "[tokens=1]", None).await;
        let mut live = Live::of(&ada).await;
        assert_eq!(ada.delete(&format!("/api/v1/messages/{}", said["message_id"])).await.status, 204);
        let gone = json!({
            "type": "message.deleted", "conversation_id": said["conversation_id"], "message_id": said["message_id"],
        });
        assert_eq!(live.until("message.deleted").await, [gone]);
        assert_eq!(live.conversation("conversation.updated").await["message_count"], 1);
    })
    .await;
}

#[tokio::test]
async fn copies_groups_and_what_is_done_to_several_are_news() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let talk = say(&ada, "[tokens=1]", None).await["conversation_id"].clone();
        let mut live = Live::of(&ada).await;

        let copy = ada.post(&format!("/api/v1/conversations/{talk}/fork"), json!({})).await.json;
        assert_eq!(live.conversation("conversation.created").await, copy);

        let group = ada.post("/api/v1/groups", json!({ "name": "Work" })).await.json["id"].clone();
        live.until("groups").await;
        let named = ada.patch(&format!("/api/v1/groups/{group}"), json!({ "name": "Labour" })).await;
        assert_eq!(named.status, 200, "{}", named.text);
        live.until("groups").await;
        let bulk = async |change: Value| {
            let mut body = json!({ "ids": [talk, copy["id"]] });
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let done = ada.post("/api/v1/conversations/bulk", body).await;
            assert_eq!(done.status, 200, "{}", done.text);
            done.json
        };
        for change in [json!({ "action": "move", "group_id": group }), json!({ "action": "favorite" })] {
            let changed = bulk(change).await;
            for one in changed.as_array().unwrap() {
                assert_eq!(&live.conversation("conversation.updated").await, one);
            }
        }
        assert_eq!(ada.delete(&format!("/api/v1/groups/{group}")).await.status, 204);
        live.until("groups").await;
        for (action, kind) in [("delete", "conversation.deleted"), ("restore", "conversation.updated")] {
            for one in bulk(json!({ "action": action })).await.as_array().unwrap() {
                assert_eq!(&live.conversation(kind).await, one);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_models_title_is_news() {
    let titled = |config: &mut services::Config| config.chat.titles = true;
    on_both_with(titled, async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut live = Live::of(&ada).await;
        let said = say(&ada, "[tokens=2]", None).await;
        live.until("turn.ended").await;
        let path = format!("/api/v1/conversations/{}", said["conversation_id"]);
        let is_named = async {
            while ada.get(&path).await.json["title"] == "[tokens=2]" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), is_named).await.expect("the model's title");
        while live.conversation("conversation.updated").await["title"] == "[tokens=2]" {}
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_waits_starts_when_its_time_comes() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut live = Live::of(&ada).await;
        let first = ada.long_answer().await;
        let begun = live.until("turn.started").await;
        let (talk, turn) = (begun[3]["conversation_id"].as_i64().unwrap(), &begun[3]["turn_id"]);
        let body = json!({ "message": "[tokens=1]", "conversation_id": talk });
        let second = ada.request(Method::POST, "/api/v1/chat").json(&body).send().await.unwrap();
        let waiting = live.until("conversation.updated").await;
        assert_eq!(kinds(&waiting), ["message.created", "message.created", "conversation.updated"]);
        assert_eq!(waiting[1]["state"], "waiting");
        assert_eq!(&waiting[2]["conversation"]["running_turn_id"], turn);

        assert_eq!(ada.post(&format!("/api/v1/turns/{turn}/stop"), json!({})).await.status, 204);

        let ended = live.until("turn.ended").await.pop().unwrap();
        assert_eq!((&ended["turn_id"], &ended["state"]), (turn, &json!("stopped")));
        let started = live.until("turn.started").await.pop().unwrap();
        assert_eq!(started["turn_id"], waiting[1]["turn_id"]);
        live.until("turn.ended").await;
        drop((first, second));
    })
    .await;
}

#[tokio::test]
async fn members_see_it_with_their_own_eyes_and_none_of_it_once_removed() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = say(&ada, "[tokens=1]", None).await["conversation_id"].as_i64().unwrap();
        set_member(&server.app, talk, bob.id, Some(MemberRole::Viewer)).await;
        let (mut of_ada, mut of_bob) = (Live::of(&ada).await, Live::of(&bob).await);

        ada.patch(&format!("/api/v1/conversations/{talk}"), json!({ "favorite": true })).await;
        assert_eq!(of_ada.conversation("conversation.updated").await["favorite"], true);
        assert!(of_bob.is_quiet().await, "a mark is its maker's");
        ada.patch(&format!("/api/v1/conversations/{talk}"), json!({ "title": "ours" })).await;
        let shown = of_bob.conversation("conversation.updated").await;
        assert_eq!(
            (&shown["title"], &shown["role"], &shown["favorite"]),
            (&json!("ours"), &json!("viewer"), &json!(false))
        );
        of_ada.until("conversation.updated").await;
        say(&ada, "[tokens=1]", Some(talk)).await;
        of_bob.until("turn.ended").await;
        of_bob.until("conversation.updated").await;

        set_member(&server.app, talk, bob.id, None).await;
        say(&ada, "[tokens=1]", Some(talk)).await;

        of_ada.until("turn.ended").await;
        assert!(of_bob.is_quiet().await);
    })
    .await;
}

#[tokio::test]
async fn signing_out_is_the_last_line() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let other = server.login("ada").await;
        let (mut live, mut others) = (Live::of(&ada).await, Live::of(&other).await);

        assert_eq!(ada.post("/api/v1/auth/logout", json!({})).await.status, 204);

        assert_eq!(live.until("session.ended").await.len(), 1);
        assert_eq!(tokio::time::timeout(soon(), live.next()).await.expect("the stream closes"), None);
        say(&other, "[tokens=1]", None).await;
        others.until("turn.ended").await;
    })
    .await;
}

#[tokio::test]
async fn a_ticket_opens_one_stream() {
    let server = TestServer::start().await;
    let ada = server.user("ada").await;
    let ticket = ada.post("/api/v1/auth/stream-ticket", json!({})).await.json;
    let path = format!("/api/v1/events?ticket={}", ticket["ticket"].as_str().unwrap());
    let open = || server.anonymous().request(Method::GET, &path).send();
    let (first, second) = (open().await.unwrap(), open().await.unwrap());
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 401));
}

#[tokio::test]
async fn a_connection_that_is_quiet_is_kept_alive_and_a_stop_ends_it() {
    let server = TestServer::start_with(|config| config.chat.keep_alive_seconds = 1).await;
    let ada = server.user("ada").await;
    let mut stream = ada.request(Method::GET, "/api/v1/events").send().await.unwrap();
    let mut text = String::new();
    while !text.ends_with(": keep-alive\n\n") {
        text.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert_eq!(text, "data: {\"type\":\"hello\"}\n\n: keep-alive\n\n");
    let (took, server) = tokio::join!(time_until_end(stream), server.restart());
    assert!(took < Duration::from_secs(1), "{took:?}");
    Live::of(&Client { base: format!("http://{}", server.address), ..ada }).await;
}

#[tokio::test]
async fn so_many_listeners_and_no_more() {
    let server = TestServer::start().await;
    let ada = server.user("ada").await;
    let mut open = Vec::new();
    for _ in 0..64 {
        open.push(Live::of(&ada).await);
    }
    assert_eq!(ada.get("/api/v1/events").await.refusal(), (429, "too_many_listeners"));
    drop(open);
    let again = async {
        while ada.request(Method::GET, "/api/v1/events").send().await.unwrap().status() != 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), again).await.expect("who leaves makes room");
}

#[tokio::test]
async fn what_somebody_chooses_is_told_to_all_that_the_person_has_open_and_to_nobody_else() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (mut first, mut second) = (Live::of(&ada).await, Live::of(&ada).await);
        let mut others = Live::of(&bob).await;
        ada.patch("/api/v1/me/preferences", json!({ "theme": "dark" })).await;
        let told = json!({ "type": "preferences", "preferences": { "theme": "dark" } });
        assert_eq!(first.until("preferences").await, std::slice::from_ref(&told));
        assert_eq!(second.until("preferences").await, [told]);
        ada.patch("/api/v1/me", json!({ "preferences": { "language": "it" } })).await;
        let told = json!({ "type": "preferences", "preferences": { "language": "it" } });
        assert_eq!(first.until("preferences").await, [told]);
        assert!(others.is_quiet().await);
    })
    .await;
}
