//! `groups`: a person's folders of conversations, oldest first. Which conversation is in which is in
//! `conversation_members`, because it is each member's own.

use domain::{Group, GroupId, Timestamp, UserId};

use crate::{
    On, Result, Sql, Tx,
    db::{FromRow, Row},
};

/// How many conversations are taken out of a group in one job.
const SLICE: i64 = 500;

impl FromRow for Group {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            name: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
            conversation_count: row.next()?,
        })
    }
}

/// A statement that selects groups (`g`), with what follows.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.name, g.created_at, g.updated_at,
                    (SELECT COUNT(*) FROM conversation_members who
                     WHERE who.user_id = g.user_id AND who.group_id = g.id AND who.deleted_at IS NULL
                       AND who.archived_at IS NULL)
             FROM groups g ",
            $rest
        )
    };
}

/// Makes a group.
pub async fn insert(tx: &mut Tx, id: GroupId, owner: UserId, name: &str, now: Timestamp) -> Result<()> {
    tx.query("INSERT INTO groups (id, user_id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(id)
        .bind(owner)
        .bind(name)
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// How many groups somebody has.
pub async fn count(on: impl Into<On<'_>>, owner: UserId) -> Result<i64> {
    let (count,) =
        on.into().query("SELECT COUNT(*) FROM groups WHERE user_id = $1").bind(owner).one::<(i64,)>().await?;
    Ok(count)
}

/// A group of `owner`.
pub async fn find(on: impl Into<On<'_>>, owner: UserId, id: GroupId) -> Result<Option<Group>> {
    on.into().query(select!("WHERE g.id = $1 AND g.user_id = $2")).bind(id).bind(owner).optional().await
}

/// A page of what `owner` has, the newest first, below `before`.
pub async fn list(on: impl Into<On<'_>>, owner: UserId, before: GroupId, limit: i64) -> Result<Vec<Group>> {
    on.into()
        .query(select!("WHERE g.user_id = $1 AND g.id < $2 ORDER BY g.id DESC LIMIT $3"))
        .bind(owner)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// Gives another name. Says whether `owner` has such a group.
pub async fn rename(tx: &mut Tx, owner: UserId, id: GroupId, name: &str, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query("UPDATE groups SET name = $3, updated_at = $4 WHERE id = $1 AND user_id = $2")
        .bind(id)
        .bind(owner)
        .bind(name)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Holds a group as it is until the job ends, so that a conversation can be put into it. Says whether `owner` has it.
pub async fn hold(tx: &mut Tx, owner: UserId, id: GroupId) -> Result<bool> {
    let locked = "SELECT id FROM groups WHERE id = $1 AND user_id = $2 FOR KEY SHARE";
    has(tx, owner, id, locked).await
}

/// Whether `owner` has a group, read on PostgreSQL by the statement that locks it.
async fn has(tx: &mut Tx, owner: UserId, id: GroupId, postgres: &'static str) -> Result<bool> {
    let sqlite = "SELECT id FROM groups WHERE id = $1 AND user_id = $2";
    let row = tx.query(Sql { sqlite, postgres }).bind(id).bind(owner).optional::<(GroupId,)>().await?;
    Ok(row.is_some())
}

/// How far the deletion of a group has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// Nobody of that name has such a group.
    NoSuchGroup,
    /// A slice of its conversations was taken out; there are more.
    Begun,
    /// It is gone.
    Done,
}

/// Takes a slice of its conversations out of a group, and deletes it once none is left.
pub async fn delete(tx: &mut Tx, owner: UserId, id: GroupId) -> Result<Deletion> {
    // Nobody puts anything into it from here on.
    let locked = "SELECT id FROM groups WHERE id = $1 AND user_id = $2 FOR UPDATE";
    if !has(tx, owner, id, locked).await? {
        return Ok(Deletion::NoSuchGroup);
    }
    let taken_out = tx
        .query(Sql {
            sqlite:
                "UPDATE conversation_members SET group_id = NULL WHERE user_id = $2 AND conversation_id IN
                        (SELECT conversation_id FROM conversation_members WHERE group_id = $1
                         ORDER BY conversation_id LIMIT $3)",
            // In the order in which others take these rows.
            postgres:
                "UPDATE conversation_members SET group_id = NULL WHERE user_id = $2 AND conversation_id IN
                          (SELECT conversation_id FROM conversation_members WHERE group_id = $1
                           ORDER BY conversation_id LIMIT $3 FOR NO KEY UPDATE)",
        })
        .bind(id)
        .bind(owner)
        .bind(SLICE)
        .run()
        .await?;
    if i64::try_from(taken_out).is_ok_and(|count| count >= SLICE) {
        return Ok(Deletion::Begun);
    }
    tx.query("DELETE FROM groups WHERE id = $1").bind(id).run().await?;
    Ok(Deletion::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        members::{self, Marks},
        test::{given, on_both},
    };

    #[tokio::test]
    async fn a_group_is_its_owners_and_its_conversations_stay_when_it_goes() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let group = GroupId(50);
            for id in 1_000..1_600 {
                given::conversation(db, id, alice).await;
            }
            let into = Marks { group: Some(Some(group)), ..Marks::default() };
            let made: Result<()> = db
                .write(async move |tx| {
                    insert(tx, group, alice, "Work", Timestamp(1)).await?;
                    assert!(hold(tx, alice, group).await? && !hold(tx, bob, group).await?);
                    assert!(!rename(tx, bob, group, "Mine", Timestamp(2)).await?);
                    assert!(rename(tx, alice, group, "Office", Timestamp(2)).await?);
                    let ids: Vec<_> = (1_000..1_600).map(domain::ConversationId).collect();
                    members::mark_all(tx, &ids, alice, into).await?;
                    assert_eq!(delete(tx, bob, group).await?, Deletion::NoSuchGroup);
                    Ok(())
                })
                .await;
            made.unwrap();
            let found = find(db, alice, group).await.unwrap().unwrap();
            assert_eq!((found.name.as_str(), found.conversation_count), ("Office", 600));
            assert_eq!((found.created_at, found.updated_at), (Timestamp(1), Timestamp(2)));
            assert_eq!(find(db, bob, group).await.unwrap(), None);
            assert_eq!(list(db, alice, GroupId(i64::MAX), 9).await.unwrap(), [found]);
            assert_eq!(list(db, alice, group, 9).await.unwrap(), []);
            assert_eq!(count(db, alice).await.unwrap(), 1);
            let slice = async || db.write(async move |tx| delete(tx, alice, group).await).await;
            assert_eq!(slice().await.unwrap(), Deletion::Begun);
            assert_eq!(slice().await.unwrap(), Deletion::Done);
            assert_eq!(find(db, alice, group).await.unwrap(), None);
            let (left,): (i64,) = On::from(db)
                .query("SELECT COUNT(*) FROM conversation_members WHERE group_id IS NOT NULL")
                .one()
                .await
                .unwrap();
            assert_eq!(left, 0);
        })
        .await;
    }
}
