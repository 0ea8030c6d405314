//! Answers that lean on the web, as each API tells them.

use fakes::{FakeWeb, Mood, Paper, Script};
use reqwest::Method;
use serde_json::{Value, json};
use services::{Config, config::WebSearch, testing::BOTH};

use crate::{
    dialects::key_of,
    support::{Client, TestServer},
};

const SAID: &str = "It is 31 m high [1], and the sea is wide [2][1]. Ünrelated [9].";

fn tower() -> FakeWeb {
    let web = FakeWeb::start();
    web.put("/tower", Paper::html("<p>The tower is 31 metres high.</p>"));
    web.put("/sea", Paper::html("<p>The sea around the tower is wide.</p>"));
    web.set_hits(&[("Tower", &web.url("/tower"), "A tower"), ("Sea", &web.url("/sea"), "Water")]);
    web
}

async fn on_both(test: impl AsyncFn(TestServer, FakeWeb)) {
    for on in BOTH {
        eprintln!("on {on:?}");
        let web = tower();
        let settings = WebSearch {
            searxng_url: Some(web.url("/")),
            engines: vec!["searxng".into()],
            allowed_hosts: vec![web.place()],
            ..WebSearch::default()
        };
        let server = TestServer::start_on(on, |config: &mut Config| config.web_search = settings).await;
        test(server, web).await;
    }
}

/// The `data:` lines of a stream.
async fn stream(client: &Client, path: &str, body: Value) -> Vec<Value> {
    let answer = client.post(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let data = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn of_kind<'e>(events: &'e [Value], kind: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["type"] == kind).collect()
}

fn two_sources(web: &FakeWeb) -> Value {
    json!([
        { "n": 1, "title": "Tower", "url": web.url("/tower"), "snippet": "A tower" },
        { "n": 2, "title": "Sea", "url": web.url("/sea"), "snippet": "Water" },
    ])
}

