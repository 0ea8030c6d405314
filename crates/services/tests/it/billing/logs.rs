//! What the log says of payments: why each was refused, and no secret, at any level.

use std::{
    io::{self, Write},
    sync::{Mutex, Once, PoisonError},
};

use domain::OrderState;
use fakes::{FakeKonnect, KonnectManners};
use serde_json::json;
use services::{
    billing::{self, Callback, Checkout},
    testing::{check_books, sweep},
};
use store::ledger::Line;

use super::{on_both, says};

/// Everything that this process logs, of all levels and threads.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn begin() {
        static BEGUN: Once = Once::new();
        BEGUN.call_once(|| {
            let log =
                tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
            log.with_ansi(false).with_writer(|| Self).init();
        });
    }

    fn text() -> String {
        String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// The product's own lines about an order, since the log had so many bytes.
    fn about(begun: &Checkout, since: usize) -> Vec<String> {
        let order = format!("order.id={} ", begun.order.id);
        Self::text()[since..].lines().filter(|line| line.contains(&order)).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn every_refusal_is_logged_with_its_reason_and_no_secret_is() {
    Log::begin();
    Box::pin(on_both(async |shop| {
        let (begun, other) = (shop.order("basic").await, shop.order("premium").await);
        let truth = shop.callback(&begun);
        let forged = "f0".repeat(32);
        let one_line = async |callback: Callback, words: &str| {
            let since = Log::text().len();
            shop.later();
            shop.called(callback).await.unwrap();
            let lines = Log::about(&begun, since);
            assert_eq!(lines.len(), 1, "{words}: {lines:?}");
            assert!(lines[0].contains("WARN") && lines[0].contains(words), "{words}: {lines:?}");
        };
        let ignored = |reason: &str| {
            format!(
                "a callback was ignored order.id={} gateway=\"konnect\" reason=\"{reason}\"",
                begun.order.id
            )
        };
        one_line(Callback { token: Some(forged.clone()), ..truth.clone() }, &ignored("another token")).await;
        one_line(Callback { token: None, ..truth.clone() }, &ignored("no token")).await;
        let payment_ref = other.order.payment_ref.clone();
        one_line(Callback { payment_ref, ..truth.clone() }, &ignored("another payment")).await;

        let since = Log::text().len();
        let unknown = Callback { order: None, payment_ref: Some("f".repeat(24)), ..truth.clone() };
        shop.called(unknown).await.unwrap();
        assert!(Log::text()[since..].contains("a callback was ignored reason=\"no such order\""));

        shop.pay(&begun);
        for (word, value, reason) in [
            ("amount", json!(29_999), "less than it costs"),
            ("reachedAmount", json!(29_999), "less than it costs"),
            ("amount", json!("30000"), "an amount that is no whole number"),
            ("amountDue", json!(1), "not paid in full"),
            ("token", json!("EUR"), "another currency"),
            ("receiverWallet", json!({ "id": "0" }), "another wallet"),
            ("orderId", json!(other.order.public_id), "another order"),
            ("id", json!(other.order.payment_ref), "another payment"),
        ] {
            shop.gateway.behave(says(word, value));
            let line = format!(
                "a payment was not credited order.id={} gateway=\"konnect\" reason=\"{reason}\"",
                begun.order.id
            );
            one_line(truth.clone(), &line).await;
        }
        assert_ne!(shop.state(&begun).await, OrderState::Paid);

        let since = Log::text().len();
        shop.gateway.behave(says("reachedAmount", json!(30_500)));
        shop.later();
        shop.called(truth.clone()).await.unwrap();
        let lines = Log::about(&begun, since);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains("a payment was credited"), "{lines:?}");
        assert!(lines[1].contains("units=500") && lines[1].contains("more was paid"), "{lines:?}");

        // The gateway fails to say what it calls a payment, and somebody makes up a name.
        shop.gateway.behave(KonnectManners { status: Some(500), ..KonnectManners::default() });
        billing::checkout(shop.app(), &shop.world.bob, "basic", None).await.unwrap_err();
        shop.gateway.behave(KonnectManners::default());
        let nameless = shop.gateway.payments().into_iter().find(|(name, _)| {
            ![&begun, &other].iter().any(|known| known.order.payment_ref.as_ref() == Some(name))
        });
        let webhook = nameless.unwrap().1["webhook"].as_str().unwrap().to_owned();
        let (order, token) = webhook.split_once("order=").unwrap().1.split_once("&token=").unwrap();
        let since = Log::text().len();
        let made_up = Callback {
            payment_ref: Some("f".repeat(24)),
            order: Some(order.to_owned()),
            token: Some(token.to_owned()),
            ..truth.clone()
        };
        shop.called(made_up).await.unwrap();
        assert!(Log::text()[since..].contains("reason=\"no such payment\""));

        let log = Log::text();
        assert!(log.contains("TRACE") && log.contains("hyper"), "what others log is here, too");
        let tokens = [truth.token.unwrap(), shop.callback(&other).token.unwrap(), token.to_owned(), forged];
        for secret in tokens.iter().map(String::as_str).chain([FakeKonnect::KEY, "canary-of-the-key"]) {
            let found = log.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "a secret is in the log");
        }
    }))
    .await;
}

