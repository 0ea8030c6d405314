//! What turns are counted against.

use super::*;

const TEN: Charge = Charge { month: MONTH, limit: Some(10), used: 0 };

async fn count(db: &Db, user: UserId) -> i64 {
    quotas::used(db, user, MONTH).await.unwrap()
}

#[tokio::test]
async fn of_a_hundred_openings_at_once_as_many_are_written_as_the_month_has_left() {
    on_both(async |db| {
        let (alice, bob, carol) =
            (given::user(db, 1).await, given::user(db, 2).await, given::user(db, 3).await);
        given_node(db).await;
        // Alice is limited, and nobody looked before; Bob is not; of Carol it is known that nothing is left.
        let all = (1..=150).map(|n| match n % 3 {
            0 => charged(db, n * 10, alice, None, TEN),
            1 => charged(db, n * 10, bob, None, Charge { limit: None, ..TEN }),
            _ => charged(db, n * 10, carol, None, Charge { limit: Some(1), used: 1, ..TEN }),
        });
        let all = futures_util::future::join_all(all).await;

        for (person, written) in [(alice, 10), (bob, 50), (carol, 1)] {
            let own = || all.iter().filter(|(turn, _)| turn.user_id == person);
            let is_written = |one: &Result<Opened>| matches!(one, Ok(Opened::Written { .. }));
            assert_eq!(own().filter(|(_, one)| is_written(one)).count(), written, "{person}");
            assert_eq!(count(db, person).await, i64::try_from(written).unwrap());
            for (turn, refused) in own().filter(|(_, one)| !is_written(one)) {
                let used = i64::try_from(written).unwrap();
                assert_eq!(refused.as_ref().unwrap(), &Opened::Exhausted { used });
                assert_eq!(own_of(db, turn).await, None);
            }
        }
    })
    .await;
}

async fn own_of(db: &Db, turn: &Turn) -> Option<Turn> {
    own(db, turn.id).await.unwrap()
}

#[tokio::test]
async fn a_key_is_counted_once_and_is_free_again_when_nothing_was_left() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        let all = (1..=20).map(|n| charged(db, n * 10, alice, Some("once"), TEN));
        let all = futures_util::future::join_all(all).await;
        assert_eq!(all.iter().filter(|(_, one)| matches!(one, Ok(Opened::Written { .. }))).count(), 1);
        assert_eq!(count(db, alice).await, 1);

        let full = Charge { limit: Some(1), ..TEN };
        // Whether or not somebody looked before.
        for (n, used) in [(30, 0), (31, 1)] {
            let (_, refused) = charged(db, n * 10, alice, Some("twice"), Charge { used, ..full }).await;
            assert_eq!(refused.unwrap(), Opened::Exhausted { used: 1 });
        }
        let (turn, taken) = charged(db, 400, alice, Some("twice"), TEN).await;
        assert_eq!(taken.unwrap(), Opened::Written { custom: None });
        assert_eq!(own_of(db, &turn).await.unwrap().quota_month, Some(MONTH));
        assert_eq!(count(db, alice).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_settled_turn_stays_counted_or_is_given_back_once() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        let mut turns = Vec::new();
        for n in 1..=20 {
            turns.push(charged(db, n * 10, alice, None, Charge { limit: None, ..TEN }).await.0);
        }
        // Every second one is given back; each is settled three times at once, which agree.
        let ends = turns.iter().enumerate().flat_map(|(n, turn)| {
            let gives_back = n % 2 == 0;
            let state = if gives_back { State::Failed } else { State::Completed };
            (0..3).map(move |_| settled_as(db, turn, "", state, gives_back))
        });
        let ends = futures_util::future::join_all(ends).await;
        assert_eq!(ends.iter().flatten().count(), 20);
        assert_eq!(count(db, alice).await, 10);
        for (n, turn) in turns.iter().enumerate() {
            assert_eq!(settled_as(db, turn, "", State::Failed, true).await, None);
            let month = own_of(db, turn).await.unwrap().quota_month;
            assert_eq!(month, if n % 2 == 0 { None } else { Some(MONTH) });
        }
        assert_eq!(count(db, alice).await, 10);
    })
    .await;
}

#[tokio::test]
async fn a_turn_is_given_back_to_the_month_that_it_was_counted_in_and_the_next_one_runs() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        let (turn, _) = charged(db, 100, alice, None, TEN).await;
        charged(db, 200, alice, None, Charge { month: MONTH + 1, ..TEN }).await.1.unwrap();
        let waits = Turn {
            id: TurnId(301),
            user_message_id: MessageId(302),
            message_id: MessageId(303),
            state: State::Waiting,
            ..turn.clone()
        };
        let row = waits.clone();
        let asked: Result<()> = db
            .write(async move |tx| {
                assert!(quotas::reserve(tx, alice, TEN).await?);
                begin(tx, &row, Some(&Question { parent: None, parts: Parts::text_only("why?") })).await
            })
            .await;
        asked.unwrap();
        assert_eq!(count(db, alice).await, 2);
        assert_eq!(own_of(db, &waits).await.unwrap().quota_month, Some(MONTH));

        let ended = settled_as(db, &turn, "", State::Interrupted, true).await;
        assert_eq!(ended, Some(Next { promoted: Some(waits.id) }));
        assert_eq!(count(db, alice).await, 1);
        assert_eq!(quotas::used(db, alice, MONTH + 1).await.unwrap(), 1);
    })
    .await;
}
