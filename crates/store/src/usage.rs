//! `usage`: what answers cost, one row per settled turn.

use domain::{Timestamp, Turn, Usage, UserId};

use crate::{On, Result, Tx};

/// Notes what a turn cost. A turn is counted once.
pub(crate) async fn insert(tx: &mut Tx, id: i64, turn: &Turn, usage: Usage, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO usage (id, user_id, turn_id, model, prompt_tokens, completion_tokens, reasoning_tokens, estimated,
                            created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (turn_id) DO NOTHING",
    )
    .bind(id)
    .bind(turn.user_id)
    .bind(turn.id)
    .bind(turn.model.as_str())
    .bind(usage.prompt_tokens)
    .bind(usage.completion_tokens)
    .bind(usage.reasoning_tokens)
    .bind(usage.estimated)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// What a user's answers cost since a moment: turns, prompt tokens, completion tokens.
pub async fn since(on: impl Into<On<'_>>, user: UserId, since: Timestamp) -> Result<(i64, i64, i64)> {
    on.into()
        .query(
            "SELECT COUNT(*), CAST(COALESCE(SUM(prompt_tokens), 0) AS BIGINT),
                    CAST(COALESCE(SUM(completion_tokens), 0) AS BIGINT)
             FROM usage WHERE user_id = $1 AND created_at >= $2",
        )
        .bind(user)
        .bind(since)
        .one()
        .await
}
