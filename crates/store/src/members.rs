//! `conversation_members`: who may see a conversation, and what each of them marks.

use domain::{ConversationId, GroupId, Member, MemberRole, Person, Timestamp, UserId};

use crate::{
    On, Result, Sql, Tx,
    db::{FromRow, Row, list::among, to_json},
};

impl FromRow for Person {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.next()?, username: row.next()?, full_name: row.next()? })
    }
}

impl FromRow for Member {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { person: Person::from_row(row)?, role: row.next()?, joined_at: row.next()? })
    }
}

/// Who sees a conversation: the owner, then the others as they came. Nobody, for a `reader` who is none of them.
pub async fn list(
    on: impl Into<On<'_>>,
    reader: UserId,
    conversation: ConversationId,
) -> Result<Vec<Member>> {
    on.into()
        .query(
            "SELECT u.id, u.username, u.full_name, m.role, COALESCE(m.joined_at, c.created_at) AS joined
             FROM conversation_members who
             JOIN conversations c ON c.id = who.conversation_id AND c.ended_at IS NULL
             JOIN conversation_members m ON m.conversation_id = c.id
             JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
             WHERE who.conversation_id = $1 AND who.user_id = $2
             ORDER BY CASE WHEN m.role = 'owner' THEN 0 ELSE 1 END, joined, u.id",
        )
        .bind(conversation)
        .bind(reader)
        .all()
        .await
}

/// The role of a user, if the user is a member.
pub async fn role_of(
    on: impl Into<On<'_>>,
    conversation: ConversationId,
    user: UserId,
) -> Result<Option<MemberRole>> {
    let row = on
        .into()
        .query("SELECT role FROM conversation_members WHERE conversation_id = $1 AND user_id = $2")
        .bind(conversation)
        .bind(user)
        .optional::<(MemberRole,)>()
        .await?;
    Ok(row.map(|(role,)| role))
}

/// Makes who makes a conversation its owner: the one member that it begins with.
pub(crate) async fn put_owner(
    tx: &mut Tx,
    conversation: ConversationId,
    owner: UserId,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO conversation_members (conversation_id, user_id, role, favorite, last_activity_at)
         VALUES ($1, $2, 'owner', FALSE, $3)",
    )
    .bind(conversation)
    .bind(owner)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// Makes a user a member, or changes the role. The caller holds the conversation's lock.
pub async fn put(
    tx: &mut Tx,
    conversation: ConversationId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO conversation_members (conversation_id, user_id, role, favorite, last_activity_at, joined_at)
         VALUES ($1, $2, $3, FALSE, $4, $4)
         ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = excluded.role",
    )
    .bind(conversation)
    .bind(user)
    .bind(role)
    .bind(now)
    .run()
    .await?;
    write_count(tx, conversation).await
}

/// Writes down how many members there are.
async fn write_count(tx: &mut Tx, conversation: ConversationId) -> Result<()> {
    tx.query(
        "UPDATE conversations SET member_count =
            (SELECT COUNT(*) FROM conversation_members WHERE conversation_id = $1)
         WHERE id = $1",
    )
    .bind(conversation)
    .run()
    .await?;
    Ok(())
}

/// How many members there are. The caller holds the conversation's lock.
pub async fn count(tx: &mut Tx, conversation: ConversationId) -> Result<i64> {
    let (count,) = tx
        .query("SELECT member_count FROM conversations WHERE id = $1")
        .bind(conversation)
        .one::<(i64,)>()
        .await?;
    Ok(count)
}

/// Ends a membership. Says whether there was one. The caller holds the conversation's lock.
pub async fn remove(tx: &mut Tx, conversation: ConversationId, user: UserId) -> Result<bool> {
    let touched = tx
        .query("DELETE FROM conversation_members WHERE conversation_id = $1 AND user_id = $2")
        .bind(conversation)
        .bind(user)
        .run()
        .await?;
    if touched == 1 {
        write_count(tx, conversation).await?;
    }
    Ok(touched == 1)
}

/// Notes that the owner has decided about somebody: invitations from before do nothing for that person.
pub async fn decide(tx: &mut Tx, conversation: ConversationId, user: UserId, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO decided_members (conversation_id, user_id, decided_at) VALUES ($1, $2, $3)
         ON CONFLICT (conversation_id, user_id) DO UPDATE SET decided_at = excluded.decided_at",
    )
    .bind(conversation)
    .bind(user)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// When the owner last decided about somebody, if ever.
pub async fn decided_at(
    on: impl Into<On<'_>>,
    conversation: ConversationId,
    user: UserId,
) -> Result<Option<Timestamp>> {
    let row = on
        .into()
        .query("SELECT decided_at FROM decided_members WHERE conversation_id = $1 AND user_id = $2")
        .bind(conversation)
        .bind(user)
        .optional::<(Timestamp,)>()
        .await?;
    Ok(row.map(|(at,)| at))
}

