//! How many requests anybody may make, through every door.

use std::time::Duration;

use fakes::Socket;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use services::Config;

use crate::support::{Answer, Client, PASSWORD, TestServer, on_both_with, sign_up};

/// A number in a header.
fn number(headers: &HeaderMap, name: &str) -> u64 {
    headers[name].to_str().unwrap().parse().unwrap()
}

/// How many are allowed, and how many are left.
fn left(answer: &Answer) -> (u64, u64) {
    (number(&answer.headers, "ratelimit-limit"), number(&answer.headers, "ratelimit-remaining"))
}

fn has_no_limit(answer: &Answer) -> bool {
    !answer.headers.keys().any(|name| name.as_str().starts_with("ratelimit"))
}

/// Asks as a proxy does that forwards for an address.
async fn forwarded(client: &Client, path: &str, address: &str) -> Answer {
    let request = client.request(Method::GET, path).header("x-forwarded-for", address);
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn headers_count_down_and_then_the_account_waits_while_others_do_not() {
    on_both_with(
        |config| {
            config.limits.per_user = 3;
            config.limits.window_seconds = 600;
        },
        async |server| {
            let (ada, bob) = (server.user("ada").await, server.register("bob").await);
            for expected in [2, 1, 0] {
                let answer = ada.get("/api/v1/conversations").await;
                assert_eq!((answer.status, left(&answer)), (200, (3, expected)));
                assert_eq!(answer.headers["ratelimit-policy"], "3;w=600");
                assert!((590..=600).contains(&number(&answer.headers, "ratelimit-reset")));
            }
            let refused = ada.get("/api/v1/conversations").await;
            assert_eq!((refused.refusal(), left(&refused)), ((429, "rate_limited"), (3, 0)));
            let wait = number(&refused.headers, "retry-after");
            assert!((590..=600).contains(&wait) && wait == number(&refused.headers, "ratelimit-reset"));
            assert!(refused.json["detail"].as_str().unwrap().starts_with("Too many requests. Try again in "));
            assert_eq!(server.login("ada").await.get("/api/sessions").await.status, 429, "the same account");
            assert_eq!(bob.get("/api/v1/conversations").await.status, 200, "the same address");

            server.app.clock().advance_ms(601_000);
            assert_eq!(left(&server.login("ada").await.get("/api/v1/conversations").await), (3, 2));
        },
    )
    .await;
}

#[tokio::test]
async fn every_door_refuses_in_its_own_words() {
    let server = TestServer::start_with(|config| config.limits.per_user = 1).await;
    let ada = server.user("ada").await;
    assert_eq!(ada.get("/api/v1/me").await.status, 200);
    let refuse = async |path: &str| {
        let refused = ada.get(path).await;
        assert_eq!((refused.status, left(&refused)), (429, (1, 0)), "{path}");
        assert!(refused.headers.contains_key("retry-after"), "{path}");
        refused.json
    };
    let is_said = |json: &Value, name: &str| json[name].as_str().unwrap().starts_with("Too many requests.");
    for path in ["/api/chat/conversations", "/api/sessions", "/api/chat/threads"] {
        let said = refuse(path).await;
        assert_eq!((&said["success"], &said["retryAfter"]), (&json!(false), &json!(15)), "{path}");
        assert!(is_said(&said, "error") && is_said(&said, "detail"), "{path}: {said}");
    }
    let said = refuse("/sessions").await;
    assert_eq!((&said["statusCode"], &said["error"]), (&json!(429), &json!("Too Many Requests")));
    assert!(is_said(&said, "message"));
    let said = refuse("/v1/models").await;
    assert_eq!(said["error"]["type"], "rate_limit_error");
    assert!(is_said(&said["error"], "message"));
    assert_eq!(refuse("/api/v1/models").await["code"], "rate_limited");
}

#[tokio::test]
async fn who_is_not_signed_in_is_counted_by_address() {
    let server = TestServer::start_with(|config| config.limits.per_address = 4).await;
    let ada = server.user("ada").await; // two accounts, and two looks at the server
    let anybody = server.anonymous();
    while anybody.get("/api/v1/instance").await.status == 200 {}
    for path in
        ["/api/v1/instance", "/api", "/api/nothing", "/api/chat/conversations", "/messages/1", "/v1/models"]
    {
        let refused = anybody.get(path).await;
        assert_eq!((refused.status, left(&refused)), (429, (4, 0)), "{path}");
    }
    let said = anybody.get("/api/subscription/plans").await.json;
    assert_eq!((&said["success"], &said["retryAfter"]), (&json!(false), &json!(15)));
    let guessing = Client { token: Some("guessed".into()), ..anybody.clone() };
    assert_eq!(guessing.get("/api/v1/me").await.status, 429, "a token that is none is nobody's");
    for path in ["/api/v1/me", "/api/v1/instance", "/api/v1/me"] {
        assert_eq!(ada.get(path).await.status, 200, "who is signed in is another count");
    }
}

#[tokio::test]
async fn health_and_files_are_free_and_unlimited_is_unlimited() {
    let server = TestServer::start_with(|config| config.limits.all_per_address = 1).await;
    let anybody = server.anonymous();
    for path in ["/health", "/ready", "/", "/login", "/docs", "/openapi.json", "/favicon.ico"] {
        for _ in 0..3 {
            let answer = anybody.get(path).await;
            assert!(answer.status != 429 && has_no_limit(&answer), "{path}: {}", answer.status);
        }
    }
    assert_eq!(left(&anybody.get("/api/v1/instance").await), (1, 0));
    assert_eq!(anybody.get("/api/v1/instance").await.status, 429);
    assert_eq!(anybody.get("/health").await.status, 200);

    let server = TestServer::start().await;
    assert!(has_no_limit(&server.anonymous().get("/api/v1/instance").await));
}

#[tokio::test]
async fn what_an_untrusted_peer_forwards_changes_nothing() {
    let server = TestServer::start_with(|config| config.limits.per_address = 5).await;
    let anybody = server.anonymous();
    let mut seen = Vec::new();
    for n in 0..7 {
        let answer = forwarded(&anybody, "/api/v1/instance", &format!("203.0.113.{n}")).await;
        seen.push((answer.status, left(&answer).1));
    }
    assert_eq!(seen, [(200, 4), (200, 3), (200, 2), (200, 1), (200, 0), (429, 0), (429, 0)]);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself_and_a_network_of_ipv6_is_one() {
    let server = TestServer::start_with(|config: &mut Config| {
        config.server.trusted_proxies = vec!["127.0.0.1".into(), "10.0.0.0/8".into()];
        config.limits.per_address = 2;
    })
    .await;
    let anybody = server.anonymous();
    let ask = async |address: &str| forwarded(&anybody, "/api/v1/instance", address).await.status;
    for address in ["203.0.113.1", "203.0.113.2", "2001:db8:1:2::1"] {
        assert_eq!(
            (ask(address).await, ask(address).await, ask(address).await),
            (200, 200, 429),
            "{address}"
        );
    }
    assert_eq!(ask("2001:db8:1:2:ffff::9").await, 429, "the same network");
    assert_eq!(ask("2001:db8:1:3::1").await, 200, "another one");
    assert_eq!(ask("::ffff:203.0.113.1").await, 429, "the same address, mapped");
    assert_eq!(
        ask("198.51.100.7, 203.0.113.1, 10.0.0.9").await,
        429,
        "what our proxy saw, not what was told"
    );
    for told in ["198.51.100.7, unknown", "198.51.100.8, unix:, 10.0.0.9", "unknown"] {
        assert_eq!(ask(told).await, 200, "{told}");
    }
    assert_eq!(
        ask("198.51.100.7").await,
        200,
        "what stands before a hop that cannot be read was not believed"
    );
    assert_eq!(ask("198.51.100.9, unknown").await, 429, "all of these were the proxy's own");
}

#[tokio::test]
async fn ways_in_are_limited_by_address_on_every_door() {
    let server = TestServer::start_with(|config| config.limits.sign_ins_per_address = 8).await;
    let ada = server.user("ada").await; // two of the eight
    let anybody = server.anonymous();
    let wrong = json!({ "username": "ada", "email": "ada@example.org", "password": "wrong" });
    for path in ["/api/v1/auth/login", "/api/auth/login", "/auth/login"] {
        assert_eq!(anybody.post(path, wrong.clone()).await.status, 401, "{path}");
    }
    let right = json!({ "username": "ada", "password": PASSWORD });
    let signed_in = anybody.post("/api/v1/auth/login", right.clone()).await;
    assert_eq!((signed_in.status, left(&signed_in)), (200, (8, 2)), "a success gives nothing back");
    for path in ["/api/v1/auth/password/forgot", "/auth/register"] {
        anybody.post(path, json!({ "email": "new@example.org", "password": PASSWORD })).await;
    }
    for path in ["/api/v1/auth/login", "/api/auth/login", "/auth/login", "/api/v1/auth/password/reset"] {
        assert_eq!(anybody.post(path, right.clone()).await.status, 429, "{path}");
    }
    assert_eq!(anybody.post("/api/v1/auth/register", sign_up("new")).await.status, 429);
    assert_eq!(ada.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn questions_to_models_are_limited_by_account_through_every_door_and_socket() {
    let server = TestServer::start_with(|config| {
        config.limits.asks_per_user = 4;
        config.limits.per_user = 1_000;
    })
    .await;
    let ada = server.user("ada").await;
    let made = ada.post("/api/chat/conversations", json!({})).await.json;
    let hex = made["data"]["conversation"]["_id"].as_str().unwrap().to_owned();
    let id = i64::from_str_radix(&hex, 16).unwrap().to_string();
    let question = json!([{ "role": "user", "content": "[tokens=1]" }]);
    let asks = [
        ("/api/v1/chat".to_owned(), json!({ "message": "[tokens=1]" })),
        (format!("/api/chat/conversations/{hex}/messages"), json!({ "message": "[tokens=1]" })),
        ("/messages".to_owned(), json!({ "sessionId": id, "role": "user", "content": "[tokens=1]" })),
        ("/v1/chat/completions".to_owned(), json!({ "model": "fake", "messages": question })),
    ];
    for ((path, body), expected) in asks.iter().zip([3, 2, 1, 0]) {
        let answer = ada.post(path, body.clone()).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text);
        assert_eq!(left(&answer), (4, expected), "{path}: a stream counts once");
        assert!(number(&answer.headers, "ratelimit-reset") <= 60);
    }
    for (path, body) in &asks {
        assert_eq!(ada.post(path, body.clone()).await.status, 429, "{path}");
    }
    assert_eq!(left(&ada.get("/api/v1/conversations").await).0, 1_000, "reading is another count");

    let mut socket = Socket::connect(server.address, "/", json!({ "token": ada.token })).await.unwrap();
    socket.emit("stream-message", &json!({ "conversationId": hex, "message": "[tokens=1]" })).await;
    let heard = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let (event, data) = socket.next().await.expect("the socket stays open");
            if event == "error" {
                return data;
            }
        }
    });
    let refused = heard.await.unwrap();
    assert!(refused["message"].as_str().unwrap().starts_with("Too many requests."), "{refused}");
}

#[tokio::test]
async fn sockets_count_when_they_open() {
    let server = TestServer::start_with(|config| config.limits.all_per_address = 2).await;
    let anybody = server.anonymous();
    let open = async || anybody.get("/socket.io/?EIO=4&transport=polling").await;
    let opened = open().await;
    assert_eq!(opened.status, 200);
    let sid = opened.text.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(open().await.status, 200);
    assert_eq!(open().await.status, 429);
    let polled = anybody.request(Method::POST, &format!("/socket.io/?EIO=4&transport=polling&sid={sid}"));
    assert_ne!(polled.body("40").send().await.unwrap().status(), 429, "one that is open goes on");
}
