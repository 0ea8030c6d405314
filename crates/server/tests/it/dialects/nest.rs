//! Seed 003's client.

mod sockets;

use fakes::FakeOidc;
use serde_json::{Value, json};

use super::contract::{Contract, NEST, assert_like};
use crate::{
    auth::providers::{Browser, location, settings},
    support::{Client, TestServer, on_both},
};

fn tokens() -> Value {
    json!({
        "accessToken": "<text>", "refreshToken": "<text>", "access_token": "<text>", "refresh_token": "<text>",
        "token": "<text>", "user": "<person>",
    })
}

fn person() -> Value {
    json!({ "id": "<id>", "userId": "<id>", "email": "ada@example.org", "name": "ada", "createdAt": "<time>" })
}

fn with_token(server: &TestServer, answer: &Value) -> Client {
    Client { token: Some(answer["accessToken"].as_str().unwrap().to_owned()), ..server.anonymous() }
}

async fn signed_in(server: &TestServer, email: &str) -> Client {
    let answer =
        server.anonymous().post("/auth/register", json!({ "email": email, "password": "a good one" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    with_token(server, &answer.json)
}

#[tokio::test]
async fn its_client_does_all_that_it_can() {
    on_both(async |server| {
        server.user("first").await;
        let contract = Contract::of(NEST);
        let nobody = server.anonymous();
        let body = json!({ "email": "ada@example.org", "password": "a good one" });
        let mut recorded = tokens();
        recorded["user"] = person();
        assert_eq!(contract.ask(&nobody, "GET /health", "", None).await.json["ok"], true);
        // Nobody has begun there, and no Google is set up: `google_gives_tokens` goes the whole way.
        for endpoint in ["GET /auth/google", "GET /auth/google/callback"] {
            let refused = contract.ask(&nobody, endpoint, "", None).await;
            assert_eq!((refused.status, &refused.json["message"]), (404, &json!("Not Found")), "{endpoint}");
        }
        let made = contract.ask(&nobody, "POST /auth/register", "", Some(body.clone())).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_like(&made.json, &recorded);
        let entered = contract.ask(&nobody, "POST /auth/login", "", Some(body)).await;
        assert_eq!(entered.status, 201);
        assert_like(&entered.json, &recorded);
        let by_refresh =
            Client { token: Some(entered.json["refreshToken"].as_str().unwrap().to_owned()), ..nobody.clone() };
        let next = contract.ask(&by_refresh, "POST /auth/refresh", "", None).await;
        assert_like(&next.json, &recorded);
        let client = with_token(&server, &next.json);
        assert_like(&contract.ask(&client, "GET /auth/me", "", None).await.json, &person());

        let group = |name: &str| {
            json!({ "id": "<id>", "name": name, "userId": "<id>", "createdAt": "<time>", "updatedAt": "<time>" })
        };
        let made = contract.ask(&client, "POST /groups", "", Some(json!({ "name": "Work" }))).await;
        assert_eq!(made.status, 201);
        assert_like(&made.json, &group("Work"));
        let group_id = made.json["id"].as_str().unwrap();
        let renamed =
            contract.ask(&client, "PATCH /groups/{id}", group_id, Some(json!({ "name": "Jobs" }))).await;
        assert_like(&renamed.json, &group("Jobs"));
        let same = contract.ask(&client, "PATCH /groups/{id}", group_id, Some(json!({}))).await;
        assert_eq!((same.status, &same.json), (200, &renamed.json));
        assert_like(&contract.ask(&client, "GET /groups", "", None).await.json, &json!([group("Jobs")]));

        let session = |title: &str, group: Value, favorite: bool| {
            json!({
                "id": "<id>", "title": title, "userId": "<id>", "groupId": group, "model": "<text>",
                "isFavorite": favorite, "createdAt": "<time>", "updatedAt": "<time>",
            })
        };
        let made = contract.ask(&client, "POST /sessions", "", Some(json!({ "groupId": group_id }))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_like(&made.json, &session("New Chat", json!(group_id), false));
        let id = made.json["id"].as_str().unwrap();
        let in_group = contract.ask(&client, "GET /groups/{id}/sessions", group_id, None).await;
        assert_eq!(in_group.json.as_array().unwrap().len(), 1);
        let none = contract.ask(&client, "GET /groups/{id}/sessions", "77", None).await;
        assert_eq!((none.status, none.json), (200, json!([])));
        let body = Some(json!({ "isFavorite": true }));
        let marked = contract.ask(&client, "PATCH /sessions/{id}/favorite", id, body).await;
        assert_like(&marked.json, &session("New Chat", json!(group_id), true));
        let body = Some(json!({ "groupId": null }));
        let moved = contract.ask(&client, "PATCH /sessions/{id}/group", id, body).await;
        assert_like(&moved.json, &session("New Chat", json!(null), true));
        let body = Some(json!({ "title": "Mine", "groupId": group_id }));
        let changed = contract.ask(&client, "PATCH /sessions/{id}", id, body).await;
        assert_like(&changed.json, &session("Mine", json!(group_id), true));
        let read = contract.ask(&client, "GET /sessions/{id}", id, None).await;
        assert_eq!(read.json, changed.json);
        assert_eq!(contract.ask(&client, "GET /sessions", "", None).await.json, json!([read.json]));

        let message = |role: &str, content: &str| {
            json!({ "id": "<id>", "sessionId": id, "role": role, "content": content, "createdAt": "<time>" })
        };
        let question = message("user", "Hi [tokens=3]");
        let answer = message("assistant", "t00001 t00002 t00003");
        let body = json!({ "sessionId": id, "role": "user", "content": "Hi [tokens=3]" });
        let said = contract.ask(&client, "POST /messages", "", Some(body)).await;
        assert_eq!(said.status, 201, "{}", said.text);
        let mut exchange = question.clone();
        exchange["userMessage"] = question.clone();
        exchange["assistantMessage"] = answer.clone();
        assert_like(&said.json, &exchange);
        let messages = contract.ask(&client, "GET /messages/{id}", id, None).await;
        assert_like(&messages.json, &json!([question, answer]));

        let exported = contract.ask(&client, "GET /sessions/{id}/export.json", id, None).await;
        assert_eq!(exported.json, json!({ "session": client.get(&format!("/sessions/{id}")).await.json, "messages": messages.json }));
        let exported = contract.ask(&client, "GET /sessions/{id}/export.md", id, None).await;
        assert_eq!(exported.headers["content-type"], "text/markdown; charset=utf-8");
        let model = read.json["model"].as_str().unwrap();
        assert_eq!(
            exported.text,
            format!(
                "# Mine (model: {model})\n\n**user**: Hi [tokens=3]\n**assistant**: t00001 t00002 t00003\n"
            )
        );

        let idle = contract.ask(&client, "GET /sse/sessions/{id}/stream", id, None).await;
        assert!(idle.text.starts_with("id: 1\ndata: {") && idle.text.contains("\"done\":true"), "{}", idle.text);
        let asked = client.get(&format!("/sse/sessions/{id}/stream?prompt=%5Btokens=2%5D")).await;
        assert!(asked.text.contains("\"delta\":\"t00001") && asked.text.contains("\"messageId\":\""), "{}", asked.text);

        let body = json!({ "sessionId": id, "prompt": "[tokens=2]" });
        let lines = contract.ask(&client, "POST /messages/stream", "", Some(body)).await;
        assert_eq!(lines.headers["content-type"], "application/x-ndjson; charset=utf-8");
        let lines: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_like(lines.last().unwrap(), &json!({ "done": true, "messageId": "<id>" }));
        let text: String = lines.iter().filter_map(|line| line["delta"].as_str()).collect();
        assert_eq!(text, "t00001 t00002");

        let asked_of_the_model = server.provider.requests().len();
        let body = json!({ "sessionId": id, "role": "assistant", "content": "Mine to say" });
        let recorded = contract.ask(&client, "POST /messages", "", Some(body)).await;
        assert_eq!(recorded.status, 201, "{}", recorded.text);
        let answer = message("assistant", "Mine to say");
        let mut alone = answer.clone();
        alone["userMessage"] = json!(null);
        alone["assistantMessage"] = answer.clone();
        assert_like(&recorded.json, &alone);
        let messages = client.get(&format!("/messages/{id}")).await.json;
        assert_eq!(messages.as_array().unwrap().last().unwrap(), &recorded.json["assistantMessage"]);
        assert_eq!(server.provider.requests().len(), asked_of_the_model);

        let ok = json!({ "ok": true });
        assert_eq!(contract.ask(&client, "DELETE /groups/{id}", group_id, None).await.json, ok);
        assert_eq!(client.get(&format!("/sessions/{id}")).await.json["groupId"], json!(null));
        assert_eq!(contract.ask(&client, "DELETE /sessions/{id}", id, None).await.json, ok);
        let missing = json!({ "message": "Not Found", "statusCode": 404 });
        for path in [format!("/sessions/{id}"), format!("/messages/{id}"), format!("/sessions/{id}/export.md")] {
            assert_eq!(client.get(&path).await.json, missing, "{path}");
        }
        assert_eq!(client.delete(&format!("/sessions/{id}")).await.json, missing);
        let body = json!({ "sessionId": id, "role": "user", "content": "x" });
        assert_eq!(client.post("/messages", body).await.json, missing);
        contract.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn refusals_are_in_its_words() {
    let server = TestServer::start().await;
    server.user("first").await;
    let (ada, bob) =
        (signed_in(&server, "ada@example.org").await, signed_in(&server, "bob@example.org").await);
    let id = ada.post("/sessions", json!({})).await.json["id"].as_str().unwrap().to_owned();
    let missing = json!({ "message": "Not Found", "statusCode": 404 });
    for path in [format!("/sessions/{id}"), format!("/messages/{id}"), format!("/sse/sessions/{id}/stream")] {
        let answer = bob.get(&path).await;
        assert_eq!((answer.status, &answer.json), (404, &missing), "{path}");
        let answer = server.anonymous().get(&path).await;
        assert_eq!(answer.json, json!({ "message": "Unauthorized", "statusCode": 401 }), "{path}");
    }
    let wrong = ada.post("/groups", json!({})).await;
    assert_eq!(
        (wrong.status, &wrong.json),
        (400, &json!({ "message": ["name is missing."], "error": "Bad Request", "statusCode": 400 }))
    );
    let again = json!({ "email": "ada@example.org", "password": "a good one" });
    let taken = server.anonymous().post("/auth/register", again).await;
    assert_eq!((taken.status, &taken.json["error"]), (409, &json!("Conflict")));
    let refused =
        server.anonymous().post("/auth/login", json!({ "email": "ada@example.org", "password": "x" })).await;
    assert_eq!((refused.status, &refused.json["message"]), (401, &json!("Invalid credentials")));
    assert_eq!(ada.get("/sessions/x/nothing").await.json, missing);
    let lines = ada.post("/messages/stream", json!({ "sessionId": id })).await;
    assert_eq!((lines.status, lines.json), (400, json!({ "error": "sessionId and prompt are required" })));
    let lines = ada.post("/messages/stream", json!({ "sessionId": "77", "prompt": "x" })).await;
    assert_eq!((lines.status, lines.json), (404, json!({ "error": "Session not found" })));
}

#[tokio::test]
async fn an_answer_is_not_written_down_beside_one_that_grows() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_in(&server, "ada@example.org").await;
    let id = client.post("/sessions", json!({})).await.json["id"].as_str().unwrap().to_owned();
    let prompt = json!({ "sessionId": id, "prompt": "[tokens=100000 rate=50]" });
    let growing =
        client.request(reqwest::Method::POST, "/messages/stream").json(&prompt).send().await.unwrap();
    assert_eq!(growing.status(), 200);
    let body = json!({ "sessionId": id, "role": "assistant", "content": "x" });
    let refused = client.post("/messages", body.clone()).await;
    assert_eq!((refused.status, &refused.json["error"]), (409, &json!("Conflict")));
    let turn = client.get(&format!("/api/v1/conversations/{id}")).await.json["running_turn_id"].clone();
    client.post(&format!("/api/v1/turns/{turn}/stop"), json!({})).await;
    crate::support::time_until_end(growing).await;
    assert_eq!(client.post("/messages", body).await.status, 201);
    let body = json!({ "sessionId": id, "role": "system", "content": "x" });
    assert_eq!(client.post("/messages", body).await.status, 400);
}

#[tokio::test]
async fn google_gives_tokens_to_programs_and_brings_browsers_into_the_app() {
    for on in services::testing::BOTH {
        let google = FakeOidc::start();
        let settings = settings(&google);
        let server = TestServer::start_on(on, |config| {
            config.auth.oidc.insert("google".into(), settings);
        })
        .await;
        server.admin().await;
        let program = Browser::program(&server);
        let back = program.leave("/auth/google").await;
        assert!(back.contains("/auth/google/callback?"), "{back}");
        let answer = program.get(&back).await;
        let mut expected = tokens();
        expected["user"] = json!({
            "id": "<id>", "userId": "<id>", "email": "ada@example.org", "name": "Ada Lovelace", "createdAt": "<time>",
        });
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_like(&answer.json, &expected);
        let ada = with_token(&server, &answer.json);
        assert_eq!(ada.get("/auth/me").await.json["id"], answer.json["user"]["id"]);
        let again = program.get(&back).await;
        assert_eq!((again.status, &again.json["error"]), (403, &json!("Forbidden")));

        let browser = Browser::of(&server);
        let back = browser.leave("/auth/google").await;
        assert_eq!(location(&browser.get(&back).await), "/");
        assert_eq!(browser.user().await.as_deref(), Some("ada"));

        // The address that Google knows may be this one for the web app too.
        google.set_person(json!({ "sub": "eve", "email": "root@example.org", "email_verified": true }));
        let taken = Browser::program(&server);
        let back = taken.leave("/auth/google").await;
        let refused = taken.get(&back).await;
        assert_eq!((refused.status, &refused.json["error"]), (409, &json!("Conflict")));
    }
}
