//! Links into a conversation: what they say, whom they let in, and how they end.

use reqwest::Method;
use serde_json::json;
use services::domain::time::DAY_MS;

use super::{accept, invite, let_in, link, names, path, put_out, talk_of};
use crate::support::{TestServer, on_both};

#[tokio::test]
async fn a_link_says_who_invites_to_what_and_lets_many_in_until_it_is_withdrawn() {
    on_both(async |server: TestServer| {
        let (ada, bob, carol) =
            (server.user("ada").await, server.user("bob").await, server.user("carol").await);
        let talk = talk_of(&ada, "[tokens=1] secret").await;
        ada.patch(&path(talk), json!({ "title": "Plans" })).await;
        let made = invite(&ada, talk, json!({ "role": "commenter", "expires_in_days": 3 })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let token = made.json["token"].as_str().unwrap().to_owned();
        assert!(token.len() >= 32, "at least 192 bits");
        assert_eq!(made.json["url"], json!(format!("http://{}/invite/{token}", server.address)));
        assert_eq!(
            (&made.json["role"], &made.json["email"], &made.json["uses"]),
            (&json!("commenter"), &json!(null), &json!(0))
        );
        let listed = ada.get(&format!("{}/invitations", path(talk))).await.json;
        let mut shown = made.json.clone();
        shown.as_object_mut().unwrap().remove("token");
        assert_eq!(listed, json!([shown]), "the link can be shown again");

        let page = format!("/api/v1/invitations/{token}");
        let seen = server.anonymous().get(&page).await;
        assert_eq!(
            (seen.status, &seen.headers["x-robots-tag"]),
            (200, &"noindex, nofollow".parse().unwrap())
        );
        assert_eq!(
            seen.json,
            json!({
                "conversation_title": "Plans", "invited_by": "ada", "role": "commenter",
                "expires_at": made.json["expires_at"],
            })
        );
        ada.patch("/api/v1/me", json!({ "full_name": "Ada L." })).await;
        assert_eq!(server.anonymous().get(&page).await.json["invited_by"], "Ada L.");

        assert_eq!(accept(&server.anonymous(), &token).await.status, 401);
        let accepted = json!({ "conversation_id": talk, "role": "commenter" });
        for client in [&bob, &bob, &carol] {
            assert_eq!(accept(client, &token).await.json, accepted, "twice is harmless");
        }
        assert_eq!(accept(&ada, &token).await.json["role"], "owner", "the owner stays that");
        assert_eq!(names(&ada, talk).await.len(), 3);
        let listed = ada.get(&format!("{}/invitations", path(talk))).await.json;
        assert_eq!(listed[0]["uses"], 2);

        let gone = format!("{}/invitations/{}", path(talk), made.json["id"]);
        assert_eq!(bob.delete(&gone).await.refusal(), (403, "role_too_low"));
        assert_eq!(ada.delete(&gone).await.status, 204);
        assert_eq!(ada.delete(&gone).await.status, 404);
        let none = server.anonymous().get("/api/v1/invitations/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
        assert_eq!(none.refusal(), (404, "not_found"));
        assert_eq!(server.anonymous().get(&page).await.sameness(), none.sameness());
        assert_eq!(accept(&server.user("dan").await, &token).await.status, 404);
        assert_eq!(bob.get(&path(talk)).await.status, 200, "who came in by it stays");
    })
    .await;
}

#[tokio::test]
async fn the_higher_role_is_kept_and_what_the_owner_decides_outweighs_invitations_from_before() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = talk_of(&ada, "[tokens=1]").await;
        let (viewer, editor) = (link(&ada, talk, "viewer").await, link(&ada, talk, "editor").await);
        for (token, role) in [(&viewer, "viewer"), (&editor, "editor"), (&viewer, "editor")] {
            assert_eq!(accept(&bob, token).await.json["role"], role);
        }
        let member = format!("{}/members/{}", path(talk), bob.id);
        ada.patch(&member, json!({ "role": "viewer" })).await;
        assert_eq!(accept(&bob, &editor).await.json["role"], "viewer", "an old link raises nobody again");
        assert_eq!(put_out(&ada, talk, &bob).await.status, 204);
        assert_eq!(accept(&bob, &viewer).await.refusal(), (404, "not_found"), "nor lets anybody in again");
        assert_eq!(accept(&server.user("carol").await, &viewer).await.status, 200, "others it does");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let_in(&ada, talk, &bob, "commenter").await;
        assert_eq!(bob.delete(&member).await.status, 204, "bob leaves");
        let again = link(&ada, talk, "viewer").await;
        assert_eq!(accept(&bob, &again).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_ends_with_its_time_the_trash_and_the_account_that_invites() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = talk_of(&ada, "[tokens=1]").await;
        let token = link(&ada, talk, "viewer").await;
        let status = async || server.anonymous().get(&format!("/api/v1/invitations/{token}")).await.status;
        ada.delete(&path(talk)).await;
        assert_eq!((status().await, accept(&bob, &token).await.status), (404, 404));
        assert_eq!(invite(&ada, talk, json!({ "role": "viewer" })).await.refusal(), (409, "in_trash"));
        ada.send(Method::POST, &format!("{}/restore", path(talk)), None).await;
        assert_eq!(status().await, 200);
        for days in [0, 31] {
            let odd = invite(&ada, talk, json!({ "role": "viewer", "expires_in_days": days })).await;
            assert_eq!((odd.status, odd.pointer()), (422, "/expires_in_days"));
        }
        for (n, role) in ["owner", "king", ""].into_iter().enumerate() {
            assert_eq!(invite(&ada, talk, json!({ "role": role })).await.status, 422, "{n}");
        }
        let body = json!({ "password": crate::support::PASSWORD });
        assert_eq!(ada.send(Method::DELETE, "/api/v1/me", Some(body)).await.status, 204);
        assert_eq!((status().await, accept(&bob, &token).await.status), (404, 404));

        let talk = talk_of(&bob, "[tokens=1]").await;
        let token = link(&bob, talk, "viewer").await;
        let page = format!("/api/v1/invitations/{token}");
        for (days, status) in [(6, 200), (1, 404)] {
            server.app.clock().advance_ms(days * DAY_MS);
            assert_eq!(server.anonymous().get(&page).await.status, status);
        }
        let bob = server.login("bob").await;
        assert_eq!(bob.get(&format!("{}/invitations", path(talk))).await.json, json!([]));
    })
    .await;
}

