//! Another model answers a turn than the one that was asked for.

use domain::{MessageId, TurnId};

use crate::{Result, Tx};

/// Notes who answers, with the turn and with its answer, unless it has ended.
pub async fn answered_by(tx: &mut Tx, turn: TurnId, answer: MessageId, model: &str) -> Result<()> {
    let touched = tx
        .query("UPDATE turns SET model = $2 WHERE id = $1 AND state = 'running'")
        .bind(turn)
        .bind(model)
        .run()
        .await?;
    if touched == 1 {
        tx.query("UPDATE messages SET model = $2 WHERE id = $1 AND state = 'running'")
            .bind(answer)
            .bind(model)
            .run()
            .await?;
    }
    Ok(())
}