#[tokio::test]
async fn sources_are_told_kept_shared_and_taken_along() {
    on_both(async |server, web| {
        let ada = server.user("ada").await;
        server.provider.next(Script::text(SAID));
        let body = json!({ "message": "How high is the tower?", "use_rag": true });
        let events = stream(&ada, "/api/v1/chat", body).await;

        let states: Vec<_> = of_kind(&events, "tool").iter().map(|call| call["state"].clone()).collect();
        assert_eq!(states, ["running", "completed"]);
        assert_eq!(of_kind(&events, "tool")[0]["name"], "web_search");
        let sources = two_sources(&web);
        assert_eq!(of_kind(&events, "sources")[0]["sources"], sources);
        assert_eq!(events.last().unwrap()["sources"], sources, "the end says them again");

        let conversation = &events[0]["conversation_id"];
        let path = format!("/api/v1/conversations/{conversation}");
        let answer = ada.get(&format!("{path}/messages")).await.json[1].clone();
        assert_eq!((&answer["sources"], &answer["content"]), (&sources, &json!(SAID)));
        assert_eq!(answer["tool_calls"][0]["state"], "completed");

        let markdown = ada.get(&format!("{path}/export.md")).await.text;
        assert!(markdown.contains(&format!("[1] [Tower]({})", web.url("/tower"))), "{markdown}");
        let token = ada.send(Method::POST, &format!("{path}/share"), None).await.json["token"].clone();
        let shared =
            server.anonymous().get(&format!("/api/v1/shared/{}", token.as_str().unwrap())).await.json;
        let parts = shared["messages"][1]["parts"].as_array().unwrap();
        assert_eq!(parts.iter().filter(|part| part["type"] == "source").count(), 2);

        // The older doors tell them where their messages have room, and the others beside the words.
        for (door, place) in [
            (format!("/messages/{conversation}"), "/1/sources"),
            (format!("/api/sessions/{conversation}/messages"), "/1/sources"),
            (format!("/api/chat/threads/{conversation}"), "/messages/1/metadata/sources"),
        ] {
            let read = ada.get(&door).await.json;
            assert_eq!(read.pointer(place), Some(&sources), "{door}: {read}");
            assert!(
                !read.pointer(&place.replace("/1", "/0")).is_some_and(Value::is_array),
                "the question has none"
            );
        }

        // Who comes late hears them too.
        let turn = &events[0]["turn_id"];
        let again = ada.get(&format!("/api/v1/turns/{turn}/events")).await.text;
        assert_eq!(again.matches("\"type\":\"sources\"").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_simple_way_the_edit_and_the_other_answer_lean_on_the_web_too() {
    on_both(async |server, web| {
        let ada = server.user("ada").await;
        let asked = json!({ "message": "How high is the tower?", "use_rag": true });
        let simple = ada.post("/api/v1/chat/simple", asked).await.json;
        assert_eq!(simple["sources"], two_sources(&web));
        let without = ada.post("/api/v1/chat/simple", json!({ "message": "How high?" })).await.json;
        assert_eq!(without["sources"], json!([]));

        let path = format!("/api/v1/conversations/{}/messages", without["conversation_id"]);
        let branch = ada.get(&path).await.json;
        let (question, answer) = (&branch[0]["id"], &branch[1]["id"]);
        for (path, body) in [
            (format!("/api/v1/messages/{answer}/regenerate"), json!({ "use_rag": true })),
            (
                format!("/api/v1/messages/{question}/edit"),
                json!({ "message": "The tower?", "use_rag": true }),
            ),
        ] {
            let events = stream(&ada, &path, body).await;
            assert_eq!(of_kind(&events, "sources").len(), 1, "{path}");
        }
        assert_eq!(server.anonymous().get("/api/v1/instance").await.json["web_search"], true);
    })
    .await;
}

#[tokio::test]
async fn a_search_that_fails_is_said_in_the_stream_and_kept() {
    on_both(async |server, web| {
        let ada = server.user("ada").await;
        web.set_mood(Mood::Down);
        let events = stream(&ada, "/api/v1/chat", json!({ "message": "Tower?", "use_rag": true })).await;
        let call = of_kind(&events, "tool")[1];
        assert_eq!(call["state"], "failed");
        assert!(call["result"].as_str().unwrap().starts_with("The web could not be searched"), "{call}");
        let done = events.last().unwrap();
        assert_eq!((&done["state"], done.get("sources")), (&json!("completed"), None));
        let path = format!("/api/v1/conversations/{}/messages", events[0]["conversation_id"]);
        let answer = ada.get(&path).await.json[1].clone();
        assert_eq!((&answer["tool_calls"][0]["state"], &answer["sources"]), (&json!("failed"), &json!([])));
        assert!(!answer["content"].as_str().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_plan_without_the_web_refuses_to_search_it() {
    let change = |config: &mut Config| {
        for plan in config.billing.plans.values_mut() {
            plan.features.clear();
        }
    };
    let server = TestServer::start_with(change).await;
    let ada = server.user("ada").await;
    for path in ["/api/v1/chat", "/api/v1/chat/simple"] {
        let refused = ada.post(path, json!({ "message": "x", "use_rag": true })).await;
        assert_eq!(refused.refusal(), (403, "not_in_plan"), "{}", refused.text);
        assert_eq!(ada.post(path, json!({ "message": "x" })).await.status, 200);
    }
}

#[tokio::test]
async fn openais_clients_are_told_where_each_citation_stands() {
    on_both(async |server, web| {
        let ada = server.user("ada").await;
        // Conversations are read and written with it, too.
        let program = key_of(&ada, &["openai", "read", "write"]).await;
        let asked = |stream: bool| {
            json!({
                "model": "fake", "stream": stream, "web_search_options": {},
                "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "How high is the tower?" }],
            })
        };
        let cited = |start: usize, title: &str, path: &str| {
            let place = json!({ "start_index": start, "end_index": start + 3, "title": title, "url": web.url(path) });
            json!({ "type": "url_citation", "url_citation": place })
        };
        let expected = json!([cited(16, "Tower", "/tower"), cited(41, "Sea", "/sea"), cited(44, "Tower", "/tower")]);

        server.provider.next(Script::text(SAID));
        let whole = program.post("/v1/chat/completions", asked(false)).await;
        assert_eq!(whole.json["choices"][0]["message"]["annotations"], expected, "{}", whole.text);
        let request = server.provider.requests().pop().unwrap();
        let messages = request.body["messages"].to_string();
        assert!(messages.contains("Be brief.") && messages.contains("31 metres"), "{messages}");

        server.provider.next(Script::text(SAID));
        let chunks = stream(&program, "/v1/chat/completions", asked(true)).await;
        let told: Vec<_> = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"].get("annotations")).collect();
        assert_eq!(told, [&expected]);

        // In a stored conversation, too.
        let made = ada.post("/api/v1/conversations", json!({})).await.json["id"].clone();
        server.provider.next(Script::text(SAID));
        let request = program.request(Method::POST, "/v1/chat/completions").json(&asked(false));
        let stored = request.header("x-conversation-id", made.to_string()).send().await.unwrap();
        let stored: Value = stored.json().await.unwrap();
        assert_eq!(stored["choices"][0]["message"]["annotations"], expected, "{stored}");

        // Without a search there is nothing to cite.
        let mut plain = asked(false);
        plain.as_object_mut().unwrap().remove("web_search_options");
        server.provider.next(Script::text(SAID));
        let whole = program.post("/v1/chat/completions", plain).await;
        assert!(whole.json["choices"][0]["message"].get("annotations").is_none());
    })
    .await;
}
