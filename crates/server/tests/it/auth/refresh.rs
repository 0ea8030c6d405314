//! Refresh tokens: used once, asked for again when the answer was lost, and never good for a thief.

use crate::support::{Client, TestServer, on_both, on_both_with};

fn next(client: &Client, answer: &crate::support::Answer) -> Client {
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    client.clone().with(answer)
}

#[tokio::test]
async fn refreshing_gives_a_new_pair_each_time() {
    on_both(async |server| {
        let mut ada = server.user("ada").await;
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..30 {
            let renewed = next(&ada, &ada.refresh().await);
            assert!(
                renewed.is_in().await && ada.is_in().await,
                "access tokens live as long as their session"
            );
            assert!(seen.insert(renewed.refresh.clone()) && seen.insert(renewed.token.clone()));
            ada = renewed;
        }
    })
    .await;
}

#[tokio::test]
async fn fifty_lost_answers_sign_nobody_out() {
    on_both(async |server| {
        let mut ada = server.user("ada").await;
        for round in 0..50 {
            let lost = next(&ada, &ada.refresh().await);
            let again = next(&ada, &ada.refresh().await);
            assert_eq!(lost.refresh, again.refresh, "the same successor");
            assert_ne!(lost.token, again.token, "a fresh access token");
            assert!(round % 2 == 0 || again.is_in().await);
            ada = again;
        }
        assert!(ada.is_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_stolen_token_ends_the_session_for_everybody() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let other = server.login("ada").await;
        let renewed = next(&ada, &ada.refresh().await);
        assert!(renewed.is_in().await);

        let thief = ada.refresh().await;

        assert_eq!(thief.refusal(), (401, "unauthenticated"));
        assert!(!renewed.is_in().await && !ada.is_in().await, "at once");
        assert_eq!(renewed.refresh().await.status, 401);
        assert!(other.is_in().await, "the other session is none of it");
        assert_eq!(other.get("/api/v1/auth/sessions").await.json.as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_token_from_long_ago_ends_the_session_too() {
    on_both(async |server| {
        let first = server.user("ada").await;
        let mut ada = first.clone();
        for _ in 0..5 {
            ada = next(&ada, &ada.refresh().await);
        }
        assert_eq!(first.refresh().await.status, 401);
        assert!(!ada.is_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_made_up_token_harms_nobody() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let token = ada.refresh.clone().unwrap();
        let (session, _) = token.split_at(12);
        let made_up = format!("{session}{}", "A".repeat(token.len() - 12));
        for token in ["", "x", &made_up, &token[..40], &"é".repeat(30)] {
            assert_eq!(ada.refresh_with(token).await.status, 401, "{token}");
        }
        assert!(ada.is_in().await);
        assert_eq!(ada.refresh().await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn tabs_that_refresh_at_once_stay_signed_in() {
    on_both(async |server| {
        let mut ada = server.user("ada").await;
        for _ in 0..10 {
            let tabs = futures_util::future::join_all((0..5).map(|_| ada.refresh())).await;
            let tabs: Vec<_> = tabs.iter().map(|answer| next(&ada, answer)).collect();
            assert!(tabs.iter().all(|tab| tab.refresh == tabs[0].refresh));
            for tab in &tabs {
                assert!(tab.is_in().await);
            }
            ada = tabs.into_iter().next().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_thief_and_the_owner_are_both_out_soon() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let thief = next(&ada, &ada.refresh().await);
        assert!(thief.is_in().await);
        assert_eq!(ada.refresh().await.status, 401);
        assert_eq!(thief.refresh().await.status, 401);
        assert!(!thief.is_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    on_both_with(
        |config| {
            config.auth.refresh_idle_seconds = 300;
            config.auth.refresh_absolute_seconds = 1000;
        },
        async |server| {
            let mut ada = server.user("ada").await;
            for _ in 0..4 {
                server.app.clock().advance_ms(240_000);
                ada = next(&ada, &ada.refresh().await);
                assert!(ada.is_in().await);
            }
            server.app.clock().advance_ms(60_000);
            assert_eq!(ada.refresh().await.status, 401, "1,000 seconds, whatever it does");
            assert!(!ada.is_in().await);

            let bob = server.user("bob").await;
            server.app.clock().advance_ms(301_000);
            assert_eq!(bob.refresh().await.status, 401, "300 seconds of nothing");
            assert!(!bob.is_in().await);
        },
    )
    .await;
}

#[tokio::test]
async fn refreshes_are_limited_by_address() {
    let server = TestServer::start_with(|config| {
        config.auth.limits.refresh_address_burst = 3;
        config.auth.limits.refresh_address_per_hour = 60;
    })
    .await;
    let ada = server.user("ada").await;
    for _ in 0..3 {
        assert_eq!(ada.refresh_with("x").await.status, 401);
    }
    let limited = ada.refresh().await;
    assert_eq!(limited.refusal(), (429, "rate_limited"));
    assert!(limited.headers.contains_key("retry-after"));
    assert!(ada.is_in().await, "who is signed in stays so");
}

#[tokio::test]
async fn a_restart_signs_nobody_out() {
    Box::pin(on_both(async |server| {
        let ada = server.user("ada").await;
        let renewed = next(&ada, &ada.refresh().await);
        let server = server.restart().await;
        let base = server.anonymous().base;
        let (ada, renewed) = (Client { base: base.clone(), ..ada }, Client { base, ..renewed });
        assert!(renewed.is_in().await);
        assert_eq!(next(&renewed, &renewed.refresh().await).get("/api/v1/me").await.status, 200);
        assert_eq!(ada.refresh().await.status, 401, "what was used before is still used");
    }))
    .await;
}
