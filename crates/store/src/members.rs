//! `conversation_members`: who may see a conversation, and what each of them marks.

use domain::{ConversationId, GroupId, MemberRole, Timestamp, UserId};

use crate::{
    On, Result, Sql, Tx,
    db::{list::among, to_json},
};

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

/// Makes a user a member, or changes the role.
pub async fn put(
    tx: &mut Tx,
    conversation: ConversationId,
    user: UserId,
    role: MemberRole,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO conversation_members (conversation_id, user_id, role, favorite, last_activity_at)
         VALUES ($1, $2, $3, FALSE, $4)
         ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = excluded.role",
    )
    .bind(conversation)
    .bind(user)
    .bind(role)
    .bind(now)
    .run()
    .await?;
    Ok(())
}

/// Ends a membership. Says whether there was one.
pub async fn remove(tx: &mut Tx, conversation: ConversationId, user: UserId) -> Result<bool> {
    let touched = tx
        .query("DELETE FROM conversation_members WHERE conversation_id = $1 AND user_id = $2")
        .bind(conversation)
        .bind(user)
        .run()
        .await?;
    Ok(touched == 1)
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
