//! `turns`: who asked what, and how far the answer has come.

mod answered;
mod begin;
mod open;
mod settle;
#[cfg(test)]
mod tests;

use domain::{ConversationId, Turn, TurnId, UserId};

use crate::{
    On, Result,
    db::{FromRow, Row},
};
pub use answered::answered_by;
pub use begin::{Footing, begin, footing, insert};
pub use open::{Opened, Opening, open};
pub use settle::{Next, Settled, settle};

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
            quota_month: row.next()?,
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.conversation_id, t.user_id, t.user_message_id, t.message_id, t.kind, t.continued_id,
                    t.state, t.model, t.node, t.epoch, t.done_seq, t.created_at, t.settled_at, t.quota_month
             FROM turns t ",
            $rest
        )
    };
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
        .by_key()
        .optional()
        .await
}

/// A turn by its id alone: for the node that runs it.
pub async fn own(on: impl Into<On<'_>>, id: TurnId) -> Result<Option<Turn>> {
    on.into().query(select!("WHERE t.id = $1")).bind(id).by_key().optional().await
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
