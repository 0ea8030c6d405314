//! `idempotency_keys`: sends that were taken, so that a repeat joins them. Swept after 24 hours.

use domain::{Timestamp, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

/// What a key protects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whose key it is.
    pub user: UserId,
    /// The key itself.
    pub key: String,
    /// The path of the request.
    pub route: String,
    /// A hash of the body.
    pub body_hash: String,
}

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The path of the first request.
    pub route: String,
    /// A hash of its body.
    pub body_hash: String,
    /// What it made: a turn or a conversation.
    pub result_id: i64,
}

impl FromRow for Claimed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { route: row.next()?, body_hash: row.next()?, result_id: row.next()? })
    }
}

/// Takes the key for `result_id`. If it was taken before, gives what it was taken for.
///
/// The row is read in a statement of its own: one that waited for the first job sees what that job wrote.
pub async fn claim(tx: &mut Tx, key: &Key, result_id: i64, now: Timestamp) -> Result<Option<Claimed>> {
    let touched = tx
        .query(
            "INSERT INTO idempotency_keys (user_id, key, route, body_hash, result_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, key) DO NOTHING",
        )
        .bind(key.user)
        .bind(&key.key)
        .bind(&key.route)
        .bind(&key.body_hash)
        .bind(result_id)
        .bind(now)
        .run()
        .await?;
    if touched == 1 {
        return Ok(None);
    }
    find(tx, key.user, &key.key).await
}

/// What a key was taken for, if it was.
pub async fn find(on: impl Into<On<'_>>, user: UserId, key: &str) -> Result<Option<Claimed>> {
    on.into()
        .query("SELECT route, body_hash, result_id FROM idempotency_keys WHERE user_id = $1 AND key = $2")
        .bind(user)
        .bind(key)
        .by_key()
        .optional()
        .await
}

/// Says what a key that was just taken has made.
pub async fn made(tx: &mut Tx, key: &Key, result_id: i64) -> Result<()> {
    tx.query("UPDATE idempotency_keys SET result_id = $3 WHERE user_id = $1 AND key = $2")
        .bind(key.user)
        .bind(&key.key)
        .bind(result_id)
        .run()
        .await?;
    Ok(())
}

/// Forgets up to 1,000 keys older than `before`. Says how many.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM idempotency_keys WHERE (user_id, key) IN
            (SELECT user_id, key FROM idempotency_keys WHERE created_at < $1 LIMIT 1000)",
    )
    .bind(before)
    .run()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::on_both;

    #[tokio::test]
    async fn a_key_is_taken_once_in_a_hundred_parallel_tries() {
        on_both(async |db| {
            let tries = (0..100).map(|n| {
                let (db, key) = (
                    db.clone(),
                    Key { user: UserId(1), key: "k".into(), route: "r".into(), body_hash: "h".into() },
                );
                async move { db.write(async move |tx| claim(tx, &key, n, Timestamp(n)).await).await }
            });
            let claimed: Vec<_> =
                futures_util::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
            let first = claimed.iter().position(Option::is_none).unwrap();
            assert_eq!(claimed.iter().filter(|one| one.is_none()).count(), 1);
            let ids = claimed.iter().flatten().map(|one| one.result_id);
            assert!(ids.into_iter().all(|id| id == i64::try_from(first).unwrap()));
            let swept: Result<u64> = db.write(async move |tx| sweep(tx, Timestamp(1_000)).await).await;
            assert_eq!(swept.unwrap(), 1);
        })
        .await;
    }
}
