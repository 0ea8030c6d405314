//! Vectors of texts, as OpenAI's clients ask for them.

use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use services::config::ProviderConfig;

use super::{
    contract::assert_like,
    openai::{assert_error, counted, program},
};
use crate::support::{Client, TestServer, on_both};

const EMBEDDINGS: &str = "/v1/embeddings";

fn asking(input: impl Into<Value>) -> Value {
    json!({ "model": "fake-embed", "input": input.into() })
}

async fn vectors(key: &Client, body: Value) -> Vec<Vec<f64>> {
    let answer = key.post(EMBEDDINGS, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let data = answer.json["data"].as_array().unwrap();
    let read = |one: &Value| serde_json::from_value(one["embedding"].clone()).unwrap();
    data.iter().map(read).collect()
}

#[tokio::test]
async fn vectors_are_in_openais_words_and_counted() {
    on_both(async |server| {
        let (owner, key) = program(&server, "alice").await;
        let mut body = asking(json!(["one two", "three"]));
        body["user"] = json!("somebody");
        let answer = key.post(EMBEDDINGS, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["usage"], json!({ "prompt_tokens": 3, "total_tokens": 3 }));
        assert_eq!((&answer.json["object"], &answer.json["model"]), (&json!("list"), &json!("fake-embed")));
        let one = json!({ "object": "embedding", "index": 1, "embedding": { "...": 0 } });
        let (mut second, vector) =
            (answer.json["data"][1].clone(), answer.json["data"][1]["embedding"].clone());
        second["embedding"] = json!({});
        assert_like(&second, &one);
        assert_eq!(vector.as_array().unwrap().len(), 8);
        assert_eq!(counted(&owner, 1).await["totalTokens"], 3);
        assert_eq!(owner.get("/api/v1/conversations").await.json, json!([]));

        let apart = vectors(&key, asking("three")).await;
        assert_eq!(json!(apart[0]), vector);
        let mut packed = asking("three");
        packed["encoding_format"] = json!("base64");
        let packed = key.post(EMBEDDINGS, packed).await.json["data"][0]["embedding"].clone();
        let bytes = BASE64_STANDARD.decode(packed.as_str().unwrap()).unwrap();
        let unpacked = bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap()));
        assert_eq!(json!(unpacked.collect::<Vec<_>>()), vector);

        let mut short = asking(json!([[1, 2], [3]]));
        short["dimensions"] = json!(3);
        assert_eq!(vectors(&key, short).await.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        assert_eq!(vectors(&key, asking(json!([1, 2]))).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn models_of_vectors_are_listed_for_programs_and_do_not_chat() {
    let server = TestServer::start().await;
    let (owner, key) = program(&server, "alice").await;
    let names = |list: &Value| -> Vec<String> {
        let list = list.get("data").unwrap_or(list).as_array().unwrap();
        list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&key.get("/v1/models").await.json), ["fake", "fake-2", "fake-embed"]);
    assert_eq!(key.get("/v1/models/fake-embed").await.json["id"], "fake-embed");
    assert_eq!(names(&owner.get("/api/v1/models").await.json), ["fake", "fake-2"]);

    let told = json!({ "model": "fake-embed", "messages": [{ "role": "user", "content": "x" }] });
    assert_error(
        &key.post("/v1/chat/completions", told).await,
        404,
        "invalid_request_error",
        "model_not_found",
        "model",
    );
    let chat = json!({ "model": "fake", "input": "x" });
    assert_error(&key.post(EMBEDDINGS, chat).await, 400, "invalid_request_error", "unfit", "model");
    let none = json!({ "model": "none", "input": "x" });
    assert_error(&key.post(EMBEDDINGS, none).await, 404, "invalid_request_error", "model_not_found", "model");
    let prefixed = json!({ "model": "fake/fake-embed", "input": "x" });
    assert_eq!(key.post(EMBEDDINGS, prefixed).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_made_into_vectors_is_refused_in_openais_words() {
    let server = TestServer::start().await;
    let (_, key) = program(&server, "alice").await;
    let many = vec!["x"; 2_049];
    for input in [
        json!(""),
        json!([]),
        json!(["x", ""]),
        json!([[]]),
        json!(many),
        json!("x".repeat(200_001)),
        json!({ "text": "x" }),
        json!([1, "x"]),
        json!([-1]),
        json!(null),
    ] {
        let refused = key.post(EMBEDDINGS, asking(input)).await;
        assert_error(&refused, 400, "invalid_request_error", "invalid", "input");
    }
    assert_eq!(vectors(&key, asking(json!(vec!["x"; 2_048]))).await.len(), 2_048);
    for (member, value) in [("dimensions", json!(0)), ("encoding_format", json!("hex")), ("model", json!(7))]
    {
        let mut body = asking("x");
        body[member] = value;
        assert_error(&key.post(EMBEDDINGS, body).await, 400, "invalid_request_error", "invalid", member);
    }
    let nobody = Client { token: None, ..key.clone() };
    let refused = nobody.post(EMBEDDINGS, asking("x")).await;
    assert_error(&refused, 401, "invalid_request_error", "invalid_api_key", Value::Null);
    assert!(
        server
            .provider
            .requests()
            .iter()
            .all(|request| request.body["input"].as_array().unwrap().len() == 2_048)
    );
}

#[tokio::test]
async fn a_provider_that_misbehaves_is_told_of() {
    let server = TestServer::start_with(|config| {
        let ProviderConfig { timeouts, .. } = &mut config.providers[0];
        timeouts.first_token = Duration::from_millis(400);
    })
    .await;
    let (owner, key) = program(&server, "alice").await;
    for (text, status, kind, code) in [
        ("[status=500]", 502, "server_error", "provider_unavailable"),
        ("[status=401]", 502, "server_error", "provider_auth"),
        ("[status=400]", 400, "invalid_request_error", "provider_bad_request"),
        ("[status=429 retry_after=60]", 429, "rate_limit_error", "rate_limit_exceeded"),
        ("[fewer=1]", 502, "server_error", "provider_garbage"),
        ("[html=1]", 502, "server_error", "provider_garbage"),
        ("[hold=60000]", 504, "server_error", "provider_timeout"),
    ] {
        let began = Instant::now();
        let refused = key.post(EMBEDDINGS, asking(text)).await;
        assert_error(&refused, status, kind, code, Value::Null);
        assert!(!refused.text.contains("sk-"), "{}", refused.text);
        assert!(began.elapsed() < Duration::from_secs(10), "{text}");
    }
    // What fails once is asked again, and what failed costs nothing.
    assert_eq!(vectors(&key, asking("[status=503 times=1]")).await.len(), 1);
    // They cost tokens and are no message.
    assert_eq!(counted(&owner, 1).await["messagesThisMonth"], 0);
}

#[tokio::test]
async fn the_demo_makes_vectors_too() {
    let server = TestServer::start_with(|config| config.providers.clear()).await;
    let (_, key) = program(&server, "alice").await;
    let body = json!({ "model": "demo-embedding", "input": ["a cat", "cats"], "dimensions": 16 });
    let made = vectors(&key, body).await;
    assert_eq!(made.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16]);
}
