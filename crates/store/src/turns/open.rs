//! A conversation begins with its first question.

use domain::{ConversationId, MessageId, Parts, State, TitleOrigin, Turn, TurnId, TurnKind, UserId};
use serde::Serialize;

use super::{begin, footing};
use crate::{
    Error, Result, Tx,
    conversations::{self, New},
    db::{FromRow, Row, to_json},
    idempotency::{self, Claimed, Key},
    messages::Question,
    quotas::{self, Charge},
    search, users,
};

/// What a conversation begins with. Nobody else knows it before the commit, so that nothing has to be locked.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The conversation, of whoever asks.
    pub conversation: &'a New,
    /// Its first turn.
    pub turn: &'a Turn,
    /// What is asked.
    pub parts: &'a Parts,
    /// Makes a repeat join the first.
    pub key: Option<&'a Key>,
    /// What it is counted against.
    pub charge: Charge,
}

/// What an opening came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// All of it is written.
    Written {
        /// What every answer for whoever asks should heed.
        custom: Option<String>,
    },
    /// The key was taken before, for this; the job has to fail.
    Repeated(Claimed),
    /// The account may not do anything; the job has to fail.
    Inactive,
    /// The node has entered another epoch; the job has to fail.
    NotCurrent,
    /// The month has no message left; the job has to fail.
    Exhausted {
        /// How many were used.
        used: i64,
    },
}

/// So near to its limit a month is counted one by one: whoever is refused would break the statement of all the others,
/// who would then each ask again.
const NEAR: i64 = 4;

/// Writes a conversation with its member, its question, the empty answer, the turn and what can be searched of it, and
/// counts it, if the account and the node may begin a turn, the key is new and the month has a message left. See
/// [`super::footing`] for what is held meanwhile.
pub async fn open(tx: &mut Tx, opening: &Opening<'_>) -> Result<Opened> {
    // What uses files is several statements on both: they are taken in the same job.
    let has_files = opening.parts.files().next().is_some();
    if tx.is_sqlite() || has_files || opening.charge.left().is_some_and(|left| left < NEAR) {
        return in_steps(tx, opening).await;
    }
    match at_once(tx, opening).await {
        // More were asked at once than were left: each is counted alone.
        Err(Error::Check(_)) => in_steps(tx, opening).await,
        opened => opened,
    }
}

async fn in_steps(tx: &mut Tx, opening: &Opening<'_>) -> Result<Opened> {
    let Opening { conversation, turn, parts, key, charge } = *opening;
    if let Some(key) = key
        && let Some(first) = idempotency::claim(tx, key, turn.id.0, turn.created_at).await?
    {
        return Ok(Opened::Repeated(first));
    }
    let footing = footing(tx, conversation.id, turn.user_id, (turn.node, turn.epoch)).await?;
    if !footing.is_active {
        return Ok(Opened::Inactive);
    }
    if !footing.is_current {
        return Ok(Opened::NotCurrent);
    }
    if !quotas::reserve(tx, turn.user_id, charge).await? {
        return Ok(Opened::Exhausted { used: quotas::used(tx, turn.user_id, charge.month).await? });
    }
    conversations::insert_begun(tx, conversation, turn.message_id).await?;
    begin(tx, turn, Some(&Question { parent: None, parts: parts.clone() })).await?;
    let said = parts.text();
    let texts = [(conversation.id.0, conversation.title.as_str()), (turn.user_message_id.0, said.as_str())];
    search::put_all(tx, turn.user_id, &texts).await?;
    Ok(Opened::Written { custom: users::custom_instructions(tx, turn.user_id).await? })
}

struct Stood {
    is_active: bool,
    is_current: bool,
    is_written: bool,
    custom: Option<String>,
}

impl FromRow for Stood {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            is_active: row.next()?,
            is_current: row.next()?,
            is_written: row.next()?,
            custom: row.next()?,
        })
    }
}

/// What [`AT_ONCE`] reads of an opening.
#[derive(Serialize)]
struct Asks<'a> {
    user: UserId,
    node: i64,
    epoch: i64,
    key: Option<&'a str>,
    route: Option<&'a str>,
    body_hash: Option<&'a str>,
    turn: TurnId,
    now: i64,
    conversation: ConversationId,
    title: &'a str,
    title_origin: TitleOrigin,
    model: Option<&'a str>,
    instructions: Option<&'a str>,
    answer: MessageId,
    question: MessageId,
    kind: TurnKind,
    state: State,
    answers: &'a str,
    parts: String,
    title_terms: Option<String>,
    terms: Option<String>,
    month: i64,
    allowed: Option<i64>,
}

