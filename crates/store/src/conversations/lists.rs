//! Lists of conversations: each is a range of one index, so that it costs the same with 100 and with 100,000.

use domain::{Conversation, ConversationId, GroupId, UserId};

use crate::{On, Result, db::list::among, db::to_json, page::Cursor};

/// A list. Each has an index of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// What is not in the trash, put away or not.
    Kept {
        /// Which of it.
        which: Which,
        /// What was put away, instead of what was not.
        archived: bool,
    },
    /// The trash.
    Trash,
    /// What of the trash has these marks, too. It is looked for in the trash, which is kept for 30 days.
    Marked {
        /// Only what was put away.
        archived: bool,
        /// Only what the reader marked.
        favorite: bool,
        /// Only what is in this group.
        group: Option<GroupId>,
    },
}

impl Shelf {
    /// What is neither in the trash nor put away.
    pub const ACTIVE: Self = Self::Kept { which: Which::All, archived: false };
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of it.
    All,
    /// What the reader marked.
    Favorites,
    /// What is in a group.
    Group(GroupId),
    /// What the reader marked of a group, looked for in the group.
    FavoritesOf(GroupId),
}

/// A page of a list: a range of the index that the condition names.
macro_rules! page {
    ($condition:literal) => {
        select!(
            "FROM (SELECT conversation_id, role, favorite, archived_at, group_id, last_activity_at
                   FROM conversation_members
                   WHERE user_id = $1 AND (last_activity_at, conversation_id) < ($2, $3) AND ",
            $condition,
            "      ORDER BY last_activity_at DESC, conversation_id DESC LIMIT $4) who
             JOIN conversations c ON c.id = who.conversation_id
             WHERE c.ended_at IS NULL
             ORDER BY who.last_activity_at DESC, c.id DESC"
        )
    };
}

fn text(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Kept { which: Which::All, archived: false } => {
            page!("deleted_at IS NULL AND archived_at IS NULL")
        }
        Shelf::Kept { which: Which::All, archived: true } => {
            page!("deleted_at IS NULL AND archived_at IS NOT NULL")
        }
        Shelf::Kept { which: Which::Favorites, archived: false } => {
            page!("favorite AND deleted_at IS NULL AND archived_at IS NULL")
        }
        Shelf::Kept { which: Which::Favorites, archived: true } => {
            page!("favorite AND deleted_at IS NULL AND archived_at IS NOT NULL")
        }
        Shelf::Kept { which: Which::Group(_), archived: false } => {
            page!("group_id = $5 AND deleted_at IS NULL AND archived_at IS NULL")
        }
        Shelf::Kept { which: Which::Group(_), archived: true } => {
            page!("group_id = $5 AND deleted_at IS NULL AND archived_at IS NOT NULL")
        }
        Shelf::Kept { which: Which::FavoritesOf(_), archived: false } => {
            page!("group_id = $5 AND favorite AND deleted_at IS NULL AND archived_at IS NULL")
        }
        Shelf::Kept { which: Which::FavoritesOf(_), archived: true } => {
            page!("group_id = $5 AND favorite AND deleted_at IS NULL AND archived_at IS NOT NULL")
        }
        Shelf::Trash => page!("deleted_at IS NOT NULL"),
        Shelf::Marked { .. } => page!(
            "deleted_at IS NOT NULL AND ($5 = 0 OR archived_at IS NOT NULL) AND ($6 = 0 OR favorite)
             AND ($7 = 0 OR group_id = $7)"
        ),
    }
}

