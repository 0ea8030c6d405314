//! A service that is down, slow or strange keeps nobody from anything else.

use std::time::{Duration, Instant};

use fakes::{FakeOidc, Manners};
use serde_json::{Map, json};

use super::{Browser, LOGIN, location, on_both, settings};
use crate::support::TestServer;

#[tokio::test]
async fn a_service_that_is_down_is_said_to_be_and_comes_back() {
    on_both(async |server, provider| {
        let browser = Browser::of(&server);
        for status in [500, 503, 429] {
            provider.behave(Manners { status: Some(status), ..Manners::default() });
            assert_eq!(location(&browser.get(LOGIN).await), "/login?problem=sign_in_unreachable");
        }
        provider.behave(Manners::default());
        let back = browser.leave(LOGIN).await;
        provider.behave(Manners { status: Some(503), ..Manners::default() });
        assert_eq!(location(&browser.get(&back).await), "/login?problem=sign_in_unreachable");
        provider.behave(Manners::default());
        assert_eq!(browser.come_in().await, "/");
    })
    .await;
}

#[tokio::test]
async fn a_server_starts_without_its_service() {
    let provider = FakeOidc::start();
    let settings = settings(&provider);
    drop(provider);
    let server = TestServer::start_with(|config| {
        config.auth.oidc.insert("fake".into(), settings);
    })
    .await;
    server.admin().await;
    assert_eq!(location(&Browser::of(&server).get(LOGIN).await), "/login?problem=sign_in_unreachable");
}

#[tokio::test]
async fn a_slow_service_holds_nobody_for_long() {
    let provider = FakeOidc::start();
    provider.behave(Manners { waits: Duration::from_mins(1), ..Manners::default() });
    let settings = settings(&provider);
    let server = TestServer::start_with(|config| {
        config.auth.oidc.insert("fake".into(), settings);
    })
    .await;
    server.admin().await;
    let began = Instant::now();
    assert_eq!(location(&Browser::of(&server).get(LOGIN).await), "/login?problem=sign_in_unreachable");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_a_service_says_about_itself_must_be_safe() {
    for (name, value) in [
        ("issuer", json!("https://accounts.evil.example")),
        ("token_endpoint", json!("http://accounts.evil.example/token")),
        ("jwks_uri", json!("http://accounts.evil.example/jwks")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("jwks_uri", serde_json::Value::Null),
    ] {
        let provider = FakeOidc::start();
        let about = Map::from_iter([(name.to_owned(), value)]);
        provider.behave(Manners { about, ..Manners::default() });
        let settings = settings(&provider);
        let server = TestServer::start_with(|config| {
            config.auth.oidc.insert("fake".into(), settings);
        })
        .await;
        server.admin().await;
        let answer = Browser::of(&server).get(LOGIN).await;
        assert_eq!(location(&answer), "/login?problem=sign_in_not_believed", "{name}");
    }
}
