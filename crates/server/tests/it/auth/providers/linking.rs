//! An account that is there is never entered by its e-mail address: it is linked with its password, or by who is in it.

use fakes::{FakeOidc, FakeSmtp};
use serde_json::json;
use services::testing::BOTH;

use super::{Browser, link_in_settings, location, on_both, settings};
use crate::support::{PASSWORD, TestServer};

const LINK: &str = "/api/v1/auth/fake/link";

#[tokio::test]
async fn the_password_links_an_account_of_the_same_address() {
    on_both(async |server, _provider| {
        server.user("ada").await;
        let browser = Browser::of(&server);
        assert_eq!(browser.come_in().await, "/login?link=fake&from=%2F");
        assert_eq!(browser.user().await, None, "the address alone signs nobody in");
        assert_eq!(browser.come_in().await, "/login?link=fake&from=%2F", "not even the second time");

        let wrong = browser.post(LINK, json!({ "password": "not her password" })).await;
        assert_eq!((wrong.status, wrong.pointer()), (403, "/password"));
        let other = Browser::of(&server);
        let stranger = other.post(LINK, json!({ "password": PASSWORD })).await;
        assert_eq!(stranger.refusal(), (403, "sign_in_ended"), "another browser");

        let linked = browser.post(LINK, json!({ "password": PASSWORD })).await;
        assert_eq!(linked.status, 200, "{}", linked.text);
        assert!(linked.json.get("access_token").is_none(), "in cookies alone");
        assert_eq!(browser.user().await.as_deref(), Some("ada"));
        let again = browser.post(LINK, json!({ "password": PASSWORD })).await;
        assert_eq!(again.refusal(), (403, "sign_in_ended"), "used once");

        let later = Browser::of(&server);
        assert_eq!(later.come_in().await, "/");
        assert_eq!(later.user().await.as_deref(), Some("ada"));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_waits_for_its_password_does_not_wait_for_ever() {
    on_both(async |server, _provider| {
        server.user("ada").await;
        let browser = Browser::of(&server);
        browser.come_in().await;
        server.app.clock().advance_ms(10 * 60_000 + 1);
        let late = browser.post(LINK, json!({ "password": PASSWORD })).await;
        assert_eq!(late.refusal(), (403, "sign_in_ended"));
    })
    .await;
}

#[tokio::test]
async fn who_is_signed_in_links_in_the_settings() {
    on_both(async |server, provider| {
        let (ada, bob) = (server.user("ada2").await, server.user("bob").await);
        let browser = Browser::of(&server);
        browser.be(&ada);
        assert_eq!(link_in_settings(&browser).await, "/settings/security");
        assert_eq!(link_in_settings(&browser).await, "/settings/security", "twice is no fault");
        let ways = browser.get("/api/v1/me/identities").await.json;
        assert_eq!(ways["has_password"], true);
        assert_eq!(ways["identities"].as_array().unwrap().len(), 1);
        assert_eq!(ways["identities"][0]["email"], "ada@example.org");

        browser.be(&bob);
        assert_eq!(link_in_settings(&browser).await, "/settings/security?problem=identity_taken");
        // An address that nobody vouches for can be linked by who is in the account; it is not kept.
        provider.set_person(json!({ "sub": "bob-1", "email": "root@example.org", "email_verified": false }));
        assert_eq!(link_in_settings(&browser).await, "/settings/security");
        let ways = browser.get("/api/v1/me/identities").await.json;
        assert_eq!(ways["identities"][0]["email"], serde_json::Value::Null);
        browser.forget();
        assert_eq!(browser.come_in().await, "/");
        assert_eq!(browser.user().await.as_deref(), Some("bob"));
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_links_nothing() {
    on_both(async |server, _provider| {
        let ada = server.user("ada2").await;
        let browser = Browser::of(&server);
        browser.be(&ada);
        let onward = browser.post("/api/v1/me/identities", json!({ "provider": "fake", "from": "/x" })).await;
        let back = location(&browser.get(onward.json["url"].as_str().unwrap()).await);
        ada.post("/api/v1/auth/logout", json!({})).await;
        assert_eq!(location(&browser.get(&back).await), "/x?problem=unauthenticated");
        let ada = server.login("ada2").await;
        assert_eq!(ada.get("/api/v1/me/identities").await.json["identities"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_last_way_in_stays() {
    on_both(async |server, _provider| {
        let browser = Browser::of(&server);
        browser.come_in().await;
        let ways = browser.get("/api/v1/me/identities").await.json;
        let path = format!("/api/v1/me/identities/{}", ways["identities"][0]["id"]);
        let kept = browser.send(reqwest::Method::DELETE, &path, None).await;
        assert_eq!(kept.refusal(), (409, "last_way_in"));
        assert_eq!(browser.get("/api/v1/me/identities").await.json, ways);

        let ada = server.user("ada2").await;
        let own = services::testing::link_identity(&server.app, ada.id).await;
        assert_eq!(ada.delete(&format!("/api/v1/me/identities/{own}")).await.status, 204);
        assert_eq!(ada.delete(&format!("/api/v1/me/identities/{own}")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn an_account_without_a_password_is_told_so_and_gets_one() {
    on_both(async |server, _provider| {
        let browser = Browser::of(&server);
        browser.come_in().await;
        for (path, body) in [
            (
                "/api/v1/auth/password/change",
                json!({ "current_password": "", "new_password": "another one" }),
            ),
            ("/api/v1/api-keys", json!({ "current_password": "", "name": "x" })),
        ] {
            assert_eq!(browser.post(path, body).await.refusal(), (409, "no_password"), "{path}");
        }
        let ended =
            browser.send(reqwest::Method::DELETE, "/api/v1/me", Some(json!({ "password": "" }))).await;
        assert_eq!(ended.refusal(), (409, "no_password"));
        for password in ["", "x"] {
            let body = json!({ "username": "ada", "password": password });
            assert_eq!(server.anonymous().post("/api/v1/auth/login", body).await.status, 401);
        }
    })
    .await;
}

#[tokio::test]
async fn who_ends_an_account_can_begin_anew() {
    on_both(async |server, _provider| {
        let ada = server.register("ada2").await;
        let browser = Browser::of(&server);
        browser.be(&ada);
        link_in_settings(&browser).await;
        let ended =
            ada.send(reqwest::Method::DELETE, "/api/v1/me", Some(json!({ "password": PASSWORD }))).await;
        assert_eq!(ended.status, 204);
        browser.forget();
        assert_eq!(browser.come_in().await, "/");
        assert_eq!(browser.user().await.as_deref(), Some("ada"));
        services::testing::sweep(&server.app).await;
        assert_eq!(browser.user().await.as_deref(), Some("ada"));
    })
    .await;
}

#[tokio::test]
async fn a_program_with_a_key_links_nothing() {
    on_both(async |server, _provider| {
        let ada = server.user("ada2").await;
        let body = json!({ "name": "x", "scopes": ["read", "write"], "current_password": PASSWORD });
        let key = ada.post("/api/v1/api-keys", body).await.json["key"].as_str().unwrap().to_owned();
        let program = crate::support::Client { token: Some(key), ..server.anonymous() };
        assert_eq!(program.get("/api/v1/me/identities").await.refusal(), (403, "needs_sign_in"));
        let begun = program.post("/api/v1/me/identities", json!({ "provider": "fake" })).await;
        assert_eq!(begun.refusal(), (403, "needs_sign_in"));
    })
    .await;
}

#[tokio::test]
async fn who_takes_an_address_first_does_not_keep_the_way_in() {
    for on in BOTH {
        let (provider, mail) = (FakeOidc::start(), FakeSmtp::start());
        let settings = settings(&provider);
        let server = TestServer::start_on(on, |config| {
            config.auth.oidc.insert("fake".into(), settings);
            config.mail.url = Some(format!("smtp://{}", mail.address()).into());
            config.mail.from = Some("Chat <chat@example.org>".into());
        })
        .await;
        // Somebody signs up with her address, and links two accounts.
        let thief = server.user("ada").await;
        let browser = Browser::of(&server);
        for sub in ["thief", "ada-1"] {
            browser.be(&thief);
            provider.set_person(json!({
                "sub": sub, "email": if sub == "thief" { "thief@example.org" } else { "ADA@example.org" },
                "email_verified": true,
            }));
            assert_eq!(link_in_settings(&browser).await, "/settings/security");
        }
        // She asks for a password: what is hers stays, what is not goes.
        server.anonymous().post("/api/v1/auth/password/forgot", json!({ "email": "ada@example.org" })).await;
        let letters = tokio::time::timeout(std::time::Duration::from_secs(10), mail.until(1)).await.unwrap();
        let letter = letters[0].readable();
        let token: String = letter.split_once("/reset?token=").unwrap().1.chars().take(43).collect();
        let body = json!({ "token": token, "password": "a password to remember" });
        assert_eq!(server.anonymous().post("/api/v1/auth/password/reset", body).await.status, 204);
        browser.forget();
        assert_eq!(browser.come_in().await, "/");
        let ways = browser.get("/api/v1/me/identities").await.json;
        assert_eq!(ways["identities"].as_array().unwrap().len(), 1);
        assert_eq!(browser.user().await.as_deref(), Some("ada"));
        provider.set_person(json!({ "sub": "thief", "email": "thief@example.org", "email_verified": true }));
        browser.forget();
        assert_eq!(browser.come_in().await, "/");
        assert_eq!(browser.user().await.as_deref(), Some("thief"), "an account of their own");
    }
}