/// A slice of what somebody shares with others: conversations of others, and own ones that others see.
pub async fn shared_with_others(
    on: impl Into<On<'_>>,
    user: UserId,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let rows: Vec<(ConversationId,)> = on
        .into()
        .query(
            "SELECT conversation_id FROM conversation_members WHERE user_id = $1 AND role <> 'owner'
             UNION
             SELECT id FROM conversations WHERE owner_id = $1 AND member_count > 1 AND ended_at IS NULL
             ORDER BY 1 LIMIT $2",
        )
        .bind(user)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Something was said: the conversation moves to the top of every member's list.
pub async fn touch(tx: &mut Tx, conversation: ConversationId, now: Timestamp) -> Result<()> {
    tx.query("UPDATE conversation_members SET last_activity_at = $2 WHERE conversation_id = $1")
        .bind(conversation)
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// The roles of a user in several conversations, and nothing for those that the user is no member of. The rows are held
/// until the job ends.
pub async fn roles_of(
    tx: &mut Tx,
    conversations: &[ConversationId],
    user: UserId,
) -> Result<Vec<(ConversationId, MemberRole)>> {
    macro_rules! roles {
        ($after:literal) => {
            among!(
                "SELECT conversation_id, role FROM conversation_members WHERE user_id = $2 AND conversation_id",
                "$1",
                $after
            )
        };
    }
    tx.query(Sql {
        postgres: roles!(" ORDER BY conversation_id FOR NO KEY UPDATE").postgres,
        ..roles!(" ORDER BY conversation_id")
    })
    .bind(to_json(conversations))
    .bind(user)
    .all()
    .await
}

/// What a member marks for itself; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// A favourite.
    pub favorite: Option<bool>,
    /// Put away at this moment, or taken back.
    pub archived_at: Option<Option<Timestamp>>,
    /// In this group of the member, or in none. Whose group it is was asked before.
    pub group: Option<Option<GroupId>>,
}

/// Writes a member's marks.
pub async fn mark(tx: &mut Tx, conversation: ConversationId, user: UserId, marks: Marks) -> Result<()> {
    mark_all(tx, &[conversation], user, marks).await
}

/// Writes a member's marks of several conversations.
pub async fn mark_all(
    tx: &mut Tx,
    conversations: &[ConversationId],
    user: UserId,
    marks: Marks,
) -> Result<()> {
    tx.query(among!(
        "UPDATE conversation_members SET
            favorite = COALESCE($3, favorite),
            archived_at = CASE WHEN $4 THEN $5 ELSE archived_at END,
            group_id = CASE WHEN $6 THEN $7 ELSE group_id END
         WHERE user_id = $2 AND conversation_id",
        "$1",
        ""
    ))
    .bind(to_json(conversations))
    .bind(user)
    .bind(marks.favorite)
    .bind(marks.archived_at.is_some())
    .bind(marks.archived_at.flatten())
    .bind(marks.group.is_some())
    .bind(marks.group.flatten())
    .run()
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db, conversations, purge,
        test::{given, on_both},
    };

    async fn member(db: &Db, talk: ConversationId, user: UserId, role: MemberRole, now: i64) {
        let done: Result<()> =
            db.write(async move |tx| put(tx, talk, user, role, Timestamp(now)).await).await;
        done.unwrap();
    }

    #[tokio::test]
    async fn members_are_listed_owner_first_then_as_they_came_and_counted() {
        on_both(async |db| {
            let (alice, bob, carol) =
                (given::user(db, 1).await, given::user(db, 2).await, given::user(db, 3).await);
            let talk = given::conversation(db, 10, alice).await;
            let other = given::conversation(db, 11, carol).await;
            member(db, talk, carol, MemberRole::Viewer, 90).await;
            member(db, talk, bob, MemberRole::Viewer, 80).await;
            member(db, talk, bob, MemberRole::Editor, 95).await;
            let seen = async |reader| {
                let all = list(db, reader, talk).await.unwrap();
                all.iter().map(|one| (one.person.id, one.role, one.joined_at.0)).collect::<Vec<_>>()
            };
            let wanted = [
                (alice, MemberRole::Owner, 10),
                (bob, MemberRole::Editor, 80),
                (carol, MemberRole::Viewer, 90),
            ];
            assert_eq!(seen(bob).await, wanted);
            assert_eq!(list(db, bob, talk).await.unwrap()[0].person.username, "user1");
            assert!(list(db, bob, other).await.unwrap().is_empty(), "only what one sees oneself");

            let count = async |reader| {
                conversations::find(db, reader, talk).await.unwrap().map(|one| one.member_count)
            };
            assert_eq!(count(carol).await, Some(3));
            let gone: Result<(bool, bool)> = db
                .write(async move |tx| Ok((remove(tx, talk, bob).await?, remove(tx, talk, bob).await?)))
                .await;
            assert_eq!(gone.unwrap(), (true, false));
            assert_eq!((count(alice).await, count(bob).await), (Some(2), None));
            assert_eq!(conversations::find(db, carol, other).await.unwrap().unwrap().member_count, 1);
        })
        .await;
    }

    #[tokio::test]
    async fn what_somebody_shares_with_others_is_known_and_what_is_alone_is_not() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let (shared, ended) =
                (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
            given::conversation(db, 12, alice).await;
            for talk in [shared, ended] {
                member(db, talk, bob, MemberRole::Viewer, 20).await;
            }
            let done: Result<_> =
                db.write(async move |tx| purge::mark_conversation(tx, ended, Timestamp(30)).await).await;
            done.unwrap();
            for user in [alice, bob] {
                assert_eq!(shared_with_others(db, user, 9).await.unwrap(), [shared]);
            }
        })
        .await;
    }

    #[tokio::test]
    async fn what_was_decided_about_somebody_is_remembered_until_the_account_ends() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            assert_eq!(decided_at(db, talk, bob).await.unwrap(), None);
            for at in [20, 30] {
                let done: Result<()> =
                    db.write(async move |tx| decide(tx, talk, bob, Timestamp(at)).await).await;
                done.unwrap();
            }
            assert_eq!(decided_at(db, talk, bob).await.unwrap(), Some(Timestamp(30)));
            while !db.write(async move |tx| purge::purge_account(tx, bob).await).await.unwrap() {}
            assert_eq!(decided_at(db, talk, bob).await.unwrap(), None);
        })
        .await;
    }
}
