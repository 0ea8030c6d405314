//! Links to conversations, copies, and what people think of answers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, on_both};

async fn said(client: &Client, text: &str, talk: Option<i64>) -> Value {
    let body = json!({ "message": text, "conversation_id": talk });
    let answer = client.post("/api/v1/chat/simple", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

async fn conversation(client: &Client, text: &str) -> i64 {
    said(client, text, None).await["conversation_id"].as_i64().unwrap()
}

async fn share(client: &Client, talk: i64) -> Answer {
    client.send(Method::POST, &format!("/api/v1/conversations/{talk}/share"), None).await
}

fn texts(answer: &Answer) -> Vec<String> {
    let text = |one: &Value| one["content"].as_str().unwrap().to_owned();
    answer.json["messages"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_link_shows_what_was_said_when_it_was_shared_and_nothing_else() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        server.provider.next(fakes::Script::text("First answer"));
        let talk = conversation(&ada, "Question").await;
        let path = format!("/api/v1/conversations/{talk}");
        ada.patch(&path, json!({ "title": "Shown", "instructions": "hidden instructions" })).await;
        assert_eq!(ada.get(&format!("{path}/share")).await.json["shared"], false);

        let shared = share(&ada, talk).await;
        assert_eq!(shared.status, 200, "{}", shared.text);
        let token = shared.json["token"].as_str().unwrap().to_owned();
        assert!(token.len() >= 22, "at least 128 bits");
        assert_eq!(shared.json["url"], json!(format!("http://{}/s/{token}", server.address)));
        let status = ada.get(&format!("{path}/share")).await.json;
        assert_eq!((&status["shared"], &status["token"]), (&json!(true), &json!(token)));

        said(&ada, "Later question", Some(talk)).await;
        ada.patch(&path, json!({ "title": "Later title" })).await;
        let link = format!("/api/v1/shared/{token}");
        let shown = server.anonymous().get(&link).await;
        assert_eq!(shown.status, 200);
        assert_eq!(shown.headers["x-robots-tag"], "noindex, nofollow");
        assert_eq!(shown.headers["cache-control"], "no-store");
        assert_eq!(shown.json["title"], "Shown");
        assert_eq!(texts(&shown), ["Question", "First answer"]);
        let members: Vec<_> = shown.json.as_object().unwrap().keys().cloned().collect();
        assert_eq!(members, ["messages", "shared_at", "title"]);
        let members: Vec<_> = shown.json["messages"][0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(members, ["content", "created_at", "parts", "role"]);
        for secret in ["ada", "hidden", &talk.to_string(), &ada.id.to_string()] {
            assert!(!shown.text.contains(secret), "{secret} in {}", shown.text);
        }

        let again = share(&ada, talk).await;
        assert_eq!(again.json["token"], json!(token), "the link stays");
        assert_eq!(again.json["created_at"], shared.json["created_at"]);
        let shown = server.anonymous().get(&link).await;
        assert_eq!((shown.json["title"].as_str().unwrap(), texts(&shown).len()), ("Later title", 4));
    })
    .await;
}

#[tokio::test]
async fn a_link_ends_with_the_share_the_trash_and_the_account() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let nobody = server.anonymous();
        let none = nobody.get("/api/v1/shared/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
        assert_eq!(none.refusal(), (404, "not_found"));
        let open = async |talk: i64| {
            let token = share(&ada, talk).await.json["token"].as_str().unwrap().to_owned();
            assert_eq!(nobody.get(&format!("/api/v1/shared/{token}")).await.status, 200);
            token
        };
        let is_gone = async |token: &str| {
            let answer = nobody.get(&format!("/api/v1/shared/{token}")).await;
            assert_eq!(answer.sameness(), none.sameness());
        };
        let talk = conversation(&ada, "Question").await;
        let path = format!("/api/v1/conversations/{talk}");

        let first = open(talk).await;
        assert_eq!(ada.delete(&format!("{path}/share")).await.status, 204);
        assert_eq!(ada.delete(&format!("{path}/share")).await.status, 204);
        is_gone(&first).await;
        let second = open(talk).await;
        assert_ne!(first, second, "what was ended stays ended");
        is_gone(&first).await;

        assert_eq!(ada.delete(&path).await.status, 204);
        is_gone(&second).await;
        assert_eq!(share(&ada, talk).await.refusal(), (409, "in_trash"));
        ada.send(Method::POST, &format!("{path}/restore"), None).await;
        is_gone(&second).await;
        assert_eq!(ada.get(&format!("{path}/share")).await.json["shared"], false);

        let third = open(talk).await;
        assert_eq!(ada.delete(&format!("{path}?permanent=true")).await.status, 204);
        is_gone(&third).await;

        let other = conversation(&ada, "Question").await;
        let last = open(other).await;
        let body = json!({ "password": crate::support::PASSWORD });
        assert_eq!(ada.send(Method::DELETE, "/api/v1/me", Some(body)).await.status, 204);
        is_gone(&last).await;
    })
    .await;
}

