//! Signing in through `/api/auth`, as the clients of the seeds 000, 002 and 004 do.

use serde_json::{Value, json};

use super::contract::assert_like;
use crate::support::{Client, PASSWORD, TestServer, on_both};

/// An account in every spelling; `id` is a text or a number.
fn account(id: &str, email: &str, username: &str) -> Value {
    json!({
        "id": id, "_id": "<hex>", "user_id": "<int>", "email": email, "username": username,
        "full_name": null, "role": "user", "subscription": { "plan": "free", "status": "active", "autoRenew": false },
        "usage": { "messagesThisMonth": 0, "lastResetDate": "<time>", "totalMessages": 0, "totalTokens": 0 },
        "isActive": true, "is_active": true, "is_verified": false, "createdAt": "<time>", "created_at": "<time>",
        "lastLogin": "<time>", "last_login": "<time>",
    })
}

fn with_token(client: Client, answer: &Value) -> Client {
    Client { token: Some(answer["token"].as_str().unwrap().to_owned()), ..client }
}

#[tokio::test]
async fn every_client_finds_what_it_reads() {
    on_both(async |server| {
        server.user("first").await;
        let nobody = server.anonymous();
        // Seed 000 sends an address and a password, and nothing else.
        let body = json!({ "email": "ada@example.org", "password": "secret" });
        let made = nobody.post("/api/auth/register", body.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let user = account("<id>", "ada@example.org", "ada");
        let recorded = json!({
            "success": true, "user": user, "token": "<text>", "access_token": "<text>", "refresh_token": "<text>",
            "token_type": "bearer", "expires_in": 604_800, "data": { "user": user, "token": "<text>" },
            "id": "<id>", "email": "ada@example.org", "createdAt": "<time>",
        });
        assert_like(&made.json, &recorded);
        let token = made.json["token"].as_str().unwrap();
        let quoted = made.cookie("access_token").unwrap();
        assert!(quoted.starts_with(&format!("access_token=\"Bearer {token}\";")) && quoted.contains("HttpOnly"));
        assert!(made.cookie("token").unwrap().contains("HttpOnly"));
        assert!(!made.cookie("authToken").unwrap().contains("HttpOnly"));

        let entered = nobody.post("/api/auth/login", body).await;
        assert_eq!(entered.status, 200);
        assert_like(&entered.json, &recorded);
        let client = with_token(server.anonymous(), &entered.json);
        let me = client.get("/api/auth/me").await;
        assert_like(&me.json, &user);

        // The cookies alone are enough for a page.
        let cookie = quoted.split(';').next().unwrap();
        let by_cookie = nobody.request(reqwest::Method::GET, "/api/auth/me").header("cookie", cookie);
        assert_eq!(by_cookie.send().await.unwrap().status(), 200);

        for _ in 0..2 {
            let out = client.send(reqwest::Method::POST, "/api/auth/logout", None).await;
            assert_eq!(out.status, 200);
            assert_like(
                &out.json,
                &json!({ "ok": true, "success": true, "message": "Successfully logged out", "logged_out_at": "<time>" }),
            );
        }
        assert_eq!(client.get("/api/auth/me").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn seed_004_has_numbers_for_ids_and_its_own_rules() {
    let server = TestServer::start().await;
    server.user("first").await;
    let nobody = server.anonymous();
    let body = |password: &str, again: &str| json!({ "username": "ada", "email": "ada@example.org", "password": password, "confirm_password": again });
    for (password, again) in [("Passw0rdX", "Passw0rdY"), ("password1", "password1"), ("Pass1", "Pass1")] {
        let refused = nobody.post("/api/auth/register", body(password, again)).await;
        assert_eq!(refused.status, 422, "{password}");
        assert!(refused.json["detail"][0]["msg"].is_string());
    }
    let made = nobody.post("/api/auth/register", body("Passw0rdX", "Passw0rdX")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_like(&made.json["user"], &account("<int>", "ada@example.org", "ada"));
    assert_eq!(made.json["expires_in"], 1800);
    assert!(made.cookie("token").is_none());
    let taken = nobody.post("/api/auth/register", body("Passw0rdX", "Passw0rdX")).await;
    assert_eq!((taken.status, &taken.json["detail"]), (400, &json!("Username already registered")));
    let login =
        |remember: bool| json!({ "username": "ada", "password": "Passw0rdX", "remember_me": remember });
    assert_eq!(nobody.post("/api/auth/login", login(false)).await.json["expires_in"], 1800);
    assert_eq!(nobody.post("/api/auth/login", login(true)).await.json["expires_in"], 604_800);
    let wrong = nobody.post("/api/auth/login", json!({ "username": "ada", "password": "x" })).await;
    assert_eq!((wrong.status, &wrong.json["detail"]), (401, &json!("Invalid username or password")));
}

#[tokio::test]
async fn refusals_say_what_each_client_shows() {
    let server = TestServer::start().await;
    server.user("first").await;
    let nobody = server.anonymous();
    let body = json!({ "username": "ada", "email": "ada@example.org", "password": "secret" });
    assert_eq!(nobody.post("/api/auth/register", body.clone()).await.status, 201);
    let taken = nobody.post("/api/auth/register", body).await;
    assert_like(
        &taken.json,
        &json!({ "success": false, "detail": "Nome utente già registrato", "statusCode": 400,
                 "error": "User with this email or username already exists.",
                 "message": "User with this email or username already exists." }),
    );
    let wrong =
        nobody.post("/api/auth/login", json!({ "email": "ada@example.org", "password": PASSWORD })).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json["detail"], "Credenziali non valide");
    assert_eq!(wrong.json["error"], "Invalid email or password.");
    for body in
        [json!({ "email": "x@example.org" }), json!({ "email": "x@example.org", "password": "short" })]
    {
        assert_eq!(nobody.post("/api/auth/register", body).await.status, 400);
    }
    assert_eq!(nobody.get("/api/nothing").await.json["statusCode"], 404);
    assert_eq!(nobody.get("/api/v1/nothing").await.json["code"], "no_such_path");
    assert_eq!(nobody.get("/api/auth/register").await.status, 405);

    // A page of another site cannot have its visitor signed in.
    let foreign = nobody
        .request(reqwest::Method::POST, "/api/auth/login")
        .header("origin", "https://evil.example")
        .json(&json!({ "email": "ada@example.org", "password": "secret" }));
    assert_eq!(foreign.send().await.unwrap().status(), 403);
}
