//! `messages`: what was said in a conversation. Rows with a parent: an edit or a regeneration is a sibling.

pub mod delete;
pub mod fork;

use std::collections::HashMap;

use domain::{ConversationId, Message, MessageError, MessageId, Parts, Person, Role, Turn, Usage, UserId};

use crate::{
    On, Result, Sql, Tx,
    db::{FromRow, Query, Row, list::among, to_json},
    turns::Settled,
};

/// The columns of a message, its unsaved tail included, in one statement with it.
macro_rules! columns {
    (sqlite) => {
        "m.id, m.conversation_id, m.parent_id, m.role, m.parts, m.state, m.turn_id, m.model, m.usage, m.finish_reason,
         m.error, m.created_at,
         CASE WHEN m.role = 'assistant' AND m.state = 'running' THEN
            (SELECT json_group_array(json(tail.parts)) FROM
                (SELECT parts FROM turn_tails WHERE turn_id = m.turn_id ORDER BY after_seq) tail) END,
         CASE WHEN m.role = 'assistant' AND m.state IN ('running', 'waiting') THEN
            (SELECT COALESCE(MAX(covers), 0) FROM turn_tails WHERE turn_id = m.turn_id) END"
    };
    (postgres) => {
        "m.id, m.conversation_id, m.parent_id, m.role, m.parts, m.state, m.turn_id, m.model, m.usage, m.finish_reason,
         m.error, m.created_at,
         CASE WHEN m.role = 'assistant' AND m.state = 'running' THEN
            (SELECT CAST(json_agg(CAST(tail.parts AS JSON) ORDER BY tail.after_seq) AS TEXT)
             FROM turn_tails tail WHERE tail.turn_id = m.turn_id) END,
         CASE WHEN m.role = 'assistant' AND m.state IN ('running', 'waiting') THEN
            (SELECT COALESCE(MAX(covers), 0) FROM turn_tails WHERE turn_id = m.turn_id) END"
    };
}

/// A statement that selects messages, with what follows the columns.
macro_rules! select {
    ($($rest:expr),+) => {
        Sql {
            sqlite: concat!("SELECT ", columns!(sqlite), $($rest),+),
            postgres: concat!("SELECT ", columns!(postgres), $($rest),+),
        }
    };
}

impl FromRow for Message {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let mut message = Self {
            id: row.next()?,
            conversation_id: row.next()?,
            parent_id: row.next()?,
            role: row.next()?,
            author: None,
            parts: row.next()?,
            state: row.next()?,
            turn_id: row.next()?,
            model: row.next()?,
            usage: row.next::<Option<Usage>>()?,
            finish_reason: row.next()?,
            error: row.next::<Option<MessageError>>()?,
            created_at: row.next()?,
            sibling_ids: Vec::new(),
            covers: None,
            feedback: None,
        };
        if let Some(tail) = row.next::<Option<String>>()? {
            let pieces: Vec<Parts> = serde_json::from_str(&tail).map_err(crate::Error::decode)?;
            pieces.into_iter().flat_map(|piece| piece.0).for_each(|part| message.parts.push(part));
        }
        message.covers = row.next()?;
        Ok(message)
    }
}

/// Writes a message as it is: one that no turn produces. A turn writes its own, see [`crate::turns::begin`].
pub async fn insert(tx: &mut Tx, message: &Message, author: Option<UserId>) -> Result<()> {
    tx.query(
        "INSERT INTO messages (id, conversation_id, parent_id, role, author_id, state, parts, turn_id, model, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(message.id)
    .bind(message.conversation_id)
    .bind(message.parent_id)
    .bind(message.role)
    .bind(author)
    .bind(message.state)
    .bind(&message.parts)
    .bind(message.turn_id)
    .bind(message.model.clone())
    .bind(message.created_at)
    .run()
    .await?;
    Ok(())
}

/// What is new of a question: an edit and a send say something, a regeneration does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it follows.
    pub parent: Option<MessageId>,
    /// What it says.
    pub parts: Parts,
}

/// The statement that writes the empty answer of a turn and what is new of its question.
macro_rules! insert_of_turn {
    () => {
        "INSERT INTO messages (id, conversation_id, parent_id, role, author_id, state, parts, turn_id, model, created_at)
         SELECT $2, $3, $4, 'user', $5, 'completed', $6, $1, NULL, $7 WHERE $6 IS NOT NULL
         UNION ALL
         SELECT $8, $3, $2, 'assistant', NULL, $9, '[]', $1, $10, $7"
    };
}
pub(crate) use insert_of_turn;

