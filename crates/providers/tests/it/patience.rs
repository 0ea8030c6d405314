//! Refusals, limits and second attempts.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use fakes::{Fake, Script};
use providers::{ProviderConfig, ProviderError, Timeouts, Waited, open};

use crate::support::{KEY, ask, config, provider, tokens};

#[tokio::test]
async fn a_refusal_is_sorted_told_and_repeated_only_where_that_helps() {
    let fake = Fake::start().await;
    for protocol in ["openai", "anthropic"] {
        let provider = provider(&fake, protocol);
        for (status, code, attempts) in [
            (400, "provider_bad_request", 1),
            (401, "provider_auth", 1),
            (403, "provider_auth", 1),
            (404, "provider_bad_request", 1),
            (408, "provider_unavailable", 3),
            (409, "provider_unavailable", 3),
            (413, "provider_bad_request", 1),
            (422, "provider_bad_request", 1),
            (429, "provider_rate_limited", 3),
            (500, "provider_unavailable", 3),
            (502, "provider_unavailable", 3),
            (503, "provider_unavailable", 3),
            (504, "provider_unavailable", 3),
            (529, "provider_unavailable", 3),
        ] {
            let before = fake.counts().requests;
            let answer = ask(&provider, &format!("go [status={status}]")).await;

            assert_eq!((answer.code(), answer.text.as_str()), (code, ""), "{protocol} {status}");
            assert_eq!(fake.counts().requests - before, attempts, "{protocol} {status}");
            let said = format!("{:?} {}", answer.error, answer.error.as_ref().unwrap());
            assert!(!said.contains(KEY) && said.len() < 800, "{said}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_recovers_gives_one_clean_answer() {
    let fake = Fake::start().await;
    for protocol in ["openai", "anthropic"] {
        let provider = provider(&fake, protocol);
        for fault in ["status=503", "status=429 retry_after=0", "error=0", "cut=0", "end=0"] {
            let answer = ask(&provider, &format!("{protocol} [tokens=5 {fault} times=2]")).await;
            assert_eq!((answer.text, answer.error), (tokens(5), None), "{protocol} {fault}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_fails_later_is_not_asked_again() {
    let fake = Fake::start().await;
    let answer = ask(&provider(&fake, "openai"), "go [tokens=9 error=1 times=1]").await;
    assert_eq!(
        (answer.text.as_str(), answer.code(), fake.counts().requests),
        ("t00001", "provider_unavailable", 1)
    );
}

#[tokio::test]
async fn a_retry_time_is_heeded_up_to_ten_seconds() {
    let fake = Fake::start().await;
    let provider = provider(&fake, "openai");

    let begun = Instant::now();
    let answer = ask(&provider, "go [tokens=1 status=429 retry_after=2 times=1]").await;
    assert_eq!(answer.error, None);
    assert!(begun.elapsed() >= Duration::from_secs(2));

    let begun = Instant::now();
    let answer = ask(&provider, "go [status=429 retry_after=120]").await;
    let expected = ProviderError::RateLimited { retry_after: Some(Duration::from_mins(2)) };
    assert_eq!(answer.error, Some(expected));
    assert!(begun.elapsed() < Duration::from_secs(1));

    let answer = ask(&provider, "go [status=429 retry_after=Mon,_01_Jan_2035_00:00:00_GMT]").await;
    let after = answer.error.unwrap().retry_after().unwrap();
    assert!(after > Duration::from_hours(1), "{after:?}");

    let answer = ask(&provider, "go [tokens=1 status=429 retry_after=soon times=1]").await;
    assert_eq!(answer.error, None);
}

#[tokio::test]
async fn each_wait_has_a_limit_of_its_own() {
    let fake = Fake::start().await;
    let limit = Duration::from_millis(300);
    let patient = config(&fake, "openai").timeouts;
    for (script, what, timeouts, kept) in [
        ("hold=60000", Waited::FirstToken, Timeouts { first_token: limit, ..patient }, 0),
        ("tokens=5 delay=60000", Waited::FirstToken, Timeouts { first_token: limit, ..patient }, 0),
        ("tokens=5 hang=0", Waited::FirstToken, Timeouts { first_token: limit, ..patient }, 0),
        ("tokens=5 hang=3", Waited::Idle, Timeouts { idle: limit, ..patient }, 3),
    ] {
        for protocol in ["openai", "anthropic"] {
            let provider = open(&ProviderConfig { timeouts, ..config(&fake, protocol) }).unwrap();
            let answer = ask(&provider, &format!("go [{script}]")).await;
            let expected = ProviderError::TimedOut { what, after: limit };
            assert_eq!((answer.error, answer.text), (Some(expected), tokens(kept)), "{protocol} {script}");
        }
    }
    fake.until(|counts| counts.open == 0).await;
    assert_eq!(fake.counts().requests, 8, "what was waited out is not waited out again");
}

#[tokio::test]
async fn a_slow_answer_is_no_stalled_one() {
    let fake = Fake::start().await;
    let patient = config(&fake, "openai").timeouts;
    let timeouts = Timeouts { idle: Duration::from_millis(1500), ..patient };
    let provider = open(&ProviderConfig { timeouts, ..config(&fake, "openai") }).unwrap();

    let answer = ask(&provider, "go [tokens=5 rate=2]").await;

    assert_eq!((answer.text, answer.error), (tokens(5), None));
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_told_quickly() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap(); // accepts, and says nothing that TLS would know
    let deaf_at = deaf.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = deaf.accept() {
            let _ = std::io::Write::write_all(&mut client, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    for (base_url, words) in [
        (format!("http://{closed}/v1"), "refused the connection"),
        ("http://no-such-host.invalid/v1".to_owned(), "is unknown"),
        (format!("https://{deaf_at}/v1"), "no secure connection"),
    ] {
        let begun = Instant::now();
        let config = ProviderConfig {
            name: "gone".to_owned(),
            base_url: base_url.clone(),
            ..ProviderConfig::default()
        };
        let answer = ask(&open(&config).unwrap(), "go").await;
        assert_eq!(answer.code(), "provider_unavailable", "{base_url}");
        let said = answer.error.unwrap().to_string();
        assert!(said.contains(words), "{base_url}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{base_url}");
    }
}

#[tokio::test]
async fn a_connection_that_nobody_accepts_times_out() {
    // A full backlog: further connections are neither taken nor refused.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..5000 {
        match std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    let connect = Duration::from_millis(200);
    let config = ProviderConfig {
        base_url: format!("http://{address}/v1"),
        timeouts: Timeouts { connect, ..Timeouts::default() },
        max_attempts: 2,
        ..ProviderConfig::default()
    };
    let answer = ask(&open(&config).unwrap(), "go").await;
    assert_eq!(answer.error, Some(ProviderError::TimedOut { what: Waited::Connect, after: connect }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fake = Fake::start().await;
    let answer = ask(&provider(&fake, "openai"), "go [status=302]").await;
    assert_eq!((answer.code(), fake.counts().requests), ("provider_bad_request", 1));
    assert!(answer.error.unwrap().to_string().contains("base_url"));
}

#[tokio::test]
async fn a_web_page_with_status_200_is_garbage() {
    let fake = Fake::start().await;
    for protocol in ["openai", "anthropic"] {
        fake.next(Script::from("html=1"));
        assert_eq!(ask(&provider(&fake, protocol), "go").await.code(), "provider_garbage");
    }
}
