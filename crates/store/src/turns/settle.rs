//! A turn ends, once.

use domain::{ConversationId, MessageError, MessageId, Parts, Seq, State, Timestamp, Turn, TurnId, Usage};

use crate::{
    Result, Tx, conversations,
    db::{FromRow, Row, to_json},
    search,
};

/// How a turn ended.
#[derive(Debug, Clone)]
pub struct Settled<'a> {
    /// How it ended.
    pub state: State,
    /// All of the answer.
    pub parts: &'a Parts,
    /// Why the model ended.
    pub finish_reason: Option<&'a str>,
    /// Why it failed.
    pub error: Option<&'a MessageError>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// The id of the row that says what it cost.
    pub usage_id: i64,
    /// The number of `done`.
    pub done_seq: Seq,
    /// When it ended.
    pub now: Timestamp,
}

/// What a settle came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The turn that waited longest, and runs now.
    pub promoted: Option<TurnId>,
}

impl FromRow for Next {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { promoted: row.next()? })
    }
}

/// Settles a turn of its node and epoch, with its answer; its tail goes, its cost is noted, its conversation moves to
/// the top of every member's list, and the oldest turn of it that waits may run; the answer can be searched for unless
/// the conversation has ended. Exactly one settle of a turn takes effect: any other gives `None` and writes nothing.
pub async fn settle(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>) -> Result<Option<Next>> {
    if tx.is_sqlite() {
        return in_steps(tx, turn, settled).await;
    }
    if let Some(next) = at_once(tx, turn, settled, false).await? {
        return Ok(Some(next));
    }
    // Somebody else begins or waits here, or the turn was settled before.
    conversations::lock(tx, turn.conversation_id).await?;
    at_once(tx, turn, settled, true).await
}

async fn in_steps(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>) -> Result<Option<Next>> {
    let Some(locked) = conversations::lock(tx, turn.conversation_id).await? else { return Ok(None) };
    let touched = tx
        .query(
            "UPDATE turns SET state = $4, done_seq = $5, settled_at = $6
             WHERE id = $1 AND node = $2 AND epoch = $3 AND state IN ('waiting', 'running')",
        )
        .bind(turn.id)
        .bind(turn.node)
        .bind(turn.epoch)
        .bind(settled.state)
        .bind(settled.done_seq)
        .bind(settled.now)
        .run()
        .await?;
    if touched == 0 {
        return Ok(None);
    }
    crate::messages::settle(tx, turn.message_id, settled).await?;
    crate::tails::delete(tx, turn.id).await?;
    if let Some(usage) = settled.usage {
        crate::usage::insert(tx, settled.usage_id, turn, usage, settled.now).await?;
    }
    crate::members::touch(tx, turn.conversation_id, settled.now).await?;
    let text = settled.parts.text();
    if !text.is_empty() && !locked.is_ended {
        search::put(tx, turn.message_id.0, locked.owner, &text).await?;
    }
    Ok(Some(Next { promoted: promote(tx, turn.conversation_id).await? }))
}

/// The oldest unsettled turn of a conversation may run, if it waited.
async fn promote(tx: &mut Tx, conversation: ConversationId) -> Result<Option<TurnId>> {
    let promoted: Option<(TurnId, MessageId)> = tx
        .query(
            "UPDATE turns SET state = 'running'
             WHERE state = 'waiting' AND id =
                (SELECT MIN(id) FROM turns WHERE conversation_id = $1 AND settled_at IS NULL)
             RETURNING id, message_id",
        )
        .bind(conversation)
        .optional()
        .await?;
    let Some((next, answer)) = promoted else { return Ok(None) };
    crate::messages::set_running(tx, answer).await?;
    Ok(Some(next))
}

/// The same in one statement of PostgreSQL. Its parts see the rows as they were when it began, but for the locked row of
/// the conversation, which is as it is now. Unless the caller `holds` that lock since an earlier statement, it takes
/// effect only if no other turn of the conversation is unsettled and none has begun since: every begin adds messages.
async fn at_once(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>, holds: bool) -> Result<Option<Next>> {
    tx.query(concat!(
        "WITH seen AS MATERIALIZED (
            SELECT message_count FROM conversations WHERE id = $16),
         here AS MATERIALIZED (
            SELECT owner_id, ended_at, message_count FROM conversations WHERE id = $16 FOR NO KEY UPDATE),
         free AS MATERIALIZED (
            SELECT here.owner_id, here.ended_at FROM here JOIN seen USING (message_count)
            WHERE $17 OR NOT EXISTS
                (SELECT FROM turns WHERE conversation_id = $16 AND settled_at IS NULL AND id <> $1)),
         ended AS (
            UPDATE turns SET state = $4, done_seq = $5, settled_at = $6
            FROM free
            WHERE id = $1 AND node = $2 AND epoch = $3 AND state IN ('waiting', 'running')
            RETURNING id, conversation_id, user_id, message_id, model, owner_id, ended_at),
         answer AS (
            UPDATE messages m SET state = $4, parts = $7, finish_reason = $8, error = $9, usage = $10
            FROM ended WHERE m.id = ended.message_id AND m.state IN ('waiting', 'running')),
         indexed AS (
            INSERT INTO search_index (id, terms)
            SELECT message_id, ",
        search::owned_terms!("$18", "owner_id"),
        " FROM ended WHERE $18 IS NOT NULL AND ended_at IS NULL
            ON CONFLICT (id) DO UPDATE SET terms = excluded.terms),
         tail AS (
            DELETE FROM turn_tails USING ended WHERE turn_id = ended.id),
         cost AS (
            INSERT INTO usage (id, user_id, turn_id, model, prompt_tokens, completion_tokens, reasoning_tokens,
                               estimated, created_at)
            SELECT $11, user_id, id, model, $12, $13, $14, $15, $6 FROM ended WHERE $10 IS NOT NULL
            ON CONFLICT (turn_id) DO NOTHING),
         members AS (
            UPDATE conversation_members who SET last_activity_at = $6
            FROM ended WHERE who.conversation_id = ended.conversation_id),
         next AS (
            UPDATE turns t SET state = 'running'
            FROM ended WHERE t.state = 'waiting' AND t.id =
                (SELECT MIN(id) FROM turns WHERE conversation_id = $16 AND settled_at IS NULL AND id <> $1)
            RETURNING t.id, t.message_id),
         next_answer AS (
            UPDATE messages m SET state = 'running'
            FROM next WHERE m.id = next.message_id AND m.state = 'waiting')
         SELECT next.id FROM ended LEFT JOIN next ON TRUE"
    ))
    .bind(turn.id)
    .bind(turn.node)
    .bind(turn.epoch)
    .bind(settled.state)
    .bind(settled.done_seq)
    .bind(settled.now)
    .bind(settled.parts)
    .bind(settled.finish_reason)
    .bind(settled.error.map(to_json))
    .bind(settled.usage.map(|usage| to_json(&usage)))
    .bind(settled.usage_id)
    .bind(settled.usage.map(|usage| usage.prompt_tokens))
    .bind(settled.usage.map(|usage| usage.completion_tokens))
    .bind(settled.usage.map(|usage| usage.reasoning_tokens))
    .bind(settled.usage.map(|usage| usage.estimated))
    .bind(turn.conversation_id)
    .bind(holds)
    .bind(search::terms_of(&settled.parts.text()))
    .whole()
    .optional()
    .await
}
