//! How sessions and accounts end: at once, on every channel.

use std::time::Duration;

use serde_json::json;
use services::{accounts, domain::UserId};

use crate::process::is_full;
use crate::support::{PASSWORD, TestServer, on_both, sign_up, time_until_end};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn signing_out_ends_tokens_and_streams_at_once() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let other = server.login("ada").await;
        let (stream, others_stream) = (ada.long_answer().await, other.long_answer().await);

        assert_eq!(ada.post("/api/v1/auth/logout", json!({})).await.status, 204);

        assert!(!ada.is_in().await);
        assert_eq!(ada.refresh().await.status, 401);
        assert!(time_until_end(stream).await < SECOND);
        assert!(other.is_in().await);
        assert_eq!(ada.post("/api/v1/auth/logout", json!({})).await.status, 204, "twice is no fault");
        drop(others_stream);
    })
    .await;
}

#[tokio::test]
async fn every_sign_out_and_every_new_password_closes_everything_within_a_second() {
    on_both(async |server| {
        let mut keeper = server.user("ada").await;
        let mut password = PASSWORD.to_owned();
        let rounds = if is_full() { 50 } else { 5 };
        let mut longest = Duration::ZERO;
        for round in 0..rounds {
            for by_password in [false, true] {
                let body = json!({ "username": "ada", "password": password });
                let login = server.anonymous().post("/api/v1/auth/login", body).await;
                let victim = server.anonymous().with(&login);
                let stream = victim.long_answer().await;
                if by_password {
                    let new = format!("password number {round}");
                    let body = json!({ "current_password": password, "new_password": new });
                    let changed = keeper.post("/api/v1/auth/password/change", body).await;
                    keeper = keeper.with(&changed);
                    password = new;
                } else {
                    assert_eq!(victim.post("/api/v1/auth/logout", json!({})).await.status, 204);
                }
                let ended = std::time::Instant::now();
                assert!(!victim.is_in().await);
                assert_eq!(victim.refresh().await.status, 401);
                time_until_end(stream).await;
                longest = longest.max(ended.elapsed());
                assert!(ended.elapsed() < SECOND, "{:?}", ended.elapsed());
            }
        }
        println!("{} endings: REST, refresh and stream closed, the slowest after {longest:?}", 2 * rounds);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_can_sign_out_too() {
    let server = TestServer::start().await;
    let ada = server.user("ada").await;
    let body = json!({ "refresh_token": ada.refresh });
    assert_eq!(server.anonymous().post("/api/v1/auth/logout", body).await.status, 204);
    assert!(!ada.is_in().await);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sessions() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let mut others = Vec::new();
        for _ in 0..10 {
            others.push(server.login("ada").await);
        }
        let bob = server.user("bob").await;
        let stream = others[3].long_answer().await;
        assert_eq!(ada.get("/api/v1/auth/sessions").await.json.as_array().unwrap().len(), 11);

        assert_eq!(ada.post("/api/v1/auth/logout-all", json!({})).await.status, 204);

        for one in others.iter().chain([&ada]) {
            assert!(!one.is_in().await);
            assert_eq!(one.refresh().await.status, 401);
        }
        assert!(time_until_end(stream).await < SECOND);
        assert!(bob.is_in().await);
        let sessions = server.login("ada").await.get("/api/v1/auth/sessions").await.json;
        assert_eq!(sessions.as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn one_session_can_be_ended_by_its_owner_only() {
    on_both(async |server| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let phone = server.login("ada").await;
        let sessions = ada.get("/api/v1/auth/sessions").await.json;
        let current: Vec<_> = sessions.as_array().unwrap().iter().map(|one| &one["current"]).collect();
        assert_eq!(current, [&json!(false), &json!(true)], "the one used last first");
        assert_eq!((&sessions[0]["ip"], sessions[0]["user_agent"].is_null()), (&json!("127.0.0.1"), true));
        let at = |name: &str| sessions[0][name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert!(at("created_at") <= at("last_seen_at"), "{sessions}");
        let id = sessions[0]["id"].as_i64().unwrap();
        let path = format!("/api/v1/auth/sessions/{id}");

        let stranger = bob.delete(&path).await;
        assert_eq!(stranger.sameness(), bob.delete("/api/v1/auth/sessions/12345").await.sameness());
        assert_eq!(stranger.status, 404);
        assert!(phone.is_in().await);

        assert_eq!(
            ada.delete(&format!("/api/v1/auth/sessions/{id:024x}")).await.status,
            204,
            "in any spelling"
        );
        assert!(!phone.is_in().await && ada.is_in().await);
        assert_eq!(ada.delete(&path).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let others = [server.login("ada").await, server.login("ada").await];
        let stream = others[0].long_answer().await;
        let change = async |current: &str, new: &str| {
            let body = json!({ "current_password": current, "new_password": new });
            ada.post("/api/v1/auth/password/change", body).await
        };
        let wrong = change("wrong", "a new password").await;
        assert_eq!((wrong.refusal(), wrong.pointer()), ((403, "wrong_password"), "/current_password"));
        assert_eq!(change(PASSWORD, "short").await.pointer(), "/new_password");
        assert!(others[0].is_in().await);

        let changed = change(PASSWORD, "a new password").await;

        assert_eq!(changed.status, 200);
        let renewed = ada.clone().with(&changed);
        assert!(!others[0].is_in().await && !others[1].is_in().await);
        assert!(time_until_end(stream).await < SECOND);
        assert!(ada.is_in().await && renewed.is_in().await, "this one goes on");
        assert_eq!(ada.refresh().await.status, 401, "a refresh token from before is void");
        assert_eq!(renewed.refresh().await.status, 200);
        let login = async |password: &str| {
            let body = json!({ "username": "ada", "password": password });
            server.anonymous().post("/api/v1/auth/login", body).await.status
        };
        assert_eq!((login(PASSWORD).await, login("a new password").await), (401, 200));
    })
    .await;
}

#[tokio::test]
async fn a_barred_account_is_out_everywhere() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let stream = ada.long_answer().await;

        accounts::deactivate(&server.app, UserId(ada.id)).await.unwrap();

        assert!(!ada.is_in().await);
        assert_eq!(ada.refresh().await.status, 401);
        assert!(time_until_end(stream).await < SECOND);
        let gone = server.provider.until(|counts| counts.open == 0);
        tokio::time::timeout(2 * SECOND, gone).await.expect("the provider is let go");
        let login = json!({ "username": "ada", "password": PASSWORD });
        let refused = server.anonymous().post("/api/v1/auth/login", login).await;
        assert_eq!(refused.refusal(), (403, "account_deactivated"));
        let wrong = json!({ "username": "ada", "password": "wrong" });
        assert_eq!(
            server.anonymous().post("/api/v1/auth/login", wrong).await.status,
            401,
            "told to its owner only"
        );

        accounts::reactivate(&server.app, UserId(ada.id)).await.unwrap();
        assert!(!ada.is_in().await);
        assert!(server.login("ada").await.is_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let stream = ada.long_answer().await;
        let conversation = ada.get("/api/v1/conversations").await.json[0]["id"].as_i64().unwrap();
        let delete = async |password: &str| {
            ada.send(reqwest::Method::DELETE, "/api/v1/me", Some(json!({ "password": password }))).await
        };
        assert_eq!(delete("wrong").await.pointer(), "/password");

        assert_eq!(delete(PASSWORD).await.status, 204);

        assert!(!ada.is_in().await);
        assert!(time_until_end(stream).await < SECOND);
        let login = json!({ "username": "ada", "password": PASSWORD });
        assert_eq!(server.anonymous().post("/api/v1/auth/login", login).await.status, 401);
        let again = server.register("ada").await;
        assert_ne!(again.id, ada.id, "its names are free");
        assert_eq!(again.get(&format!("/api/v1/conversations/{conversation}")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn when_the_last_admin_goes_the_next_first_account_runs_the_installation() {
    on_both(async |server| {
        let (admin, bob) = (server.admin().await, server.register("bob").await);
        let body = Some(json!({ "password": PASSWORD }));
        assert_eq!(admin.send(reqwest::Method::DELETE, "/api/v1/me", body).await.status, 204);
        assert!(bob.is_in().await);
        let next = server.anonymous().post("/api/v1/auth/register", sign_up("eve")).await;
        assert_eq!((next.status, &next.json["role"]), (201, &json!("admin")));
    })
    .await;
}

#[tokio::test]
async fn the_other_sessions_end_and_this_one_goes_on() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let others = [server.login("ada").await, server.login("ada").await];
        let bob = server.user("bob").await;
        let stream = others[1].long_answer().await;
        assert_eq!(ada.delete("/api/v1/auth/sessions").await.status, 204);
        assert!(!others[0].is_in().await && !others[1].is_in().await);
        assert!(time_until_end(stream).await < SECOND);
        assert!(ada.is_in().await && bob.is_in().await);
        assert_eq!(ada.refresh().await.status, 200);
    })
    .await;
}