const AT_ONCE: &str = concat!(
    "WITH asked AS MATERIALIZED (
        SELECT * FROM ROWS FROM (json_to_recordset(CAST($1 AS JSON)) AS (
            \"user\" BIGINT, node BIGINT, epoch BIGINT, key TEXT, route TEXT, body_hash TEXT, turn BIGINT, now BIGINT,
            conversation BIGINT, title TEXT, title_origin TEXT, model TEXT, instructions TEXT, answer BIGINT,
            question BIGINT, kind TEXT, state TEXT, answers TEXT, parts TEXT, title_terms TEXT, terms TEXT,
            month BIGINT, allowed BIGINT))
        WITH ORDINALITY AS asked (
            who, node, epoch, key, route, body_hash, turn, now, conversation, title, title_origin, model, instructions,
            answer, question, kind, state, answers, parts, title_terms, terms, month, allowed, place)),
     people AS MATERIALIZED (
        SELECT id, preferences FROM users
        WHERE id = ANY (ARRAY(SELECT who FROM asked)) AND is_active AND deleted_at IS NULL ORDER BY id FOR SHARE),
     epochs AS MATERIALIZED (
        SELECT node, epoch FROM nodes WHERE node = ANY (ARRAY(SELECT node FROM asked)) ORDER BY node FOR SHARE),
     stand AS MATERIALIZED (
        SELECT asked.*, people.preferences, people.id IS NOT NULL AS is_active, epochs.node IS NOT NULL AS is_current
        FROM asked LEFT JOIN people ON people.id = asked.who LEFT JOIN epochs USING (node, epoch)),
     claimed AS (
        INSERT INTO idempotency_keys (user_id, key, route, body_hash, result_id, created_at)
        SELECT who, key, route, body_hash, turn, now FROM stand
        WHERE is_active AND is_current AND key IS NOT NULL ORDER BY who, key
        ON CONFLICT (user_id, key) DO NOTHING RETURNING result_id),
     free AS MATERIALIZED (
        SELECT stand.* FROM stand LEFT JOIN claimed ON claimed.result_id = stand.turn
        WHERE is_active AND is_current AND (key IS NULL OR claimed.result_id IS NOT NULL)),
     counted AS (
        INSERT INTO quotas (user_id, month, messages, allowed)
        SELECT who, month, COUNT(*), MIN(allowed) FROM free GROUP BY who, month ORDER BY who, month
        ON CONFLICT (user_id, month)
            DO UPDATE SET messages = quotas.messages + excluded.messages, allowed = excluded.allowed),
     made AS (
        INSERT INTO conversations (id, owner_id, title, title_origin, model, instructions, active_message_id,
                                   message_count, created_at, updated_at)
        SELECT conversation, who, title, title_origin, model, instructions, answer, 2, now, now FROM free),
     member AS (
        INSERT INTO conversation_members (conversation_id, user_id, role, favorite, last_activity_at)
        SELECT conversation, who, 'owner', FALSE, now FROM free),
     begun AS (
        INSERT INTO turns (id, conversation_id, user_id, user_message_id, message_id, kind, state, model, node, epoch,
                           created_at, quota_month)
        SELECT turn, conversation, who, question, answer, kind, state, answers, node, epoch, now, month FROM free),
     said AS (
        INSERT INTO messages (id, conversation_id, parent_id, role, author_id, state, parts, turn_id, model, created_at)
        SELECT question, conversation, NULL, 'user', who, 'completed', parts, turn, NULL, now FROM free
        UNION ALL
        SELECT answer, conversation, question, 'assistant', NULL, state, '[]', turn, answers, now FROM free),
     indexed AS (
        INSERT INTO search_index (id, terms)
        SELECT conversation, ",
    search::owned_terms!("title_terms", "who"),
    " FROM free WHERE title_terms IS NOT NULL
        UNION ALL
        SELECT question, ",
    search::owned_terms!("terms", "who"),
    " FROM free WHERE terms IS NOT NULL)
     SELECT stand.place, stand.is_active, stand.is_current, free.place IS NOT NULL,
            CAST(stand.preferences AS JSON)->>'custom_instructions'
     FROM stand LEFT JOIN free USING (place)"
);

/// The same in one statement of PostgreSQL, which needs no transaction around it and serves whoever else opens now. Those
/// of one account are counted together; where they are more than its month has left they break a rule of the table, and
/// nothing of the statement is written.
async fn at_once(tx: &mut Tx, opening: &Opening<'_>) -> Result<Opened> {
    let Opening { conversation, turn, parts, key, charge } = *opening;
    let asks = Asks {
        user: turn.user_id,
        node: turn.node,
        epoch: turn.epoch,
        key: key.map(|key| key.key.as_str()),
        route: key.map(|key| key.route.as_str()),
        body_hash: key.map(|key| key.body_hash.as_str()),
        turn: turn.id,
        now: turn.created_at.0,
        conversation: conversation.id,
        title: &conversation.title,
        title_origin: conversation.title_origin,
        model: conversation.model.as_deref(),
        instructions: conversation.instructions.as_deref(),
        answer: turn.message_id,
        question: turn.user_message_id,
        kind: turn.kind,
        state: turn.state,
        answers: &turn.model,
        parts: to_json(parts),
        title_terms: search::terms_of(&conversation.title),
        terms: search::terms_of(&parts.text()),
        month: charge.month,
        allowed: charge.limit,
    };
    let stood: Vec<Stood> = tx.gather(AT_ONCE, &asks).await?;
    let stood = stood.into_iter().next().ok_or_else(|| Error::decode("an opening had no answer"))?;
    if stood.is_written {
        return Ok(Opened::Written { custom: stood.custom });
    }
    if !stood.is_active {
        return Ok(Opened::Inactive);
    }
    let (Some(key), true) = (key, stood.is_current) else { return Ok(Opened::NotCurrent) };
    let first = idempotency::find(tx, key.user, &key.key).await?;
    Ok(Opened::Repeated(first.ok_or_else(|| Error::decode("a key was taken, and is gone"))?))
}