#[tokio::test]
async fn books_that_are_wrong_are_an_error_in_the_log() {
    Log::begin();
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        shop.pay(&begun);
        shop.called(shop.callback(&begun)).await.unwrap();
        let since = Log::text().len();
        assert!(check_books(shop.app()).await);
        assert!(!Log::text()[since..].contains("ERROR"));

        let order = shop.order("premium").await.order;
        let (half, now) = (Line { account: "gateway:konnect".into(), units: 1 }, shop.app().now());
        let written: store::Result<()> = shop
            .app()
            .db
            .write(async move |tx| {
                assert!(store::ledger::receive(tx, &order, "elsewhere", order.price, now).await?);
                store::ledger::book(tx, &order, order.price.currency, std::slice::from_ref(&half), now).await
            })
            .await;
        written.unwrap();
        let since = Log::text().len();
        assert!(!check_books(shop.app()).await);
        let log = Log::text();
        let line =
            log[since..].lines().find(|line| line.contains("the books of payments are wrong")).unwrap();
        assert!(line.contains("ERROR") && line.contains("unbalanced=1 unbooked=1"), "{line}");
    })
    .await;
}

#[tokio::test]
async fn money_for_an_account_that_was_deleted_before_the_callback_is_in_the_books_and_in_the_log() {
    Log::begin();
    on_both(async |shop| {
        let db = &shop.app().db;
        // The rows of the first one are purged by then, those of the second are still there.
        let mut owed_to = vec!["customer:gone".to_owned()];
        owed_to.push(format!("customer:{}", shop.world.bob.user));
        for (n, who) in (1..).zip([shop.world.alice, shop.world.bob]) {
            let begun = billing::checkout(shop.app(), &who, "basic", None).await.unwrap();
            let ended: store::Result<bool> = db
                .write(async move |tx| store::users::end(tx, who.user, "", domain::Timestamp(1)).await)
                .await;
            assert!(ended.unwrap());
            if n == 1 {
                sweep(shop.app()).await;
            }
            shop.pay(&begun);
            let since = Log::text().len();
            shop.called(shop.callback(&begun)).await.unwrap();
            shop.called(shop.callback(&begun)).await.unwrap();
            let lines = Log::about(&begun, since);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(
                lines[0].contains("WARN") && lines[0].contains("for an account that is gone"),
                "{lines:?}"
            );
            assert_eq!(shop.state(&begun).await, OrderState::Paid);
            let bought = store::subscriptions::find(db, who.user).await.unwrap();
            assert_eq!(bought, None, "nobody is there to have it");
            assert_eq!(store::ledger::count(db).await.unwrap(), n);
        }
        sweep(shop.app()).await;
        let balances = store::ledger::balances(db).await.unwrap();
        for account in owed_to {
            assert!(
                balances.iter().any(|(name, _, units)| *name == account && *units == -30_000),
                "{account}"
            );
        }
        assert!(check_books(shop.app()).await);
    })
    .await;
}
