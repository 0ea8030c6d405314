//! Keys by which programs ask in an account's name.

use reqwest::Method;
use serde_json::{Value, json};
use services::{accounts, domain::UserId};

use crate::support::{Client, PASSWORD, TestServer, on_both, time_until_end};

async fn made(owner: &Client, mut body: Value) -> (i64, Client) {
    body["current_password"] = json!(PASSWORD);
    let answer = owner.post("/api/v1/api-keys", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let key = answer.json["key"].as_str().unwrap().to_owned();
    (answer.json["id"].as_i64().unwrap(), Client { token: Some(key), ..owner.clone() })
}

fn all_scopes(name: &str) -> Value {
    json!({ "name": name, "scopes": ["openai", "read", "write"] })
}

#[tokio::test]
async fn an_api_key_is_shown_once_and_good_for_its_scopes() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let body = json!({ "name": " My  notebook ", "current_password": PASSWORD });
        let answer = alice.post("/api/v1/api-keys", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let key = answer.json["key"].as_str().unwrap().to_owned();
        let secret = key.strip_prefix("sk-clq-").unwrap();
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        assert!(secret.len() == 43 && secret.chars().all(is_safe), "{}", secret.len());
        assert_eq!(answer.json["prefix"], key[..11]);
        assert_eq!(
            (&answer.json["name"], &answer.json["scopes"]),
            (&json!("My notebook"), &json!(["openai"]))
        );

        let listed = alice.get("/api/v1/api-keys").await;
        assert_eq!(listed.json[0]["id"], answer.json["id"]);
        assert!(listed.json[0]["last_used_at"].is_null() && listed.json[0]["expires_at"].is_null());
        assert!(!listed.text.contains(secret), "it is shown once");

        let program = Client { token: Some(key), ..alice.clone() };
        assert_eq!(program.get("/v1/models").await.status, 200);
        assert_eq!(program.get("/api/v1/conversations").await.refusal(), (403, "key_out_of_scope"));

        let (_, reader) = made(&alice, json!({ "name": "reads", "scopes": ["read"] })).await;
        assert_eq!(reader.get("/api/v1/conversations").await.status, 200);
        assert_eq!(reader.post("/api/v1/conversations", json!({})).await.status, 403);
        assert_eq!(reader.get("/v1/models").await.json["error"]["code"], "key_out_of_scope");
        // This GET says something where it is asked to.
        let talk = alice.post("/api/v1/conversations", json!({})).await.json["id"].clone();
        let says = format!("/sse/sessions/{talk}/stream?prompt=hello");
        assert_eq!(reader.get(&says).await.status, 403);
        assert_eq!(alice.get(&format!("/api/v1/conversations/{talk}")).await.json["message_count"], 0);
        let wrong = json!({ "name": "x", "current_password": "a guess" });
        assert_eq!(alice.post("/api/v1/api-keys", wrong).await.pointer(), "/current_password");
        let (_, writer) = made(&alice, json!({ "name": "writes", "scopes": ["write", "write"] })).await;
        assert_eq!(writer.post("/api/v1/conversations", json!({})).await.status, 201);
        assert_eq!(writer.get("/api/v1/conversations").await.status, 403);

        for (body, pointer) in [
            (json!({ "name": " " }), "/name"),
            (json!({ "name": "x".repeat(101) }), "/name"),
            (json!({ "name": "x", "scopes": [] }), "/scopes"),
            (json!({ "name": "x", "scopes": ["admin"] }), "/scopes/0"),
            (json!({ "name": "x", "expires_at": "tomorrow" }), "/expires_at"),
        ] {
            let mut body = body;
            body["current_password"] = json!(PASSWORD);
            let refused = alice.post("/api/v1/api-keys", body.clone()).await;
            assert_eq!((refused.status, refused.pointer()), (422, pointer), "{body}");
        }
        let past = json!({ "name": "x", "expires_at": "2001-01-01T00:00:00Z", "current_password": PASSWORD });
        let refused = alice.post("/api/v1/api-keys", past).await;
        assert_eq!((refused.refusal(), refused.pointer()), ((409, "unfit"), "/expires_at"));
    })
    .await;
}

