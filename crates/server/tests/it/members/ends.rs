//! What becomes of a shared conversation when accounts end, and how the older client APIs show one.

use reqwest::Method;
use serde_json::{Value, json};

use super::{let_in, names, path, talk_of};
use crate::{
    events::Live,
    support::{Client, PASSWORD, TestServer, on_both, time_until_end},
};

async fn end_account(client: &Client) {
    let body = json!({ "password": PASSWORD });
    assert_eq!(client.send(Method::DELETE, "/api/v1/me", Some(body)).await.status, 204);
}

#[tokio::test]
async fn a_conversation_ends_with_its_owner_and_goes_on_without_a_member() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (of_ada, of_bob) = (talk_of(&ada, "[tokens=1]").await, talk_of(&bob, "[tokens=1]").await);
        let alone = talk_of(&bob, "[tokens=1]").await;
        let_in(&ada, of_ada, &bob, "editor").await;
        let_in(&bob, of_bob, &ada, "viewer").await;
        let mut live = Live::of(&bob).await;

        let body = json!({ "message": "[tokens=100000 rate=50]", "conversation_id": of_ada });
        let stream = bob.request(Method::POST, "/api/v1/chat").json(&body).send().await.unwrap();
        let (took, ()) = tokio::join!(time_until_end(stream), end_account(&ada));

        assert!(took < std::time::Duration::from_secs(2), "{took:?}");
        assert_eq!(live.conversation("conversation.deleted").await["id"], json!(of_ada));
        live.until("members").await;
        assert_eq!(bob.get(&path(of_ada)).await.status, 404, "at once, not with the next sweep");
        assert_eq!(names(&bob, of_bob).await, [("bob".to_owned(), "owner".to_owned())]);
        let listed = bob.get("/api/v1/conversations").await.json;
        let kept: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(kept, [&json!(alone), &json!(of_bob)]);
        assert!(listed.as_array().unwrap().iter().all(|one| one["member_count"] == 1));
        server.app.idle().await;
        services::testing::sweep(&server.app).await;
        assert_eq!(bob.get(&path(of_bob)).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn older_clients_show_it_like_ones_own_and_refuse_what_the_role_does_not_allow() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = talk_of(&ada, "[tokens=1]").await;
        ada.patch(&path(talk), json!({ "title": "Ours" })).await;
        let_in(&ada, talk, &bob, "viewer").await;
        let lists = ["/api/sessions", "/api/chat/conversations", "/sessions", "/api/chat/threads"];
        for list in lists {
            let shown = bob.get(list).await;
            assert!(shown.status == 200 && shown.text.contains("Ours"), "{list}: {}", shown.text);
        }
        let spoken = json!({ "role": "user", "content": "hello" });
        let said = json!({ "sessionId": talk.to_string(), "model": "any", "messages": [spoken] });
        let refused = bob.post("/api/chat/stream", said).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        let said = json!({ "message": "hello" });
        let refused = bob.post(&format!("/api/chat/conversations/{talk}/messages"), said).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        let refused = bob.delete(&format!("/api/chat/conversations/{talk}")).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        super::put_out(&ada, talk, &bob).await;
        for list in lists {
            assert!(!bob.get(list).await.text.contains("Ours"), "{list}");
        }
    })
    .await;
}
