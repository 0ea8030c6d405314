//! Copying a branch into another conversation, in slices.

use domain::{ConversationId, MessageId, State, Timestamp, UserId};

use crate::{On, Result, Sql, Tx, db::to_json};

/// The ids of the branch that ends at `leaf`, oldest first, with how far each message has come.
pub async fn path(
    on: impl Into<On<'_>>,
    reader: UserId,
    conversation: ConversationId,
    leaf: MessageId,
) -> Result<Vec<(MessageId, State)>> {
    on.into()
        .query(
            "WITH RECURSIVE branch (id, parent_id, state, depth) AS (
                SELECT m.id, m.parent_id, m.state, CAST(1 AS BIGINT) FROM messages m
                JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $2
                WHERE m.id = $3 AND m.conversation_id = $1
                UNION ALL
                SELECT m.id, m.parent_id, m.state, branch.depth + 1
                FROM branch JOIN messages m ON m.id = branch.parent_id)
             SELECT id, state FROM branch ORDER BY depth DESC",
        )
        .bind(conversation)
        .bind(reader)
        .bind(leaf)
        .all()
        .await
}

/// A message, the id of its copy, and the copy that it follows.
pub type Copied = (MessageId, MessageId, Option<MessageId>);

/// Copies messages that `reader` sees into another conversation. Says how many there were.
pub async fn copy(
    tx: &mut Tx,
    reader: UserId,
    from: ConversationId,
    to: ConversationId,
    slice: &[Copied],
) -> Result<u64> {
    macro_rules! copy {
        ($slice:literal) => {
            concat!(
                "INSERT INTO messages (id, conversation_id, parent_id, role, author_id, state, parts, model, usage,
                                       finish_reason, error, created_at)
                 SELECT copied.id, $3, copied.parent_id, m.role, m.author_id, m.state, m.parts, m.model, m.usage,
                        m.finish_reason, m.error, m.created_at
                 FROM (",
                $slice,
                ") AS copied
                 JOIN messages m ON m.id = copied.source AND m.conversation_id = $2
                 JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $1
                 ORDER BY copied.id"
            )
        };
    }
    tx.query(Sql {
        sqlite: copy!(
            "SELECT json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS id,
                    json_extract(value, '$[2]') AS parent_id FROM json_each($4)"
        ),
        postgres: copy!(
            "SELECT CAST(value->>0 AS BIGINT) AS source, CAST(value->>1 AS BIGINT) AS id,
                    CAST(value->>2 AS BIGINT) AS parent_id FROM jsonb_array_elements(CAST($4 AS JSONB)) AS value"
        ),
    })
    .bind(reader)
    .bind(from)
    .bind(to)
    .bind(to_json(slice))
    .run()
    .await
}

/// Shows a conversation that was filled in slices: its owner becomes a member of it. Until then nobody sees it, and it
/// is purged an hour after it was begun. Says `false` if that has happened.
pub async fn show(
    tx: &mut Tx,
    id: ConversationId,
    owner: UserId,
    leaf: Option<MessageId>,
    count: i64,
    now: Timestamp,
) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE conversations SET ended_at = NULL, active_message_id = $2, message_count = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(leaf)
        .bind(count)
        .run()
        .await?;
    if touched == 1 {
        crate::members::put(tx, id, owner, domain::MemberRole::Owner, now).await?;
    }
    Ok(touched == 1)
}
