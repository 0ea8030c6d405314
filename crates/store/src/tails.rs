//! `turn_tails`: what running answers have said since they began, in pieces. Only what is new is ever written.

use domain::{Parts, Seq, Timestamp, TurnId};
use serde::Serialize;

use crate::{Result, Sql, Tx, db::to_json};

/// A piece of an answer: the events above `after` up to `covers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The turn.
    pub turn: TurnId,
    /// The number of the event before it.
    pub after: Seq,
    /// The number of its last event.
    pub covers: Seq,
    /// What it says.
    pub parts: Parts,
}

#[derive(Serialize)]
struct Wire {
    t: i64,
    a: i64,
    c: i64,
    p: String,
}

/// Saves pieces of many turns in one statement. A turn that is not running with this node and epoch takes none, and a
/// piece that was saved before is replaced by itself, so a repeated job doubles nothing.
pub async fn append(tx: &mut Tx, pieces: &[Piece], (node, epoch): (i64, i64)) -> Result<u64> {
    let wire: Vec<Wire> = pieces
        .iter()
        .map(|piece| Wire { t: piece.turn.0, a: piece.after, c: piece.covers, p: to_json(&piece.parts) })
        .collect();
    tx.query(Sql {
        sqlite: "INSERT INTO turn_tails (turn_id, after_seq, covers, parts)
                 SELECT t.id, json_extract(j.value, '$.a'), json_extract(j.value, '$.c'), json_extract(j.value, '$.p')
                 FROM json_each($1) j CROSS JOIN turns t ON t.id = json_extract(j.value, '$.t')
                 WHERE t.state = 'running' AND t.node = $2 AND t.epoch = $3
                 ON CONFLICT (turn_id, after_seq) DO UPDATE SET covers = excluded.covers, parts = excluded.parts",
        postgres: "INSERT INTO turn_tails (turn_id, after_seq, covers, parts)
                   SELECT t.id, j.a, j.c, j.p
                   FROM jsonb_to_recordset(CAST($1 AS JSONB)) AS j (t BIGINT, a BIGINT, c BIGINT, p TEXT)
                   JOIN turns t ON t.id = j.t
                   WHERE t.state = 'running' AND t.node = $2 AND t.epoch = $3
                   ON CONFLICT (turn_id, after_seq) DO UPDATE SET covers = excluded.covers, parts = excluded.parts",
    })
    .bind(to_json(&wire))
    .bind(node)
    .bind(epoch)
    .whole()
    .run()
    .await
}

/// Deletes the tail of a turn that settles.
pub(crate) async fn delete(tx: &mut Tx, turn: TurnId) -> Result<()> {
    tx.query("DELETE FROM turn_tails WHERE turn_id = $1").bind(turn).run().await?;
    Ok(())
}

/// Deletes up to 1,000 pieces of turns that settled before `before`: what came in between a checkpoint and a settle.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM turn_tails WHERE (turn_id, after_seq) IN (
            SELECT tail.turn_id, tail.after_seq FROM turn_tails tail
            LEFT JOIN turns t ON t.id = tail.turn_id
            WHERE t.id IS NULL OR t.settled_at < $1 LIMIT 1000)",
    )
    .bind(before)
    .run()
    .await
}