/// A page of one of `reader`'s lists, newest activity first.
pub async fn list(
    on: impl Into<On<'_>>,
    reader: UserId,
    shelf: Shelf,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Conversation>> {
    let query = on.into().query(text(shelf)).bind(reader).bind(after.at).bind(after.id).bind(limit);
    match shelf {
        Shelf::Kept { which: Which::Group(group) | Which::FavoritesOf(group), .. } => {
            query.bind(group).all().await
        }
        Shelf::Marked { archived, favorite, group } => {
            let (archived, favorite) = (i64::from(archived), i64::from(favorite));
            query.bind(archived).bind(favorite).bind(group.unwrap_or(GroupId(0))).all().await
        }
        Shelf::Kept { .. } | Shelf::Trash => query.all().await,
    }
}

/// All that `reader` sees, also from the trash, oldest first, a page at a time: an order that stays while it is read.
pub async fn all(
    on: impl Into<On<'_>>,
    reader: UserId,
    after: ConversationId,
    limit: i64,
) -> Result<Vec<Conversation>> {
    on.into()
        .query(select!(
            "FROM conversation_members who
             JOIN conversations c ON c.id = who.conversation_id
             WHERE who.user_id = $1 AND who.conversation_id > $2 AND c.ended_at IS NULL
             ORDER BY who.conversation_id LIMIT $3"
        ))
        .bind(reader)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// Some conversations as `reader` sees them, also from the trash, oldest first.
pub async fn of_ids(
    on: impl Into<On<'_>>,
    reader: UserId,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>> {
    on.into()
        .query(among!(
            select!(
                "FROM conversations c
                 JOIN conversation_members who ON who.conversation_id = c.id AND who.user_id = $1
                 WHERE c.ended_at IS NULL AND c.id"
            ),
            "$2",
            " ORDER BY c.id"
        ))
        .bind(reader)
        .bind(to_json(ids))
        .all()
        .await
}

/// How many conversations `reader` has outside the trash, and how many messages they hold.
pub async fn count(on: impl Into<On<'_>>, reader: UserId) -> Result<(i64, i64)> {
    on.into()
        .query(
            "SELECT COUNT(*), CAST(COALESCE(SUM(c.message_count), 0) AS BIGINT)
             FROM conversation_members who JOIN conversations c ON c.id = who.conversation_id
             WHERE who.user_id = $1 AND who.deleted_at IS NULL AND c.ended_at IS NULL",
        )
        .bind(reader)
        .one()
        .await
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;
    use crate::{
        Db, Tx, conversations,
        members::{self, Marks},
        test::{given, on_both},
    };

    const GROUP: GroupId = GroupId(7);

    fn shelves() -> [(Shelf, &'static str); 10] {
        let kept = |which, archived| Shelf::Kept { which, archived };
        [
            (kept(Which::All, false), "members_active"),
            (kept(Which::All, true), "members_archived"),
            (kept(Which::Favorites, false), "members_favorite"),
            (kept(Which::Favorites, true), "members_favorite_archived"),
            (kept(Which::Group(GROUP), false), "members_in_group"),
            (kept(Which::Group(GROUP), true), "members_in_group_archived"),
            (Shelf::Trash, "members_in_trash"),
            (kept(Which::FavoritesOf(GROUP), false), "members_in_group"),
            (Shelf::Marked { archived: false, favorite: true, group: Some(GROUP) }, "members_in_trash"),
            (Shelf::Marked { archived: true, favorite: true, group: None }, "members_in_trash"),
        ]
    }

    async fn ids(db: &Db, reader: UserId, shelf: Shelf) -> Vec<i64> {
        list(db, reader, shelf, Cursor::START, 9).await.unwrap().iter().map(|one| one.id.0).collect()
    }

    #[tokio::test]
    async fn each_list_shows_its_own_newest_first() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talks: Vec<_> = (10..18).collect();
            for id in &talks {
                given::conversation(db, *id, alice).await;
            }
            let done: Result<()> = db
                .write(async move |tx| {
                    crate::groups::insert(tx, GROUP, alice, "Work", Timestamp(1)).await?;
                    let of = |ids: &[i64]| ids.iter().copied().map(ConversationId).collect::<Vec<_>>();
                    let archive = Marks { archived_at: Some(Some(Timestamp(1))), ..Marks::default() };
                    let favorite = Marks { favorite: Some(true), ..Marks::default() };
                    let group = Marks { group: Some(Some(GROUP)), ..Marks::default() };
                    members::mark_all(tx, &of(&[11, 13, 15]), alice, archive).await?;
                    members::mark_all(tx, &of(&[12, 13, 16, 17]), alice, favorite).await?;
                    members::mark_all(tx, &of(&[14, 15, 16, 17]), alice, group).await?;
                    conversations::set_deleted_all(tx, &of(&[17]), Some(Timestamp(1))).await
                })
                .await;
            done.unwrap();
            let wanted: [&[i64]; 10] = [
                &[16, 14, 12, 10],
                &[15, 13, 11],
                &[16, 12],
                &[13],
                &[16, 14],
                &[15],
                &[17],
                &[16],
                &[17],
                &[],
            ];
            for ((shelf, name), wanted) in shelves().into_iter().zip(wanted) {
                assert_eq!(ids(db, alice, shelf).await, wanted, "{name}");
                assert!(ids(db, bob, shelf).await.is_empty(), "{name}");
            }
            let found: Vec<_> =
                all(db, alice, ConversationId(12), 3).await.unwrap().iter().map(|one| one.id.0).collect();
            assert_eq!(found, [13, 14, 15]);
            let some = [ConversationId(17), ConversationId(10), ConversationId(99)];
            let found: Vec<_> = of_ids(db, alice, &some).await.unwrap().iter().map(|one| one.id.0).collect();
            assert_eq!(found, [10, 17]);
            assert!(of_ids(db, bob, &some).await.unwrap().is_empty());
            assert_eq!(count(db, alice).await.unwrap(), (7, 0));
        })
        .await;
    }

    /// How SQLite would read a list.
    async fn plan(tx: &mut Tx, shelf: Shelf) -> Result<String> {
        let sql: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {}", text(shelf)).into_boxed_str());
        let query = tx.query(sql).bind(1).bind(i64::MAX).bind(i64::MAX).bind(9).bind(GROUP);
        let query = if matches!(shelf, Shelf::Marked { .. }) { query.bind(0).bind(GROUP) } else { query };
        let lines: Vec<(i64, i64, i64, String)> = query.all().await?;
        Ok(lines.into_iter().map(|line| line.3).collect::<Vec<_>>().join("\n"))
    }

    #[tokio::test]
    async fn each_list_is_a_range_of_its_index() {
        let sqlite = crate::test::fresh_sqlite().await;
        for (shelf, index) in shelves() {
            let plan = sqlite.db.write(async move |tx| plan(tx, shelf).await).await.unwrap();
            let wanted = format!("INDEX {index} (");
            assert!(plan.contains(&wanted), "{index}:\n{plan}");
            assert_eq!(plan.matches("TEMP B-TREE").count(), 1, "only the page itself is sorted:\n{plan}");
        }
        sqlite.db.close().await;
    }
}