#[tokio::test]
async fn a_link_survives_a_restart_and_can_be_copied_again() {
    let server = TestServer::start().await;
    let ada = server.user("ada").await;
    let talk = conversation(&ada, "Question").await;
    let token = share(&ada, talk).await.json["token"].clone();
    let server = server.restart().await;
    let ada = server.login("ada").await;
    assert_eq!(ada.get(&format!("/api/v1/conversations/{talk}/share")).await.json["token"], token);
    let path = format!("/api/v1/shared/{}", token.as_str().unwrap());
    assert_eq!(server.anonymous().get(&path).await.status, 200);
}

#[tokio::test]
async fn an_answer_that_is_being_written_is_not_shared() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let _stream = ada.long_answer().await;
        let talk = ada.get("/api/v1/conversations").await.json[0]["id"].as_i64().unwrap();
        let token = share(&ada, talk).await.json["token"].as_str().unwrap().to_owned();
        let shown = server.anonymous().get(&format!("/api/v1/shared/{token}")).await;
        assert_eq!(texts(&shown), ["[tokens=100000 rate=50]"]);
        let forked = ada.send(Method::POST, &format!("/api/v1/conversations/{talk}/fork"), None).await;
        assert_eq!((forked.status, &forked.json["message_count"]), (201, &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn a_fork_is_a_conversation_of_its_own() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let group = ada.post("/api/v1/groups", json!({ "name": "Work" })).await.json["id"].clone();
        server.provider.next(fakes::Script::text("About zebras"));
        let talk = conversation(&ada, "Question").await;
        let path = format!("/api/v1/conversations/{talk}");
        ada.patch(&path, json!({ "title": "Animals", "instructions": "Be kind.", "group_id": group })).await;
        server.provider.next(fakes::Script::text("About lions"));
        said(&ada, "And then?", Some(talk)).await;
        let messages = ada.get(&format!("{path}/messages")).await.json;

        let forked = ada.send(Method::POST, &format!("{path}/fork"), None).await;
        assert_eq!(forked.status, 201, "{}", forked.text);
        let fork = &forked.json;
        assert_eq!(fork["title"], "Animals (fork)");
        assert_eq!((&fork["message_count"], &fork["instructions"]), (&json!(4), &json!("Be kind.")));
        assert_eq!((&fork["group_id"], &fork["role"]), (&group, &json!("owner")));
        let copied = ada.get(&format!("/api/v1/conversations/{}/messages", fork["id"])).await.json;
        for (copy, message) in copied.as_array().unwrap().iter().zip(messages.as_array().unwrap()) {
            for same in ["role", "content", "parts", "state", "model", "created_at"] {
                assert_eq!(copy[same], message[same], "{same}");
            }
            assert_ne!(copy["id"], message["id"]);
        }
        assert_eq!(copied.as_array().unwrap().len(), 4);
        let hits = ada.get("/api/v1/search?q=zebras").await.json;
        let places: Vec<_> = hits.as_array().unwrap().iter().map(|hit| &hit["conversation_id"]).collect();
        assert_eq!(places, [&fork["id"], &json!(talk)]);

        server.provider.next(fakes::Script::text("Another answer"));
        let again = format!("/api/v1/messages/{}/regenerate", copied[3]["id"]);
        assert_eq!(ada.post(&again, json!({})).await.status, 200);
        said(&ada, "Go on", fork["id"].as_i64()).await;
        assert_eq!(ada.get(&path).await.json["message_count"], 4, "the first one stays as it was");

        let until = json!({ "message_id": messages[1]["id"] });
        let short = ada.post(&format!("{path}/fork"), until.clone()).await.json;
        assert_eq!(short["message_count"], 2);
        let other = conversation(&ada, "Other").await;
        let refused = ada.post(&format!("/api/v1/conversations/{other}/fork"), until.clone()).await;
        assert_eq!(refused.refusal(), (404, "not_found"));
        assert_eq!(bob.post(&format!("{path}/fork"), until).await.refusal(), (404, "not_found"));
    })
    .await;
}

