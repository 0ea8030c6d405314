//! A password that was forgotten: the letter with the link, and what the link is good for.

use std::time::Duration;

use fakes::{FakeSmtp, Letter};
use serde_json::{Value, json};
use services::{Config, accounts, domain::UserId, testing::BOTH};

use crate::support::{Answer, PASSWORD, TestServer, on_both, time_until_end};

const FORGOT: &str = "/api/v1/auth/password/forgot";
const RESET: &str = "/api/v1/auth/password/reset";
const NEW: &str = "a password to remember";

/// Sets up mail, at an address of its own for everybody.
fn mailing(config: &mut Config, mail: &FakeSmtp) {
    config.mail.url = Some(format!("smtp://{}", mail.address()).into());
    config.mail.from = Some("Chat <chat@example.org>".into());
    config.server.public_url = Some("https://chat.example.org/".into());
}

async fn on_both_mailing(test: impl AsyncFn(TestServer, FakeSmtp)) {
    for on in BOTH {
        eprintln!("on {on:?}");
        let mail = FakeSmtp::start();
        let server = TestServer::start_on(on, |config| mailing(config, &mail)).await;
        test(server, mail).await;
    }
}

async fn forget(server: &TestServer, email: &str) -> Answer {
    server.anonymous().post(FORGOT, json!({ "email": email })).await
}

async fn letters(mail: &FakeSmtp, count: usize) -> Vec<Letter> {
    tokio::time::timeout(Duration::from_secs(10), mail.until(count)).await.expect("the letters come")
}