#[tokio::test]
async fn an_api_key_may_not_do_what_only_its_owner_may() {
    let server = TestServer::start().await;
    let alice = server.user("alice").await;
    let (id, key) = made(&alice, all_scopes("all")).await;
    let session = alice.get("/api/v1/auth/sessions").await.json[0]["id"].as_i64().unwrap();
    let new_password = json!({ "current_password": PASSWORD, "new_password": "another password" });
    let new_email = json!({ "email": "other@example.org", "current_password": PASSWORD });
    for (method, path, body) in [
        (Method::GET, "/api/v1/api-keys".to_owned(), None),
        (
            Method::POST,
            "/api/v1/api-keys".to_owned(),
            Some(json!({ "name": "more", "current_password": PASSWORD })),
        ),
        (Method::PATCH, "/api/v1/me".to_owned(), Some(json!({ "username": "other" }))),
        (Method::DELETE, format!("/api/v1/api-keys/{id}"), None),
        (Method::POST, "/api/v1/auth/password/change".to_owned(), Some(new_password)),
        (Method::PATCH, "/api/v1/me".to_owned(), Some(new_email)),
        (Method::DELETE, "/api/v1/me".to_owned(), Some(json!({ "password": PASSWORD }))),
        (Method::GET, "/api/v1/auth/sessions".to_owned(), None),
        (Method::DELETE, "/api/v1/auth/sessions".to_owned(), None),
        (Method::DELETE, format!("/api/v1/auth/sessions/{session}"), None),
        (Method::POST, "/api/v1/auth/logout".to_owned(), None),
        (Method::POST, "/api/v1/auth/logout-all".to_owned(), None),
        (Method::POST, "/api/v1/auth/stream-ticket".to_owned(), None),
    ] {
        let answer = key.send(method.clone(), &path, body).await;
        assert_eq!(answer.refusal(), (403, "needs_sign_in"), "{method} {path}");
    }
    assert_eq!(key.get("/api/v1/me").await.status, 200);
    assert!(alice.is_in().await);
    let bob = server.user("bob").await;
    let stranger = bob.delete(&format!("/api/v1/api-keys/{id}")).await;
    assert_eq!(stranger.sameness(), bob.delete("/api/v1/api-keys/4242").await.sameness());
}

#[tokio::test]
async fn an_api_key_ends_when_it_is_revoked_or_expires_or_with_its_account() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let (id, revoked) = made(&alice, all_scopes("revoked")).await;
        let stream = revoked.long_answer().await;
        assert_eq!(alice.delete(&format!("/api/v1/api-keys/{id}")).await.status, 204);
        assert_eq!(revoked.get("/api/v1/me").await.refusal(), (401, "unauthenticated"));
        assert!(time_until_end(stream).await.as_secs_f64() < 1.0);
        assert_eq!(alice.delete(&format!("/api/v1/api-keys/{id}")).await.status, 404);

        // Another password and signing out everywhere leave keys as they are.
        let (_, kept) = made(&alice, all_scopes("kept")).await;
        let body = json!({ "current_password": PASSWORD, "new_password": "another password" });
        assert_eq!(alice.post("/api/v1/auth/password/change", body).await.status, 200);
        assert_eq!(kept.get("/api/v1/me").await.status, 200);
        assert_eq!(alice.post("/api/v1/auth/logout-all", json!({})).await.status, 204);
        assert_eq!(kept.get("/api/v1/me").await.status, 200);

        accounts::deactivate(&server.app, UserId(alice.id)).await.unwrap();
        assert_eq!(kept.get("/api/v1/me").await.status, 401);
        accounts::reactivate(&server.app, UserId(alice.id)).await.unwrap();
        assert_eq!(kept.get("/api/v1/me").await.status, 200);

        let bob = server.user("bob").await;
        let (_, his) = made(&bob, all_scopes("his")).await;
        let gone = bob.send(Method::DELETE, "/api/v1/me", Some(json!({ "password": PASSWORD }))).await;
        assert_eq!(gone.status, 204, "{}", gone.text);
        assert_eq!(his.get("/api/v1/me").await.status, 401);

        for token in ["sk-clq-", "sk-clq-short", &format!("sk-clq-{}", "A".repeat(43))] {
            let nobody = Client { token: Some(token.to_owned()), ..server.anonymous() };
            assert_eq!(nobody.get("/api/v1/me").await.status, 401, "{token}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_api_key_is_good_until_it_expires_and_its_use_is_noted() {
    on_both(async |server| {
        let alice = server.user("alice").await;
        let soon = jiff::Timestamp::from_millisecond(server.app.now().0 + 1_500).unwrap();
        let body = json!({ "name": "short", "scopes": ["read", "write"], "expires_at": soon.to_string() });
        let (_, key) = made(&alice, body).await;
        let stream = key.long_answer().await;
        for _ in 0..5 {
            assert_eq!(key.get("/api/v1/me").await.status, 200);
        }
        let is_noted = async {
            loop {
                let listed = alice.get("/api/v1/api-keys").await.json;
                if let Some(at) = listed[0]["last_used_at"].as_str() {
                    return at.to_owned();
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let noted = tokio::time::timeout(std::time::Duration::from_secs(5), is_noted).await.unwrap();
        let is_over = async {
            while key.get("/api/v1/me").await.status == 200 {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(5), is_over).await.unwrap();
        assert!(time_until_end(stream).await.as_secs_f64() < 1.0, "what was being served ends too");
        assert_eq!(key.get("/api/v1/me").await.refusal(), (401, "unauthenticated"));
        assert_eq!(alice.get("/api/v1/api-keys").await.json[0]["last_used_at"], noted, "once a minute");
    })
    .await;
}
