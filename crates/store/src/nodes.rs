//! `nodes`: the processes that run turns. A new start, or a lost lock, is a new epoch.

use domain::Timestamp;

use crate::{Result, Sql, Tx};

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

/// Says whether `epoch` is the node's current one: a turn is begun only then, so that none is left behind after the
/// one recovery.
pub async fn is_current(tx: &mut Tx, node: i64, epoch: i64) -> Result<bool> {
    let found = tx
        .query(Sql {
            sqlite: "SELECT node FROM nodes WHERE node = $1 AND epoch = $2",
            // Held until the commit, so that no other process can enter and recover in between.
            postgres: "SELECT node FROM nodes WHERE node = $1 AND epoch = $2 FOR SHARE",
        })
        .bind(node)
        .bind(epoch)
        .optional::<(i64,)>()
        .await?;
    Ok(found.is_some())
}