/// Binds what `insert_of_turn!` writes.
pub(crate) fn bind_of_turn<'q>(query: Query<'q>, turn: &Turn, question: Option<&Question>) -> Query<'q> {
    query
        .bind(turn.id)
        .bind(turn.user_message_id)
        .bind(turn.conversation_id)
        .bind(question.and_then(|question| question.parent))
        .bind(turn.user_id)
        .bind(question.map(|question| &question.parts))
        .bind(turn.created_at)
        .bind(turn.message_id)
        .bind(turn.state)
        .bind(turn.model.as_str())
}

/// A message as `reader` sees it, without its siblings.
pub async fn find(on: impl Into<On<'_>>, reader: UserId, id: MessageId) -> Result<Option<Message>> {
    on.into()
        .query(select!(
            " FROM messages m
              JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $2
              JOIN conversations c ON c.id = m.conversation_id AND c.ended_at IS NULL
              WHERE m.id = $1"
        ))
        .bind(id)
        .bind(reader)
        .optional()
        .await
}

/// A statement that selects the branch that ends at `$3`, if it is for somebody, with what follows the columns.
macro_rules! branch {
    ($columns:tt, $for_whom:literal, $($more:literal),+) => {
        concat!(
            "WITH RECURSIVE branch (id, parent_id, depth) AS (
                SELECT m.id, m.parent_id, CAST(1 AS BIGINT) FROM messages m ",
            $for_whom,
            "   WHERE m.id = $3 AND m.conversation_id = $1
                UNION ALL
                SELECT m.id, m.parent_id, branch.depth + 1 FROM branch JOIN messages m ON m.id = branch.parent_id
                WHERE branch.depth < $4)
             SELECT ",
            columns!($columns),
            $($more),+,
            " FROM branch JOIN messages m ON m.id = branch.id ORDER BY branch.depth DESC"
        )
    };
}

/// The branch for a member.
macro_rules! branch_for_member {
    ($columns:tt) => {
        branch!(
            $columns,
            "JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $2 ",
            ""
        )
    };
}

/// The branch that ends at `leaf`, oldest first: its last `limit` messages. A page further up begins at the parent of
/// the oldest message shown.
pub async fn branch(
    on: impl Into<On<'_>>,
    reader: UserId,
    conversation: ConversationId,
    leaf: MessageId,
    limit: i64,
) -> Result<Vec<Message>> {
    on.into()
        .query(Sql { sqlite: branch_for_member!(sqlite), postgres: branch_for_member!(postgres) })
        .bind(conversation)
        .bind(reader)
        .bind(leaf)
        .bind(limit)
        .all()
        .await
}

/// What a model is asked with.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What was said, oldest first.
    pub branch: Vec<Message>,
    /// What every answer of the conversation should heed.
    pub instructions: Option<String>,
    /// What every answer for whoever asks should heed.
    pub custom: Option<String>,
}