#[tokio::test]
async fn a_fork_that_is_asked_for_twice_with_one_key_is_made_once() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let talk = conversation(&ada, "Question").await;
        let fork = async || {
            let path = format!("/api/v1/conversations/{talk}/fork");
            let request = ada.request(Method::POST, &path).header("idempotency-key", "f1");
            Answer::read(request.json(&json!({})).send().await.unwrap()).await.json["id"].clone()
        };
        assert_eq!(fork().await, fork().await);
        assert_eq!(ada.get("/api/v1/conversations").await.json.as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_was_shared_is_gone_on_with_in_a_conversation_of_ones_own() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        server.provider.next(fakes::Script::text("About zebras"));
        let talk = conversation(&ada, "Question").await;
        let path = format!("/api/v1/conversations/{talk}");
        ada.patch(&path, json!({ "title": "Animals", "instructions": "Be kind." })).await;
        let token = share(&ada, talk).await.json["token"].as_str().unwrap().to_owned();
        let link = format!("/api/v1/shared/{token}/continue");

        assert_eq!(server.anonymous().send(Method::POST, &link, None).await.status, 401);
        let taken = bob.send(Method::POST, &link, None).await;
        assert_eq!(taken.status, 201, "{}", taken.text);
        let own = &taken.json;
        assert_eq!(
            (&own["title"], &own["role"], &own["message_count"]),
            (&json!("Animals"), &json!("owner"), &json!(2))
        );
        assert_eq!(own["instructions"], Value::Null, "they are nobody's business");
        let copied = bob.get(&format!("/api/v1/conversations/{}/messages", own["id"])).await.json;
        let texts: Vec<_> = copied.as_array().unwrap().iter().map(|one| &one["content"]).collect();
        assert_eq!(texts, ["Question", "About zebras"]);
        assert_eq!(copied[1]["parent_id"], copied[0]["id"]);
        assert_eq!(bob.get("/api/v1/search?q=zebras").await.json.as_array().unwrap().len(), 1);

        // It is as good as any other, and the first one stays as it was.
        server.provider.next(fakes::Script::text("About lions"));
        said(&bob, "And then?", own["id"].as_i64()).await;
        let asked = server.provider.requests().last().unwrap().body["messages"].to_string();
        assert!(asked.contains("About zebras"), "{asked}");
        server.provider.next(fakes::Script::text("About goats"));
        let again = format!("/api/v1/messages/{}/regenerate", copied[1]["id"]);
        assert_eq!(bob.post(&again, json!({})).await.status, 200);
        assert_eq!(ada.get(&path).await.json["message_count"], 2);
        assert_eq!(bob.get(&path).await.refusal(), (404, "not_found"));

        let twice = async || {
            let request = bob.request(Method::POST, &link).header("idempotency-key", "c1");
            Answer::read(request.send().await.unwrap()).await.json["id"].clone()
        };
        assert_eq!(twice().await, twice().await);
        ada.delete(&format!("{path}/share")).await;
        assert_eq!(bob.send(Method::POST, &link, None).await.refusal(), (404, "not_found"));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_rated_and_the_word_taken_back() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let answer = said(&ada, "Question", None).await;
        let (talk, id) = (answer["conversation_id"].clone(), answer["message_id"].clone());
        let path = format!("/api/v1/messages/{id}/feedback");
        let rated = ada.post(&path, json!({ "rating": "down", "comment": " too long " })).await;
        assert_eq!(rated.status, 200, "{}", rated.text);
        assert_eq!(rated.json["id"], id);
        assert_eq!(rated.json["sibling_ids"], json!([id]));
        assert_eq!(rated.json["feedback"], json!({ "rating": "down", "comment": "too long" }));
        let seen = ada.get(&format!("/api/v1/conversations/{talk}/messages")).await.json;
        assert_eq!(seen[1]["feedback"]["rating"], "down");
        assert_eq!(seen[0]["feedback"], Value::Null);
        let detail = ada.get(&format!("/api/v1/conversations/{talk}")).await.json;
        assert_eq!(detail["messages"][1]["feedback"]["rating"], "down");
        assert_eq!(ada.post(&path, json!({ "rating": "up" })).await.json["feedback"]["comment"], Value::Null);
        assert_eq!(ada.post(&path, json!({ "rating": null })).await.json["feedback"], Value::Null);

        assert_eq!(ada.post(&path, json!({})).await.pointer(), "/rating");
        assert_eq!(ada.post(&path, json!({ "rating": "meh" })).await.pointer(), "/rating");
        let long = json!({ "rating": "up", "comment": "x".repeat(2_001) });
        assert_eq!(ada.post(&path, long).await.pointer(), "/comment");
        let question = format!("/api/v1/messages/{}/feedback", seen[0]["id"]);
        assert_eq!(ada.post(&question, json!({ "rating": "up" })).await.refusal(), (409, "not_an_answer"));
    })
    .await;
}

