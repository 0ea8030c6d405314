//! `tool_calls`: which tools models have called, one row for each call of a settled turn.

use domain::{Timestamp, Turn, UserId};
use serde::Serialize;

use crate::{On, Result, Tx};

/// A call of a turn, as it is counted. What went in and came out is in the parts of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Called {
    /// The id of its row.
    pub id: i64,
    /// The tool's name, as the model wrote it.
    pub name: String,
    /// `completed` or `failed`.
    pub state: String,
    /// How long it ran, in milliseconds, if it did.
    pub duration_ms: Option<i64>,
}

/// Notes the calls of a turn that settles.
pub(crate) async fn insert(tx: &mut Tx, turn: &Turn, calls: &[Called], now: Timestamp) -> Result<()> {
    for call in calls {
        tx.query(
            "INSERT INTO tool_calls (id, turn_id, message_id, user_id, name, state, duration_ms, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(call.id)
        .bind(turn.id)
        .bind(turn.message_id)
        .bind(turn.user_id)
        .bind(call.name.as_str())
        .bind(call.state.as_str())
        .bind(call.duration_ms)
        .bind(now)
        .run()
        .await?;
    }
    Ok(())
}

/// How many calls the answers to a user have made in all, and how many of them since a moment.
pub async fn count(on: impl Into<On<'_>>, user: UserId, since: Timestamp) -> Result<(i64, i64)> {
    on.into()
        .query(
            "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN created_at >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM tool_calls WHERE user_id = $1",
        )
        .bind(user)
        .bind(since)
        .one()
        .await
}

#[cfg(test)]
mod tests {
    use domain::{MessageId, Parts, State, UserId};

    use super::*;
    use crate::{
        Db, messages, purge,
        test::{given, on_both},
        turns::{self, Settled},
    };

    fn calls(first: i64) -> Vec<Called> {
        let call = |id, state: &str, duration_ms| Called {
            id,
            name: "clock".to_owned(),
            state: state.to_owned(),
            duration_ms,
        };
        vec![call(first, "completed", Some(12)), call(first + 1, "failed", None)]
    }

    async fn settled(db: &Db, turn: &Turn, calls: Vec<Called>) -> bool {
        let turn = turn.clone();
        let settled: Result<_> = db
            .write(async move |tx| {
                let parts = Parts::text_only("Noon.");
                let settled = Settled {
                    state: State::Completed,
                    parts: &parts,
                    finish_reason: None,
                    error: None,
                    usage: None,
                    usage_id: turn.id.0 + 3,
                    calls: &calls,
                    gives_back: false,
                    done_seq: 9,
                    now: Timestamp(turn.id.0),
                };
                turns::settle(tx, &turn, &settled).await
            })
            .await;
        settled.unwrap().is_some()
    }

    async fn of(db: &Db, message: MessageId) -> Vec<(i64, String, String, Option<i64>)> {
        let sql = "SELECT id, name, state, duration_ms FROM tool_calls WHERE message_id = $1 ORDER BY id";
        On::from(db).query(sql).bind(message).all().await.unwrap()
    }

    #[tokio::test]
    async fn calls_are_noted_with_the_settle_that_takes_effect_and_counted_for_who_asked() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let first = given::turn(db, 100, talk, alice, State::Running).await;
            let waits = given::turn(db, 200, talk, bob, State::Waiting).await;
            assert!(settled(db, &first, calls(50)).await);
            assert!(!settled(db, &first, calls(60)).await);
            assert!(settled(db, &waits, calls(70)).await);
            let named = |id: i64, state: &str, ms| (id, "clock".to_owned(), state.to_owned(), ms);
            let noted = of(db, first.message_id).await;
            assert_eq!(noted, [named(50, "completed", Some(12)), named(51, "failed", None)]);

            let none = UserId(3);
            for (user, since, counted) in [(alice, 100, (2, 2)), (bob, 201, (2, 0)), (none, 0, (0, 0))] {
                assert_eq!(count(db, user, Timestamp(since)).await.unwrap(), counted, "{user:?}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn calls_go_with_their_message_their_conversation_and_their_account() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let (talk, other) =
                (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
            let mut turns = Vec::new();
            for (id, place, user) in
                [(100, talk, alice), (200, talk, alice), (300, other, alice), (400, other, bob)]
            {
                let turn = given::turn(db, id, place, user, State::Running).await;
                assert!(settled(db, &turn, calls(id + 50)).await);
                turns.push(turn);
            }
            let left = async || {
                let sql = "SELECT DISTINCT turn_id FROM tool_calls ORDER BY turn_id";
                let left: Vec<(i64,)> = On::from(db).query(sql).all().await.unwrap();
                left.into_iter().map(|(id,)| id).collect::<Vec<_>>()
            };
            let gone = turns[0].message_id;
            let done: Result<i64> =
                db.write(async move |tx| messages::delete::delete(tx, talk, &[gone]).await).await;
            done.unwrap();
            assert_eq!(left().await, [200, 300, 400]);
            while !db.write(async move |tx| purge::purge_conversation(tx, talk).await).await.unwrap() {}
            assert_eq!(left().await, [300, 400]);
            while !db.write(async move |tx| purge::purge_account(tx, bob).await).await.unwrap() {}
            assert_eq!(left().await, [300]);
        })
        .await;
    }
}
