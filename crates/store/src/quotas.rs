//! `quotas`: how many messages of a calendar month accounts have used; `quota_holds`: which of them answers that are not
//! stored have taken and not settled yet.
//!
//! A message is counted before its answer is asked for, in the job that takes it, and given back if nothing comes of it.
//! `allowed` is the limit that held when the last one was counted, and no row may hold more: whatever is asked at once, and
//! whichever statement asks, a month is never overrun. Whoever takes a key or a conversation's lock too takes it before.

use domain::{Subscription, Timestamp, TurnId, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

/// What a message is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// The number of months since January 1970.
    pub month: i64,
    /// The most messages of the month; `None`: as many as one likes.
    pub limit: Option<i64>,
    /// How many were used when somebody looked, before the job.
    pub used: i64,
}

impl Charge {
    /// How many were left when somebody looked; `None`: as many as one likes.
    pub(crate) fn left(self) -> Option<i64> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }
}

/// What an account has paid for last, and how many messages of a month it has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What it has paid for last, whether it is over or not.
    pub paid: Option<Subscription>,
    /// How many messages of the month it has used.
    pub used: i64,
}

impl FromRow for Standing {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let used = row.next::<Option<i64>>()?.unwrap_or_default();
        let Some(user_id) = row.next()? else { return Ok(Self { paid: None, used }) };
        let paid = Subscription {
            user_id,
            plan: row.next()?,
            status: row.next()?,
            started_at: row.next()?,
            ends_at: row.next()?,
        };
        Ok(Self { paid: Some(paid), used })
    }
}

/// How an account stands in a month.
pub async fn standing(on: impl Into<On<'_>>, user: UserId, month: i64) -> Result<Standing> {
    let found = on
        .into()
        .query(
            "SELECT q.messages, s.user_id, s.plan, s.status, s.started_at, s.ends_at
             FROM users u
             LEFT JOIN quotas q ON q.user_id = u.id AND q.month = $2
             LEFT JOIN subscriptions s ON s.user_id = u.id
             WHERE u.id = $1",
        )
        .bind(user)
        .bind(month)
        .by_key()
        .optional()
        .await?;
    Ok(found.unwrap_or(Standing { paid: None, used: 0 }))
}

/// How many messages of a month an account has used.
pub async fn used(on: impl Into<On<'_>>, user: UserId, month: i64) -> Result<i64> {
    let found: Option<(i64,)> = on
        .into()
        .query("SELECT messages FROM quotas WHERE user_id = $1 AND month = $2")
        .bind(user)
        .bind(month)
        .by_key()
        .optional()
        .await?;
    Ok(found.map_or(0, |(used,)| used))
}

/// Counts one message more. Says `false`, and counts nothing, if the month has none left: then the job has to fail.
pub async fn reserve(tx: &mut Tx, user: UserId, charge: Charge) -> Result<bool> {
    if charge.limit.is_some_and(|limit| limit < 1) {
        return Ok(false);
    }
    // One that waited for the row sees it as it is now.
    let counted: Option<(i64,)> = tx
        .query(
            "INSERT INTO quotas (user_id, month, messages, allowed) VALUES ($1, $2, 1, $3)
             ON CONFLICT (user_id, month)
                DO UPDATE SET messages = quotas.messages + 1, allowed = excluded.allowed
                WHERE excluded.allowed IS NULL OR quotas.messages < excluded.allowed
             RETURNING messages",
        )
        .bind(user)
        .bind(charge.month)
        .bind(charge.limit)
        .optional()
        .await?;
    Ok(counted.is_some())
}

/// A turn counts no more. Done again, it does nothing.
pub(crate) async fn give_back(tx: &mut Tx, user: UserId, turn: TurnId) -> Result<()> {
    tx.query(
        "UPDATE quotas SET messages = messages - 1
         WHERE user_id = $1 AND month = (SELECT quota_month FROM turns WHERE id = $2) AND messages > 0",
    )
    .bind(user)
    .bind(turn)
    .run()
    .await?;
    tx.query("UPDATE turns SET quota_month = NULL WHERE id = $1").bind(turn).run().await?;
    Ok(())
}

/// What an answer that is not stored has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// The answer's number.
    pub id: i64,
    /// For whom it is.
    pub user: UserId,
    /// The month that it is counted in.
    pub month: i64,
    /// The node that asks for it, and that node's epoch.
    pub node: (i64, i64),
    /// When it was asked for.
    pub now: Timestamp,
}

/// Writes down that a message is counted for an answer that is not stored, until [`settle`].
pub async fn hold(tx: &mut Tx, hold: Hold) -> Result<()> {
    tx.query(
        "INSERT INTO quota_holds (id, user_id, month, node, epoch, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(hold.id)
    .bind(hold.user)
    .bind(hold.month)
    .bind(hold.node.0)
    .bind(hold.node.1)
    .bind(hold.now)
    .run()
    .await?;
    Ok(())
}

/// An answer that is not stored has ended: its message stays counted, or is given back. Exactly one settle of a hold takes
/// effect.
pub async fn settle(tx: &mut Tx, hold: i64, gives_back: bool) -> Result<()> {
    let held: Option<(UserId, i64)> = tx
        .query("DELETE FROM quota_holds WHERE id = $1 RETURNING user_id, month")
        .bind(hold)
        .optional()
        .await?;
    let Some((user, month)) = held.filter(|_| gives_back) else { return Ok(()) };
    tx.query("UPDATE quotas SET messages = messages - 1 WHERE user_id = $1 AND month = $2 AND messages > 0")
        .bind(user)
        .bind(month)
        .run()
        .await?;
    Ok(())
}

/// What answers have taken that an earlier epoch of a node asked for: nobody settles them any more.
pub async fn left_behind(on: impl Into<On<'_>>, node: i64, epoch: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = on
        .into()
        .query("SELECT id FROM quota_holds WHERE node = $1 AND epoch <> $2")
        .bind(node)
        .bind(epoch)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

#[cfg(test)]
mod tests;