#[tokio::test]
async fn links_are_listed_for_their_owner_newest_first() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let mut talks = Vec::new();
        for text in ["one", "two", "three"] {
            let talk = conversation(&ada, text).await;
            ada.patch(&format!("/api/v1/conversations/{talk}"), json!({ "title": text })).await;
            talks.push((talk, share(&ada, talk).await.json["url"].clone()));
        }
        let first = ada.get("/api/v1/shares?limit=2").await;
        let listed = |answer: &Answer| {
            let row =
                |one: &Value| (one["title"].clone(), one["conversation_id"].clone(), one["url"].clone());
            answer.json.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
        };
        let wanted = |at: usize, title: &str| (json!(title), json!(talks[at].0), talks[at].1.clone());
        assert_eq!(listed(&first), [wanted(2, "three"), wanted(1, "two")]);
        let link = first.headers["link"].to_str().unwrap();
        let next = link.split(['<', '>']).nth(1).unwrap();
        let second = ada.get(next).await;
        assert_eq!((listed(&second), second.headers.get("link")), (vec![wanted(0, "one")], None));
        assert_eq!(bob.get("/api/v1/shares").await.json, json!([]));
        ada.delete(&format!("/api/v1/conversations/{}/share", talks[2].0)).await;
        assert_eq!(listed(&ada.get("/api/v1/shares?limit=1").await), [wanted(1, "two")]);
    })
    .await;
}

#[tokio::test]
async fn guessing_links_is_limited() {
    let limit = |config: &mut services::Config| {
        config.auth.limits.shared_address_burst = 3;
        config.auth.limits.shared_address_per_hour = 1;
    };
    let server = TestServer::start_with(limit).await;
    for _ in 0..3 {
        assert_eq!(server.anonymous().get("/api/v1/shared/guess").await.status, 404);
    }
    let refused = server.anonymous().get("/api/v1/shared/guess").await;
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert!(refused.headers.contains_key("retry-after"));
}
