//! `invitations`: links into a conversation. Tokens are stored hashed. Everything here is written under the lock of the
//! conversation.
//!
//! One that was mailed is good for one account, any other for many; each until it is withdrawn or its time is over, and not
//! while the conversation is in the trash.

use domain::{ConversationId, Invitation, InvitationId, MemberRole, Timestamp, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

/// An invitation with what its token is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What its owner sees of it.
    pub invitation: Invitation,
    /// The random part of its token.
    pub nonce: String,
    /// The hash of its token.
    pub token_hash: String,
}

macro_rules! columns {
    () => {
        "i.id, i.conversation_id, i.role, i.email, i.created_at, i.expires_at, i.uses, i.nonce, i.token_hash"
    };
}

impl FromRow for Kept {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let invitation = Invitation {
            id: row.next()?,
            conversation_id: row.next()?,
            role: row.next()?,
            email: row.next()?,
            created_at: row.next()?,
            expires_at: row.next()?,
            uses: row.next()?,
        };
        Ok(Self { invitation, nonce: row.next()?, token_hash: row.next()? })
    }
}

/// Writes a new one.
pub async fn insert(tx: &mut Tx, new: &Kept) -> Result<()> {
    let Invitation { id, conversation_id, role, email, created_at, expires_at, uses } = &new.invitation;
    tx.query(
        "INSERT INTO invitations (id, conversation_id, role, email, nonce, token_hash, uses, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(*id)
    .bind(*conversation_id)
    .bind(*role)
    .bind(email.clone())
    .bind(&new.nonce)
    .bind(&new.token_hash)
    .bind(*uses)
    .bind(*created_at)
    .bind(*expires_at)
    .run()
    .await?;
    Ok(())
}

/// How many invitations to a conversation are good.
pub async fn count(on: impl Into<On<'_>>, conversation: ConversationId, now: Timestamp) -> Result<i64> {
    let (count,) = on
        .into()
        .query(
            "SELECT COUNT(*) FROM invitations
             WHERE conversation_id = $1 AND expires_at > $2 AND used_by IS NULL",
        )
        .bind(conversation)
        .bind(now)
        .one::<(i64,)>()
        .await?;
    Ok(count)
}

/// The good invitations to a conversation that `owner` owns, oldest first.
pub async fn list(
    on: impl Into<On<'_>>,
    owner: UserId,
    conversation: ConversationId,
    now: Timestamp,
) -> Result<Vec<Kept>> {
    on.into()
        .query(concat!(
            "SELECT ",
            columns!(),
            " FROM invitations i JOIN conversations c ON c.id = i.conversation_id AND c.owner_id = $1
              WHERE i.conversation_id = $2 AND i.expires_at > $3 AND i.used_by IS NULL ORDER BY i.id"
        ))
        .bind(owner)
        .bind(conversation)
        .bind(now)
        .all()
        .await
}

/// An invitation to a conversation that `owner` owns, good or not.
pub async fn find(on: impl Into<On<'_>>, owner: UserId, id: InvitationId) -> Result<Option<Kept>> {
    on.into()
        .query(concat!(
            "SELECT ",
            columns!(),
            " FROM invitations i JOIN conversations c ON c.id = i.conversation_id AND c.owner_id = $1
              WHERE i.id = $2"
        ))
        .bind(owner)
        .bind(id)
        .optional()
        .await
}

/// Withdraws an invitation. Says whether there was one.
pub async fn delete(tx: &mut Tx, conversation: ConversationId, id: InvitationId) -> Result<bool> {
    let gone = tx
        .query("DELETE FROM invitations WHERE id = $1 AND conversation_id = $2")
        .bind(id)
        .bind(conversation)
        .run()
        .await?;
    Ok(gone == 1)
}

/// What somebody who has the link may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which one.
    pub id: InvitationId,
    /// Where it leads.
    pub conversation: ConversationId,
    /// What that is called.
    pub title: String,
    /// Who invites.
    pub invited_by: String,
    /// What it makes of who accepts it.
    pub role: MemberRole,
    /// Whether it is good for one account alone.
    pub is_for_one: bool,
    /// Who has used it, if it is for one.
    pub used_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is good for nothing.
    pub expires_at: Timestamp,
}

impl FromRow for Shown {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            conversation: row.next()?,
            title: row.next()?,
            invited_by: row.next()?,
            role: row.next()?,
            is_for_one: row.next::<Option<String>>()?.is_some(),
            used_by: row.next()?,
            created_at: row.next()?,
            expires_at: row.next()?,
        })
    }
}