/// [`branch()`], with what its answer should heed: for the turn that `asker` began, and which goes on if the asker is a
/// member no more.
pub async fn asked(
    on: impl Into<On<'_>>,
    asker: UserId,
    conversation: ConversationId,
    leaf: MessageId,
    limit: i64,
) -> Result<Asked> {
    struct Line(Message, Option<String>, Option<String>);
    impl FromRow for Line {
        fn from_row(row: &Row<'_>) -> Result<Self> {
            Ok(Self(Message::from_row(row)?, row.next()?, row.next()?))
        }
    }
    macro_rules! asked {
        ($columns:tt, $custom:literal) => {
            branch!(
                $columns,
                "",
                ", CASE WHEN m.id = $3 THEN (SELECT instructions FROM conversations WHERE id = $1) END,
                   CASE WHEN m.id = $3 THEN (SELECT ",
                $custom,
                " FROM users WHERE id = $2) END"
            )
        };
    }
    let mut rows: Vec<Line> = on
        .into()
        .query(Sql {
            sqlite: asked!(sqlite, "CAST(json_extract(preferences, '$.custom_instructions') AS TEXT)"),
            postgres: asked!(postgres, "CAST(preferences AS JSON)->>'custom_instructions'"),
        })
        .bind(conversation)
        .bind(asker)
        .bind(leaf)
        .bind(limit)
        .all()
        .await?;
    let (instructions, custom) =
        rows.last_mut().map(|leaf| (leaf.1.take(), leaf.2.take())).unwrap_or_default();
    Ok(Asked { branch: rows.into_iter().map(|row| row.0).collect(), instructions, custom })
}

/// All messages of a conversation, oldest first, in all branches, above `after`.
pub async fn tree(
    on: impl Into<On<'_>>,
    reader: UserId,
    conversation: ConversationId,
    after: MessageId,
    limit: i64,
) -> Result<Vec<Message>> {
    on.into()
        .query(select!(
            " FROM messages m
              JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $2
              WHERE m.conversation_id = $1 AND m.id > $3 ORDER BY m.id LIMIT $4"
        ))
        .bind(conversation)
        .bind(reader)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// The id of the newest message of a conversation, in any branch; 0 if nothing was said.
pub async fn newest_id(on: impl Into<On<'_>>, conversation: ConversationId) -> Result<MessageId> {
    let newest: Option<(Option<MessageId>,)> = on
        .into()
        .query("SELECT MAX(id) FROM messages WHERE conversation_id = $1")
        .bind(conversation)
        .optional()
        .await?;
    Ok(newest.and_then(|(id,)| id).unwrap_or(MessageId(0)))
}

/// The messages of a list of ids that `reader` sees outside the trash. For search, which brings ids.
pub async fn of_ids(on: impl Into<On<'_>>, reader: UserId, ids: &[i64]) -> Result<Vec<(Message, String)>> {
    struct Titled(Message, String);
    impl FromRow for Titled {
        fn from_row(row: &Row<'_>) -> Result<Self> {
            Ok(Self(Message::from_row(row)?, row.next()?))
        }
    }
    let rows: Vec<Titled> = on
        .into()
        .query(Sql {
            sqlite: concat!(
                "SELECT ",
                columns!(sqlite),
                ", c.title FROM messages m
                 JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $1
                 JOIN conversations c ON c.id = m.conversation_id AND c.ended_at IS NULL AND c.deleted_at IS NULL
                 WHERE m.id IN (SELECT value FROM json_each($2))"
            ),
            postgres: concat!(
                "SELECT ",
                columns!(postgres),
                ", c.title FROM messages m
                 JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $1
                 JOIN conversations c ON c.id = m.conversation_id AND c.ended_at IS NULL AND c.deleted_at IS NULL
                 WHERE m.id IN (SELECT CAST(jsonb_array_elements_text(CAST($2 AS JSONB)) AS BIGINT))"
            ),
        })
        .bind(reader)
        .bind(to_json(ids))
        .all()
        .await?;
    Ok(rows.into_iter().map(|Titled(message, title)| (message, title)).collect())
}

/// Fills in `sibling_ids`: all messages with the same parent and role, oldest first.
pub async fn add_siblings(
    on: impl Into<On<'_>>,
    conversation: ConversationId,
    messages: &mut [Message],
) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let parents: Vec<i64> = messages.iter().filter_map(|message| message.parent_id).map(|id| id.0).collect();
    let with_roots = messages.iter().any(|message| message.parent_id.is_none());
    let rows: Vec<(MessageId, Option<MessageId>, Role)> = on
        .into()
        .query(Sql {
            sqlite: "SELECT id, parent_id, role FROM messages
                     WHERE parent_id IN (SELECT value FROM json_each($2)) AND conversation_id = $1
                     UNION ALL
                     SELECT id, parent_id, role FROM messages WHERE conversation_id = $1 AND parent_id IS NULL AND $3
                     ORDER BY 1",
            postgres: "SELECT id, parent_id, role FROM messages
                       WHERE parent_id IN (SELECT CAST(jsonb_array_elements_text(CAST($2 AS JSONB)) AS BIGINT))
                         AND conversation_id = $1
                       UNION ALL
                       SELECT id, parent_id, role FROM messages WHERE conversation_id = $1 AND parent_id IS NULL AND $3
                       ORDER BY 1",
        })
        .bind(conversation)
        .bind(to_json(&parents))
        .bind(with_roots)
        .all()
        .await?;
    let mut siblings: HashMap<(Option<MessageId>, Role), Vec<MessageId>> = HashMap::new();
    for (id, parent, role) in rows {
        siblings.entry((parent, role)).or_default().push(id);
    }
    for message in messages {
        message.sibling_ids = siblings.get(&(message.parent_id, message.role)).cloned().unwrap_or_default();
    }
    Ok(())
}

/// Fills in who asked, for whoever sees these messages.
pub async fn add_authors(on: impl Into<On<'_>>, messages: &mut [Message]) -> Result<()> {
    struct Asked(MessageId, Person);
    impl FromRow for Asked {
        fn from_row(row: &Row<'_>) -> Result<Self> {
            Ok(Self(row.next()?, Person::from_row(row)?))
        }
    }
    let questions = messages.iter().filter(|message| message.role == Role::User);
    let ids: Vec<i64> = questions.map(|message| message.id.0).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let rows: Vec<Asked> = on
        .into()
        .query(among!(
            "SELECT m.id, u.id, u.username, u.full_name FROM messages m
             JOIN users u ON u.id = m.author_id AND u.deleted_at IS NULL WHERE m.id",
            "$1",
            ""
        ))
        .bind(to_json(&ids))
        .by_key()
        .all()
        .await?;
    let mut of: HashMap<MessageId, Person> = rows.into_iter().map(|row| (row.0, row.1)).collect();
    for message in messages {
        message.author = of.remove(&message.id);
    }
    Ok(())
}

/// The newest message below `id`, itself included: the leaf of the newest branch through it.
pub async fn newest_leaf_below(on: impl Into<On<'_>>, id: MessageId) -> Result<MessageId> {
    let (leaf,) = on
        .into()
        .query(
            "WITH RECURSIVE below (id) AS (
                SELECT CAST($1 AS BIGINT)
                UNION ALL
                SELECT m.id FROM below JOIN messages m ON m.parent_id = below.id)
             SELECT MAX(id) FROM below",
        )
        .bind(id)
        .one::<(MessageId,)>()
        .await?;
    Ok(leaf)
}

