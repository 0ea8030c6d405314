//! `provider_flows`: what is remembered while somebody is at another service to sign in, and until a link has its password.
//! Names and browsers are stored hashed.
//!
//! Each is used once, by the browser that began it: the statement that reads it deletes it.

use domain::Timestamp;

use crate::{On, Result, Tx};

/// Remembers something until `expires_at`, in the place of what had this name.
pub async fn put(
    tx: &mut Tx,
    id_hash: &str,
    browser_hash: &str,
    content: &str,
    expires_at: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO provider_flows (id_hash, browser_hash, content, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id_hash) DO UPDATE SET browser_hash = excluded.browser_hash, content = excluded.content,
            expires_at = excluded.expires_at",
    )
    .bind(id_hash)
    .bind(browser_hash)
    .bind(content)
    .bind(expires_at)
    .run()
    .await?;
    Ok(())
}

/// What is remembered by this name for this browser.
pub async fn find(
    on: impl Into<On<'_>>,
    id_hash: &str,
    browser_hash: &str,
    now: Timestamp,
) -> Result<Option<String>> {
    let row = on
        .into()
        .query(
            "SELECT content FROM provider_flows WHERE id_hash = $1 AND browser_hash = $2 AND expires_at > $3",
        )
        .bind(id_hash)
        .bind(browser_hash)
        .bind(now)
        .optional::<(String,)>()
        .await?;
    Ok(row.map(|(content,)| content))
}

/// The same, and it is forgotten. Of those who ask at once, one is told.
pub async fn take(tx: &mut Tx, id_hash: &str, browser_hash: &str, now: Timestamp) -> Result<Option<String>> {
    let row = tx
        .query(
            "DELETE FROM provider_flows WHERE id_hash = $1 AND browser_hash = $2 AND expires_at > $3
             RETURNING content",
        )
        .bind(id_hash)
        .bind(browser_hash)
        .bind(now)
        .optional::<(String,)>()
        .await?;
    Ok(row.map(|(content,)| content))
}

/// Forgets up to 1,000 whose time was over before `before`. Says how many.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM provider_flows WHERE id_hash IN
            (SELECT id_hash FROM provider_flows WHERE expires_at < $1 LIMIT 1000)",
    )
    .bind(before)
    .run()
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Db, test::on_both};

    async fn keep(db: &Db, id: &'static str, content: &'static str, until: i64) {
        let done: Result<()> =
            db.write(async move |tx| put(tx, id, "browser", content, Timestamp(until)).await).await;
        done.unwrap();
    }

    async fn used(db: &Db, id: &'static str, browser: &'static str, now: i64) -> Option<String> {
        db.write(async move |tx| take(tx, id, browser, Timestamp(now)).await).await.unwrap()
    }

    #[tokio::test]
    async fn what_began_in_a_browser_ends_there_once_and_in_time() {
        on_both(async |db| {
            keep(db, "a", "old", 100).await;
            keep(db, "a", "new", 100).await;
            assert_eq!(used(db, "a", "other", 5).await, None);
            assert_eq!(used(db, "b", "browser", 5).await, None);
            assert_eq!(used(db, "a", "browser", 100).await, None);
            assert_eq!(find(db, "a", "other", Timestamp(5)).await.unwrap(), None);
            assert_eq!(find(db, "a", "browser", Timestamp(99)).await.unwrap(), Some("new".into()));
            let at_once = futures_util::future::join_all((0..20).map(|_| used(db, "a", "browser", 99))).await;
            assert_eq!(at_once.into_iter().flatten().collect::<Vec<_>>(), ["new"]);
            keep(db, "c", "x", 100).await;
            keep(db, "d", "x", 200).await;
            assert_eq!(db.write(async |tx| sweep(tx, Timestamp(150)).await).await.unwrap(), 1);
            assert_eq!(used(db, "d", "browser", 5).await, Some("x".into()));
        })
        .await;
    }
}