#[tokio::test]
async fn only_so_many_are_good_at_once_and_a_repeat_makes_no_other() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let talk = talk_of(&ada, "[tokens=1]").await;
        let repeat = async || {
            let request = ada.request(Method::POST, &format!("{}/invitations", path(talk)));
            let response = request.header("idempotency-key", "k").json(&json!({ "role": "viewer" })).send();
            crate::support::Answer::read(response.await.unwrap()).await
        };
        let (first, again) = (repeat().await, repeat().await);
        assert_eq!((first.status, &first.json), (201, &again.json));
        for _ in 1..50 {
            link(&ada, talk, "viewer").await;
        }
        let more = invite(&ada, talk, json!({ "role": "viewer" })).await;
        assert_eq!(more.refusal(), (409, "too_many_invitations"));
    })
    .await;
}

#[tokio::test]
async fn a_program_with_a_key_joins_nothing() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let talk = talk_of(&ada, "[tokens=1]").await;
    let token = link(&ada, talk, "viewer").await;
    let body =
        json!({ "name": "x", "scopes": ["read", "write"], "current_password": crate::support::PASSWORD });
    let key = bob.post("/api/v1/api-keys", body).await.json["key"].as_str().unwrap().to_owned();
    let program = crate::support::Client { token: Some(key), ..bob.clone() };
    assert_eq!(accept(&program, &token).await.refusal(), (403, "needs_sign_in"));
    assert_eq!(accept(&bob, &token).await.status, 200);
}