/// Says whether `id` lies on the branch that ends at `leaf`.
pub async fn is_on_branch(on: impl Into<On<'_>>, id: MessageId, leaf: MessageId) -> Result<bool> {
    let found = on
        .into()
        .query(
            "WITH RECURSIVE branch (id, parent_id) AS (
                SELECT m.id, m.parent_id FROM messages m WHERE m.id = $2
                UNION ALL
                SELECT m.id, m.parent_id FROM branch JOIN messages m ON m.id = branch.parent_id
                WHERE branch.id > $1)
             SELECT id FROM branch WHERE id = $1",
        )
        .bind(id)
        .bind(leaf)
        .optional::<(MessageId,)>()
        .await?;
    Ok(found.is_some())
}

/// Writes the answer for good. Called by the turn's settle alone; an answer that has ended is never touched.
pub(crate) async fn settle(tx: &mut Tx, id: MessageId, settled: &Settled<'_>) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE messages SET state = $2, parts = $3, finish_reason = $4, error = $5, usage = $6
             WHERE id = $1 AND state IN ('waiting', 'running')",
        )
        .bind(id)
        .bind(settled.state)
        .bind(settled.parts)
        .bind(settled.finish_reason)
        .bind(settled.error.map(to_json))
        .bind(settled.usage.map(|usage| to_json(&usage)))
        .run()
        .await?;
    Ok(touched == 1)
}

/// The answer of a turn that was promoted is being written now.
pub(crate) async fn set_running(tx: &mut Tx, id: MessageId) -> Result<()> {
    tx.query("UPDATE messages SET state = 'running' WHERE id = $1 AND state = 'waiting'")
        .bind(id)
        .run()
        .await?;
    Ok(())
}

/// A message by its id alone: for the turn that owns it.
pub async fn own(on: impl Into<On<'_>>, id: MessageId) -> Result<Option<Message>> {
    on.into().query(select!(" FROM messages m WHERE m.id = $1")).bind(id).optional().await
}

#[cfg(test)]
mod tests {
    use domain::{Part, State, Timestamp, TurnId};

    use super::*;
    use crate::{
        Db, tails,
        test::{given, on_both},
    };

