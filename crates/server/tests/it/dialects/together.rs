//! One conversation through all doors: six write, and the five that read tell the same.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, on_both};

/// Who said what, in order, as one API words it.
fn said(messages: &Value) -> Vec<(String, String)> {
    let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
    let messages = messages.as_array().expect("a list of messages");
    messages.iter().map(|message| (text(message, "role"), text(message, "content"))).collect()
}

fn taken(answer: &Answer) {
    assert!((200..300).contains(&answer.status), "{}", answer.text);
}

/// Asks one question through each door, which all answer when the answer is whole.
async fn write(client: &Client, id: &str, hex: &str) {
    let number: i64 = id.parse().unwrap();
    let body = json!({ "message": "native [tokens=1]", "conversation_id": number });
    taken(&client.post("/api/v1/chat/simple", body).await);
    let question = json!({ "role": "user", "content": "personale [tokens=2]" });
    let body = json!({ "sessionId": id, "model": "gpt-4o-mini", "messages": [question] });
    taken(&client.post("/api/chat/stream", body).await);
    let body = json!({ "message": "express [tokens=3]" });
    taken(&client.post(&format!("/api/chat/conversations/{hex}/messages"), body).await);
    let body = json!({ "sessionId": id, "role": "user", "content": "nest [tokens=4]" });
    taken(&client.post("/messages", body).await);
    let body = json!({ "sessionId": id, "role": "assistant", "content": "nest, by itself" });
    taken(&client.post("/messages", body).await);
    let body = json!({ "sessionId": id, "prompt": "nest in lines [tokens=2]" });
    taken(&client.post("/messages/stream", body).await);
    let body = json!({ "message": "chronochat [tokens=5]", "thread_id": id });
    taken(&client.post("/api/chat/send", body).await);
    for is_streamed in [false, true] {
        let question = json!({ "role": "user", "content": "openai [tokens=2]" });
        let body = json!({ "model": "fake", "messages": [question], "stream": is_streamed });
        let request = client.request(Method::POST, "/v1/chat/completions").header("x-conversation-id", id);
        taken(&Answer::read(request.json(&body).send().await.unwrap()).await);
    }
}

#[tokio::test]
async fn what_is_written_through_any_door_is_read_through_all() {
    on_both(async |server| {
        let client = server.user("ada").await;
        let made = client.post("/api/v1/conversations", json!({})).await.json;
        let number = made["id"].as_i64().unwrap();
        let (id, hex) = (number.to_string(), format!("{number:024x}"));
        write(&client, &id, &hex).await;

        let line = |role: &str, content: &str| (role.to_owned(), content.to_owned());
        let expected = [
            line("user", "native [tokens=1]"),
            line("assistant", "t00001"),
            line("user", "personale [tokens=2]"),
            line("assistant", "t00001 t00002"),
            line("user", "express [tokens=3]"),
            line("assistant", "t00001 t00002 t00003"),
            line("user", "nest [tokens=4]"),
            line("assistant", "t00001 t00002 t00003 t00004"),
            line("assistant", "nest, by itself"),
            line("user", "nest in lines [tokens=2]"),
            line("assistant", "t00001 t00002"),
            line("user", "chronochat [tokens=5]"),
            line("assistant", "t00001 t00002 t00003 t00004 t00005"),
            line("user", "openai [tokens=2]"),
            line("assistant", "t00001 t00002"),
            line("user", "openai [tokens=2]"),
            line("assistant", "t00001 t00002"),
        ];
        let read = async |path: String, place: &str| {
            let answer = client.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            said(answer.json.pointer(place).unwrap())
        };
        assert_eq!(read(format!("/api/v1/conversations/{id}/messages"), "").await, expected);
        assert_eq!(read(format!("/api/sessions/{id}/messages"), "").await, expected);
        let messages = "/data/conversation/messages";
        assert_eq!(read(format!("/api/chat/conversations/{hex}"), messages).await, expected);
        assert_eq!(read(format!("/messages/{id}"), "").await, expected);
        assert_eq!(read(format!("/api/chat/threads/{id}"), "/messages").await, expected);
    })
    .await;
}
