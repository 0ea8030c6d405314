//! `conversations`: trees of messages, each seen through the membership of the reader.

use domain::{Conversation, ConversationId, MessageId, Timestamp, TitleOrigin, UserId};

use crate::{
    On, Result, Sql, Tx,
    db::{FromRow, Row, list::among, to_json},
    search,
};

impl FromRow for Conversation {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            title: row.next()?,
            title_origin: row.next()?,
            model: row.next()?,
            instructions: row.next()?,
            active_message_id: row.next()?,
            message_count: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
            deleted_at: row.next()?,
            role: row.next()?,
            favorite: row.next()?,
            archived_at: row.next()?,
            group_id: row.next()?,
            last_activity_at: row.next()?,
            member_count: row.next()?,
            running_turn_id: row.next()?,
        })
    }
}

/// A statement that selects conversations (`c`) as a member (`who`) sees them.
macro_rules! select {
    ($($rest:expr),+) => {
        concat!(
            "SELECT c.id, c.title, c.title_origin, c.model, c.instructions, c.active_message_id, c.message_count,
                    c.created_at, c.updated_at, c.deleted_at, who.role, who.favorite, who.archived_at, who.group_id,
                    who.last_activity_at, c.member_count,
                    (SELECT MIN(t.id) FROM turns t WHERE t.conversation_id = c.id AND t.settled_at IS NULL)
             ",
            $($rest),+
        )
    };
}

mod lists;
pub use lists::{Shelf, Which, all, count, list, of_ids};

/// The statement that writes a conversation.
macro_rules! insert {
    () => {
        "INSERT INTO conversations (id, owner_id, title, title_origin, model, instructions, active_message_id,
                                    message_count, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"
    };
}

/// A conversation that is about to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: ConversationId,
    /// Who makes it.
    pub owner: UserId,
    /// Its title.
    pub title: String,
    /// Who named it.
    pub title_origin: TitleOrigin,
    /// The model it prefers.
    pub model: Option<String>,
    /// What every answer should heed.
    pub instructions: Option<String>,
    /// When it is made.
    pub now: Timestamp,
}

/// Makes an empty conversation. Its owner becomes a member of it.
pub async fn insert(tx: &mut Tx, new: &New) -> Result<()> {
    write(tx, new, None, 0).await
}

/// Makes a conversation of a question and this answer, whose rows follow. Its owner becomes a member of it.
pub async fn insert_begun(tx: &mut Tx, new: &New, answer: MessageId) -> Result<()> {
    write(tx, new, Some(answer), 2).await
}

/// Makes a conversation that nobody sees until [`messages::fork::show`](crate::messages::fork::show), and that is
/// purged at `until` if that never comes.
pub async fn insert_unseen(tx: &mut Tx, new: &New, until: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO conversations (id, owner_id, title, title_origin, model, instructions, message_count, created_at,
                                    updated_at, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $8)",
    )
    .bind(new.id)
    .bind(new.owner)
    .bind(&new.title)
    .bind(new.title_origin)
    .bind(new.model.clone())
    .bind(new.instructions.clone())
    .bind(new.now)
    .bind(until)
    .run()
    .await?;
    Ok(())
}

async fn write(tx: &mut Tx, new: &New, active: Option<MessageId>, messages: i64) -> Result<()> {
    tx.query(Sql {
        sqlite: concat!("", insert!()),
        // With the member's row in the same round trip.
        postgres: concat!(
            "WITH made AS (",
            insert!(),
            ") INSERT INTO conversation_members (conversation_id, user_id, role, favorite, last_activity_at)
               VALUES ($1, $2, 'owner', FALSE, $9)"
        ),
    })
    .bind(new.id)
    .bind(new.owner)
    .bind(&new.title)
    .bind(new.title_origin)
    .bind(new.model.clone())
    .bind(new.instructions.clone())
    .bind(active)
    .bind(messages)
    .bind(new.now)
    .run()
    .await?;
    if tx.is_sqlite() {
        crate::members::put_owner(tx, new.id, new.owner, new.now).await?;
    }
    Ok(())
}