    #[tokio::test]
    async fn a_running_message_is_read_with_its_tail() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let turn = given::turn(db, 100, talk, alice, State::Running).await;
            for (after, covers, text) in [(0, 3, "Hel"), (3, 5, "lo"), (3, 5, "lo")] {
                let piece = tails::Piece { turn: turn.id, after, covers, parts: Parts::text_only(text) };
                db.write(async move |tx| tails::append(tx, &[piece], given::NODE).await).await.unwrap();
            }
            let message = find(db, alice, turn.message_id).await.unwrap().unwrap();
            assert_eq!((message.parts.text().as_str(), message.covers), ("Hello", Some(5)));
            assert_eq!(message.parts.0, [Part::Text { text: "Hello".into() }]);
            assert_eq!(find(db, bob, turn.message_id).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn a_tail_is_taken_only_from_the_epoch_that_runs_the_turn() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let turn = given::turn(db, 100, talk, alice, State::Running).await;
            let piece = tails::Piece { turn: turn.id, after: 0, covers: 1, parts: Parts::text_only("x") };
            let gone = tails::Piece { turn: TurnId(5), ..piece.clone() };
            let both = [piece.clone(), gone];
            let saved: u64 = db.write(async move |tx| tails::append(tx, &both, (0, 2)).await).await.unwrap();
            assert_eq!(saved, 0);
            let saved: u64 =
                db.write(async move |tx| tails::append(tx, &[piece], given::NODE).await).await.unwrap();
            assert_eq!(saved, 1);
        })
        .await;
    }

    async fn settle_with(db: &Db, id: MessageId, text: &str, state: State) -> bool {
        let parts = Parts::text_only(text);
        let settled: Result<bool> = db
            .write(async move |tx| {
                let settled = Settled {
                    state,
                    parts: &parts,
                    finish_reason: None,
                    error: None,
                    usage: None,
                    usage_id: 1,
                    calls: &[],
                    done_seq: 9,
                    now: Timestamp(9),
                    gives_back: false,
                };
                settle(tx, id, &settled).await
            })
            .await;
        settled.unwrap()
    }

    #[tokio::test]
    async fn an_ended_answer_is_never_touched_again() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let turn = given::turn(db, 100, talk, alice, State::Running).await;
            assert!(settle_with(db, turn.message_id, "Hello", State::Completed).await);
            assert!(!settle_with(db, turn.message_id, "Hel", State::Interrupted).await);
            assert_eq!(find(db, alice, turn.message_id).await.unwrap().unwrap().parts.text(), "Hello");
        })
        .await;
    }

    #[tokio::test]
    async fn a_branch_is_walked_from_its_leaf_and_siblings_are_known() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let say = |id, parent, role| given::message(id, talk, parent, role, "text");
            given::said(
                db,
                vec![
                    say(1, None, Role::User),
                    say(2, Some(1), Role::Assistant),
                    say(3, Some(2), Role::User),
                    say(4, Some(1), Role::Assistant),
                    say(5, None, Role::User),
                    say(6, Some(4), Role::User),
                ],
            )
            .await;
            let mut page = branch(db, alice, talk, MessageId(3), 2).await.unwrap();
            add_siblings(db, talk, &mut page).await.unwrap();
            let seen: Vec<_> =
                page.iter().map(|one| (one.id.0, one.sibling_ids.iter().map(|id| id.0).collect())).collect();
            assert_eq!(seen, [(2, vec![2, 4]), (3, vec![3])]);
            let mut root = branch(db, alice, talk, MessageId(1), 10).await.unwrap();
            add_siblings(db, talk, &mut root).await.unwrap();
            assert_eq!(root[0].sibling_ids, [MessageId(1), MessageId(5)]);
            assert!(branch(db, bob, talk, MessageId(3), 2).await.unwrap().is_empty());
            let heed: Result<()> = db
                .write(async move |tx| {
                    crate::conversations::set_instructions(tx, talk, Some("Be brief."), Timestamp(1)).await
                })
                .await;
            heed.unwrap();
            let Asked { branch: read, instructions, custom } =
                asked(db, alice, talk, MessageId(3), 9).await.unwrap();
            assert_eq!(custom, None);
            assert_eq!(read, branch(db, alice, talk, MessageId(3), 9).await.unwrap());
            assert_eq!((read.len(), instructions.as_deref()), (3, Some("Be brief.")));
            let elsewhere = given::conversation(db, 11, alice).await;
            let nothing = Asked { branch: Vec::new(), instructions: None, custom: None };
            assert_eq!(asked(db, alice, elsewhere, MessageId(3), 9).await.unwrap(), nothing);
            assert_eq!(newest_leaf_below(db, MessageId(1)).await.unwrap(), MessageId(6));
            assert_eq!(newest_leaf_below(db, MessageId(5)).await.unwrap(), MessageId(5));
            assert!(is_on_branch(db, MessageId(2), MessageId(3)).await.unwrap());
            assert!(!is_on_branch(db, MessageId(4), MessageId(3)).await.unwrap());
        })
        .await;
    }
}
