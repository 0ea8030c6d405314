//! Signing in, and what a token is good for.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use services::testing::take_password_checks;
use sha2::{Digest as _, Sha256};

use crate::process::is_full;
use crate::support::{Answer, Client, PASSWORD, TestServer, on_both, on_both_with};

const LOGIN: &str = "/api/v1/auth/login";
const ME: &str = "/api/v1/auth/me";

async fn form(client: &Client, body: String) -> Answer {
    let request =
        client.request(Method::POST, LOGIN).header("content-type", "application/x-www-form-urlencoded");
    Answer::read(request.body(body).send().await.unwrap()).await
}

#[tokio::test]
async fn either_name_signs_in_as_json_or_as_a_form() {
    on_both(async |server| {
        server.register("Ada").await;
        let anybody = server.anonymous();
        for (member, name) in [
            ("username", "ada"),
            ("username", "ADA@example.org"),
            ("email", "ada@Example.org"),
            ("email", "Ada"),
        ] {
            let json = anybody.post(LOGIN, json!({ member: name, "password": PASSWORD })).await;
            assert_eq!((json.status, &json.json["token_type"]), (200, &json!("bearer")));
            assert_eq!(json.json["username"], json.json["user"]["username"]);
            let (name, password) = (name.replace('@', "%40"), PASSWORD.replace(' ', "+"));
            let form =
                form(&anybody, format!("grant_type=password&{member}={name}&password={password}")).await;
            assert!(anybody.clone().with(&form).is_in().await);
        }
        assert_eq!(anybody.post(LOGIN, json!({ "password": PASSWORD })).await.pointer(), "/username");
        assert_eq!(form(&anybody, "username=a%00&password=x".into()).await.pointer(), "/username");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_account_looks_like_a_wrong_password() {
    on_both(async |server| {
        server.register("ada").await;
        let anybody = server.anonymous();
        let attempt = async |name: &str| {
            take_password_checks(&server.app);
            let body = json!({ "username": name, "password": "not the password" });
            (anybody.post(LOGIN, body).await, take_password_checks(&server.app))
        };
        let (known, checks_of_known) = attempt("ada").await;
        let (unknown, checks_of_unknown) = attempt("nobody").await;
        assert_eq!(known.refusal(), (401, "unauthenticated"));
        assert_eq!(known.sameness(), unknown.sameness());
        // So both take as long: all else is little beside a hash.
        assert_eq!(checks_of_known.len(), 1, "{checks_of_known:?}");
        assert_eq!(checks_of_known, checks_of_unknown);
    })
    .await;
}

/// The same with a clock: only where nothing else runs, because times are the machine's.
#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_wrong_password() {
    if !is_full() || !std::path::Path::new("/proc/self/schedstat").exists() {
        return;
    }
    let server = TestServer::start().await;
    server.register("ada").await;
    let anybody = server.anonymous();
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    let (mut cost_of_known, mut cost_of_unknown) = (Duration::ZERO, Duration::ZERO);
    for is_known in shuffled(200) {
        let (of, cost, name) = if is_known {
            (&mut of_known, &mut cost_of_known, "ada")
        } else {
            (&mut of_unknown, &mut cost_of_unknown, "nobody")
        };
        let (before, began) = (cpu_time(), Instant::now());
        anybody.post(LOGIN, json!({ "username": name, "password": "not the password" })).await;
        of.push(began.elapsed());
        *cost += cpu_time().saturating_sub(before);
    }
    let ratio = cost_of_unknown.as_secs_f64() / cost_of_known.as_secs_f64();
    assert!((0.8..1.25).contains(&ratio), "{ratio}: {cost_of_unknown:?} of {cost_of_known:?}");
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let ratio = median(&mut of_unknown) / median(&mut of_known);
    assert!((0.8..1.25).contains(&ratio), "{ratio}");
}

/// As many of each, in no order: of two equal hashes in turns the second may cost less than the first.
fn shuffled(each: usize) -> Vec<bool> {
    let mut order: Vec<_> = (0..each * 2).map(|n| (Sha256::digest(n.to_be_bytes()), n % 2 == 0)).collect();
    order.sort();
    order.into_iter().map(|(_, is_known)| is_known).collect()
}

/// What all threads of this process have computed, as Linux counts it.
fn cpu_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    threads.filter_map(of_thread).sum()
}

#[tokio::test]
async fn sign_ins_are_limited_by_account_and_by_address() {
    on_both_with(
        |config| {
            config.auth.limits.login_account_burst = 3;
            config.auth.limits.login_account_per_hour = 60;
            config.auth.limits.login_address_burst = 5;
            config.auth.limits.login_address_per_hour = 60;
        },
        async |server| {
            server.register("ada").await;
            let anybody = server.anonymous();
            let attempt = async |name: &str| {
                anybody.post(LOGIN, json!({ "username": name, "password": "wrong" })).await
            };
            for _ in 0..3 {
                assert_eq!(attempt("ada").await.status, 401);
            }
            let limited = attempt("ADA").await;
            assert_eq!(limited.refusal(), (429, "rate_limited"));
            let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait) && limited.headers.contains_key("ratelimit-reset"));
            assert_eq!(attempt("nobody").await.status, 401, "another account, the same address");
            assert_eq!(attempt("nobody else").await.status, 429, "the address has had its five");
        },
    )
    .await;
}

