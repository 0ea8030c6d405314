//! What models get of files.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::{brought, png, said, seeing};
use crate::support::{TestServer, on_both_with};

/// What the provider was asked last.
fn asked(server: &TestServer) -> Value {
    server.provider.requests().last().unwrap().body["messages"].clone()
}

#[tokio::test]
async fn images_and_texts_reach_the_model() {
    on_both_with(seeing, async |server: TestServer| {
        let ada = server.user("ada").await;
        let models = ada.get("/api/v1/models").await.json;
        let sees: Vec<_> =
            models.as_array().unwrap().iter().map(|card| &card["capabilities"]["vision"]).collect();
        assert_eq!(sees, [true, false]);
        let files =
            [brought(&ada, "a.png", &png()).await, brought(&ada, "n.md", "\u{feff}# Notes".as_bytes()).await];
        let first = said(&ada, "What is this?", &files).await;
        let url = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png()));
        let image = json!({ "type": "image_url", "image_url": { "url": url } });
        let text = "<attached-file name=\"n.md\">\n# Notes\n</attached-file>\n\nWhat is this?";
        let question = json!({ "role": "user", "content": [image, { "type": "text", "text": text }] });
        assert_eq!(asked(&server), json!([question]));

        let next = json!({ "message": "And?", "conversation_id": first["conversation_id"] });
        assert_eq!(ada.post("/api/v1/chat/simple", next).await.status, 200);
        assert_eq!(asked(&server)[0], question, "the model sees it in the next turn too");
        let again = format!("/api/v1/messages/{}/regenerate", first["message_id"]);
        assert_eq!(ada.post(&again, json!({})).await.status, 200);
        assert_eq!(asked(&server), json!([question]), "and when it is asked again");
    })
    .await;
}

#[tokio::test]
async fn a_model_that_cannot_see_says_so_before_anything_is_kept() {
    on_both_with(seeing, async |server: TestServer| {
        let ada = server.user("ada").await;
        let image = brought(&ada, "a.png", &png()).await;
        let blind = json!({ "message": "Look", "attachments": [image], "model": "fake-2" });
        let refused = ada.post("/api/v1/chat/simple", blind).await;
        assert_eq!((refused.refusal(), refused.pointer()), ((409, "unfit"), "/attachments"));
        assert!(refused.json["detail"].as_str().unwrap().contains("fake-2"), "{}", refused.text);
        assert_eq!(ada.get("/api/v1/conversations").await.json, json!([]));
        assert!(server.provider.requests().is_empty());
        assert_eq!(ada.get(&format!("/api/v1/files/{image}")).await.json["used"], false);

        let first = said(&ada, "Look", &[image]).await;
        let again = format!("/api/v1/messages/{}/regenerate", first["message_id"]);
        let refused = ada.post(&again, json!({ "model": "fake-2" })).await;
        assert_eq!((refused.refusal(), refused.pointer()), ((409, "unfit"), "/attachments"));

        let talk = &first["conversation_id"];
        let next = json!({ "message": "And?", "conversation_id": talk, "model": "fake-2" });
        assert_eq!(ada.post("/api/v1/chat/simple", next).await.status, 200);
        let left_out = "[The file \"a.png\" was sent here; it is not part of this request.]\nLook";
        assert_eq!(asked(&server)[0]["content"], left_out, "an older image is named");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_into_a_prompt_is_refused_or_left_out() {
    let small = |config: &mut services::Config| {
        seeing(config);
        config.files.prompt_text_bytes = 100;
        config.files.prompt_image_bytes = 60;
    };
    on_both_with(small, async |server: TestServer| {
        let ada = server.user("ada").await;
        let (one, two) =
            (brought(&ada, "1.txt", &[b'1'; 60]).await, brought(&ada, "2.txt", &[b'2'; 60]).await);
        let image = brought(&ada, "a.png", &png()).await;
        for files in [json!([one, two]), json!([image])] {
            let body = json!({ "message": "Look", "attachments": files });
            let refused = ada.post("/api/v1/chat/simple", body).await;
            assert_eq!(refused.refusal(), (413, "too_large"), "{}", refused.text);
        }
        let talk = said(&ada, "First", &[one]).await["conversation_id"].clone();
        let next = json!({ "message": "Second", "conversation_id": talk, "attachments": [two] });
        assert_eq!(ada.post("/api/v1/chat/simple", next).await.status, 200);
        let messages = asked(&server);
        assert_eq!(
            messages[0]["content"],
            "[The file \"1.txt\" was sent here; it is not part of this request.]\nFirst"
        );
        assert!(messages[2]["content"].as_str().unwrap().contains(&"2".repeat(60)), "the newest comes first");
    })
    .await;
}