/// A conversation as `reader` sees it, also from the trash.
pub async fn find(on: impl Into<On<'_>>, reader: UserId, id: ConversationId) -> Result<Option<Conversation>> {
    on.into()
        .query(select!(
            "FROM conversations c
             JOIN conversation_members who ON who.conversation_id = c.id AND who.user_id = $2
             WHERE c.id = $1 AND c.ended_at IS NULL"
        ))
        .bind(id)
        .bind(reader)
        .by_key()
        .optional()
        .await
}

/// Whose a conversation is, outside the trash.
pub async fn owner(on: impl Into<On<'_>>, id: ConversationId) -> Result<Option<UserId>> {
    let row: Option<(UserId,)> = on
        .into()
        .query("SELECT owner_id FROM conversations WHERE id = $1 AND ended_at IS NULL AND deleted_at IS NULL")
        .bind(id)
        .by_key()
        .optional()
        .await?;
    Ok(row.map(|(owner,)| owner))
}

/// A conversation as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The member.
    pub by: UserId,
    /// What the member sees.
    pub conversation: Conversation,
}

impl FromRow for Seen {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let conversation = Conversation::from_row(row)?;
        Ok(Self { by: row.next()?, conversation })
    }
}

/// A conversation as each of its members sees it, also from the trash: for whoever tells them of it.
pub async fn seen_by_members(on: impl Into<On<'_>>, id: ConversationId) -> Result<Vec<Seen>> {
    on.into()
        .query(select!(
            ", who.user_id FROM conversations c
             JOIN conversation_members who ON who.conversation_id = c.id
             WHERE c.id = $1 AND c.ended_at IS NULL"
        ))
        .bind(id)
        .by_key()
        .all()
        .await
}

/// What a job reads of a conversation when it takes its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The leaf of the visible branch.
    pub active: Option<MessageId>,
    /// Whose search index it belongs to.
    pub owner: UserId,
    /// Its title.
    pub title: String,
    /// Who named it.
    pub title_origin: TitleOrigin,
    /// The model it prefers.
    pub model: Option<String>,
    /// When it was moved to the trash.
    pub deleted_at: Option<Timestamp>,
    /// Its rows are being purged: it is gone.
    pub is_ended: bool,
}

impl FromRow for Locked {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            active: row.next()?,
            owner: row.next()?,
            title: row.next()?,
            title_origin: row.next()?,
            model: row.next()?,
            deleted_at: row.next()?,
            is_ended: row.next::<Option<Timestamp>>()?.is_some(),
        })
    }
}

/// Takes the lock of a conversation: everything that writes to it does so first. `None` if it does not exist.
///
/// Whether the actor may do what the job does is asked in a *later* statement: on PostgreSQL one that waited for the
/// lock sees other tables as they were before the wait.
pub async fn lock(tx: &mut Tx, id: ConversationId) -> Result<Option<Locked>> {
    tx.query(Sql {
        // The one writer is the lock.
        sqlite: "SELECT active_message_id, owner_id, title, title_origin, model, deleted_at, ended_at
                 FROM conversations WHERE id = $1",
        // What an UPDATE takes, without a new version of the row. One that waited sees the row as it is now.
        postgres: "SELECT active_message_id, owner_id, title, title_origin, model, deleted_at, ended_at
                   FROM conversations WHERE id = $1 FOR NO KEY UPDATE",
    })
    .bind(id)
    .optional()
    .await
}

/// Makes `leaf` the end of the visible branch.
pub async fn activate(tx: &mut Tx, id: ConversationId, leaf: MessageId) -> Result<()> {
    tx.query("UPDATE conversations SET active_message_id = $2 WHERE id = $1")
        .bind(id)
        .bind(leaf)
        .run()
        .await?;
    Ok(())
}

