//! `nodes`: the processes that run turns. A new start, or a lost lock, is a new epoch.

use domain::Timestamp;

use crate::{Result, Tx};

/// Enters the node with the next epoch and says which it is.
pub async fn enter(tx: &mut Tx, node: i64, now: Timestamp) -> Result<i64> {
    let (epoch,) = tx
        .query(
            "INSERT INTO nodes (node, epoch, seen_at) VALUES ($1, 1, $2)
             ON CONFLICT (node) DO UPDATE SET epoch = nodes.epoch + 1, seen_at = excluded.seen_at
             RETURNING epoch",
        )
        .bind(node)
        .bind(now)
        .one::<(i64,)>()
        .await?;
    Ok(epoch)
}
