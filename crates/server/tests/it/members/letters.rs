//! Invitations that are mailed.

use std::time::Duration;

use fakes::{FakeSmtp, Letter};
use serde_json::json;
use services::testing::BOTH;

use super::{accept, invite, path, talk_of};
use crate::support::TestServer;

async fn on_both_mailing(test: impl AsyncFn(TestServer, FakeSmtp)) {
    for on in BOTH {
        eprintln!("on {on:?}");
        let mail = FakeSmtp::start();
        let server = TestServer::start_on(on, |config| {
            config.mail.url = Some(format!("smtp://{}", mail.address()).into());
            config.mail.from = Some("Chat <chat@example.org>".into());
            config.server.public_url = Some("https://chat.example.org/".into());
            config.auth.limits.invitation_account_burst = 6;
            config.auth.limits.invitation_account_per_hour = 1;
            config.auth.limits.invitation_address_burst = 3;
            config.auth.limits.invitation_address_per_hour = 1;
        })
        .await;
        test(server, mail).await;
    }
}

async fn letters(mail: &FakeSmtp, count: usize) -> Vec<Letter> {
    tokio::time::timeout(Duration::from_secs(10), mail.until(count)).await.expect("the letters come")
}

#[tokio::test]
async fn a_letter_lets_one_account_in_and_nobody_learns_who_has_one() {
    on_both_mailing(async |server, mail| {
        let (ada, bob, carol) =
            (server.user("ada").await, server.user("bob").await, server.user("carol").await);
        bob.patch("/api/v1/me/preferences", json!({ "language": "it" })).await;
        let talk = talk_of(&ada, "[tokens=1]").await;
        ada.patch(&path(talk), json!({ "title": "Plans <b>" })).await;
        let to = async |email: &str| invite(&ada, talk, json!({ "role": "editor", "email": email })).await;
        let (known, unknown) = (to(" bob@example.org").await, to("nobody@example.org").await);
        for made in [&known, &unknown] {
            assert_eq!((made.status, &made.json["uses"]), (201, &json!(0)));
        }
        let (status, _, names) = known.sameness();
        assert_eq!((status, names), (unknown.sameness().0, unknown.sameness().2));
        assert_eq!(known.json["email"], "bob@example.org");

        let mut sent = letters(&mail, 2).await;
        sent.sort_by_key(|letter| letter.to.clone());
        let texts: Vec<String> = sent.iter().map(Letter::readable).collect();
        assert_eq!(sent[0].to, ["bob@example.org".to_owned()]);
        assert!(texts[0].contains("ti invita"), "in the language that bob has chosen: {}", texts[0]);
        assert!(texts[1].contains("Subject: ada invites you to a conversation at Colloquy"), "{}", texts[1]);
        assert!(texts[1].contains("Plans &lt;b&gt;") && texts[1].contains("7 days"), "{}", texts[1]);
        let token = known.json["token"].as_str().unwrap();
        assert!(texts[0].contains(&format!("https://chat.example.org/invite/{token}")), "{}", texts[0]);
        assert_eq!(known.json["url"], json!(format!("https://chat.example.org/invite/{token}")));

        assert_eq!(accept(&ada, token).await.json["role"], "owner");
        assert_eq!(accept(&carol, token).await.json["role"], "editor", "whoever has the letter");
        assert_eq!(accept(&carol, token).await.status, 200);
        let page = format!("/api/v1/invitations/{token}");
        assert_eq!(server.anonymous().get(&page).await.status, 404, "it is used");
        assert_eq!(accept(&bob, token).await.refusal(), (404, "not_found"));
        let left = ada.get(&format!("{}/invitations", path(talk))).await.json;
        assert_eq!((left.as_array().unwrap().len(), &left[0]["email"]), (1, &json!("nobody@example.org")));
        assert_eq!(to("no address").await.pointer(), "/email");
    })
    .await;
}

#[tokio::test]
async fn only_so_many_letters_leave_and_links_are_not_counted() {
    on_both_mailing(async |server, _mail| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (of_ada, of_bob) = (talk_of(&ada, "[tokens=1]").await, talk_of(&bob, "[tokens=1]").await);
        let letter = |email: &str| json!({ "role": "viewer", "email": email });
        for _ in 0..3 {
            assert_eq!(invite(&ada, of_ada, letter("one@example.org")).await.status, 201);
        }
        assert_eq!(invite(&ada, of_ada, letter("ONE@example.org")).await.refusal(), (429, "rate_limited"));
        assert_eq!(invite(&bob, of_bob, letter("one@example.org")).await.refusal(), (429, "rate_limited"));
        for n in 0..2 {
            assert_eq!(invite(&ada, of_ada, letter(&format!("{n}@example.org"))).await.status, 201);
        }
        assert_eq!(invite(&ada, of_ada, letter("more@example.org")).await.refusal(), (429, "rate_limited"));
        assert_eq!(invite(&ada, of_ada, json!({ "role": "viewer" })).await.status, 201);
    })
    .await;
}