/// Notes that `added` messages were said: counts them, moves the visible branch to `leaf`, and the conversation to the
/// top of every member's list.
pub async fn grow(
    tx: &mut Tx,
    id: ConversationId,
    leaf: MessageId,
    added: i64,
    now: Timestamp,
) -> Result<()> {
    tx.query(Sql {
        sqlite: "UPDATE conversations SET active_message_id = $2, message_count = message_count + $3, updated_at = $4
                 WHERE id = $1",
        postgres: "WITH touched AS (UPDATE conversation_members SET last_activity_at = $4 WHERE conversation_id = $1)
                   UPDATE conversations SET active_message_id = $2, message_count = message_count + $3, updated_at = $4
                   WHERE id = $1",
    })
    .bind(id)
    .bind(leaf)
    .bind(added)
    .bind(now)
    .run()
    .await?;
    if tx.is_sqlite() {
        crate::members::touch(tx, id, now).await?;
    }
    Ok(())
}

/// Notes that `gone` messages were deleted, and where the visible branch ends now.
pub async fn shrink(
    tx: &mut Tx,
    id: ConversationId,
    leaf: Option<MessageId>,
    gone: i64,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "UPDATE conversations SET active_message_id = $2, message_count = message_count - $3, updated_at = $4
         WHERE id = $1",
    )
    .bind(id)
    .bind(leaf)
    .bind(gone)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// Gives a title. The first words and a model's title never replace one of a later origin. Gives the owner if it did.
pub async fn rename(
    tx: &mut Tx,
    id: ConversationId,
    title: &str,
    origin: TitleOrigin,
    now: Timestamp,
) -> Result<Option<UserId>> {
    let owner: Option<(UserId,)> = tx
        .query(
            "UPDATE conversations SET title = $2, title_origin = $3, updated_at = $4
             WHERE id = $1 AND ended_at IS NULL AND ($3 = 'manual' OR title_origin = 'words') RETURNING owner_id",
        )
        .bind(id)
        .bind(title)
        .bind(origin)
        .bind(now)
        .optional()
        .await?;
    Ok(owner.map(|(owner,)| owner))
}

/// Gives a conversation a model's title, which can be searched for at once, unless it has been named before. Says whether
/// it did.
pub async fn name(tx: &mut Tx, id: ConversationId, title: &str, now: Timestamp) -> Result<bool> {
    if let (false, Some(terms)) = (tx.is_sqlite(), search::terms_of(title)) {
        return name_at_once(tx, id, title, &terms, now).await;
    }
    let Some(owner) = rename(tx, id, title, TitleOrigin::Model, now).await? else { return Ok(false) };
    search::put(tx, id.0, owner, title).await?;
    Ok(true)
}

async fn name_at_once(
    tx: &mut Tx,
    id: ConversationId,
    title: &str,
    terms: &str,
    now: Timestamp,
) -> Result<bool> {
    let touched = tx
        .query(concat!(
            "WITH named AS (
                UPDATE conversations SET title = $2, title_origin = 'model', updated_at = $3
                WHERE id = $1 AND ended_at IS NULL AND title_origin = 'words' RETURNING owner_id)
             INSERT INTO search_index (id, terms) SELECT $1, ",
            search::owned_terms!("$4", "owner_id"),
            " FROM named ON CONFLICT (id) DO UPDATE SET terms = excluded.terms"
        ))
        .bind(id)
        .bind(title)
        .bind(now)
        .bind(terms)
        .whole()
        .run()
        .await?;
    Ok(touched == 1)
}

/// Chooses the model; `None` means the default.
pub async fn set_model(tx: &mut Tx, id: ConversationId, model: Option<&str>) -> Result<()> {
    tx.query("UPDATE conversations SET model = $2 WHERE id = $1").bind(id).bind(model).run().await?;
    Ok(())
}

