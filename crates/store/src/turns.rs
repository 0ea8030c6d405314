//! `turns`: who asked what, and how far the answer has come.

use domain::{ConversationId, MessageId, Seq, State, Timestamp, Turn, TurnId, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

impl FromRow for Turn {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            conversation_id: row.next()?,
            user_id: row.next()?,
            user_message_id: row.next()?,
            message_id: row.next()?,
            kind: row.next()?,
            continued_id: row.next()?,
            state: row.next()?,
            model: row.next()?,
            node: row.next()?,
            epoch: row.next()?,
            done_seq: row.next()?,
            created_at: row.next()?,
            settled_at: row.next()?,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.conversation_id, t.user_id, t.user_message_id, t.message_id, t.kind, t.continued_id,
                    t.state, t.model, t.node, t.epoch, t.done_seq, t.created_at, t.settled_at FROM turns t ",
            $rest
        )
    };
}

/// Writes a new turn.
pub async fn insert(tx: &mut Tx, turn: &Turn) -> Result<()> {
    tx.query(
        "INSERT INTO turns (id, conversation_id, user_id, user_message_id, message_id, kind, continued_id, state, model,
                            node, epoch, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(turn.id)
    .bind(turn.conversation_id)
    .bind(turn.user_id)
    .bind(turn.user_message_id)
    .bind(turn.message_id)
    .bind(turn.kind)
    .bind(turn.continued_id)
    .bind(turn.state)
    .bind(turn.model.as_str())
    .bind(turn.node)
    .bind(turn.epoch)
    .bind(turn.created_at)
    .run()
    .await?;
    Ok(())
}

/// A turn of a conversation that `reader` is a member of.
pub async fn find(on: impl Into<On<'_>>, reader: UserId, id: TurnId) -> Result<Option<Turn>> {
    on.into()
        .query(select!(
            "JOIN conversation_members who ON who.conversation_id = t.conversation_id AND who.user_id = $2
             JOIN conversations c ON c.id = t.conversation_id AND c.ended_at IS NULL
             WHERE t.id = $1"
        ))
        .bind(id)
        .bind(reader)
        .optional()
        .await
}

/// A turn by its id alone: for the node that runs it.
pub async fn own(on: impl Into<On<'_>>, id: TurnId) -> Result<Option<Turn>> {
    on.into().query(select!("WHERE t.id = $1")).bind(id).optional().await
}

/// How many turns of a conversation, and how many of a user, are unsettled.
pub async fn count_unsettled(on: &mut Tx, conversation: ConversationId, user: UserId) -> Result<(i64, i64)> {
    on.query(
        "SELECT (SELECT COUNT(*) FROM turns WHERE conversation_id = $1 AND settled_at IS NULL),
                (SELECT COUNT(*) FROM turns WHERE user_id = $2 AND settled_at IS NULL AND state = 'waiting')",
    )
    .bind(conversation)
    .bind(user)
    .one()
    .await
}

/// The unsettled turns of a conversation, oldest first.
pub async fn unsettled_of_conversation(
    on: impl Into<On<'_>>,
    conversation: ConversationId,
) -> Result<Vec<TurnId>> {
    let rows: Vec<(TurnId,)> = on
        .into()
        .query("SELECT id FROM turns WHERE conversation_id = $1 AND settled_at IS NULL ORDER BY id")
        .bind(conversation)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The unsettled turns that a user asked for.
pub async fn unsettled_of_user(on: impl Into<On<'_>>, user: UserId) -> Result<Vec<TurnId>> {
    let rows: Vec<(TurnId,)> = on
        .into()
        .query("SELECT id FROM turns WHERE user_id = $1 AND settled_at IS NULL ORDER BY id")
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The unsettled turns of a node's epoch (`own`), or of all its other epochs.
pub async fn unsettled_of_node(on: impl Into<On<'_>>, node: i64, epoch: i64, own: bool) -> Result<Vec<Turn>> {
    // Ordered here: with ORDER BY the planner walks all turns by their ids instead of the few that are unsettled.
    let mut turns: Vec<Turn> = on
        .into()
        .query(select!("WHERE t.settled_at IS NULL AND t.node = $1 AND (t.epoch = $2) = $3"))
        .bind(node)
        .bind(epoch)
        .bind(own)
        .all()
        .await?;
    turns.sort_unstable_by_key(|turn| turn.id);
    Ok(turns)
}

/// Settles a turn of this node and epoch. Exactly one settle of a turn takes effect, and says `true`.
pub async fn settle(
    tx: &mut Tx,
    id: TurnId,
    (node, epoch): (i64, i64),
    state: State,
    done_seq: Seq,
    now: Timestamp,
) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE turns SET state = $4, done_seq = $5, settled_at = $6
             WHERE id = $1 AND node = $2 AND epoch = $3 AND state IN ('waiting', 'running')",
        )
        .bind(id)
        .bind(node)
        .bind(epoch)
        .bind(state)
        .bind(done_seq)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// The oldest unsettled turn of a conversation may run, if it waited. Gives it and its answer.
pub async fn promote(tx: &mut Tx, conversation: ConversationId) -> Result<Option<(TurnId, MessageId)>> {
    tx.query(
        "UPDATE turns SET state = 'running'
         WHERE state = 'waiting' AND id =
            (SELECT MIN(id) FROM turns WHERE conversation_id = $1 AND settled_at IS NULL)
         RETURNING id, message_id",
    )
    .bind(conversation)
    .optional()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::{given, on_both};

    #[tokio::test]
    async fn exactly_one_settle_takes_effect_and_the_next_turn_runs() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let first = given::turn(db, 100, talk, alice, State::Running).await;
            let second = given::turn(db, 200, talk, alice, State::Waiting).await;
            let settle_by = async |by: (i64, i64)| {
                let id = first.id;
                let settled: Result<bool> = db
                    .write(async move |tx| settle(tx, id, by, State::Completed, 9, Timestamp(5)).await)
                    .await;
                settled.unwrap()
            };
            let promoted = async || {
                let promoted: Result<_> = db.write(async move |tx| promote(tx, talk).await).await;
                promoted.unwrap()
            };
            assert_eq!(promoted().await, None);
            assert!(!settle_by((0, 2)).await);
            assert!(settle_by(given::NODE).await);
            assert!(!settle_by(given::NODE).await);
            assert_eq!(promoted().await, Some((second.id, second.message_id)));
            assert_eq!(promoted().await, None);
            assert_eq!(find(db, alice, first.id).await.unwrap().unwrap().done_seq, Some(9));
            assert_eq!(find(db, bob, first.id).await.unwrap(), None);
            assert_eq!(unsettled_of_conversation(db, talk).await.unwrap(), [second.id]);
            assert_eq!(unsettled_of_user(db, alice).await.unwrap(), [second.id]);
            assert_eq!(unsettled_of_node(db, 0, 1, true).await.unwrap().len(), 1);
            assert_eq!(unsettled_of_node(db, 0, 1, false).await.unwrap().len(), 0);
            assert_eq!(own(db, second.id).await.unwrap().unwrap().state, State::Running);
        })
        .await;
    }
}