/// What the link of a letter ends with.
fn token_of(letter: &Letter) -> String {
    let readable = letter.readable();
    let (_, rest) = readable.split_once("https://chat.example.org/reset?token=").expect("a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

async fn reset(server: &TestServer, token: &str, password: &str) -> Answer {
    server.anonymous().post(RESET, json!({ "token": token, "password": password })).await
}

async fn can_sign_in(server: &TestServer, name: &str, password: &str) -> bool {
    let body = json!({ "username": name, "password": password });
    server.anonymous().post("/api/v1/auth/login", body).await.status == 200
}

#[tokio::test]
async fn a_link_gives_another_password_once_and_ends_everything() {
    on_both_mailing(async |server, mail| {
        let ada = server.user("ada").await;
        let stream = ada.long_answer().await;
        assert_eq!(forget(&server, " ADA@example.org ").await.status, 202);
        let letter = letters(&mail, 1).await.remove(0);
        assert_eq!(
            (letter.from.as_str(), letter.to.as_slice()),
            ("chat@example.org", &["ada@example.org".into()][..])
        );
        let readable = letter.readable();
        assert!(readable.contains("Subject: Choose a new password for Colloquy"), "{readable}");
        assert!(readable.contains("text/plain") && readable.contains("text/html"), "{readable}");
        assert!(!readable.contains("127.0.0.1"), "no address but the public one");
        let token = token_of(&letter);
        assert_eq!(token.len(), 43, "256 bits");
        assert!(ada.is_in().await, "asking alone ends nothing");

        let short = reset(&server, &token, "short").await;
        assert_eq!((short.status, short.pointer()), (422, "/password"), "which costs no link");
        let at_once = futures_util::future::join_all((0..20).map(|_| reset(&server, &token, NEW))).await;
        let mut statuses: Vec<_> = at_once.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [&[204][..], &[403; 19]].concat(), "one of many has it");

        assert!(!ada.is_in().await);
        assert_eq!(ada.refresh().await.status, 401);
        assert!(time_until_end(stream).await < Duration::from_secs(1));
        assert!(!can_sign_in(&server, "ada", PASSWORD).await && can_sign_in(&server, "ada", NEW).await);
        assert_eq!(reset(&server, &token, PASSWORD).await.refusal(), (403, "reset_link_ended"));
    })
    .await;
}

#[tokio::test]
async fn who_has_no_account_is_told_the_same_and_gets_nothing() {
    on_both_mailing(async |server, mail| {
        let (_, bob) = (server.user("ada").await, server.user("bob").await);
        accounts::deactivate(&server.app, UserId(bob.id)).await.unwrap();
        let mut answers = Vec::new();
        for email in ["ada@example.org", "nobody@example.org", "bob@example.org"] {
            let began = std::time::Instant::now();
            answers.push(forget(&server, email).await.sameness());
            assert!(began.elapsed() < Duration::from_secs(2), "nobody waits for the mail server");
        }
        assert_eq!(answers[0].0, 202);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        letters(&mail, 1).await;
        // Whatever else would come has had its time when this one is there.
        forget(&server, "ada@example.org").await;
        let sent = letters(&mail, 2).await;
        assert!(sent.iter().all(|letter| letter.to == ["ada@example.org"]), "{sent:?}");
        assert_eq!(forget(&server, "no address").await.pointer(), "/email");
    })
    .await;
}

#[tokio::test]
async fn a_link_ends_by_a_newer_one_a_new_password_a_new_address_and_its_hour() {
    on_both_mailing(async |server, mail| {
        let ada = server.user("ada").await;
        let mut sent = 0;
        let mut link = async |email: &str| {
            forget(&server, email).await;
            sent += 1;
            token_of(letters(&mail, sent).await.last().unwrap())
        };
        let is_good = async |token: &str| reset(&server, token, "short").await.status == 422;

        let old = link("ada@example.org").await;
        assert!(is_good(&old).await);
        let newer = link("ada@example.org").await;
        assert!(!is_good(&old).await && is_good(&newer).await);

        let body = json!({ "current_password": PASSWORD, "new_password": NEW });
        let changed = ada.post("/api/v1/auth/password/change", body).await;
        assert!(changed.status == 200 && !is_good(&newer).await);
        let ada = ada.with(&changed);

        let third = link("ada@example.org").await;
        let without = ada.patch("/api/v1/me", json!({ "email": "ada@other.org" })).await;
        assert_eq!((without.status, without.pointer()), (403, "/current_password"));
        let moved = json!({ "email": "ada@other.org", "current_password": NEW });
        assert_eq!(ada.patch("/api/v1/me", moved).await.status, 200);
        assert!(!is_good(&third).await);

        let last = link("ada@other.org").await;
        server.app.clock().advance_ms(3_599_000);
        assert!(is_good(&last).await);
        server.app.clock().advance_ms(2_000);
        assert!(!is_good(&last).await);
        assert_eq!(reset(&server, &last, NEW).await.refusal(), (403, "reset_link_ended"));
        for nonsense in ["", "x", &"x".repeat(1_000)] {
            assert_eq!(reset(&server, nonsense, NEW).await.refusal(), (403, "reset_link_ended"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_letter_speaks_the_language_of_its_reader() {
    on_both_mailing(async |server, mail| {
        let ada = server.user("ada").await;
        let ask = async |languages: &str| {
            let request = server.anonymous().request(reqwest::Method::POST, FORGOT);
            let body = json!({ "email": "ada@example.org" });
            let sent = request.header("accept-language", languages).json(&body).send().await.unwrap();
            assert_eq!(sent.status(), 202);
        };
        ask("it-IT,it;q=0.9,en;q=0.8").await;
        let first = letters(&mail, 1).await.pop().unwrap().readable();
        assert!(first.contains("Ciao ada,") && first.contains("per 1 ora"), "{first}");
        ada.patch("/api/v1/me/preferences", json!({ "language": "en" })).await;
        ask("it-IT").await;
        let second = letters(&mail, 2).await.pop().unwrap().readable();
        assert!(second.contains("Hello ada,") && second.contains("for 1 hour"), "{second}");
    })
    .await;
}

#[tokio::test]
async fn a_letter_is_tried_again_while_the_mail_server_asks_for_it() {
    let mail = FakeSmtp::start();
    mail.set_login("ada@x.tn", "hunter/2");
    mail.refuse("EHLO", "421 4.3.2 Not now");
    mail.refuse("END", "451 4.3.0 Try again later");
    let server = TestServer::start_with(|config| {
        mailing(config, &mail);
        let url = format!("smtp://ada%40x.tn:hunter%2F2@{}?tls=none", mail.address());
        config.mail.url = Some(url.into());
    })
    .await;
    server.user("ada").await;
    forget(&server, "ada@example.org").await;
    let sent = letters(&mail, 1).await;
    assert_eq!(sent[0].login.as_deref(), Some("ada@x.tn:hunter/2"));
    assert_eq!(reset(&server, &token_of(&sent[0]), NEW).await.status, 204);
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let mail = FakeSmtp::start();
    mail.refuse("RCPT", "550 5.1.1 Nobody here");
    let server = TestServer::start_with(|config| mailing(config, &mail)).await;
    server.user("ada").await;
    forget(&server, "ada@example.org").await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(mail.commands().iter().filter(|command| *command == "RCPT").count(), 1);
    assert!(mail.letters().is_empty());
}

#[tokio::test]
async fn a_password_of_the_mail_server_is_not_sent_in_the_clear() {
    let mail = FakeSmtp::start();
    let server = TestServer::start_with(|config| {
        mailing(config, &mail);
        config.mail.url = Some(format!("smtp://ada:hunter2@{}", mail.address()).into());
    })
    .await;
    server.user("ada").await;
    assert_eq!(forget(&server, "ada@example.org").await.status, 202);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let commands = mail.commands();
    assert!(commands.iter().any(|command| command == "EHLO"), "{commands:?}");
    assert!(!commands.iter().any(|command| ["AUTH", "MAIL"].contains(&command.as_str())), "{commands:?}");
}

#[tokio::test]
async fn asking_again_and_again_is_limited_for_known_and_unknown_alike() {
    let mail = FakeSmtp::start();
    let server = TestServer::start_with(|config| {
        mailing(config, &mail);
        config.auth.limits.reset_account_burst = 2;
        config.auth.limits.reset_account_per_hour = 1;
        config.auth.limits.reset_address_burst = 6;
        config.auth.limits.reset_address_per_hour = 1;
    })
    .await;
    server.user("ada").await;
    let mut refused = Vec::new();
    for email in ["ada@example.org", "nobody@example.org"] {
        for _ in 0..2 {
            assert_eq!(forget(&server, email).await.status, 202);
        }
        let third = forget(&server, email).await;
        assert_eq!(third.refusal(), (429, "rate_limited"));
        assert!(third.headers.contains_key("retry-after"));
        refused.push(third.status);
    }
    assert_eq!(
        reset(&server, "x", NEW).await.refusal(),
        (429, "rate_limited"),
        "the address has had its six"
    );
    assert_eq!(refused, [429, 429]);
}

#[tokio::test]
async fn the_installation_says_whether_mail_reaches_people_and_anybody_is_there() {
    on_both(async |server| {
        let said = async || server.anonymous().get("/api/v1/instance").await.json;
        let flags = |said: Value| (said["has_accounts"].clone(), said["mail_reaches_people"].clone());
        assert_eq!(flags(said().await), (json!(false), json!(false)));
        server.admin().await;
        assert_eq!(flags(said().await), (json!(true), json!(false)));
        assert_eq!(forget(&server, "root@example.org").await.status, 202, "the log has it");
    })
    .await;
    let mail = FakeSmtp::start();
    let server = TestServer::start_with(|config| mailing(config, &mail)).await;
    assert_eq!(server.anonymous().get("/api/v1/instance").await.json["mail_reaches_people"], true);
}
