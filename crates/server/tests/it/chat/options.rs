//! What can be chosen about an answer reaches the model, however it is asked for.

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, on_both};

/// What the model was asked last.
fn asked(server: &TestServer) -> Value {
    server.provider.requests().last().unwrap().body.clone()
}

/// An answer of an account, and its question.
async fn said(client: &Client, text: &str) -> (i64, i64) {
    let answer = client.post("/api/v1/chat/simple", json!({ "message": text })).await.json;
    let path = format!("/api/v1/conversations/{}/messages", answer["conversation_id"]);
    let branch = client.get(&path).await.json;
    (branch[0]["id"].as_i64().unwrap(), branch[1]["id"].as_i64().unwrap())
}

/// The routes that ask again, with what each needs.
fn ways((question, answer): (i64, i64)) -> [(String, Value); 3] {
    [
        (format!("/api/v1/messages/{answer}/regenerate"), json!({})),
        (format!("/api/v1/messages/{question}/edit"), json!({ "message": "[tokens=2] in other words" })),
        (format!("/api/v1/messages/{answer}/continue"), json!({})),
    ]
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn who_asks_again_says_how_and_nothing_is_remembered() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        // It ends before its end, so that it can go on.
        let mut talk = ada.say("[tokens=9 cut=3 times=1]").await;
        let begun = talk.next().await.unwrap().data;
        talk.rest().await;
        let ids = (begun["user_message_id"].as_i64().unwrap(), begun["message_id"].as_i64().unwrap());
        for (path, body) in ways(ids) {
            let chosen = with(body.clone(), &json!({ "temperature": 0.25, "max_tokens": 77 }));
            let lines = ada.ask(&path, chosen).await.rest().await;
            assert_eq!(lines.last().unwrap().data["state"], "completed", "{path}");
            let seen = asked(&server);
            assert_eq!((&seen["temperature"], &seen["max_tokens"]), (&json!(0.25), &json!(77)), "{path}");

            ada.ask(&path, body).await.rest().await;
            let seen = asked(&server);
            assert_eq!((seen.get("temperature"), seen.get("max_tokens")), (None, None), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_no_model_can_be_asked_is_refused_before_anything_is_written() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let ids = said(&ada, "[tokens=2]").await;
        let wrong = [
            (json!({ "temperature": 2.5 }), "/temperature"),
            (json!({ "temperature": -1 }), "/temperature"),
            (json!({ "temperature": "warm" }), "/temperature"),
            (json!({ "max_tokens": 0 }), "/max_tokens"),
            (json!({ "max_tokens": 1.5 }), "/max_tokens"),
        ];
        for (path, body) in ways(ids) {
            for (more, pointer) in &wrong {
                let answer = ada.post(&path, with(body.clone(), more)).await;
                assert_eq!(
                    (answer.refusal(), answer.pointer()),
                    ((422, "invalid"), *pointer),
                    "{path} {more}"
                );
            }
        }
        assert_eq!(server.provider.requests().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_longer_or_shorter_answer_is_asked_for_once_and_leaves_no_trace() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let (question, answer) = said(&ada, "[tokens=2]").await;
        let path = format!("/api/v1/messages/{answer}/regenerate");
        let messages = || asked(&server)["messages"].clone();

        for (style, word) in [("longer", "longer"), ("shorter", "shorter")] {
            let lines = ada.ask(&path, json!({ "style": style, "model": "fake-2" })).await.rest().await;
            assert_eq!(lines.last().unwrap().data["state"], "completed");
            let seen = messages();
            assert_eq!((seen.as_array().unwrap().len(), &seen[0]["role"]), (2, &json!("system")));
            assert!(seen[0]["content"].as_str().unwrap().contains(word), "{seen}");
            assert_eq!(
                (&seen[1]["content"], &asked(&server)["model"]),
                (&json!("[tokens=2]"), &json!("fake-2"))
            );
        }
        // It stands behind what every answer should heed, and the next one hears that alone.
        let talk = ada.ask(&path, json!({})).await.rest().await[0].data["conversation_id"].clone();
        assert_eq!(messages()[0]["role"], "user");
        let conversation = format!("/api/v1/conversations/{talk}");
        ada.patch(&conversation, json!({ "instructions": "Speak Latin." })).await;
        ada.ask(&path, json!({ "style": "longer" })).await.rest().await;
        assert!(messages()[0]["content"].as_str().unwrap().starts_with("Speak Latin.\n\n"), "{}", messages());
        ada.ask(&path, json!({})).await.rest().await;
        assert_eq!(messages()[0]["content"], "Speak Latin.");

        let kept = ada.get(&conversation).await.json;
        assert_eq!(kept["instructions"], "Speak Latin.");
        let branch = kept["messages"].as_array().unwrap();
        assert_eq!((branch.len(), &branch[0]["id"]), (2, &json!(question)));
        assert_eq!(branch[1]["sibling_ids"].as_array().unwrap().len(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_key_stands_for_one_style() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let (_, answer) = said(&ada, "[tokens=2]").await;
        let path = format!("/api/v1/messages/{answer}/regenerate");
        let ask = async |style: &str| {
            let request = ada.request(reqwest::Method::POST, &path).header("idempotency-key", "k");
            Answer::read(request.json(&json!({ "style": style })).send().await.unwrap()).await
        };
        let first = ask("longer").await;
        assert_eq!((first.status, ask("longer").await.text), (200, first.text));
        assert_eq!(ask("shorter").await.refusal(), (409, "unfit"));
        assert_eq!(server.provider.requests().len(), 2);

        let odd = ada.post(&path, json!({ "style": "louder" })).await;
        assert_eq!((odd.refusal(), odd.pointer()), ((422, "invalid"), "/style"));
    })
    .await;
}
