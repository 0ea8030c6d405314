//! Ending things: what is ended is marked at once and its rows are purged later, in slices.

use domain::{ConversationId, Timestamp, TurnId, UserId};

use crate::{On, Result, Sql, Tx};

/// How many messages go in one job.
const SLICE: i64 = 500;

/// Ends a conversation: nobody is a member any more, and its rows wait to be purged. Gives its unsettled turns, which
/// are to be stopped after the commit. The caller holds the conversation's lock.
pub async fn mark_conversation(tx: &mut Tx, id: ConversationId, now: Timestamp) -> Result<Vec<TurnId>> {
    tx.query("UPDATE conversations SET ended_at = $2 WHERE id = $1").bind(id).bind(now).run().await?;
    tx.query("DELETE FROM conversation_members WHERE conversation_id = $1").bind(id).run().await?;
    crate::shares::end(tx, id).await?;
    crate::turns::unsettled_of_conversation(tx, id).await
}

/// The unsettled turns of an account that is being ended, its own and those in its conversations: they are to be
/// stopped after the commit. The account is marked by `users`; its conversations follow in slices.
pub async fn mark_account(tx: &mut Tx, user: UserId) -> Result<Vec<TurnId>> {
    let rows: Vec<(TurnId,)> = tx
        .query(
            "SELECT t.id FROM turns t WHERE t.settled_at IS NULL AND
                (t.user_id = $1 OR t.conversation_id IN (SELECT id FROM conversations WHERE owner_id = $1))",
        )
        .bind(user)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A slice of the conversations whose owners were ended and that were not.
pub async fn orphans(on: impl Into<On<'_>>) -> Result<Vec<ConversationId>> {
    let rows: Vec<(ConversationId,)> = on
        .into()
        .query(
            "SELECT c.id FROM conversations c
             WHERE c.owner_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL) AND c.ended_at IS NULL LIMIT $1",
        )
        .bind(SLICE)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Conversations that have ended by `now`, whose rows wait to be purged and that no turn holds any more.
pub async fn ended_conversations(
    on: impl Into<On<'_>>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let rows: Vec<(ConversationId,)> = on
        .into()
        .query(
            "SELECT c.id FROM conversations c WHERE c.ended_at IS NOT NULL AND c.ended_at <= $1 AND NOT EXISTS
                (SELECT 1 FROM turns t WHERE t.conversation_id = c.id AND t.settled_at IS NULL)
             LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Conversations that lay in the trash since before `before`.
pub async fn expired_trash(
    on: impl Into<On<'_>>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let rows: Vec<(ConversationId,)> = on
        .into()
        .query("SELECT id FROM conversations WHERE deleted_at < $1 AND ended_at IS NULL LIMIT $2")
        .bind(before)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Deletes a slice of an ended conversation. Says `true` when nothing of it is left.
pub async fn purge_conversation(tx: &mut Tx, id: ConversationId) -> Result<bool> {
    tx.query(Sql {
        sqlite: "DELETE FROM search_index WHERE rowid IN (SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id
                     LIMIT $2)",
        postgres: "DELETE FROM search_index WHERE id IN
                       (SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT $2)",
    })
    .bind(id)
    .bind(SLICE)
    .run()
    .await?;
    for sql in [
        "DELETE FROM feedback WHERE message_id IN
            (SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT $2)",
        "DELETE FROM tool_calls WHERE message_id IN
            (SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT $2)",
    ] {
        tx.query(sql).bind(id).bind(SLICE).run().await?;
    }
    crate::files::detach(tx, id, SLICE).await?;
    let gone = tx
        .query(
            "DELETE FROM messages WHERE id IN
                (SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT $2)",
        )
        .bind(id)
        .bind(SLICE)
        .run()
        .await?;
    if gone > 0 {
        return Ok(false);
    }
    let gone = tx
        .query("DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE conversation_id = $1 LIMIT $2)")
        .bind(id)
        .bind(SLICE)
        .run()
        .await?;
    if gone > 0 {
        return Ok(false);
    }
    let notes = "DELETE FROM notes WHERE id IN (SELECT id FROM notes WHERE conversation_id = $1 LIMIT $2)";
    if tx.query(notes).bind(id).bind(SLICE).run().await? > 0 {
        return Ok(false);
    }
    crate::search::remove(tx, id.0).await?;
    crate::shares::end(tx, id).await?;
    for sql in [
        "DELETE FROM invitations WHERE conversation_id = $1",
        "DELETE FROM decided_members WHERE conversation_id = $1",
    ] {
        tx.query(sql).bind(id).run().await?;
    }
    tx.query("DELETE FROM conversation_members WHERE conversation_id = $1").bind(id).run().await?;
    tx.query("DELETE FROM conversations WHERE id = $1").bind(id).run().await?;
    Ok(true)
}

/// Accounts that were ended and own nothing any more.
pub async fn ended_accounts(on: impl Into<On<'_>>, limit: i64) -> Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = on
        .into()
        .query(
            "SELECT u.id FROM users u WHERE u.deleted_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.owner_id = u.id)
                AND NOT EXISTS (SELECT 1 FROM turns t WHERE t.user_id = u.id AND t.settled_at IS NULL)
             LIMIT $1",
        )
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Deletes a slice of what is left of an ended account. Says `true` when nothing of it is left.
pub async fn purge_account(tx: &mut Tx, user: UserId) -> Result<bool> {
    let memberships = Sql {
        sqlite: "DELETE FROM conversation_members WHERE user_id = $1 AND conversation_id IN
                    (SELECT conversation_id FROM conversation_members WHERE user_id = $1
                     ORDER BY conversation_id LIMIT $2)",
        // In the order in which others take these rows.
        postgres: "DELETE FROM conversation_members WHERE user_id = $1 AND conversation_id IN
                      (SELECT conversation_id FROM conversation_members WHERE user_id = $1
                       ORDER BY conversation_id LIMIT $2 FOR UPDATE)",
    };
    let counts = "UPDATE conversations SET member_count = member_count - 1 WHERE id IN
                      (SELECT conversation_id FROM conversation_members WHERE user_id = $1
                       ORDER BY conversation_id LIMIT $2)";
    tx.query(counts).bind(user).bind(SLICE).run().await?;
    if tx.query(memberships).bind(user).bind(SLICE).run().await? > 0 {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM decided_members WHERE user_id = $1 AND conversation_id IN
            (SELECT conversation_id FROM decided_members WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM groups WHERE id IN (SELECT id FROM groups WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM feedback WHERE user_id = $1 AND message_id IN
            (SELECT message_id FROM feedback WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM shares WHERE user_id = $1 AND conversation_id IN
            (SELECT conversation_id FROM shares WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM idempotency_keys WHERE user_id = $1 AND key IN
            (SELECT key FROM idempotency_keys WHERE user_id = $1 LIMIT $2)",
        // What somebody else's copy of a conversation uses stays, as what was said there does.
        "UPDATE files SET owner_id = NULL, unused_since = CASE WHEN unused_since IS NOT NULL THEN 0 END
         WHERE id IN (SELECT id FROM files WHERE owner_id = $1 LIMIT $2)",
        "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM tool_calls WHERE id IN (SELECT id FROM tool_calls WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM identities WHERE id IN (SELECT id FROM identities WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM quota_holds WHERE id IN (SELECT id FROM quota_holds WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM quotas WHERE user_id = $1 AND month IN (SELECT month FROM quotas WHERE user_id = $1 LIMIT $2)",
        // What was paid stays in the books.
        "UPDATE orders SET user_id = NULL WHERE id IN (SELECT id FROM orders WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM subscriptions WHERE user_id IN (SELECT user_id FROM subscriptions WHERE user_id = $1 LIMIT $2)",
        "DELETE FROM password_resets WHERE user_id IN (SELECT user_id FROM password_resets WHERE user_id = $1 LIMIT $2)",
    ] {
        if tx.query(sql).bind(user).bind(SLICE).run().await? > 0 {
            return Ok(false);
        }
    }
    tx.query("DELETE FROM users WHERE id = $1 AND deleted_at IS NOT NULL").bind(user).run().await?;
    Ok(true)
}
