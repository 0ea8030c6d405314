//! A turn ends, once.

use domain::{ConversationId, MessageError, MessageId, Parts, Seq, State, Timestamp, Turn, TurnId, Usage};
use serde::Serialize;

use crate::{
    Result, Tx, conversations,
    db::{FromRow, Row, to_json},
    quotas, search,
    tool_calls::{self, Called},
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
    /// The tools that the turn called, in order.
    pub calls: &'a [Called],
    /// The number of `done`.
    pub done_seq: Seq,
    /// When it ended.
    pub now: Timestamp,
    /// Whether its message counts no more.
    pub gives_back: bool,
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

/// Settles a turn of its node and epoch, with its answer; its tail goes, its cost and its calls are noted, its conversation moves to
/// the top of every member's list, and the oldest turn of it that waits may run; the answer can be searched for unless
/// the conversation has ended. Its message stays counted unless it is given back. Exactly one settle of a turn takes effect: any other gives `None` and writes nothing.
pub async fn settle(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>) -> Result<Option<Next>> {
    if tx.is_sqlite() {
        return in_steps(tx, turn, settled).await;
    }
    // Few give back. They do so in a transaction of their own: in one statement for many, the rows of the quotas would be
    // taken in the order of the turns, and two such statements could wait in a circle.
    if settled.gives_back {
        conversations::lock(tx, turn.conversation_id).await?;
        let next = at_once(tx, turn, settled, true).await?;
        if next.is_some() {
            quotas::give_back(tx, turn.user_id, turn.id).await?;
        }
        return Ok(next);
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
    tool_calls::insert(tx, turn, settled.calls, settled.now).await?;
    crate::members::touch(tx, turn.conversation_id, settled.now).await?;
    let text = settled.parts.text();
    if !text.is_empty() && !locked.is_ended {
        search::put(tx, turn.message_id.0, locked.owner, &text).await?;
    }
    let promoted = promote(tx, turn.conversation_id).await?;
    if settled.gives_back {
        quotas::give_back(tx, turn.user_id, turn.id).await?;
    }
    Ok(Some(Next { promoted }))
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

/// What [`AT_ONCE`] reads of a settle.
#[derive(Serialize)]
struct Asks<'a> {
    turn: TurnId,
    node: i64,
    epoch: i64,
    conversation: ConversationId,
    holds: bool,
    state: State,
    done_seq: Seq,
    now: i64,
    parts: String,
    finish_reason: Option<&'a str>,
    error: Option<String>,
    usage: Option<String>,
    usage_id: i64,
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    reasoning_tokens: Option<i64>,
    estimated: Option<bool>,
    /// A list, as JSON text.
    calls: Option<String>,
    terms: Option<String>,
}

const AT_ONCE: &str = concat!(
    "WITH asked AS MATERIALIZED (
        SELECT * FROM ROWS FROM (json_to_recordset(CAST($1 AS JSON)) AS (
            turn BIGINT, node BIGINT, epoch BIGINT, conversation BIGINT, holds BOOLEAN, state TEXT, done_seq BIGINT,
            now BIGINT, parts TEXT, finish_reason TEXT, error TEXT, usage TEXT, usage_id BIGINT, prompt_tokens BIGINT,
            completion_tokens BIGINT, reasoning_tokens BIGINT, estimated BOOLEAN, calls TEXT, terms TEXT))
        WITH ORDINALITY AS asked (
            turn, node, epoch, conversation, holds, state, done_seq, now, parts, finish_reason, error, usage, usage_id,
            prompt_tokens, completion_tokens, reasoning_tokens, estimated, calls, terms, place)),
     seen AS MATERIALIZED (
        SELECT id, message_count FROM conversations WHERE id = ANY (ARRAY(SELECT conversation FROM asked))),
     here AS MATERIALIZED (
        SELECT id, owner_id, ended_at, message_count FROM conversations
        WHERE id = ANY (ARRAY(SELECT conversation FROM asked)) FOR NO KEY UPDATE SKIP LOCKED),
     free AS MATERIALIZED (
        SELECT asked.*, here.owner_id, here.ended_at
        FROM asked JOIN here ON here.id = asked.conversation JOIN seen USING (id, message_count)
        WHERE holds OR NOT EXISTS
            (SELECT FROM turns WHERE conversation_id = asked.conversation AND settled_at IS NULL AND id <> asked.turn)),
     ended AS (
        UPDATE turns t SET state = free.state, done_seq = free.done_seq, settled_at = free.now
        FROM free
        WHERE t.id = free.turn AND t.node = free.node AND t.epoch = free.epoch AND t.state IN ('waiting', 'running')
        RETURNING free.*, t.message_id, t.user_id, t.model),
     answer AS (
        UPDATE messages m
        SET state = ended.state, parts = ended.parts, finish_reason = ended.finish_reason, error = ended.error,
            usage = ended.usage
        FROM ended WHERE m.id = ended.message_id AND m.state IN ('waiting', 'running')),
     indexed AS (
        INSERT INTO search_index (id, terms)
        SELECT message_id, ",
    search::owned_terms!("terms", "owner_id"),
    " FROM ended WHERE terms IS NOT NULL AND ended_at IS NULL
        ON CONFLICT (id) DO UPDATE SET terms = excluded.terms),
     tail AS (
        DELETE FROM turn_tails USING ended WHERE turn_id = ended.turn),
     cost AS (
        INSERT INTO usage (id, user_id, turn_id, model, prompt_tokens, completion_tokens, reasoning_tokens, estimated,
                           created_at)
        SELECT usage_id, user_id, turn, model, prompt_tokens, completion_tokens, reasoning_tokens, estimated, now
        FROM ended WHERE usage IS NOT NULL
        ON CONFLICT (turn_id) DO NOTHING),
     called AS (
        INSERT INTO tool_calls (id, turn_id, message_id, user_id, name, state, duration_ms, created_at)
        SELECT one.id, ended.turn, ended.message_id, ended.user_id, one.name, one.state, one.duration_ms, ended.now
        FROM ended CROSS JOIN LATERAL json_to_recordset(CAST(ended.calls AS JSON))
            AS one (id BIGINT, name TEXT, state TEXT, duration_ms BIGINT)
        WHERE ended.calls IS NOT NULL),
     touched AS MATERIALIZED (
        SELECT conversation_id, user_id FROM conversation_members
        WHERE conversation_id = ANY (ARRAY(SELECT conversation FROM ended))
        ORDER BY conversation_id, user_id FOR NO KEY UPDATE),
     members AS (
        UPDATE conversation_members who SET last_activity_at = ended.now
        FROM touched JOIN ended ON ended.conversation = touched.conversation_id
        WHERE who.conversation_id = touched.conversation_id AND who.user_id = touched.user_id),
     next AS (
        UPDATE turns t SET state = 'running'
        FROM ended CROSS JOIN LATERAL (
            SELECT MIN(id) AS id FROM turns
            WHERE conversation_id = ended.conversation AND settled_at IS NULL AND id <> ended.turn) oldest
        WHERE t.id = oldest.id AND t.state = 'waiting'
        RETURNING t.id, t.message_id, ended.place),
     next_answer AS (
        UPDATE messages m SET state = 'running'
        FROM next WHERE m.id = next.message_id AND m.state = 'waiting')
     SELECT ended.place, next.id FROM ended LEFT JOIN next USING (place)"
);

/// The same in one statement of PostgreSQL, for whoever else settles now. Its parts see the rows as they were when it
/// began, but for the locked rows of the conversations, which are as they are now. Unless the caller `holds` that lock
/// since an earlier statement, it takes effect only if nobody else holds it, no other turn of the conversation is
/// unsettled and none has begun since: every begin adds messages.
async fn at_once(tx: &mut Tx, turn: &Turn, settled: &Settled<'_>, holds: bool) -> Result<Option<Next>> {
    let asks = Asks {
        turn: turn.id,
        node: turn.node,
        epoch: turn.epoch,
        conversation: turn.conversation_id,
        holds,
        state: settled.state,
        done_seq: settled.done_seq,
        now: settled.now.0,
        parts: to_json(settled.parts),
        finish_reason: settled.finish_reason,
        error: settled.error.map(to_json),
        usage: settled.usage.map(|usage| to_json(&usage)),
        usage_id: settled.usage_id,
        prompt_tokens: settled.usage.map(|usage| usage.prompt_tokens),
        completion_tokens: settled.usage.map(|usage| usage.completion_tokens),
        reasoning_tokens: settled.usage.map(|usage| usage.reasoning_tokens),
        estimated: settled.usage.map(|usage| usage.estimated),
        calls: (!settled.calls.is_empty()).then(|| to_json(&settled.calls)),
        terms: search::terms_of(&settled.parts.text()),
    };
    let next: Vec<Next> = tx.gather(AT_ONCE, &asks).await?;
    Ok(next.into_iter().next())
}
