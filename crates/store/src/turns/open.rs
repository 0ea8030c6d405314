//! A conversation begins with its first question.

use domain::{Parts, Turn};

use super::{begin, footing};
use crate::{
    Error, Result, Tx,
    conversations::{self, New},
    db::{FromRow, Row},
    idempotency::{self, Claimed, Key},
    messages::Question,
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
}

/// Writes a conversation with its member, its question, the empty answer, the turn and what can be searched of it, if
/// the account and the node may begin a turn and the key is new. See [`super::footing`] for what is held meanwhile.
pub async fn open(tx: &mut Tx, opening: &Opening<'_>) -> Result<Opened> {
    // What uses files is several statements on both: they are taken in the same job.
    let has_files = opening.parts.files().next().is_some();
    if tx.is_sqlite() || has_files { in_steps(tx, opening).await } else { at_once(tx, opening).await }
}

async fn in_steps(tx: &mut Tx, opening: &Opening<'_>) -> Result<Opened> {
    let Opening { conversation, turn, parts, key } = *opening;
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

/// The same in one statement of PostgreSQL, which needs no transaction around it.
async fn at_once(tx: &mut Tx, opening: &Opening<'_>) -> Result<Opened> {
    let Opening { conversation, turn, parts, key } = *opening;
    let stood: Stood = tx
        .query(concat!(
            "WITH stand AS MATERIALIZED (
                SELECT who.preferences, who.preferences IS NOT NULL AS is_active,
                       (SELECT node FROM nodes WHERE node = $2 AND epoch = $3 FOR SHARE) IS NOT NULL AS is_current
                FROM (SELECT (SELECT preferences FROM users
                              WHERE id = $1 AND is_active AND deleted_at IS NULL FOR SHARE) AS preferences) who),
             claimed AS (
                INSERT INTO idempotency_keys (user_id, key, route, body_hash, result_id, created_at)
                SELECT $1, $4, $5, $6, $7, $8 FROM stand WHERE is_active AND is_current AND $4 IS NOT NULL
                ON CONFLICT (user_id, key) DO NOTHING RETURNING user_id),
             free AS MATERIALIZED (
                SELECT FROM stand
                WHERE is_active AND is_current AND ($4 IS NULL OR EXISTS (SELECT FROM claimed))),
             made AS (
                INSERT INTO conversations (id, owner_id, title, title_origin, model, instructions, active_message_id,
                                           message_count, created_at, updated_at)
                SELECT $9, $1, $10, $11, $12, $13, $14, 2, $8, $8 FROM free),
             member AS (
                INSERT INTO conversation_members (conversation_id, user_id, role, favorite, last_activity_at)
                SELECT $9, $1, 'owner', FALSE, $8 FROM free),
             turn AS (
                INSERT INTO turns (id, conversation_id, user_id, user_message_id, message_id, kind, state, model, node,
                                   epoch, created_at)
                SELECT $7, $9, $1, $15, $14, $16, $17, $18, $2, $3, $8 FROM free),
             said AS (
                INSERT INTO messages (id, conversation_id, parent_id, role, author_id, state, parts, turn_id, model,
                                      created_at)
                SELECT $15, $9, NULL, 'user', $1, 'completed', $19, $7, NULL, $8 FROM free
                UNION ALL
                SELECT $14, $9, $15, 'assistant', NULL, $17, '[]', $7, $18, $8 FROM free),
             indexed AS (
                INSERT INTO search_index (id, terms)
                SELECT $9, ",
            search::owned_terms!("$20", "$1"),
            " FROM free WHERE $20 IS NOT NULL
                UNION ALL
                SELECT $15, ",
            search::owned_terms!("$21", "$1"),
            " FROM free WHERE $21 IS NOT NULL)
             SELECT is_active, is_current, EXISTS (SELECT FROM free),
                    CAST(preferences AS JSON)->>'custom_instructions' FROM stand"
        ))
        .bind(turn.user_id)
        .bind(turn.node)
        .bind(turn.epoch)
        .bind(key.map(|key| &key.key))
        .bind(key.map(|key| &key.route))
        .bind(key.map(|key| &key.body_hash))
        .bind(turn.id)
        .bind(turn.created_at)
        .bind(conversation.id)
        .bind(&conversation.title)
        .bind(conversation.title_origin)
        .bind(conversation.model.clone())
        .bind(conversation.instructions.clone())
        .bind(turn.message_id)
        .bind(turn.user_message_id)
        .bind(turn.kind)
        .bind(turn.state)
        .bind(turn.model.as_str())
        .bind(parts)
        .bind(search::terms_of(&conversation.title))
        .bind(search::terms_of(&parts.text()))
        .whole()
        .one()
        .await?;
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
