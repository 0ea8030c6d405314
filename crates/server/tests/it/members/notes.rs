//! Notes beside a conversation: for its members, never for a model.

use reqwest::Method;
use serde_json::json;

use super::{let_in, path, put_out, say};
use crate::support::{Answer, TestServer, on_both};

#[tokio::test]
async fn members_write_notes_that_no_model_reads_and_that_go_into_the_export() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let said = say(&ada, "[tokens=1]", None).await;
        let talk = said["conversation_id"].as_i64().unwrap();
        let_in(&ada, talk, &bob, "commenter").await;
        let notes = format!("{}/notes", path(talk));

        let made =
            bob.post(&notes, json!({ "content": " giraffe\n", "message_id": said["message_id"] })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let mut wanted = made.json.clone();
        let author = json!({ "id": bob.id, "username": "bob", "full_name": null });
        assert_eq!(
            (&made.json["author"], &made.json["content"], &made.json["message_id"]),
            (&author, &json!(" giraffe\n"), &said["message_id"])
        );
        let own = ada.post(&notes, json!({ "content": "mine" })).await.json;
        assert_eq!(ada.get(&notes).await.json, json!([wanted, own]));
        let first = ada.get(&format!("{notes}?limit=1")).await;
        let next = first.headers["link"].to_str().unwrap();
        let next = next.trim_start_matches('<').split_once('>').unwrap().0.to_owned();
        assert_eq!(ada.get(&next).await.json, json!([own]));

        for (body, pointer) in
            [(json!({ "content": " " }), "/content"), (json!({ "content": "x".repeat(10_001) }), "/content")]
        {
            let odd = bob.post(&notes, body).await;
            assert_eq!((odd.status, odd.pointer()), (422, pointer));
        }
        assert_eq!(bob.post(&notes, json!({ "content": "x".repeat(10_000) })).await.status, 201);
        let elsewhere = say(&bob, "[tokens=1]", None).await["message_id"].clone();
        let odd = bob.post(&notes, json!({ "content": "x", "message_id": elsewhere })).await;
        assert_eq!(odd.status, 404);

        say(&ada, "[tokens=1] next", Some(talk)).await;
        let asked = format!("{:?}", server.provider.requests());
        assert!(asked.contains("next") && !asked.contains("giraffe"), "no model is told");
        let token =
            ada.send(Method::POST, &format!("{}/share", path(talk)), None).await.json["token"].clone();
        let shown = server.anonymous().get(&format!("/api/v1/shared/{}", token.as_str().unwrap())).await;
        assert!(shown.status == 200 && !shown.text.contains("giraffe"), "no link shows it");
        let exported = bob.get(&format!("{}/export.json", path(talk))).await.json;
        assert_eq!((&exported["notes"][0], exported["notes"].as_array().unwrap().len()), (&wanted, 3));
        let archive = ada.get("/api/v1/me/export").await.json;
        assert_eq!(archive["conversations"][0]["notes"][0], wanted);

        let body = json!({ "password": crate::support::PASSWORD });
        assert_eq!(bob.send(Method::DELETE, "/api/v1/me", Some(body)).await.status, 204);
        wanted["author"] = json!(null);
        assert_eq!(ada.get(&notes).await.json[0], wanted, "it stays, and is nobody's");
    })
    .await;
}

#[tokio::test]
async fn a_note_is_deleted_by_its_author_or_the_owner_and_goes_with_its_message() {
    on_both(async |server: TestServer| {
        let (ada, bob, carol) =
            (server.user("ada").await, server.user("bob").await, server.user("carol").await);
        let said = say(&ada, "[tokens=1]", None).await;
        let talk = said["conversation_id"].as_i64().unwrap();
        let_in(&ada, talk, &bob, "commenter").await;
        let_in(&ada, talk, &carol, "editor").await;
        let notes = format!("{}/notes", path(talk));
        let note = async |body| bob.post(&notes, body).await.json["id"].as_i64().unwrap();
        let (one, two) = (note(json!({ "content": "1" })).await, note(json!({ "content": "2" })).await);
        note(json!({ "content": "3", "message_id": said["message_id"] })).await;
        let gone = |id: i64| format!("/api/v1/notes/{id}");
        assert_eq!(carol.delete(&gone(one)).await.refusal(), (403, "role_too_low"));
        assert_eq!(server.user("dan").await.delete(&gone(one)).await.status, 404);
        assert_eq!(bob.delete(&gone(one)).await.status, 204);
        assert_eq!(bob.delete(&gone(one)).await.status, 404);
        put_out(&ada, talk, &bob).await;
        assert_eq!(bob.delete(&gone(two)).await.status, 404);
        assert_eq!(ada.delete(&gone(two)).await.status, 204);
        assert_eq!(ada.get(&notes).await.json.as_array().unwrap().len(), 1);
        assert_eq!(ada.delete(&format!("/api/v1/messages/{}", said["message_id"])).await.status, 204);
        assert_eq!(ada.get(&notes).await.json, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_note_that_is_sent_twice_is_written_once_and_none_is_in_the_trash() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let talk = super::talk_of(&ada, "[tokens=1]").await;
        let notes = format!("{}/notes", path(talk));
        let send = async || {
            let request = ada.request(Method::POST, &notes).header("idempotency-key", "k");
            Answer::read(request.json(&json!({ "content": "x" })).send().await.unwrap()).await
        };
        let (first, again) = (send().await, send().await);
        assert_eq!((first.status, again.status, &first.json), (201, 201, &again.json));
        assert_eq!(ada.get(&notes).await.json.as_array().unwrap().len(), 1);
        ada.delete(&path(talk)).await;
        assert_eq!(ada.post(&notes, json!({ "content": "x" })).await.refusal(), (409, "in_trash"));
    })
    .await;
}