#[tokio::test]
async fn tokens_are_taken_from_headers_and_cookies_but_never_from_an_address() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let token = ada.token.clone().unwrap();
        let anybody = server.anonymous();
        let get = async |path: &str, headers: &[(&str, &str)]| {
            let request =
                headers.iter().fold(anybody.request(Method::GET, path), |request, (name, value)| {
                    request.header(*name, *value)
                });
            request.send().await.unwrap().status().as_u16()
        };
        for header in [
            ("authorization", format!("Bearer {token}")),
            ("authorization", format!("bearer  {token}")),
            ("cookie", format!("colloquy_session={token}")),
            ("cookie", format!("access_token=\"Bearer {token}\"")),
            ("cookie", format!("access_token={token}")),
            ("cookie", format!("a=b; token={token}")),
            ("cookie", format!("authToken={token}")),
            ("cookie", format!("colloquy_session=not.ours.atall; token=eyJh.x.y; authToken={token}")),
        ] {
            assert_eq!(get(ME, &[(header.0, &header.1)]).await, 200, "{header:?}");
        }
        let cookie = format!("colloquy_session={token}");
        assert_eq!(
            get(ME, &[("authorization", "Basic YTpi"), ("cookie", &cookie)]).await,
            200,
            "a proxy's own password"
        );
        assert_eq!(
            get(ME, &[("authorization", "Bearer x"), ("cookie", &cookie)]).await,
            401,
            "the header is believed"
        );
        for query in ["access_token", "token", "ticket", "authToken", "authorization"] {
            assert_eq!(get(&format!("{ME}?{query}={token}"), &[]).await, 401);
        }
        let refresh = ada.refresh.unwrap();
        assert_eq!(
            get(ME, &[("authorization", &format!("Bearer {refresh}"))]).await,
            401,
            "a refresh token is none"
        );
        let refused = anybody.get(ME).await;
        assert_eq!(refused.headers["www-authenticate"], "Bearer");
    })
    .await;
}

#[tokio::test]
async fn a_changed_token_is_no_token() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let token = ada.token.clone().unwrap();
        // The last character of each part may hold bits that mean nothing.
        let places =
            (0..token.len()).filter(|at| !token[*at..].starts_with('.') && *at + 1 != token.len()).step_by(3);
        for at in places {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = Client { token: Some(String::from_utf8(bytes).unwrap()), ..ada.clone() };
            assert_eq!(changed.get(ME).await.status, 401, "{at}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_access_token_expires() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let seconds = server.app.config.auth.access_token_seconds;
        server.app.clock().advance_ms((seconds - 10) * 1000);
        assert!(ada.is_in().await);
        server.app.clock().advance_ms(20_000);
        assert!(!ada.is_in().await);
        assert_eq!(ada.refresh().await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_stream_ticket_opens_one_stream_and_nothing_else() {
    on_both(async |server| {
        let ada = server.user("ada").await;
        let stream = ada.long_answer().await;
        let turn = ada.get("/api/v1/conversations").await.json[0]["running_turn_id"].as_i64().unwrap();
        let get = async || {
            ada.post("/api/v1/auth/stream-ticket", json!({})).await.json["ticket"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let anybody = server.anonymous();
        let open = async |ticket: &str| {
            let path = format!("/api/v1/turns/{turn}/events?ticket={ticket}");
            anybody.request(Method::GET, &path).send().await.unwrap().status().as_u16()
        };

        let ticket = get().await;
        assert_eq!(anybody.get(&format!("{ME}?ticket={ticket}")).await.status, 401, "not for other routes");
        assert_eq!(open(&ticket).await, 200);
        assert_eq!(open(&ticket).await, 401, "once");
        assert_eq!(open("guessed").await, 401);

        let late = get().await;
        server.app.clock().advance_ms(31_000);
        assert_eq!(open(&late).await, 401, "within 30 seconds");

        let of_ended = get().await;
        ada.post("/api/v1/auth/logout", json!({})).await;
        assert_eq!(open(&of_ended).await, 401, "as long as the session lives");

        let bob = server.user("bob").await;
        let of_bob = bob.post("/api/v1/auth/stream-ticket", json!({})).await.json["ticket"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(open(&of_bob).await, 404, "of one's own");
        drop(stream);
    })
    .await;
}
