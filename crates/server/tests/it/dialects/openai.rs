//! OpenAI's clients.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use services::config::ProviderConfig;

use super::contract::{Contract, OPENAI, assert_like};
use crate::support::{Answer, Client, PASSWORD, TestServer, on_both, on_both_with};

const COMPLETIONS: &str = "/v1/chat/completions";

/// A program of a new account, with a key.
pub(super) async fn program(server: &TestServer, name: &str) -> (Client, Client) {
    let owner = server.user(name).await;
    let key = key_of(&owner, &["openai"]).await;
    (owner, key)
}

pub(crate) async fn key_of(owner: &Client, scopes: &[&str]) -> Client {
    let body = json!({ "name": "program", "current_password": PASSWORD, "scopes": scopes });
    let made = owner.post("/api/v1/api-keys", body).await;
    let key = made.json["key"].as_str().unwrap().to_owned();
    Client { token: Some(key), ..owner.clone() }
}

/// A model that is offered.
async fn model(client: &Client) -> String {
    client.get("/v1/models").await.json["data"][0]["id"].as_str().unwrap().to_owned()
}

fn asking(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

fn streaming(model: &str, text: &str) -> Value {
    let mut body = asking(model, text);
    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    body
}

/// The objects of the `data:` lines, and whether the stream came to its end.
fn chunks(text: &str) -> (Vec<Value>, bool) {
    let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let is_whole = data.last() == Some(&"[DONE]");
    let objects = data.iter().filter(|data| **data != "[DONE]");
    (objects.map(|data| serde_json::from_str(data).unwrap()).collect(), is_whole)
}

fn said(chunks: &[Value]) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
}

async fn usage_of(owner: &Client) -> Value {
    owner.get("/api/auth/me").await.json["usage"].clone()
}

