//! Seed 004's client.

use serde_json::{Value, json};

use super::contract::{CHRONOCHAT, Contract, assert_like};
use crate::support::{Client, TestServer, on_both, on_both_with};

const PASSWORD: &str = "Passw0rdX";

fn with_tokens(server: &TestServer, answer: &Value) -> Client {
    let text = |name: &str| Some(answer[name].as_str().unwrap().to_owned());
    Client { token: text("access_token"), refresh: text("refresh_token"), ..server.anonymous() }
}

async fn signed_up(server: &TestServer, name: &str) -> Client {
    let body = json!({
        "username": name, "email": format!("{name}@example.org"), "password": PASSWORD,
        "confirm_password": PASSWORD, "full_name": "Ada L.",
    });
    let answer = server.anonymous().post("/api/auth/register", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    with_tokens(server, &answer.json)
}

async fn entered(server: &TestServer, name: &str, password: &str) -> Client {
    let body = json!({ "username": name, "password": password });
    let answer = server.anonymous().post("/api/auth/login", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    with_tokens(server, &answer.json)
}

#[tokio::test]
async fn its_client_does_all_that_it_can() {
    on_both(async |server| {
        server.user("first").await;
        let contract = Contract::of(CHRONOCHAT);
        let nobody = server.anonymous();
        let tokens = |seconds: i64| {
            json!({ "access_token": "<text>", "refresh_token": "<text>", "token_type": "bearer",
                    "expires_in": seconds, "...": 1 })
        };
        let body = json!({
            "username": "ada", "email": "ada@example.org", "password": PASSWORD, "confirm_password": PASSWORD,
            "full_name": "Ada L.",
        });
        let made = contract.ask(&nobody, "POST /api/auth/register", "", Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_like(&made.json, &tokens(1800));
        let body = json!({ "username": "ada", "password": PASSWORD, "remember_me": true });
        let long = contract.ask(&nobody, "POST /api/auth/login", "", Some(body)).await;
        assert_like(&long.json, &tokens(604_800));
        let out = contract.ask(&with_tokens(&server, &long.json), "POST /api/auth/logout", "", None).await;
        assert_like(
            &out.json,
            &json!({ "message": "Successfully logged out", "logged_out_at": "<time>", "...": 1 }),
        );
        assert!(!with_tokens(&server, &long.json).is_in().await);
        assert_eq!(contract.ask(&nobody, "GET /health", "", None).await.status, 200);
        let banner = contract.ask(&nobody, "GET /", "", None).await;
        assert_like(&banner.json, &json!({ "message": "<text>", "version": "<text>", "docs": "/docs" }));
        for page in ["GET /docs", "GET /redoc"] {
            let page = contract.ask(&nobody, page, "", None).await;
            assert_eq!((page.status, &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().unwrap()));
        }
        let none = nobody.get("/api/users/profile").await;
        assert_eq!((none.status, &none.json["detail"]), (401, &json!("Authorization header missing")));

        let client = with_tokens(&server, &made.json);
        let me = contract.ask(&client, "GET /api/auth/me", "", None).await;
        let named = json!({ "id": "<int>", "username": "ada", "full_name": "Ada L.", "is_active": true, "...": 1 });
        assert_like(&me.json, &named);
        let verified = contract.ask(&client, "GET /api/auth/verify", "", None).await;
        assert_like(&verified.json, &json!({ "valid": true, "user_id": "<int>", "username": "ada" }));
        let user = |full_name: &str| {
            json!({
                "username": "ada", "email": "ada@example.org", "full_name": full_name, "id": "<int>",
                "is_active": true, "is_verified": false, "created_at": "<time>", "last_login": "<time>",
            })
        };
        let profile = contract.ask(&client, "GET /api/users/profile", "", None).await;
        assert_like(&profile.json, &user("Ada L."));
        let body = Some(json!({ "full_name": "Ada B." }));
        let changed = contract.ask(&client, "PUT /api/users/profile", "", body).await;
        assert_like(&changed.json, &user("Ada B."));
        let changed =
            client.send(reqwest::Method::PUT, "/api/users/profile?full_name=Ada%20C.", None).await;
        assert_like(&changed.json, &user("Ada C."));

        let body = json!({ "message": "Hi [tokens=3]", "stream": true });
        let said = contract.ask(&client, "POST /api/chat/send", "", Some(body)).await;
        assert_eq!(said.status, 200, "{}", said.text);
        assert_like(
            &said.json,
            &json!({ "response": "t00001 t00002 t00003", "thread_id": "<id>", "tool_calls": null, "message_id": "<int>" }),
        );
        let id = said.json["thread_id"].as_str().unwrap();
        let body = json!({ "message": "More [tokens=1]", "thread_id": id });
        assert_eq!(client.post("/api/chat/send", body).await.json["thread_id"], id);
        let thread = |title: &str| {
            json!({ "title": title, "id": id, "user_id": "<int>", "created_at": "<time>", "updated_at": "<time>" })
        };
        let threads = contract.ask(&client, "GET /api/chat/threads", "", None).await;
        assert_like(&threads.json, &json!([thread("Hi [tokens=3]")]));
        let message = |role: &str, content: &str, metadata: Value| {
            json!({
                "role": role, "content": content, "id": "<int>", "thread_id": id, "tool_calls": null,
                "metadata": metadata, "created_at": "<time>",
            })
        };
        let read = contract.ask(&client, "GET /api/chat/threads/{id}", id, None).await;
        let model = json!({ "model": "<text>" });
        let messages = json!([
            message("user", "Hi [tokens=3]", json!(null)),
            message("assistant", "t00001 t00002 t00003", model.clone()),
            message("user", "More [tokens=1]", json!(null)),
            message("assistant", "t00001", model),
        ]);
        let recorded = json!({ "thread": thread("Hi [tokens=3]"), "messages": messages, "total_messages": 4 });
        assert_like(&read.json, &recorded);
        let body = Some(json!({ "title": "Mine" }));
        let renamed = contract.ask(&client, "PUT /api/chat/threads/{id}/title", id, body).await;
        assert_like(&renamed.json, &thread("Mine"));
        let path = format!("/api/chat/threads/{id}/title?title=Yours");
        assert_like(&client.send(reqwest::Method::PUT, &path, None).await.json, &thread("Yours"));
        let stats = contract.ask(&client, "GET /api/chat/stats", "", None).await;
        assert_like(
            &stats.json,
            &json!({ "total_threads": 1, "total_messages": 4, "total_tool_calls": 0, "user_since": "<time>" }),
        );
        let gone = contract.ask(&client, "DELETE /api/chat/threads/{id}", id, None).await;
        assert_eq!(gone.json, json!({ "message": "Thread deleted successfully" }));
        let missing = contract.ask(&client, "GET /api/chat/threads/{id}", id, None).await;
        assert_eq!((missing.status, &missing.json["detail"]), (404, &json!("Thread not found")));

        let body = Some(json!({ "refresh_token": client.refresh }));
        let next = contract.ask(&server.anonymous(), "POST /api/auth/refresh", "", body).await;
        assert_like(
            &next.json,
            &json!({ "access_token": "<text>", "refresh_token": "<text>", "token_type": "bearer", "expires_in": 1800 }),
        );
        let client = with_tokens(&server, &next.json);
        let bad = server.anonymous().post("/api/auth/refresh", json!({ "refresh_token": "x" })).await;
        assert_eq!((bad.status, &bad.json["detail"]), (401, &json!("Invalid refresh token")));

        let body = |current: &str, new: &str| {
            Some(json!({ "current_password": current, "new_password": new, "confirm_new_password": new }))
        };
        let change = "POST /api/users/change-password";
        let wrong = contract.ask(&client, change, "", body("x", "An0therPass")).await;
        assert_eq!((wrong.status, &wrong.json["detail"]), (400, &json!("Current password is incorrect")));
        assert_eq!(contract.ask(&client, change, "", body(PASSWORD, "An0therPass")).await.status, 200);
        assert!(!client.is_in().await);
        let client = entered(&server, "ada", "An0therPass").await;
        let out = contract.ask(&client, "POST /api/auth/logout-all", "", None).await;
        assert_eq!(out.json["message"], "Successfully logged out from all sessions");
        assert!(!client.is_in().await);
        let client = entered(&server, "ada", "An0therPass").await;
        let barred = contract.ask(&client, "DELETE /api/users/account", "", None).await;
        assert_eq!(barred.json, json!({ "message": "Account deactivated successfully" }));
        let body = json!({ "username": "ada", "password": "An0therPass" });
        let refused = server.anonymous().post("/api/auth/login", body).await;
        assert_eq!((refused.status, &refused.json["detail"]), (400, &json!("Inactive user account")));
        contract.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn five_sessions_are_the_most_and_others_are_not_counted() {
    on_both(async |server| {
        server.user("first").await;
        let first = signed_up(&server, "ada").await;
        let body = json!({ "username": "ada", "password": PASSWORD });
        let native = server.anonymous().post("/api/v1/auth/login", body).await;
        let native = server.anonymous().with(&native);
        let mut clients = vec![first];
        for _ in 0..5 {
            clients.push(entered(&server, "ada", PASSWORD).await);
        }
        let mut alive = Vec::new();
        for client in &clients {
            alive.push(client.is_in().await);
        }
        assert_eq!(alive, [false, true, true, true, true, true]);
        assert!(native.is_in().await);
    })
    .await;
}

#[tokio::test]
async fn the_tools_of_an_answer_are_told_in_its_words_and_counted() {
    let calling = |config: &mut services::Config| config.providers[0].tools = vec!["*".into()];
    on_both_with(calling, |server: TestServer| async move {
        server.user("first").await;
        let client = signed_up(&server, "ada").await;
        let body = json!({ "message": "Hi [toolcall=calculator+current_time args=6*7 tokens=1]" });
        let said = Contract::of(CHRONOCHAT).ask(&client, "POST /api/chat/send", "", Some(body)).await;
        let call = |id: &str, name: &str, input: Value| {
            json!({
                "id": id, "message_id": said.json["message_id"], "tool_name": name, "tool_input": input,
                "tool_output": null, "execution_time": "<int>", "success": "success", "error_message": null,
                "created_at": "<time>",
            })
        };
        let mut first = call("call_calculator", "calculator", json!({ "expression": "6*7" }));
        first["tool_output"] = json!("42");
        let mut second = call("call_current_time", "current_time", json!({ "time_zone": "6*7" }));
        second["success"] = json!("error");
        second["error_message"] = json!("<text>");
        assert_like(&said.json["tool_calls"], &json!([first, second]));
        let path = format!("/api/chat/threads/{}", said.json["thread_id"].as_str().unwrap());
        let read = client.get(&path).await.json["messages"].clone();
        assert_eq!(
            (&read[0]["tool_calls"], &read[1]["tool_calls"]),
            (&json!(null), &said.json["tool_calls"])
        );
        assert_eq!(client.get("/api/chat/stats").await.json["total_tool_calls"], 2);
    })
    .await;
}
