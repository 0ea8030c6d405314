//! Seed 002's client.

mod sockets;

use serde_json::{Value, json};

use super::contract::{Contract, EXPRESS, assert_like};
use crate::support::{Client, TestServer, on_both};

async fn signed_up(server: &TestServer, name: &str) -> Client {
    let body = json!({ "username": name, "email": format!("{name}@example.org"), "password": "a good one" });
    let answer = server.anonymous().post("/api/auth/register", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    Client { token: Some(answer.json["data"]["token"].as_str().unwrap().to_owned()), ..server.anonymous() }
}

fn whole(title: &str, messages: &Value) -> Value {
    json!({
        "_id": "<hex>", "id": "<hex>", "userId": "<hex>", "isActive": true, "isArchived": false, "title": title,
        "model": "<text>", "messages": messages, "totalTokens": "<int>", "totalMessages": "<int>",
        "metadata": { "lastActivity": "<time>", "...": 1 }, "settings": { "maxMessages": 100, "...": 1 },
        "createdAt": "<time>", "updatedAt": "<time>", "...": 1,
    })
}

#[tokio::test]
async fn its_client_does_all_that_it_can() {
    on_both(async |server| {
        let admin = server.admin().await;
        server.user("first").await;
        let contract = Contract::of(EXPRESS);
        let nobody = server.anonymous();
        let signed_in = json!({ "success": true, "user": { "email": "ada@example.org", "...": 1 }, "token": "<text>",
                                "data": { "user": { "username": "ada", "...": 1 }, "token": "<text>" }, "...": 1 });
        let body = json!({ "username": "ada", "email": "ada@example.org", "password": "a good one" });
        let made = contract.ask(&nobody, "POST /api/auth/register", "", Some(body.clone())).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_like(&made.json, &signed_in);
        let entered = contract.ask(&nobody, "POST /api/auth/login", "", Some(body)).await;
        assert_eq!(entered.status, 200, "{}", entered.text);
        assert_like(&entered.json, &signed_in);
        let token = entered.json["token"].as_str().unwrap();
        let script_cookie = entered.cookie("authToken").unwrap();
        assert!(script_cookie.starts_with(&format!("authToken={token};")) && !script_cookie.contains("HttpOnly"));
        let client = Client { token: Some(token.to_owned()), ..nobody.clone() };
        let user = |username: &str| {
            json!({
                "id": "<hex>", "_id": "<hex>", "email": "ada@example.org", "username": username, "role": "user",
                "isActive": true, "subscription": { "plan": "free", "...": 1 },
                "usage": { "messagesThisMonth": "<int>", "...": 1 }, "lastLogin": "<time>", "createdAt": "<time>",
            })
        };
        let told = |user: &Value| json!({ "success": true, "user": user, "data": user });
        let profile = contract.ask(&client, "GET /api/auth/profile", "", None).await;
        assert_like(&profile.json, &told(&user("ada")));
        let body = Some(json!({ "username": "adele" }));
        let changed = contract.ask(&client, "PUT /api/auth/profile", "", body).await;
        assert_like(&changed.json, &told(&user("adele")));
        let body = Some(json!({ "username": "first" }));
        let taken = contract.ask(&client, "PUT /api/auth/profile", "", body).await;
        assert_eq!((taken.status, &taken.json["error"]), (400, &json!("Username already taken.")));

        let made = contract.ask(&client, "POST /api/chat/conversations", "", Some(json!({ "title": "New Chat" }))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let conversation = |title: &str, messages: Value| {
            json!({ "success": true, "data": { "conversation": whole(title, &messages) } })
        };
        assert_like(&made.json, &conversation("New Chat", json!([])));
        let id = made.json["data"]["conversation"]["_id"].as_str().unwrap();
        let body = Some(json!({ "message": "Hi [tokens=3]" }));
        let said = contract.ask(&client, "POST /api/chat/conversations/{id}/messages", id, body).await;
        assert_eq!(said.status, 200, "{}", said.text);
        assert_like(
            &said.json,
            &json!({ "success": true, "data": {
                "message": {
                    "_id": "<hex>", "role": "assistant", "content": "t00001 t00002 t00003", "timestamp": "<time>",
                    "tokens": "<int>", "model": "<text>", "metadata": { "processingTime": "<int>" },
                },
                "conversation": {
                    "_id": id, "id": id, "title": "Hi [tokens=3]", "totalTokens": "<int>", "totalMessages": 2,
                },
            } }),
        );
        let asked = server.provider.requests().pop().unwrap().body;
        assert_eq!((&asked["temperature"], &asked["max_tokens"]), (&json!(0.7), &json!(4000)));
        let message = |role: &str, content: &str| {
            json!({
                "_id": "<hex>", "role": role, "content": content, "timestamp": "<time>", "tokens": "<int>",
                "model": "<text>", "attachments": [], "metadata": { "retryCount": 0 },
            })
        };
        let messages = json!([message("user", "Hi [tokens=3]"), message("assistant", "t00001 t00002 t00003")]);
        let read = contract.ask(&client, "GET /api/chat/conversations/{id}", id, None).await;
        assert_like(&read.json, &conversation("Hi [tokens=3]", messages));
        assert_eq!(read.json["data"]["conversation"]["stats"]["userMessages"], 1);
        let body = Some(json!({ "title": "Mine" }));
        let renamed = contract.ask(&client, "PUT /api/chat/conversations/{id}/title", id, body).await;
        assert_eq!(renamed.json["data"]["conversation"]["title"], "Mine");
        let tokens = read.json["data"]["conversation"]["totalTokens"].clone();
        assert!(tokens.as_i64().unwrap() > 0);
        let listed = contract.ask(&client, "GET /api/chat/conversations", "", None).await;
        assert_like(
            &listed.json,
            &json!({ "success": true, "data": {
                "conversations": [{
                    "_id": id, "title": "Mine", "model": "<text>", "totalTokens": tokens, "totalMessages": 2,
                    "metadata": { "lastActivity": "<time>" }, "createdAt": "<time>", "isArchived": false,
                }],
                "pagination": { "page": 1, "limit": 20, "total": 1, "pages": 1, "hasNext": false, "hasPrev": false },
            } }),
        );
        let models = contract.ask(&client, "GET /api/chat/models", "", None).await;
        assert_like(
            &models.json["data"]["models"][0],
            &json!({ "id": "<text>", "name": "<text>", "description": "<text>", "maxTokens": "<int>",
                     "pricing": { "input": 0, "output": 0 }, "price": 0 }),
        );
        let gone = contract.ask(&client, "DELETE /api/chat/conversations/{id}", id, None).await;
        assert_eq!(gone.json, json!({ "success": true, "message": "Conversation deleted successfully" }));
        let missing = contract.ask(&client, "GET /api/chat/conversations/{id}", id, None).await;
        assert_eq!((missing.status, &missing.json["error"]), (404, &json!("Conversation not found")));

        // No payment gateway is set up here; `billing.rs` buys.
        for (endpoint, status) in [
            ("GET /api/subscription/plans", 200),
            ("GET /api/subscription/status", 200),
            ("POST /api/subscription/create-checkout-session", 400),
            ("GET /api/subscription/payment-status/{id}", 403),
            ("POST /api/subscription/cancel", 400),
            ("POST /api/subscription/reactivate", 400),
            ("POST /api/subscription/webhook", 404),
            ("GET /api/subscription/webhook", 404),
        ] {
            let answer = contract.ask(&client, endpoint, "x", None).await;
            assert_eq!(answer.status, status, "{endpoint}: {}", answer.text);
            assert_eq!(answer.json["success"], json!(status == 200), "{endpoint}");
        }
        let health = contract.ask(&nobody, "GET /health", "", None).await;
        assert_like(
            &health.json,
            &json!({ "status": "OK", "timestamp": "<time>", "environment": "production", "version": "<text>",
                     "memory": { "...": 1 }, "database": "connected", "...": 1 }),
        );
        let tried = contract.ask(&admin, "GET /test-openai", "", None).await;
        assert_like(
            &tried.json,
            &json!({ "success": true, "output": "<text>", "message": "OpenAI test completed successfully" }),
        );
        let refused = client.get("/test-openai").await;
        assert_eq!((refused.status, &refused.json["success"]), (403, &json!(false)));
        let told = contract.ask(&nobody, "GET /api", "", None).await;
        assert_like(&told.json, &json!({ "message": "<text>", "version": "<text>", "documentation": "<text>", "...": 1 }));
        let conversations = &told.json["endpoints"]["express"]["get_api_chat_conversations"];
        assert_eq!(conversations, "GET /api/chat/conversations");
        realtime(&contract, &admin, &client, &nobody).await;
        let body = Some(json!({ "currentPassword": "a good one", "newPassword": "a better one" }));
        let changed = contract.ask(&client, "PUT /api/auth/change-password", "", body).await;
        assert_eq!(changed.json["success"], true);
        let out = contract.ask(&client, "POST /api/auth/logout", "", None).await;
        assert_eq!((out.status, &out.json["success"]), (200, &json!(true)));
        let after = client.get("/api/chat/conversations").await;
        assert_eq!((after.status, &after.json["error"]), (401, &json!("Invalid token.")));
        let none = nobody.get("/api/chat/conversations").await;
        assert_eq!((none.status, &none.json["error"]), (401, &json!("Access denied. No token provided.")));
        contract.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn lists_are_sorted_searched_and_cut_into_pages() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_up(&server, "ada").await;
    for title in ["beta", "alpha", "gamma", "alphabet"] {
        client.post("/api/chat/conversations", json!({ "title": title })).await;
    }
    let titles = async |query: &str| -> Vec<String> {
        let listed = client.get(&format!("/api/chat/conversations?{query}")).await;
        let items = listed.json["data"]["conversations"].as_array().unwrap().clone();
        items.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("sort=title").await, ["alpha", "alphabet", "beta", "gamma"]);
    assert_eq!(titles("").await, ["alphabet", "gamma", "alpha", "beta"]);
    assert_eq!(titles("search=ALPHA&sort=title").await, ["alpha", "alphabet"]);
    assert_eq!(titles("limit=3&page=2").await, ["beta"]);
    assert_eq!(titles("filter=archived").await, [""; 0]);
}

#[tokio::test]
async fn a_failing_provider_is_500_in_its_words() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_up(&server, "ada").await;
    let made = client.post("/api/chat/conversations", json!({})).await;
    assert_eq!(made.json["data"]["conversation"]["title"], "New Conversation");
    let id = made.json["data"]["conversation"]["_id"].as_str().unwrap();
    let path = format!("/api/chat/conversations/{id}/messages");
    let failed = client.post(&path, json!({ "message": "[tokens=5 error=2]" })).await;
    assert_eq!(failed.status, 500);
    assert_like(
        &failed.json,
        &json!({ "success": false, "error": "Failed to generate response", "details": "<text>", "...": 1 }),
    );
    let wrong = client.post(&path, json!({})).await;
    assert_eq!((wrong.status, &wrong.json["error"]), (400, &json!("Validation failed")));
}

#[tokio::test]
async fn bodies_may_have_ten_mebibytes() {
    let server = TestServer::start().await;
    server.user("first").await;
    let client = signed_up(&server, "ada").await;
    let made = client.post("/api/chat/conversations", json!({})).await;
    let path = format!(
        "/api/chat/conversations/{}/messages",
        made.json["data"]["conversation"]["id"].as_str().unwrap()
    );
    let body = |mebibytes: usize| json!({ "message": "[tokens=1]", "attachments": ["x".repeat(mebibytes * 1024 * 1024)] });
    assert_eq!(client.post(&path, body(9)).await.status, 200);
    assert_eq!(client.post(&path, body(11)).await.status, 413);
}

#[tokio::test]
async fn a_model_that_is_not_offered_means_the_default_one() {
    on_both(async |server| {
        server.user("first").await;
        let ada = signed_up(&server, "ada").await;
        let models = ada.get("/api/chat/models").await.json["data"]["models"].clone();
        let default = models[0]["id"].as_str().unwrap();
        let made = ada.post("/api/chat/conversations", json!({})).await;
        let id = made.json["data"]["conversation"]["id"].as_str().unwrap();
        for named in ["gpt-4o", "no such model", default] {
            let body = json!({ "message": "Hi [tokens=1]", "model": named });
            let said = ada.post(&format!("/api/chat/conversations/{id}/messages"), body).await;
            assert_eq!(
                (said.status, &said.json["data"]["message"]["model"]),
                (200, &json!(default)),
                "{named}"
            );
        }
    })
    .await;
}

/// What is asked over HTTP of what happens over sockets.
async fn realtime(contract: &Contract, admin: &Client, client: &Client, nobody: &Client) {
    let status = contract.ask(client, "GET /api/realtime/status", "", None).await;
    let server = json!({ "socketConnections": "<int>", "...": 1 });
    let recorded = json!({ "isConnected": false, "activeUsers": "<int>", "userConversations": [], "serverInfo": server });
    assert_like(&status.json, &json!({ "success": true, "data": recorded }));
    let made = contract.ask(client, "POST /api/chat/conversations", "", None).await;
    let id = made.json["data"]["conversation"]["_id"].as_str().unwrap();
    let status = contract.ask(client, "GET /api/realtime/status", "", None).await;
    let listed = json!([{ "id": id, "title": "New Conversation", "hasTypingUsers": false }]);
    assert_eq!(status.json["data"]["userConversations"], listed);
    let path = "GET /api/realtime/conversations/{id}/active-users";
    let users = contract.ask(client, path, id, None).await;
    assert_eq!(users.json["data"], json!({ "conversationId": id, "activeUsers": [], "count": 0 }));
    let typing = contract.ask(client, "GET /api/realtime/conversations/{id}/typing", id, None).await;
    assert_eq!(typing.json["data"], json!({ "conversationId": id, "typingUsers": [], "count": 0 }));
    for path in [path, "GET /api/realtime/conversations/{id}/typing"] {
        let foreign = contract.ask(admin, path, id, None).await;
        assert_eq!((foreign.status, &foreign.json["error"]), (404, &json!("Conversation not found")));
    }
    let me = client.get("/api/auth/profile").await.json["user"]["id"].as_str().unwrap().to_owned();
    let root = admin.get("/api/auth/profile").await.json["user"]["id"].as_str().unwrap().to_owned();
    let notice = json!({ "message": "Look" });
    let notify = "POST /api/realtime/notify/{id}";
    let offline = contract.ask(client, notify, &me, Some(notice.clone())).await;
    assert_eq!((offline.status, &offline.json["error"]), (404, &json!("User is not online")));
    assert_eq!(contract.ask(admin, notify, &me, Some(notice.clone())).await.status, 404);
    assert_eq!(contract.ask(client, notify, &root, Some(notice.clone())).await.status, 403);
    assert_eq!(contract.ask(client, notify, &me, Some(json!({ "message": " " }))).await.status, 400);
    let broadcast = "POST /api/realtime/broadcast";
    assert_eq!(contract.ask(client, broadcast, "", Some(notice.clone())).await.status, 403);
    let told = contract.ask(admin, broadcast, "", Some(notice)).await;
    let said = json!({ "sent": true, "message": "Broadcast sent to all connected users" });
    assert_eq!((told.status, &told.json["data"]), (200, &said));
    assert_eq!(contract.ask(client, "GET /api/realtime/stats", "", None).await.status, 403);
    let stats = contract.ask(admin, "GET /api/realtime/stats", "", None).await;
    let recorded = json!({
        "connections": { "total": 0, "activeUsers": 0 },
        "conversations": { "active": 0, "totalTypingUsers": 0 },
        "server": { "...": 1 },
    });
    assert_like(&stats.json["data"], &recorded);
    assert_eq!(nobody.get("/api/realtime/status").await.status, 401);
}
