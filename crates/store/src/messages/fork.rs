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
    let copied = tx
        .query(Sql {
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
    .await?;
    crate::files::attach_copies(tx, reader, from, slice).await?;
    Ok(copied)
}

/// Shows a conversation that was filled in slices: its owner becomes a member of it. Until then nobody sees it, and it
/// is purged from the moment that it was made with. Says `false` once that has come.
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
            "UPDATE conversations SET ended_at = NULL, active_message_id = $2, message_count = $3
             WHERE id = $1 AND ended_at > $4",
        )
        .bind(id)
        .bind(leaf)
        .bind(count)
        .bind(now)
        .run()
        .await?;
    if touched == 1 {
        crate::members::put_owner(tx, id, owner, now).await?;
    }
    Ok(touched == 1)
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;
    use crate::{
        Db, conversations,
        conversations::New,
        messages, purge,
        test::{given, on_both},
    };

    const UNTIL: Timestamp = Timestamp(100);

    async fn begun(db: &Db, id: i64, owner: UserId) -> ConversationId {
        let id = ConversationId(id);
        let new = New {
            id,
            owner,
            title: "Copy".into(),
            title_origin: domain::TitleOrigin::Manual,
            model: None,
            instructions: None,
            now: Timestamp(1),
        };
        let made: Result<()> =
            db.write(async move |tx| conversations::insert_unseen(tx, &new, UNTIL).await).await;
        made.unwrap();
        id
    }

    #[tokio::test]
    async fn a_copy_is_seen_once_it_is_whole() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let said =
                [(20, None, Role::User), (21, Some(20), Role::Assistant), (22, Some(20), Role::Assistant)];
            let said = said.map(|(id, parent, role)| given::message(id, talk, parent, role, "words"));
            given::said(db, said.into()).await;
            let leaf = MessageId(21);
            let branch: Vec<_> =
                path(db, alice, talk, leaf).await.unwrap().into_iter().map(|one| one.0.0).collect();
            assert_eq!(branch, [20, 21]);
            assert!(path(db, bob, talk, leaf).await.unwrap().is_empty());

            let to = begun(db, 30, alice).await;
            let slice: Vec<Copied> = vec![
                (MessageId(20), MessageId(40), None),
                (MessageId(21), MessageId(41), Some(MessageId(40))),
            ];
            let shown = db
                .write(async move |tx| {
                    assert_eq!(copy(tx, bob, talk, to, &slice).await?, 0, "a stranger copies nothing");
                    assert_eq!(copy(tx, alice, talk, to, &slice).await?, 2);
                    assert!(conversations::find(&mut *tx, alice, to).await?.is_none(), "not yet");
                    show(tx, to, alice, Some(MessageId(41)), 2, Timestamp(99)).await
                })
                .await;
            assert!(shown.unwrap());
            let found = conversations::find(db, alice, to).await.unwrap().unwrap();
            assert_eq!((found.message_count, found.active_message_id), (2, Some(MessageId(41))));
            assert_eq!(messages::branch(db, alice, to, MessageId(41), 9).await.unwrap().len(), 2);
            assert!(conversations::find(db, bob, to).await.unwrap().is_none());
        })
        .await;
    }

    #[tokio::test]
    async fn a_copy_that_was_never_completed_is_purged_and_cannot_be_shown_then() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let id = begun(db, 30, alice).await;
            assert!(purge::ended_conversations(db, Timestamp(99), 9).await.unwrap().is_empty());
            assert_eq!(purge::ended_conversations(db, UNTIL, 9).await.unwrap(), [id]);
            let shown = db.write(async move |tx| show(tx, id, alice, None, 0, UNTIL).await).await;
            assert!(!shown.unwrap(), "the purge may have begun");
            assert!(conversations::find(db, alice, id).await.unwrap().is_none());
        })
        .await;
    }
}
