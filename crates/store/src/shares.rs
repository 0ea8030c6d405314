//! `shares`: conversations that everybody with a link may read, as they were when they were shared. One row each.
//!
//! What is shown is a copy without what is nobody's business, so a reader of a link never comes near the conversation.
//! The row goes when the conversation goes to the trash or ends.

use domain::{ConversationId, Timestamp, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

/// A conversation that is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The random part of its token.
    pub nonce: String,
    /// The hash of its token.
    pub token_hash: String,
    /// When it was shared first.
    pub created_at: Timestamp,
    /// When it was last brought up to date.
    pub updated_at: Timestamp,
}

impl FromRow for Share {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            nonce: row.next()?,
            token_hash: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// What a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The title as it was.
    pub title: String,
    /// What was said, as JSON.
    pub messages: String,
    /// When it was last brought up to date.
    pub updated_at: Timestamp,
}

impl FromRow for Shown {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { title: row.next()?, messages: row.next()?, updated_at: row.next()? })
    }
}

/// Shares a conversation, or brings what is shown up to date. The caller holds the conversation's lock.
pub async fn put(
    tx: &mut Tx,
    conversation: ConversationId,
    owner: UserId,
    share: &Share,
    title: &str,
    messages: &str,
) -> Result<()> {
    tx.query(
        "INSERT INTO shares (conversation_id, user_id, nonce, token_hash, title, messages, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (conversation_id) DO UPDATE SET
            nonce = excluded.nonce, token_hash = excluded.token_hash, title = excluded.title,
            messages = excluded.messages, updated_at = excluded.updated_at",
    )
    .bind(conversation)
    .bind(owner)
    .bind(&share.nonce)
    .bind(&share.token_hash)
    .bind(title)
    .bind(messages)
    .bind(share.created_at)
    .bind(share.updated_at)
    .run()
    .await?;
    Ok(())
}

/// How a conversation is shared, if it is and `reader` owns it.
pub async fn find(
    on: impl Into<On<'_>>,
    reader: UserId,
    conversation: ConversationId,
) -> Result<Option<Share>> {
    on.into()
        .query(
            "SELECT nonce, token_hash, created_at, updated_at FROM shares
             WHERE conversation_id = $1 AND user_id = $2",
        )
        .bind(conversation)
        .bind(reader)
        .by_key()
        .optional()
        .await
}

/// A conversation that is shared, in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which one.
    pub conversation: ConversationId,
    /// The title as the link shows it.
    pub title: String,
    /// How it is shared.
    pub share: Share,
}

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { conversation: row.next()?, title: row.next()?, share: Share::from_row(row)? })
    }
}

/// What `owner` shares, the newest conversation first, from before the conversation `before`.
pub async fn of_user(
    on: impl Into<On<'_>>,
    owner: UserId,
    before: ConversationId,
    limit: i64,
) -> Result<Vec<Listed>> {
    on.into()
        .query(
            "SELECT s.conversation_id, s.title, s.nonce, s.token_hash, s.created_at, s.updated_at FROM shares s
             JOIN conversations c ON c.id = s.conversation_id AND c.deleted_at IS NULL AND c.ended_at IS NULL
             WHERE s.user_id = $1 AND s.conversation_id < $2 ORDER BY s.conversation_id DESC LIMIT $3",
        )
        .bind(owner)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// What the link with this token shows. Nothing once the conversation or the account of its owner has ended.
pub async fn by_token(on: impl Into<On<'_>>, token_hash: &str) -> Result<Option<Shown>> {
    on.into()
        .query(
            "SELECT s.title, s.messages, s.updated_at FROM shares s
             JOIN conversations c ON c.id = s.conversation_id AND c.deleted_at IS NULL AND c.ended_at IS NULL
             JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL
             WHERE s.token_hash = $1",
        )
        .bind(token_hash)
        .optional()
        .await
}

/// Ends the link of a conversation. Says whether there was one.
pub async fn end(tx: &mut Tx, conversation: ConversationId) -> Result<bool> {
    let gone = tx.query("DELETE FROM shares WHERE conversation_id = $1").bind(conversation).run().await?;
    Ok(gone == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db, conversations, purge,
        test::{given, on_both},
        users,
    };

    async fn share(db: &Db, talk: ConversationId, owner: UserId, text: &'static str, now: i64) {
        let row = Share {
            nonce: "n".into(),
            token_hash: format!("hash{talk}"),
            created_at: Timestamp(now),
            updated_at: Timestamp(now),
        };
        let done: Result<()> =
            db.write(async move |tx| put(tx, talk, owner, &row, "Title", text).await).await;
        done.unwrap();
    }

    async fn shown(db: &Db, talk: ConversationId) -> Option<String> {
        by_token(db, &format!("hash{talk}")).await.unwrap().map(|shown| shown.messages)
    }

    #[tokio::test]
    async fn a_link_shows_what_was_shared_until_it_ends() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            assert_eq!(shown(db, talk).await, None);
            share(db, talk, alice, "[1]", 5).await;
            share(db, talk, alice, "[2]", 6).await;
            assert_eq!(shown(db, talk).await.as_deref(), Some("[2]"));
            let found = find(db, alice, talk).await.unwrap().unwrap();
            assert_eq!((found.created_at, found.updated_at), (Timestamp(5), Timestamp(6)));
            assert_eq!(find(db, bob, talk).await.unwrap(), None);
            let ended = db.write(async move |tx| end(tx, talk).await).await.unwrap();
            assert!(ended && shown(db, talk).await.is_none());
        })
        .await;
    }

    #[tokio::test]
    async fn what_somebody_shares_is_listed_newest_first() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            for (id, owner) in [(10, alice), (11, bob), (12, alice), (13, alice)] {
                let talk = given::conversation(db, id, owner).await;
                share(db, talk, owner, "[]", 5).await;
            }
            let listed = async |owner, before, limit| {
                let rows = of_user(db, owner, ConversationId(before), limit).await.unwrap();
                rows.into_iter().map(|row| row.conversation.0).collect::<Vec<_>>()
            };
            assert_eq!(listed(alice, i64::MAX, 2).await, [13, 12]);
            assert_eq!(listed(alice, 12, 2).await, [10]);
            assert_eq!(listed(bob, i64::MAX, 2).await, [11]);
            let rows = of_user(db, bob, ConversationId(i64::MAX), 1).await.unwrap();
            assert_eq!((rows[0].title.as_str(), rows[0].share.nonce.as_str()), ("Title", "n"));
        })
        .await;
    }

    #[tokio::test]
    async fn the_trash_the_end_and_an_account_that_is_locked_close_links() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let (one, two) =
                (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
            let three = given::conversation(db, 12, bob).await;
            for (talk, owner) in [(one, alice), (two, alice), (three, bob)] {
                share(db, talk, owner, "[]", 5).await;
            }
            let done: Result<()> = db
                .write(async move |tx| {
                    conversations::set_deleted(tx, one, Some(Timestamp(6))).await?;
                    conversations::set_deleted(tx, one, None).await?;
                    purge::mark_conversation(tx, two, Timestamp(6)).await?;
                    users::set_active(tx, bob, false, Timestamp(6)).await?;
                    Ok(())
                })
                .await;
            done.unwrap();
            for talk in [one, two, three] {
                assert_eq!(shown(db, talk).await, None, "{talk}");
            }
            assert!(find(db, alice, one).await.unwrap().is_none(), "restoring does not share again");
            assert!(find(db, bob, three).await.unwrap().is_some());
        })
        .await;
    }
}
