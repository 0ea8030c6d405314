//! `conversation_members`: who may see a conversation, and what each of them marks.

use domain::{ConversationId, MemberRole, Timestamp, UserId};

use crate::{On, Result, Tx};

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

/// What a member marks for itself; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// A favourite.
    pub favorite: Option<bool>,
    /// Put away at this moment, or taken back.
    pub archived_at: Option<Option<Timestamp>>,
}

/// Writes a member's marks.
pub async fn mark(tx: &mut Tx, conversation: ConversationId, user: UserId, marks: Marks) -> Result<()> {
    tx.query(
        "UPDATE conversation_members SET
            favorite = COALESCE($3, favorite),
            archived_at = CASE WHEN $4 THEN $5 ELSE archived_at END
         WHERE conversation_id = $1 AND user_id = $2",
    )
    .bind(conversation)
    .bind(user)
    .bind(marks.favorite)
    .bind(marks.archived_at.is_some())
    .bind(marks.archived_at.flatten())
    .run()
    .await?;
    Ok(())
}
