//! Bad input gets a clear error and loses nothing.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, TestServer, on_both};

async fn raw(client: &Client, body: impl Into<reqwest::Body>, kind: &str) -> Answer {
    let request = client.request(Method::POST, "/api/v1/chat").header("content-type", kind).body(body);
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_in_words() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let json_kind = "application/json";
        let cases: Vec<(Vec<u8>, &str, u16)> = vec![
            (b"{".to_vec(), json_kind, 400),
            (b"{\"message\": \"x\"} trailing".to_vec(), json_kind, 400),
            (b"{\"message\": \"\xff\xfe\"}".to_vec(), json_kind, 400),
            (b"[]".to_vec(), json_kind, 422),
            (b"{}".to_vec(), json_kind, 422),
            (b"{\"message\": 5}".to_vec(), json_kind, 422),
            (b"{\"message\": \"a\\u0000b\"}".to_vec(), json_kind, 422),
            (b"{\"message\": \"x\", \"conversation_id\": \"me\"}".to_vec(), json_kind, 422),
            (b"{\"message\": \"x\", \"temperature\": 9}".to_vec(), json_kind, 422),
            (b"{\"message\": \"x\"}".to_vec(), "text/plain", 415),
            (format!("{{\"message\": \"{}\"}}", "x".repeat(10 << 20)).into_bytes(), json_kind, 413),
            (format!("{{\"message\": \"{}\"}}", "x".repeat(200_001)).into_bytes(), json_kind, 413),
            (
                format!("{{\"message\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes(),
                json_kind,
                422,
            ),
        ];
        for (body, kind, status) in cases {
            let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let answer = raw(&ada, body, kind).await;
            assert_eq!(answer.status, status, "{start}: {}", answer.text);
            assert_eq!(answer.headers["content-type"], "application/problem+json", "{start}");
            for member in ["type", "title", "status", "detail", "code", "request_id"] {
                assert!(answer.json.get(member).is_some(), "{start}: no {member} in {}", answer.text);
            }
            assert!(answer.json["detail"].as_str().unwrap().len() > 15, "{}", answer.text);
        }
        assert_eq!(ada.get("/api/v1/conversations").await.json, json!([]), "nothing came of them");
    })
    .await;
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        for id in ["0", "-1", "x", "9007199254740992", "99999999999999999999", "%00", "1.5", "..%2f", "１"] {
            for path in ["conversations/ID", "conversations/ID/messages", "turns/ID/events"] {
                let answer = ada.get(&format!("/api/v1/{}", path.replace("ID", id))).await;
                assert!(matches!(answer.status, 404), "{id} {path}: {}", answer.text);
            }
            let body = json!({ "message": "x" });
            let answer = ada.post(&format!("/api/v1/messages/{id}/edit"), body).await;
            assert_eq!(answer.status, 404, "{id}: {}", answer.text);
        }
        let body = json!({ "message": "x", "conversation_id": 123_456 });
        assert_eq!(ada.post("/api/v1/chat", body).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_fails_is_an_answer_with_a_reason() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let statuses = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529];
        let ask = async |status: u16| {
            let text = format!("[status={status} retry_after=60]");
            let answer = ada.post("/api/v1/chat/simple", json!({ "message": text })).await;
            assert_eq!(answer.status, 502, "{status}: {}", answer.text);
            assert!(answer.json["code"].as_str().unwrap().starts_with("provider_"), "{}", answer.text);
            assert!(!answer.text.contains("sk-"), "{}", answer.text);
        };
        // At once: some of them are asked again after a while.
        futures_util::future::join_all(statuses.into_iter().map(ask)).await;
        assert!(ada.is_in().await, "a provider's 401 signs nobody out");
    })
    .await;
}
