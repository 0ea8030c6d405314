//! What members hear of each other.

use serde_json::json;

use super::{let_in, path, put_out, talk_of};
use crate::{
    events::{Live, kinds},
    support::{TestServer, on_both},
};

#[tokio::test]
async fn coming_changing_and_going_are_news_to_all_and_to_the_one_it_concerns() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = talk_of(&ada, "[tokens=1]").await;
        let (mut of_ada, mut of_bob) = (Live::of(&ada).await, Live::of(&bob).await);
        let members = [json!({ "type": "members", "conversation_id": talk })];

        let_in(&ada, talk, &bob, "viewer").await;
        let created = of_bob.conversation("conversation.created").await;
        assert_eq!(
            (&created["id"], &created["role"], &created["member_count"]),
            (&json!(talk), &json!("viewer"), &json!(2))
        );
        assert_eq!(of_bob.until("members").await, members);
        of_bob.until("conversation.updated").await;
        assert_eq!(of_ada.until("members").await, members);
        assert_eq!(of_ada.conversation("conversation.updated").await["member_count"], 2);

        ada.patch(&format!("{}/members/{}", path(talk), bob.id), json!({ "role": "commenter" })).await;
        assert_eq!(of_bob.until("members").await, members);
        assert_eq!(of_bob.conversation("conversation.updated").await["role"], "commenter");
        of_ada.until("conversation.updated").await;

        let note = bob.post(&format!("{}/notes", path(talk)), json!({ "content": "x" })).await.json;
        let written = json!({ "type": "note.created", "note": note });
        bob.delete(&format!("/api/v1/notes/{}", note["id"])).await;
        let deleted = json!({ "type": "note.deleted", "conversation_id": talk, "note_id": note["id"] });
        for live in [&mut of_ada, &mut of_bob] {
            assert_eq!(live.until("note.deleted").await, [written.clone(), deleted.clone()]);
        }

        put_out(&ada, talk, &bob).await;
        let told = of_bob.until("conversation.deleted").await;
        assert_eq!(kinds(&told), ["conversation.deleted"]);
        assert_eq!(told[0]["conversation"]["id"], json!(talk));
        assert_eq!(of_ada.until("members").await, members);
        assert_eq!(of_ada.conversation("conversation.updated").await["member_count"], 1);
        ada.patch(&path(talk), json!({ "title": "alone" })).await;
        assert!(of_bob.is_quiet().await, "the rest is none of bob's business");
    })
    .await;
}
