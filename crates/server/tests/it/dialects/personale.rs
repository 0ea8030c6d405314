//! Seed 000's client.

use serde_json::{Value, json};

use super::contract::{Contract, PERSONALE, assert_like};
use crate::support::{Client, TestServer, on_both};

async fn signed_in(server: &TestServer, email: &str) -> Client {
    let body = json!({ "email": email, "password": "secret" });
    let answer = server.anonymous().post("/api/auth/register", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let token = answer.json["token"].as_str().unwrap().to_owned();
    Client { token: Some(token), ..server.anonymous() }
}

/// The objects of the `data:` lines.
fn events(text: &str) -> Vec<Value> {
    let lines: Vec<&str> = text.split("\n\n").filter(|line| !line.is_empty()).collect();
    let data = lines.iter().map(|line| line.strip_prefix("data: ").expect("only data lines"));
    data.map(|json| serde_json::from_str(json).unwrap()).collect()
}

fn said(events: &[Value]) -> String {
    events
        .iter()
        .filter(|event| event["type"] == "chunk")
        .map(|event| event["delta"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_session_is_made_named_spoken_in_and_deleted() {
    on_both(async |server| {
        let contract = Contract::of(PERSONALE);
        server.user("first").await;
        let nobody = server.anonymous();
        let body = json!({ "email": "ada@example.org", "password": "secret" });
        let user = json!({ "id": "<id>", "email": "ada@example.org", "createdAt": "<time>", "...": 1 });
        let signed_in = json!({ "user": user, "token": "<text>", "...": 1 });
        let made = contract.ask(&nobody, "POST /api/auth/register", "", Some(body.clone())).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_like(&made.json, &signed_in);
        let entered = contract.ask(&nobody, "POST /api/auth/login", "", Some(body)).await;
        assert_eq!(entered.status, 200, "{}", entered.text);
        assert_like(&entered.json, &signed_in);
        let token = entered.json["token"].as_str().unwrap();
        let quoted = format!("access_token=\"Bearer {token}\";");
        assert!(entered.cookie("access_token").unwrap().starts_with(&quoted));
        let client = Client { token: Some(token.to_owned()), ..nobody.clone() };
        let me = contract.ask(&client, "GET /api/auth/me", "", None).await;
        assert_like(&me.json, &user);
        assert!(contract.ask(&nobody, "GET /api/", "", None).await.json["message"].is_string());

        let session = json!({
            "id": "<id>", "ownerId": "<id>", "title": "Nuova chat", "model": "<text>",
            "createdAt": "<time>", "updatedAt": "<time>",
        });
        let made = contract.ask(&client, "POST /api/sessions", "", None).await;
        assert_eq!(made.status, 201);
        assert_like(&made.json, &session);
        let id = made.json["id"].as_str().unwrap();
        let listed = contract.ask(&client, "GET /api/sessions", "", None).await;
        assert_eq!(listed.status, 200);
        assert_like(&listed.json, &json!([session]));

        let question = json!({ "role": "user", "content": "Ciao [tokens=3]" });
        let body = json!({ "sessionId": id, "model": "gpt-4o", "messages": [question] });
        let streamed = contract.ask(&client, "POST /api/chat/stream", "", Some(body.clone())).await;
        assert_eq!(streamed.status, 200);
        assert_eq!(streamed.headers["content-type"], "text/event-stream");
        let first = events(&streamed.text);
        assert_eq!(said(&first), "t00001 t00002 t00003");
        assert_like(first.last().unwrap(), &json!({ "type": "end", "messageId": "<id>" }));

        assert_eq!(server.provider.requests().pop().unwrap().body["temperature"], 0.3);

        // The same question once more is another answer, not another question.
        let again = client.post("/api/chat/stream", body).await;
        assert_eq!(said(&events(&again.text)), "t00001 t00002 t00003");
        let messages = contract.ask(&client, "GET /api/sessions/{id}/messages", id, None).await;
        let message = |role: &str, content: &str| {
            json!({ "id": "<id>", "ownerId": "<id>", "sessionId": id, "role": role, "content": content,
                    "createdAt": "<time>" })
        };
        assert_like(
            &messages.json,
            &json!([message("user", "Ciao [tokens=3]"), message("assistant", "t00001 t00002 t00003")]),
        );

        // The same words said again behind the answer are a question.
        let answer = json!({ "role": "assistant", "content": "t00001 t00002 t00003" });
        let body = json!({ "sessionId": id, "model": "gpt-4o", "messages": [question, answer, question] });
        client.post("/api/chat/stream", body).await;
        assert_eq!(
            client.get(&format!("/api/sessions/{id}/messages")).await.json.as_array().unwrap().len(),
            4
        );

        let named =
            contract.ask(&client, "PUT /api/sessions/{id}", id, Some(json!({ "title": "Mia" }))).await;
        assert_eq!((named.status, &named.json["title"]), (200, &json!("Mia")));
        for _ in 0..2 {
            let gone = contract.ask(&client, "DELETE /api/sessions/{id}", id, None).await;
            assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        }
        for path in [format!("/api/sessions/{id}/messages"), "/api/sessions/4242/messages".to_owned()] {
            let missing = client.get(&path).await;
            assert_eq!((missing.status, &missing.json["detail"]), (404, &json!("Session not found")));
        }
        let body = json!({ "sessionId": id, "model": "gpt-4o", "messages": [question] });
        assert_eq!(client.post("/api/chat/stream", body).await.status, 404);
        let body = |current: &str, new: &str| Some(json!({ "currentPassword": current, "newPassword": new }));
        let change = "POST /api/auth/change-password";
        let short = contract.ask(&client, change, "", body("secret", "five5")).await;
        assert_eq!(short.status, 400);
        let wrong = contract.ask(&client, change, "", body("secreT", "another one")).await;
        assert_eq!((wrong.status, &wrong.json["detail"]), (401, &json!("Password attuale non corretta")));
        let changed = contract.ask(&client, change, "", body("secret", "another one")).await;
        assert_eq!((changed.status, &changed.json["ok"]), (200, &json!(true)));
        assert!(client.is_in().await);
        let out = contract.ask(&client, "POST /api/auth/logout", "", None).await;
        assert_eq!((out.status, &out.json["ok"]), (200, &json!(true)));
        let after = client.get("/api/auth/me").await;
        assert_eq!((after.status, &after.json["detail"]), (401, &json!("Invalid token")));
        contract.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn refusals_are_in_its_words() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_in(&server, "ada@example.org").await;
    let other = signed_in(&server, "bob@example.org").await;
    let id = client.post("/api/sessions", json!({})).await.json["id"].as_str().unwrap().to_owned();
    let missing = json!({ "detail": "Session not found", "...": 1 });
    for answer in [
        other.get(&format!("/api/sessions/{id}/messages")).await,
        client.get("/api/sessions/77/messages").await,
        client.get("/api/sessions/nothing/messages").await,
        client.send(reqwest::Method::PUT, "/api/sessions/77", Some(json!({ "title": "x" }))).await,
        other
            .post(
                "/api/chat/stream",
                json!({ "sessionId": id, "model": "gpt-4o", "messages": [{ "role": "user", "content": "x" }] }),
            )
            .await,
    ] {
        assert_eq!(answer.status, 404);
        assert_like(&answer.json, &missing);
    }
    let nobody = server.anonymous().get("/api/sessions").await;
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.json["detail"], "Not authenticated");
    let wrong = client.post("/api/chat/stream", json!({ "sessionId": id })).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.json["detail"][0]["loc"], json!(["body", "model"]));
}

#[tokio::test]
async fn leaving_stops_the_answer_and_what_was_said_is_kept() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_in(&server, "ada@example.org").await;
    let id = client.post("/api/sessions", json!({})).await.json["id"].as_str().unwrap().to_owned();
    let body = json!({
        "sessionId": id, "model": "gpt-4o",
        "messages": [{ "role": "user", "content": "[tokens=100000 rate=100]" }],
    });
    let request = client.request(reqwest::Method::POST, "/api/chat/stream").json(&body);
    let mut stream = request.send().await.unwrap();
    let mut heard = String::new();
    while !heard.contains("t00003") {
        heard.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    drop(stream);
    let is_stopped = async {
        loop {
            let read = client.get(&format!("/api/v1/conversations/{id}/messages")).await;
            let answer = read.json[1].clone();
            if answer["state"] != "running" {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let answer = tokio::time::timeout(std::time::Duration::from_secs(5), is_stopped).await.unwrap();
    assert_eq!(answer["state"], "stopped");
    assert!(answer["content"].as_str().unwrap().starts_with("t00001 t00002 t00003"));
}

#[tokio::test]
async fn a_failing_provider_is_an_error_without_an_end() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_in(&server, "ada@example.org").await;
    let id = client.post("/api/sessions", json!({})).await.json["id"].as_str().unwrap().to_owned();
    let body = json!({
        "sessionId": id, "model": "gpt-4o",
        "messages": [{ "role": "user", "content": "[tokens=5 error=2]" }],
    });
    let told = events(&client.post("/api/chat/stream", body).await.text);
    assert_eq!(told.last().unwrap()["type"], "error");
    assert!(told.iter().all(|event| event["type"] != "end"));
}
