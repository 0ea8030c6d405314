//! `password_resets`: links that give an account another password, at most one each. Tokens are stored hashed.
//!
//! A link is used once: the statement that reads it deletes it.

use domain::{Timestamp, UserId};

use crate::{On, Result, Tx};

/// Makes a link good until `expires_at`. The one before is good for nothing from now on.
pub async fn put(
    tx: &mut Tx,
    user: UserId,
    token_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO password_resets (user_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at,
            expires_at = excluded.expires_at",
    )
    .bind(user)
    .bind(token_hash)
    .bind(now)
    .bind(expires_at)
    .run()
    .await?;
    Ok(())
}

/// Whose link this is, if it is good and its account may sign in.
pub async fn find(on: impl Into<On<'_>>, token_hash: &str, now: Timestamp) -> Result<Option<UserId>> {
    let row = on
        .into()
        .query(
            "SELECT r.user_id FROM password_resets r
             JOIN users u ON u.id = r.user_id AND u.is_active AND u.deleted_at IS NULL
             WHERE r.token_hash = $1 AND r.expires_at > $2",
        )
        .bind(token_hash)
        .bind(now)
        .optional::<(UserId,)>()
        .await?;
    Ok(row.map(|(user,)| user))
}

/// Uses a link: whose it was, if it was good. Of those who use it at once, one is told.
pub async fn take(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<UserId>> {
    let row = tx
        .query("DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > $2 RETURNING user_id")
        .bind(token_hash)
        .bind(now)
        .optional::<(UserId,)>()
        .await?;
    Ok(row.map(|(user,)| user))
}

/// Ends the link of an account, if there is one.
pub async fn end(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.query("DELETE FROM password_resets WHERE user_id = $1").bind(user).run().await?;
    Ok(())
}

/// Forgets up to 1,000 links that were good until before `before`. Says how many.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM password_resets WHERE user_id IN
            (SELECT user_id FROM password_resets WHERE expires_at < $1 LIMIT 1000)",
    )
    .bind(before)
    .run()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        test::{given, on_both},
        users,
    };

    async fn made(db: &Db, user: UserId, hash: &'static str, until: i64) {
        let done: Result<()> =
            db.write(async move |tx| put(tx, user, hash, Timestamp(1), Timestamp(until)).await).await;
        done.unwrap();
    }

    async fn taken(db: &Db, hash: &'static str, now: i64) -> Option<UserId> {
        db.write(async move |tx| take(tx, hash, Timestamp(now)).await).await.unwrap()
    }

    #[tokio::test]
    async fn a_link_is_good_once_and_until_a_newer_one() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            made(db, alice, "old", 100).await;
            made(db, alice, "new", 100).await;
            made(db, bob, "bobs", 100).await;
            assert_eq!(taken(db, "old", 5).await, None);
            assert_eq!(find(db, "new", Timestamp(99)).await.unwrap(), Some(alice));
            assert_eq!(find(db, "new", Timestamp(100)).await.unwrap(), None, "its time is over");
            assert_eq!(taken(db, "new", 100).await, None);
            let at_once = futures_util::future::join_all((0..20).map(|_| taken(db, "new", 99))).await;
            assert_eq!(at_once.into_iter().flatten().collect::<Vec<_>>(), [alice]);
            assert_eq!(taken(db, "bobs", 99).await, Some(bob));
        })
        .await;
    }

    #[tokio::test]
    async fn a_link_ends_with_its_time_and_its_account() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            made(db, alice, "hers", 100).await;
            made(db, bob, "his", 200).await;
            db.write(async move |tx| users::set_active(tx, bob, false, Timestamp(6)).await).await.unwrap();
            assert_eq!(find(db, "his", Timestamp(7)).await.unwrap(), None);
            assert_eq!(db.write(async |tx| sweep(tx, Timestamp(150)).await).await.unwrap(), 1);
            assert_eq!(find(db, "hers", Timestamp(7)).await.unwrap(), None);
            let done: Result<()> = db.write(async move |tx| end(tx, bob).await).await;
            done.unwrap();
            assert_eq!(taken(db, "his", 7).await, None);
        })
        .await;
    }
}
