//! `usage`: what answers cost, one row per settled turn.

use domain::{ConversationId, Timestamp, Turn, Usage, UserId};

use crate::{On, Result, Sql, Tx, db::to_json};

/// Notes what a turn cost, for the model that answered. A turn is counted once.
pub(crate) async fn insert(tx: &mut Tx, id: i64, turn: &Turn, usage: Usage, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO usage (id, user_id, turn_id, model, prompt_tokens, completion_tokens, reasoning_tokens, estimated,
                            created_at)
         SELECT $1, $2, t.id, t.model, $4, $5, $6, $7, $8 FROM turns t WHERE t.id = $3
         ON CONFLICT (turn_id) DO NOTHING",
    )
    .bind(id)
    .bind(turn.user_id)
    .bind(turn.id)
    .bind(usage.prompt_tokens)
    .bind(usage.completion_tokens)
    .bind(usage.reasoning_tokens)
    .bind(usage.estimated)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// Notes what an answer cost that is not stored: its own number stands where that of a turn would. An account that is
/// being ended costs nothing any more.
pub async fn insert_unstored(
    tx: &mut Tx,
    id: i64,
    user: UserId,
    model: &str,
    usage: Usage,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO usage (id, user_id, turn_id, model, prompt_tokens, completion_tokens, reasoning_tokens, estimated,
                            created_at)
         SELECT $1, u.id, $1, $3, $4, $5, $6, $7, $8 FROM users u WHERE u.id = $2 AND u.deleted_at IS NULL",
    )
    .bind(id)
    .bind(user)
    .bind(model)
    .bind(usage.prompt_tokens)
    .bind(usage.completion_tokens)
    .bind(usage.reasoning_tokens)
    .bind(usage.estimated)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// The tokens of the answers in some conversations that `reader` is a member of, all branches; those without any are left
/// out.
pub async fn of_conversations(
    on: impl Into<On<'_>>,
    reader: UserId,
    ids: &[ConversationId],
) -> Result<Vec<(ConversationId, i64)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    on.into()
        .query(Sql {
            sqlite: "SELECT t.conversation_id, CAST(SUM(u.completion_tokens) AS BIGINT) FROM turns t
                     JOIN usage u ON u.turn_id = t.id
                     JOIN conversation_members who ON who.conversation_id = t.conversation_id AND who.user_id = $1
                     WHERE t.conversation_id IN (SELECT value FROM json_each($2))
                     GROUP BY t.conversation_id",
            postgres: "SELECT t.conversation_id, CAST(SUM(u.completion_tokens) AS BIGINT) FROM turns t
                       JOIN usage u ON u.turn_id = t.id
                       JOIN conversation_members who ON who.conversation_id = t.conversation_id AND who.user_id = $1
                       WHERE t.conversation_id IN
                           (SELECT CAST(jsonb_array_elements_text(CAST($2 AS JSONB)) AS BIGINT))
                       GROUP BY t.conversation_id",
        })
        .bind(reader)
        .bind(to_json(&ids))
        .all()
        .await
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
