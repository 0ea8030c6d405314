//! What is a person's own: preferences, figures, the archive of the account.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestServer, on_both};

async fn say(client: &Client, text: &str) -> Value {
    let answer = client.post("/api/v1/chat/simple", json!({ "message": text })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

#[tokio::test]
async fn preferences_are_merged_key_by_key() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let path = "/api/v1/me/preferences";
        assert_eq!(ada.get(path).await.json, json!({}));
        ada.patch(path, json!({ "theme": "dark", "language": "it" })).await;
        let all = ada.patch(path, json!({ "send_on_enter": false, "language": null })).await;
        assert_eq!(all.json, json!({ "theme": "dark", "send_on_enter": false }));
        assert_eq!(ada.get(path).await.json, all.json);
        assert_eq!(ada.get("/api/v1/me").await.json["preferences"], all.json);
        assert_eq!(bob.get(path).await.json, json!({}));
        let reading = json!({ "density": "compact", "whole_answers": true, "single_keys": false });
        assert_eq!(bob.patch(path, reading.clone()).await.json, reading);
        assert_eq!(bob.patch(path, json!({ "whole_answers": "yes" })).await.pointer(), "/whole_answers");
        assert_eq!(bob.patch(path, json!({ "density": "airy" })).await.pointer(), "/density");

        let unknown = ada.patch(path, json!({ "theme": "light", "colour": "red" })).await;
        assert_eq!(unknown.status, 422);
        assert!(unknown.json["detail"].as_str().unwrap().contains("colour"), "{}", unknown.text);
        assert_eq!(ada.patch(path, json!({ "theme": 1 })).await.pointer(), "/theme");
        assert_eq!(ada.patch(path, json!([])).await.status, 422);
        let large = json!({ "custom_instructions": "数".repeat(8_000) });
        assert_eq!(ada.patch(path, large).await.pointer(), "/preferences");
        assert_eq!(ada.get(path).await.json, all.json, "nothing was changed");
        let whole = json!({ "preferences": { "colour": "red" } });
        assert_eq!(ada.patch("/api/v1/me", whole).await.status, 422);
    })
    .await;
}

#[tokio::test]
async fn custom_instructions_reach_the_model_before_the_conversations_own() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        ada.patch("/api/v1/me/preferences", json!({ "custom_instructions": "Be brief." })).await;
        let asked = || {
            let seen = server.provider.requests();
            let last = seen.last().unwrap().clone();
            (last.body["messages"][0]["role"].clone(), last.body["messages"][0]["content"].clone())
        };
        let talk = say(&ada, "Hello").await["conversation_id"].clone();
        assert_eq!(asked(), (json!("system"), json!("Be brief.")));
        ada.patch(&format!("/api/v1/conversations/{talk}"), json!({ "instructions": "Speak Latin." })).await;
        let body = json!({ "message": "Again", "conversation_id": talk });
        ada.post("/api/v1/chat/simple", body.clone()).await;
        assert_eq!(asked().1, json!("Be brief.\n\nSpeak Latin."));
        ada.patch("/api/v1/me/preferences", json!({ "custom_instructions": null })).await;
        ada.post("/api/v1/chat/simple", body).await;
        assert_eq!(asked().1, json!("Speak Latin."));
        say(&ada, "New").await;
        assert_eq!(asked(), (json!("user"), json!("New")));
    })
    .await;
}

#[tokio::test]
async fn the_archive_holds_everything_of_the_account_and_nothing_else() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let empty = ada.get("/api/v1/me/export").await.json;
        assert_eq!((&empty["groups"], &empty["conversations"]), (&json!([]), &json!([])));

        say(&bob, "bobs secret").await;
        for name in ["Work", "Home"] {
            ada.post("/api/v1/groups", json!({ "name": name })).await;
        }
        ada.patch("/api/v1/me/preferences", json!({ "theme": "dark" })).await;
        let first = say(&ada, "first").await;
        let again = format!("/api/v1/messages/{}/regenerate", first["message_id"]);
        assert_eq!(ada.post(&again, json!({})).await.status, 200);
        let rate = format!("/api/v1/messages/{}/feedback", first["message_id"]);
        ada.post(&rate, json!({ "rating": "up" })).await;
        ada.post("/api/v1/conversations", json!({ "title": "nothing said" })).await;
        let trashed = say(&ada, "thrown away").await["conversation_id"].clone();
        ada.delete(&format!("/api/v1/conversations/{trashed}")).await;

        let export = ada.get("/api/v1/me/export").await;
        assert_eq!(export.status, 200);
        assert_eq!(export.headers["content-type"], "application/json");
        assert!(export.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert!(!export.text.contains("bob"));
        let all = &export.json;
        assert_eq!(all["version"], 1);
        assert_eq!(all["profile"]["username"], "ada");
        assert_eq!(all["profile"]["preferences"], json!({ "theme": "dark" }));
        let names: Vec<_> = all["groups"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["Home", "Work"]);
        let talks = all["conversations"].as_array().unwrap();
        let counts: Vec<_> = talks.iter().map(|one| one["messages"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [3, 0, 2]);
        assert_eq!(talks[0]["messages"][1]["feedback"]["rating"], "up");
        assert_eq!(talks[0]["messages"][1]["sibling_ids"].as_array().unwrap().len(), 2);
        assert!(talks[2]["deleted_at"].is_string());
    })
    .await;
}

#[tokio::test]
async fn an_archive_of_many_pages_is_whole() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        for n in 0..205 {
            ada.post("/api/v1/conversations", json!({ "title": format!("talk {n}") })).await;
        }
        let all = ada.get("/api/v1/me/export").await.json;
        let titles: Vec<_> =
            all["conversations"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
        let wanted: Vec<_> = (0..205).map(|n| json!(format!("talk {n}"))).collect();
        assert!(titles.into_iter().eq(&wanted), "all of them, oldest first");
    })
    .await;
}

#[tokio::test]
async fn figures_count_what_is_ones_own() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        say(&bob, "hello").await;
        let talk = say(&ada, "hello").await["conversation_id"].clone();
        say(&ada, "hello").await;
        ada.send(Method::DELETE, &format!("/api/v1/conversations/{talk}"), None).await;
        let stats = ada.get("/api/v1/me/stats").await.json;
        assert_eq!((&stats["conversations"], &stats["messages"]), (&json!(1), &json!(2)));
        assert_eq!(stats["this_month"]["answers"], 2);
        assert!(stats["this_month"]["completion_tokens"].as_i64().unwrap() > 0);
        assert!(stats["this_month"]["began_at"].as_str().unwrap().ends_with("-01T00:00:00.000Z"));
    })
    .await;
}