/// Writes what every answer should heed.
pub async fn set_instructions(
    tx: &mut Tx,
    id: ConversationId,
    text: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    tx.query("UPDATE conversations SET instructions = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(text)
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// Moves a conversation to the trash (`Some`) or back (`None`), for all its members. Its link ends.
pub async fn set_deleted(tx: &mut Tx, id: ConversationId, deleted_at: Option<Timestamp>) -> Result<()> {
    set_deleted_all(tx, &[id], deleted_at).await
}

/// The same for several. The caller holds the locks of all of them.
pub async fn set_deleted_all(
    tx: &mut Tx,
    ids: &[ConversationId],
    deleted_at: Option<Timestamp>,
) -> Result<()> {
    for sql in [
        among!("UPDATE conversations SET deleted_at = $2 WHERE id", "$1", ""),
        among!("UPDATE conversation_members SET deleted_at = $2 WHERE conversation_id", "$1", ""),
        among!("DELETE FROM shares WHERE $2 IS NOT NULL AND conversation_id", "$1", ""),
    ] {
        tx.query(sql).bind(to_json(ids)).bind(deleted_at).run().await?;
    }
    Ok(())
}

/// Which of these are not in the trash.
pub async fn outside_trash(on: impl Into<On<'_>>, ids: &[ConversationId]) -> Result<Vec<ConversationId>> {
    let rows: Vec<(ConversationId,)> = on
        .into()
        .query(among!("SELECT id FROM conversations WHERE deleted_at IS NULL AND id", "$1", " ORDER BY id"))
        .bind(to_json(ids))
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Takes the locks of several conversations, in the order of their ids, and gives those that exist and have not ended.
pub async fn lock_all(tx: &mut Tx, ids: &[ConversationId]) -> Result<Vec<ConversationId>> {
    let rows: Vec<(ConversationId, Option<Timestamp>)> = tx
        .query(Sql {
            postgres: among!(
                "SELECT id, ended_at FROM conversations WHERE id",
                "$1",
                " ORDER BY id FOR NO KEY UPDATE"
            )
            .postgres,
            ..among!("SELECT id, ended_at FROM conversations WHERE id", "$1", " ORDER BY id")
        })
        .bind(to_json(ids))
        .all()
        .await?;
    Ok(rows.into_iter().filter(|(_, ended_at)| ended_at.is_none()).map(|(id, _)| id).collect())
}

#[cfg(test)]
mod tests {
    use domain::{MemberRole, Parts, State, Turn};

    use super::*;
    use crate::{
        Db, members,
        page::Cursor,
        purge,
        test::{given, on_both},
        turns::{self, Settled},
    };

    async fn ids(db: &Db, reader: UserId, after: Cursor, limit: i64) -> Vec<i64> {
        list(db, reader, Shelf::ACTIVE, after, limit).await.unwrap().iter().map(|one| one.id.0).collect()
    }

    #[tokio::test]
    async fn a_list_is_newest_first_in_pages_and_only_ones_own() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            for id in 10..15 {
                given::conversation(db, id, alice).await;
            }
            assert_eq!(ids(db, alice, Cursor::START, 3).await, [14, 13, 12]);
            assert_eq!(ids(db, alice, Cursor { at: 12, id: 12 }, 3).await, [11, 10]);
            assert!(ids(db, bob, Cursor::START, 3).await.is_empty());
            assert_eq!(find(db, bob, ConversationId(10)).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn the_trash_is_a_list_of_its_own() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let delete: Result<()> =
                db.write(async move |tx| set_deleted(tx, talk, Some(Timestamp(9))).await).await;
            delete.unwrap();
            assert!(ids(db, alice, Cursor::START, 9).await.is_empty());
            let trash = list(db, alice, Shelf::Trash, Cursor::START, 9).await.unwrap();
            assert_eq!(trash[0].deleted_at, Some(Timestamp(9)));
            assert_eq!(purge::expired_trash(db, Timestamp(10), 9).await.unwrap(), [talk]);
            let restore: Result<()> = db.write(async move |tx| set_deleted(tx, talk, None).await).await;
            restore.unwrap();
            assert_eq!(ids(db, alice, Cursor::START, 9).await, [10]);
        })
        .await;
    }

    #[tokio::test]
    async fn a_manual_title_is_never_replaced_by_a_model() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let named = async |title: &'static str, origin| {
                let owner: Result<Option<UserId>> =
                    db.write(async move |tx| rename(tx, talk, title, origin, Timestamp(1)).await).await;
                owner.unwrap().is_some()
            };
            assert!(named("Model's", TitleOrigin::Model).await);
            assert!(!named("Again", TitleOrigin::Model).await);
            assert!(named("Mine", TitleOrigin::Manual).await);
            assert!(!named("Model's", TitleOrigin::Model).await);
            assert_eq!(find(db, alice, talk).await.unwrap().unwrap().title, "Mine");
        })
        .await;
    }

    async fn given_settled(db: &Db, turn: Turn) -> bool {
        let settled: Result<_> = db
            .write(async move |tx| {
                let parts = Parts::default();
                let settled = Settled {
                    state: State::Stopped,
                    parts: &parts,
                    finish_reason: None,
                    error: None,
                    usage: None,
                    usage_id: 1,
                    calls: &[],
                    done_seq: 2,
                    now: Timestamp(2),
                    gives_back: false,
                };
                turns::settle(tx, &turn, &settled).await
            })
            .await;
        settled.unwrap().is_some()
    }

    #[tokio::test]
    async fn what_is_ended_is_seen_by_nobody_and_purged_when_no_turn_holds_it() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let turn = given::turn(db, 100, talk, alice, State::Running).await;
            let stop: Result<Vec<_>> =
                db.write(async move |tx| purge::mark_conversation(tx, talk, Timestamp(1)).await).await;
            assert_eq!(stop.unwrap(), [turn.id]);
            assert_eq!(find(db, alice, talk).await.unwrap(), None);
            assert!(purge::ended_conversations(db, Timestamp(9), 9).await.unwrap().is_empty());
            assert!(given_settled(db, turn).await);
            assert_eq!(purge::ended_conversations(db, Timestamp(9), 9).await.unwrap(), [talk]);
            let mut slices = 0;
            while !db.write(async move |tx| purge::purge_conversation(tx, talk).await).await.unwrap() {
                slices += 1;
            }
            assert_eq!(slices, 2);
            let (left,): (i64,) = On::from(db).query("SELECT COUNT(*) FROM messages").one().await.unwrap();
            assert_eq!(left, 0);
        })
        .await;
    }

    #[tokio::test]
    async fn marks_belong_to_the_member_who_made_them() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let marks =
                members::Marks { favorite: Some(true), archived_at: Some(Some(Timestamp(3))), group: None };
            let done: Result<()> = db
                .write(async move |tx| {
                    members::put(tx, talk, bob, MemberRole::Editor, Timestamp(1)).await?;
                    members::mark(tx, talk, bob, marks).await
                })
                .await;
            done.unwrap();
            let (of_alice, of_bob) =
                (find(db, alice, talk).await.unwrap().unwrap(), find(db, bob, talk).await.unwrap().unwrap());
            assert_eq!((of_alice.favorite, of_alice.archived_at), (false, None));
            assert_eq!(
                (of_bob.favorite, of_bob.archived_at, of_bob.role),
                (true, Some(Timestamp(3)), MemberRole::Editor)
            );
            let mut seen = seen_by_members(db, talk).await.unwrap();
            seen.sort_by_key(|seen| seen.by);
            let each = [(alice, of_alice), (bob, of_bob)];
            assert_eq!(seen, each.map(|(by, conversation)| Seen { by, conversation }));
            let removed: Result<bool> = db.write(async move |tx| members::remove(tx, talk, bob).await).await;
            assert!(removed.unwrap());
            assert_eq!(members::role_of(db, talk, bob).await.unwrap(), None);
        })
        .await;
    }
}
