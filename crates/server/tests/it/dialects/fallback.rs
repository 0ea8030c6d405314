//! Another model stands in for one that fails: every API says who answers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, on_both_with};

/// Makes the fake refuse our key; the demo, which stands in, does not know the word.
const QUESTION: &str = "Hello [status=401]";
const NOTE: &str = "> The model `";

async fn completion(client: &Client, stream: bool, conversation: Option<&str>) -> Answer {
    let question = json!({ "role": "user", "content": QUESTION });
    let body = json!({ "model": "fake", "messages": [question], "stream": stream });
    let request = client.request(Method::POST, "/v1/chat/completions").json(&body);
    let request = match conversation {
        Some(id) => request.header("x-conversation-id", id),
        None => request,
    };
    let answer = Answer::read(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The objects of the `data:` lines.
fn events(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn every_api_says_who_answers_instead() {
    on_both_with(
        |config| config.chat.fallback_model = Some("demo".into()),
        async |server| {
            let ada = server.user("ada").await;
            let told = events(&ada.post("/api/v1/chat", json!({ "message": QUESTION })).await.text);
            let switch = told.iter().find(|event| event["type"] == "model").unwrap();
            assert_eq!((&switch["model"], &switch["reason"]), (&json!("demo"), &json!("provider_auth")));
            let asked = switch["instead_of"].as_str().unwrap().to_owned();
            assert_eq!(told[0]["model"], asked);
            let conversation = told[0]["conversation_id"].as_i64().unwrap();
            let read = ada.get(&format!("/api/v1/conversations/{conversation}/messages")).await.json;
            let message = &read.as_array().unwrap()[1];
            assert_eq!((&message["model"], &message["state"]), (&json!("demo"), &json!("completed")));
            let content = message["content"].as_str().unwrap();
            assert!(content.starts_with(&format!("{NOTE}{asked}` did not answer. ")), "{content}");
            assert!(content.lines().next().unwrap().ends_with("`demo` answers instead."), "{content}");

            let hex = format!("{conversation:024x}");
            let path = format!("/api/chat/conversations/{hex}/messages");
            let said = ada.post(&path, json!({ "message": QUESTION })).await.json;
            let said = &said["data"]["message"];
            assert_eq!(said["model"], "demo");
            assert!(said["content"].as_str().unwrap().starts_with(NOTE));

            let stored = completion(&ada, false, Some(&conversation.to_string())).await.json;
            assert_eq!(stored["model"], "demo");
            assert!(stored["choices"][0]["message"]["content"].as_str().unwrap().starts_with(NOTE));
        },
    )
    .await;
}

#[tokio::test]
async fn an_answer_that_is_not_stored_is_the_models_words_alone_and_names_it() {
    on_both_with(
        |config| config.chat.fallback_model = Some("demo".into()),
        async |server| {
            let ada = server.user("ada").await;
            let whole = completion(&ada, false, None).await.json;
            assert_eq!(whole["model"], "demo");
            let content = whole["choices"][0]["message"]["content"].as_str().unwrap();
            assert!(!content.is_empty() && !content.contains(NOTE), "{content}");
            let chunks = events(&completion(&ada, true, None).await.text);
            assert!(chunks.len() > 2 && chunks.iter().all(|chunk| chunk["model"] == "demo"), "{chunks:?}");

            // A fault of the request is told, whoever could stand in.
            let question = json!({ "role": "user", "content": "Hello [status=400]" });
            let refused =
                ada.post("/v1/chat/completions", json!({ "model": "fake", "messages": [question] })).await;
            assert_eq!(
                (refused.status, &refused.json["error"]["code"]),
                (400, &json!("provider_bad_request"))
            );
        },
    )
    .await;
}