/// Waits until the cost of so many answers was noted.
pub(super) async fn counted(owner: &Client, answers: i64) -> Value {
    let is_counted = async {
        loop {
            let stats = owner.get("/api/v1/me/stats").await.json;
            if stats["this_month"]["answers"].as_i64() >= Some(answers) {
                return usage_of(owner).await;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), is_counted).await.expect("the answer is counted")
}

pub(super) fn assert_error(answer: &Answer, status: u16, kind: &str, code: &str, param: impl Into<Value>) {
    let param = param.into();
    let error = json!({ "error": { "message": "<text>", "type": kind, "param": param, "code": code } });
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_like(&answer.json, &error);
    assert_eq!(answer.headers["content-type"], "application/json");
}

#[tokio::test]
async fn openai_models_and_answers_are_in_its_words() {
    on_both(async |server| {
        let contract = Contract::of(OPENAI);
        let (owner, key) = program(&server, "alice").await;
        let listed = contract.ask(&key, "GET /v1/models", "", None).await;
        let one = json!({ "id": "<text>", "object": "model", "created": "<int>", "owned_by": "fake" });
        assert_eq!((listed.status, &listed.json["object"]), (200, &json!("list")));
        assert_like(&listed.json["data"][0], &one);
        let model = model(&key).await;
        let found = contract.ask(&key, "GET /v1/models/{*id}", &model, None).await;
        assert_eq!(found.json, listed.json["data"][0]);

        let mut body = asking(&model, "Hello [tokens=3]");
        body["max_completion_tokens"] = json!(50);
        body["temperature"] = json!(0.5);
        body["seed"] = json!(7);
        let answer = contract.ask(&key, "POST /v1/chat/completions", "", Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.json["id"].as_str().unwrap().starts_with("chatcmpl-"));
        let message = json!({ "role": "assistant", "content": "t00001 t00002 t00003", "refusal": null });
        assert_eq!(answer.json["choices"][0]["message"], message);
        assert_eq!(answer.json["choices"][0]["finish_reason"], "stop");
        let usage = json!({
            "prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5,
            "completion_tokens_details": { "reasoning_tokens": 0 },
        });
        assert_eq!((&answer.json["usage"], &answer.json["model"]), (&usage, &json!(model)));
        let asked = server.provider.requests().pop().unwrap().body;
        assert_eq!((&asked["temperature"], &asked["max_tokens"]), (&json!(0.5), &json!(50)));

        let streamed = key.post(COMPLETIONS, streaming(&model, "Hello [tokens=3 reasoning=2]")).await;
        assert_eq!(streamed.headers["content-type"], "text/event-stream");
        let (chunks, is_whole) = chunks(&streamed.text);
        assert!(is_whole);
        assert_eq!(said(&chunks), "t00001 t00002 t00003");
        assert_eq!(chunks[0]["choices"][0]["delta"], json!({ "role": "assistant", "content": "" }));
        let [.., finish, cost] = &chunks[..] else { panic!("{chunks:?}") };
        assert_eq!(
            (&finish["choices"][0]["finish_reason"], &finish["usage"]),
            (&json!("stop"), &Value::Null)
        );
        assert_eq!((&cost["choices"], &cost["usage"]["completion_tokens"]), (&json!([]), &json!(5)));

        let body = json!({ "model": "fake-embed", "input": "x" });
        assert_eq!(contract.ask(&key, "POST /v1/embeddings", "", Some(body)).await.status, 200);

        // Nothing of it is stored but what it cost.
        assert_eq!(owner.get("/api/v1/conversations").await.json, json!([]));
        assert_eq!(counted(&owner, 3).await["totalTokens"], 5 + 3 + 5 + 1);
        // A person who has signed in is let in too.
        assert_eq!(owner.post(COMPLETIONS, asking(&model, "x")).await.status, 200);
        contract.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn openai_tools_go_to_the_model_and_their_calls_come_back() {
    let server = TestServer::start().await;
    let (_, key) = program(&server, "alice").await;
    let model = model(&key).await;
    let tool = json!({ "type": "function", "function": {
        "name": "look", "parameters": { "type": "object", "properties": { "query": { "type": "string" } } },
    } });
    let mut body = asking(&model, "Look [toolcall=look args=rust]");
    body["tools"] = json!([tool]);
    body["tool_choice"] = json!({ "type": "function", "function": { "name": "look" } });
    let answer = key.post(COMPLETIONS, body.clone()).await;
    let choice = &answer.json["choices"][0];
    let call = json!({
        "id": "call_look", "type": "function",
        "function": { "name": "look", "arguments": "{\"query\":\"rust\"}" },
    });
    assert_eq!(choice["finish_reason"], "tool_calls", "{}", answer.text);
    assert_eq!(choice["message"]["tool_calls"], json!([call]));
    assert_eq!(server.provider.requests().pop().unwrap().body["tool_choice"], body["tool_choice"]);

    body["stream"] = json!(true);
    let (pieces, _) = chunks(&key.post(COMPLETIONS, body.clone()).await.text);
    let calls: Vec<&Value> = pieces
        .iter()
        .map(|piece| &piece["choices"][0]["delta"]["tool_calls"][0])
        .filter(|call| !call.is_null())
        .collect();
    let arguments: String =
        calls.iter().map(|call| call["function"]["arguments"].as_str().unwrap()).collect();
    assert_eq!((&calls[0]["id"], &calls[0]["function"]["name"]), (&json!("call_look"), &json!("look")));
    assert_eq!(arguments, "{\"query\":\"rust\"}");

    body["stream"] = json!(false);
    body["messages"] = json!([
        body["messages"][0],
        { "role": "assistant", "content": null, "tool_calls": [call] },
        { "role": "tool", "tool_call_id": "call_look", "content": "found it" },
    ]);
    body["tool_choice"] = json!("auto");
    let answer = key.post(COMPLETIONS, body).await;
    assert_eq!(answer.json["choices"][0]["finish_reason"], "stop", "{}", answer.text);
    let asked = server.provider.requests().pop().unwrap().body;
    assert_eq!(
        asked["messages"][2],
        json!({ "role": "tool", "content": "found it", "tool_call_id": "call_look" })
    );
    assert_eq!(asked["messages"][1]["tool_calls"], json!([call]));
}

#[tokio::test]
async fn openai_images_are_passed_on_and_never_fetched() {
    let seeing = |config: &mut services::Config| {
        let provider = config.providers.remove(0);
        config.providers.push(ProviderConfig { vision: vec!["*".into()], ..provider });
    };
    let server = TestServer::start_with(seeing).await;
    let (_, key) = program(&server, "alice").await;
    let model = model(&key).await;
    let with = |url: &str| {
        let image = json!({ "type": "image_url", "image_url": { "url": url } });
        let words = json!({ "type": "text", "text": "What is this?" });
        json!({ "model": model, "messages": [{ "role": "user", "content": [words, image] }] })
    };
    let url = "data:image/png;base64,cG5n";
    let answer = key.post(COMPLETIONS, with(url)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let asked = server.provider.requests().pop().unwrap().body;
    assert_eq!(asked["messages"][0]["content"][0]["image_url"]["url"], url);

    let before = server.provider.requests().len();
    let elsewhere =
        key.post(COMPLETIONS, with(&format!("http://{}/v1/models", server.provider.address()))).await;
    let place = json!("messages[0].content[1].image_url.url");
    assert_error(&elsewhere, 400, "invalid_request_error", "invalid", place);
    assert_eq!(server.provider.requests().len(), before);
}

#[tokio::test]
async fn openai_refusals_have_its_shape_and_codes() {
    on_both_with(|config| config.providers[0].max_attempts = 1, async |server| {
        let (_, key) = program(&server, "alice").await;
        let model = model(&key).await;
        let wrong = "invalid_request_error";
        let nobody = server.anonymous().post(COMPLETIONS, asking(&model, "x")).await;
        assert_error(&nobody, 401, wrong, "invalid_api_key", Value::Null);
        let stranger = Client { token: Some("sk-clq-nothing".into()), ..server.anonymous() };
        assert_error(&stranger.get("/v1/models").await, 401, wrong, "invalid_api_key", Value::Null);
        let unknown = key.post(COMPLETIONS, asking("no-such-model", "x")).await;
        assert_error(&unknown, 404, wrong, "model_not_found", json!("model"));
        assert_error(&key.get("/v1/models/none").await, 404, wrong, "model_not_found", json!("model"));
        assert_error(&key.get("/v1/nothing").await, 404, wrong, "no_such_path", Value::Null);
        assert_error(&key.get(COMPLETIONS).await, 405, wrong, "method_not_allowed", Value::Null);
        for (member, value, param) in [
            ("messages", json!([]), "messages"),
            ("messages", json!([{ "role": "ghost", "content": "x" }]), "messages[0].role"),
            ("messages", json!("x"), "messages"),
            ("temperature", json!(3), "temperature"),
            ("max_tokens", json!(0), "max_tokens"),
            ("n", json!(2), "n"),
            ("tools", json!([{ "type": "web_search" }]), "tools[0]"),
            ("tool_choice", json!("perhaps"), "tool_choice"),
        ] {
            let mut body = asking(&model, "x");
            body[member] = value;
            let refused = key.post(COMPLETIONS, body).await;
            assert_error(&refused, 400, wrong, "invalid", json!(param));
        }
        let broken = key.request(Method::POST, COMPLETIONS).header("content-type", "application/json").body("{");
        let broken = Answer::read(broken.send().await.unwrap()).await;
        assert_error(&broken, 400, wrong, "malformed_json", Value::Null);

        for stream in [false, true] {
            for (script, status, kind, code) in [
                ("[status=429 retry_after=30]", 429, "rate_limit_error", "rate_limit_exceeded"),
                ("[status=401]", 502, "server_error", "provider_auth"),
                ("[status=400]", 400, wrong, "provider_bad_request"),
                ("[status=500]", 502, "server_error", "provider_unavailable"),
                ("[html=1]", 502, "server_error", "provider_garbage"),
            ] {
                let mut body = asking(&model, script);
                body["stream"] = json!(stream);
                let refused = key.post(COMPLETIONS, body).await;
                assert_error(&refused, status, kind, code, Value::Null);
                assert!(status != 429 || refused.headers["retry-after"] == "30");
            }
        }
        let cut = key.post(COMPLETIONS, streaming(&model, "[tokens=5 cut=2]")).await;
        let (told, is_whole) = chunks(&cut.text);
        assert_eq!((cut.status, is_whole), (200, false));
        let error = json!({ "error": { "message": "<text>", "type": "server_error", "param": null, "code": "provider_cut" } });
        assert_like(told.last().unwrap(), &error);
    })
    .await;
}

async fn heard(response: &mut Response, word: &str) {
    let mut text = String::new();
    while !text.contains(word) {
        text.push_str(&String::from_utf8_lossy(&response.chunk().await.unwrap().unwrap()));
    }
}

#[tokio::test]
async fn the_departure_of_an_openai_reader_stops_the_provider_and_is_counted() {
    on_both(async |server| {
        let (owner, key) = program(&server, "alice").await;
        let model = model(&key).await;
        let body = streaming(&model, "[tokens=100000 rate=100]");
        let mut stream = key.request(Method::POST, COMPLETIONS).json(&body).send().await.unwrap();
        heard(&mut stream, "t00003").await;
        drop(stream);
        let left = server.provider.until(|counts| counts.disconnected == 1 && counts.open == 0);
        tokio::time::timeout(Duration::from_secs(2), left).await.expect("the provider sees it");
        assert!(counted(&owner, 1).await["totalTokens"].as_i64().unwrap() > 3);

        // Who does not stream and gives up waiting leaves too.
        let whole = key.request(Method::POST, COMPLETIONS).json(&asking(&model, "[tokens=100000 rate=100]"));
        assert!(tokio::time::timeout(Duration::from_millis(300), whole.send()).await.is_err());
        let left = server.provider.until(|counts| counts.disconnected == 2 && counts.open == 0);
        tokio::time::timeout(Duration::from_secs(2), left).await.expect("the provider sees it");
        counted(&owner, 2).await;

        // And a key that is revoked ends what it asked for.
        let mut stream = key.request(Method::POST, COMPLETIONS).json(&body).send().await.unwrap();
        heard(&mut stream, "t00003").await;
        let id = owner.get("/api/v1/api-keys").await.json[0]["id"].as_i64().unwrap();
        assert_eq!(owner.delete(&format!("/api/v1/api-keys/{id}")).await.status, 204);
        let left = server.provider.until(|counts| counts.disconnected == 3 && counts.open == 0);
        tokio::time::timeout(Duration::from_secs(2), left).await.expect("the provider sees it");
    })
    .await;
}

#[tokio::test]
async fn an_openai_account_has_so_many_answers_at_a_time() {
    let server = TestServer::start_with(|config| config.chat.max_unstored_per_user = 1).await;
    let (_, key) = program(&server, "alice").await;
    let model = model(&key).await;
    let body = streaming(&model, "[tokens=100000 rate=100]");
    let mut stream = key.request(Method::POST, COMPLETIONS).json(&body).send().await.unwrap();
    heard(&mut stream, "t00001").await;
    let refused = key.post(COMPLETIONS, asking(&model, "x")).await;
    assert_error(&refused, 429, "rate_limit_error", "rate_limit_exceeded", Value::Null);
    assert_eq!(refused.headers["retry-after"], "5");
    drop(stream);
    let is_free = async {
        while key.post(COMPLETIONS, asking(&model, "x")).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), is_free).await.unwrap();
}

#[tokio::test]
async fn an_openai_exchange_is_stored_where_its_header_says() {
    on_both(async |server| {
        let (owner, narrow) = program(&server, "alice").await;
        let (bob, _) = program(&server, "bob").await;
        let all = ["openai", "read", "write"];
        let (key, other) = (key_of(&owner, &all).await, key_of(&bob, &all).await);
        let model = model(&key).await;
        let id = owner.post("/api/v1/conversations", json!({})).await.json["id"].as_i64().unwrap();
        let ask = async |client: &Client, body: Value, id: String| {
            let request =
                client.request(Method::POST, COMPLETIONS).header("x-conversation-id", id).json(&body);
            Answer::read(request.send().await.unwrap()).await
        };
        let refused = ask(&narrow, asking(&model, "x"), id.to_string()).await;
        assert_error(&refused, 403, "permission_error", "key_out_of_scope", Value::Null);
        let first = ask(&key, asking(&model, "One [tokens=2]"), id.to_string()).await;
        assert_eq!(first.json["choices"][0]["message"]["content"], "t00001 t00002", "{}", first.text);
        assert_eq!(first.json["usage"]["completion_tokens"], 2);
        let second = ask(&key, streaming(&model, "Two [tokens=3]"), id.to_string()).await;
        let (told, is_whole) = chunks(&second.text);
        assert!(is_whole);
        assert_eq!(said(&told), "t00001 t00002 t00003");
        let kept = owner.get(&format!("/api/v1/conversations/{id}/messages")).await.json;
        let texts: Vec<&str> =
            kept.as_array().unwrap().iter().map(|one| one["content"].as_str().unwrap()).collect();
        assert_eq!(texts, ["One [tokens=2]", "t00001 t00002", "Two [tokens=3]", "t00001 t00002 t00003"]);
        assert_eq!(usage_of(&owner).await["messagesThisMonth"], 2);

        let theirs = ask(&other, asking(&model, "x"), id.to_string()).await;
        assert_error(&theirs, 404, "invalid_request_error", "not_found", Value::Null);
        assert_eq!(theirs.sameness(), ask(&other, asking(&model, "x"), "4242".into()).await.sameness());
        assert_eq!(ask(&key, asking(&model, "x"), "nothing".into()).await.status, 404);
        let mut body = asking(&model, "x");
        body["tools"] = json!([{ "type": "function", "function": { "name": "f" } }]);
        let refused = ask(&key, body, id.to_string()).await;
        assert_error(&refused, 400, "invalid_request_error", "invalid", json!("tools"));
        let failed = ask(&key, asking(&model, "[status=400]"), id.to_string()).await;
        assert_error(&failed, 400, "invalid_request_error", "provider_bad_request", Value::Null);
        assert_eq!(failed.headers["x-should-retry"], "false", "the question is stored");

        let count =
            async || owner.get(&format!("/api/v1/conversations/{id}")).await.json["message_count"].clone();
        let before = count().await;
        let once = async || {
            let request = key.request(Method::POST, COMPLETIONS).header("x-conversation-id", id.to_string());
            let request = request.header("idempotency-key", "one").json(&asking(&model, "Once [tokens=2]"));
            Answer::read(request.send().await.unwrap()).await.json["choices"][0]["message"]["content"].clone()
        };
        assert_eq!((once().await, once().await), (json!("t00001 t00002"), json!("t00001 t00002")));
        assert_eq!(count().await.as_i64().unwrap(), before.as_i64().unwrap() + 2);
    })
    .await;
}
