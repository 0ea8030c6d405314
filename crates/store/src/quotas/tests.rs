//! Quotas on both databases.

use domain::SubscriptionStatus;

use super::*;
use crate::{
    Db, Error, subscriptions,
    test::{given, on_both},
};

const LIMITED: Charge = Charge { month: 683, limit: Some(20), used: 0 };

async fn reserved(db: &Db, user: UserId, charge: Charge) -> bool {
    let done: Result<bool> = db.write(async move |tx| reserve(tx, user, charge).await).await;
    done.unwrap()
}

#[tokio::test]
async fn of_a_hundred_at_once_one_takes_the_last_message() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        for _ in 0..19 {
            assert!(reserved(db, alice, LIMITED).await);
        }
        let all = (0..100).map(|_| reserved(db, alice, LIMITED));
        let taken = futures_util::future::join_all(all).await;
        assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
        assert_eq!(used(db, alice, 683).await.unwrap(), 20);
        // Neither the month before nor anybody else has a part in it.
        assert!(reserved(db, alice, Charge { month: 682, ..LIMITED }).await);
        assert!(reserved(db, bob, LIMITED).await);
        assert_eq!(used(db, alice, 684).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_limit_holds_from_the_next_message_on() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        let within = |limit| Charge { limit, ..LIMITED };
        assert!(!reserved(db, alice, within(Some(0))).await);
        for _ in 0..5 {
            assert!(reserved(db, alice, within(None)).await);
        }
        for (limit, may) in
            [(Some(4), false), (Some(5), false), (Some(6), true), (Some(6), false), (None, true)]
        {
            assert_eq!(reserved(db, alice, within(limit)).await, may, "{limit:?}");
        }
        assert_eq!(used(db, alice, 683).await.unwrap(), 7);
    })
    .await;
}

#[tokio::test]
async fn no_statement_writes_more_than_is_allowed() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        assert!(reserved(db, alice, Charge { limit: Some(1), ..LIMITED }).await);
        let broken: Result<u64> =
            db.write(async |tx| tx.query("UPDATE quotas SET messages = messages + 1").run().await).await;
        assert!(matches!(broken, Err(Error::Check(_))), "{broken:?}");
    })
    .await;
}

#[tokio::test]
async fn a_hold_is_settled_once_and_those_of_another_epoch_are_found() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        for id in 1..=4 {
            assert!(reserved(db, alice, LIMITED).await);
            let one = Hold { id, user: alice, month: 683, node: (0, id % 2), now: Timestamp(1) };
            let held: Result<()> = db.write(async move |tx| hold(tx, one).await).await;
            held.unwrap();
        }
        let mut left = left_behind(db, 0, 1).await.unwrap();
        left.sort_unstable();
        assert_eq!(left, [2, 4]);

        let ends = [(1, false), (2, true), (2, true), (2, false), (9, true)];
        for (id, gives_back) in ends {
            let settled: Result<()> = db.write(async move |tx| settle(tx, id, gives_back).await).await;
            settled.unwrap();
        }
        assert_eq!(used(db, alice, 683).await.unwrap(), 3);
        assert_eq!(left_behind(db, 0, 1).await.unwrap(), [4]);
        assert!(left_behind(db, 1, 1).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_account_stands_where_it_has_paid_and_used() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        let nothing = Standing { paid: None, used: 0 };
        assert_eq!(standing(db, alice, 683).await.unwrap(), nothing);
        let paid = Subscription {
            user_id: alice,
            plan: "basic".into(),
            status: SubscriptionStatus::Canceled,
            started_at: Timestamp(5),
            ends_at: Timestamp(50),
        };
        let row = paid.clone();
        let put: Result<()> = db.write(async move |tx| subscriptions::put(tx, &row).await).await;
        put.unwrap();
        assert!(reserved(db, alice, LIMITED).await);
        assert_eq!(standing(db, alice, 683).await.unwrap(), Standing { paid: Some(paid.clone()), used: 1 });
        assert_eq!(standing(db, alice, 684).await.unwrap(), Standing { paid: Some(paid), used: 0 });
        assert_eq!(standing(db, bob, 683).await.unwrap(), nothing);
    })
    .await;
}