/// What the link with this token leads to, used or not. Nothing once its time is over, and while the conversation is in the
/// trash or the account of its owner locked.
pub async fn by_token(on: impl Into<On<'_>>, token_hash: &str, now: Timestamp) -> Result<Option<Shown>> {
    on.into()
        .query(
            "SELECT i.id, c.id, c.title, COALESCE(u.full_name, u.username), i.role, i.email, i.used_by, i.created_at,
                    i.expires_at
             FROM invitations i
             JOIN conversations c ON c.id = i.conversation_id AND c.deleted_at IS NULL AND c.ended_at IS NULL
             JOIN users u ON u.id = c.owner_id AND u.is_active AND u.deleted_at IS NULL
             WHERE i.token_hash = $1 AND i.expires_at > $2",
        )
        .bind(token_hash)
        .bind(now)
        .optional()
        .await
}

/// Notes that somebody has come in by it. One that was mailed is used from now on.
pub async fn used(tx: &mut Tx, id: InvitationId, by: UserId) -> Result<()> {
    tx.query(
        "UPDATE invitations SET uses = uses + 1, used_by = CASE WHEN email IS NOT NULL THEN $2 ELSE used_by END
         WHERE id = $1",
    )
    .bind(id)
    .bind(by)
    .run()
    .await?;
    Ok(())
}

/// Forgets up to 1,000 that were good until before `before`. Says how many.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at < $1 LIMIT 1000)",
    )
    .bind(before)
    .run()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db, conversations, purge,
        test::{given, on_both},
        users,
    };

    async fn made(db: &Db, id: i64, talk: ConversationId, email: Option<&'static str>) {
        let kept = Kept {
            invitation: Invitation {
                id: InvitationId(id),
                conversation_id: talk,
                role: MemberRole::Editor,
                email: email.map(str::to_owned),
                created_at: Timestamp(1),
                expires_at: Timestamp(100),
                uses: 0,
            },
            nonce: format!("nonce{id}"),
            token_hash: format!("hash{id}"),
        };
        let done: Result<()> = db.write(async move |tx| insert(tx, &kept).await).await;
        done.unwrap();
    }

    async fn ids(db: &Db, owner: UserId, talk: ConversationId) -> Vec<i64> {
        let all = list(db, owner, talk, Timestamp(5)).await.unwrap();
        all.iter().map(|one| one.invitation.id.0).collect()
    }

    #[tokio::test]
    async fn an_invitation_is_its_owners_and_good_until_it_is_used_or_withdrawn_or_over() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            made(db, 20, talk, None).await;
            made(db, 21, talk, Some("bob@example.org")).await;
            assert_eq!((ids(db, alice, talk).await, ids(db, bob, talk).await), (vec![20, 21], vec![]));
            assert!(find(db, bob, InvitationId(20)).await.unwrap().is_none());
            assert_eq!(count(db, talk, Timestamp(5)).await.unwrap(), 2);
            let done: Result<()> = db
                .write(async move |tx| {
                    used(tx, InvitationId(20), bob).await?;
                    used(tx, InvitationId(21), bob).await
                })
                .await;
            done.unwrap();
            assert_eq!(ids(db, alice, talk).await, [20], "a link is for many, a letter for one");
            assert_eq!(find(db, alice, InvitationId(20)).await.unwrap().unwrap().invitation.uses, 1);
            let shown = by_token(db, "hash21", Timestamp(5)).await.unwrap().unwrap();
            assert_eq!(
                (shown.is_for_one, shown.used_by, shown.invited_by.as_str()),
                (true, Some(bob), "user1")
            );
            assert_eq!(by_token(db, "hash20", Timestamp(100)).await.unwrap(), None, "its time is over");
            assert_eq!(count(db, talk, Timestamp(100)).await.unwrap(), 0);
            let gone: Result<(bool, bool)> = db
                .write(async move |tx| {
                    let id = InvitationId(20);
                    Ok((delete(tx, talk, id).await?, delete(tx, talk, id).await?))
                })
                .await;
            assert_eq!(gone.unwrap(), (true, false));
            assert_eq!(db.write(async |tx| sweep(tx, Timestamp(101)).await).await.unwrap(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn no_invitation_leads_into_the_trash_or_to_an_account_that_is_locked() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let (one, two) =
                (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
            made(db, 20, one, None).await;
            made(db, 21, two, None).await;
            let is_good = async |hash| by_token(db, hash, Timestamp(5)).await.unwrap().is_some();
            let trash = async |at: Option<Timestamp>| {
                let done: Result<()> =
                    db.write(async move |tx| conversations::set_deleted(tx, one, at).await).await;
                done.unwrap();
            };
            trash(Some(Timestamp(3))).await;
            assert!(!is_good("hash20").await && is_good("hash21").await);
            trash(None).await;
            assert!(is_good("hash20").await);
            let done: Result<_> =
                db.write(async move |tx| purge::mark_conversation(tx, two, Timestamp(4)).await).await;
            done.unwrap();
            assert!(!is_good("hash21").await);
            while !db.write(async move |tx| purge::purge_conversation(tx, two).await).await.unwrap() {}
            db.write(async move |tx| users::set_active(tx, alice, false, Timestamp(6)).await).await.unwrap();
            assert!(!is_good("hash20").await);
        })
        .await;
    }
}
