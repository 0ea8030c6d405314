//! `api_keys`: the keys by which programs ask in an account's name, newest first. Keys are stored hashed.

use domain::{ApiKey, ApiKeyId, Scope, Timestamp, UserId, UserRole, text_enum::TextEnum as _};

use crate::{
    Error, On, Result, Tx,
    db::{FromRow, Row},
};

/// Whom a key speaks for, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The key.
    pub id: ApiKeyId,
    /// The account.
    pub user: UserId,
    /// What the account may do to the installation.
    pub role: UserRole,
    /// What the key is good for.
    pub scopes: Vec<Scope>,
    /// From when on it is good for nothing, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, as far as that was noted.
    pub last_used_at: Option<Timestamp>,
}

fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

fn scopes(words: &str) -> Result<Vec<Scope>> {
    words.split_whitespace().map(|word| Scope::parse(word).map_err(Error::decode)).collect()
}

impl FromRow for ApiKey {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            name: row.next()?,
            prefix: row.next()?,
            scopes: scopes(&row.next::<String>()?)?,
            created_at: row.next()?,
            expires_at: row.next()?,
            last_used_at: row.next()?,
        })
    }
}

impl FromRow for Standing {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            user: row.next()?,
            role: row.next()?,
            scopes: scopes(&row.next::<String>()?)?,
            expires_at: row.next()?,
            last_used_at: row.next()?,
        })
    }
}

/// Writes a new key.
pub async fn insert(tx: &mut Tx, owner: UserId, key: &ApiKey, key_hash: &str) -> Result<()> {
    tx.query(
        "INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(key.id)
    .bind(owner)
    .bind(&key.name)
    .bind(&key.prefix)
    .bind(key_hash)
    .bind(words(&key.scopes))
    .bind(key.created_at)
    .bind(key.expires_at)
    .run()
    .await?;
    Ok(())
}

/// How many keys somebody has, those that have expired too.
pub async fn count(on: impl Into<On<'_>>, owner: UserId) -> Result<i64> {
    let counted = on.into().query("SELECT COUNT(*) FROM api_keys WHERE user_id = $1").bind(owner);
    Ok(counted.one::<(i64,)>().await?.0)
}

/// All keys of `owner`, the newest first.
pub async fn of_user(on: impl Into<On<'_>>, owner: UserId) -> Result<Vec<ApiKey>> {
    on.into()
        .query(
            "SELECT id, name, prefix, scopes, created_at, expires_at, last_used_at
             FROM api_keys WHERE user_id = $1 ORDER BY id DESC",
        )
        .bind(owner)
        .all()
        .await
}

/// Whom the key with this hash speaks for; `None` once it has expired or its account is not active.
pub async fn standing(on: impl Into<On<'_>>, key_hash: &str, now: Timestamp) -> Result<Option<Standing>> {
    on.into()
        .query(
            "SELECT k.id, k.user_id, u.role, k.scopes, k.expires_at, k.last_used_at FROM api_keys k
             JOIN users u ON u.id = k.user_id AND u.is_active AND u.deleted_at IS NULL
             WHERE k.key_hash = $1 AND (k.expires_at IS NULL OR k.expires_at > $2)",
        )
        .bind(key_hash)
        .bind(now)
        .optional()
        .await
}

/// Notes that a key is in use, unless that was noted after `before`.
pub async fn touch(tx: &mut Tx, id: ApiKeyId, now: Timestamp, before: Timestamp) -> Result<()> {
    tx.query(
        "UPDATE api_keys SET last_used_at = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
    )
    .bind(id)
    .bind(now)
    .bind(before)
    .run()
    .await?;
    Ok(())
}

/// Deletes all keys of somebody.
pub async fn delete_all(tx: &mut Tx, owner: UserId) -> Result<()> {
    tx.query("DELETE FROM api_keys WHERE user_id = $1").bind(owner).run().await?;
    Ok(())
}

/// Deletes a key. Says whether `owner` had it.
pub async fn delete(tx: &mut Tx, owner: UserId, id: ApiKeyId) -> Result<bool> {
    let gone = tx.query("DELETE FROM api_keys WHERE id = $1 AND user_id = $2").bind(id).bind(owner);
    Ok(gone.run().await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        test::{given, on_both},
        users,
    };

    fn key(id: i64, expires_at: Option<i64>) -> ApiKey {
        ApiKey {
            id: ApiKeyId(id),
            name: "Notebook".into(),
            prefix: "sk-clq-abcd".into(),
            scopes: vec![Scope::OpenAi, Scope::Read],
            created_at: Timestamp(1),
            expires_at: expires_at.map(Timestamp),
            last_used_at: None,
        }
    }

    async fn made(db: &Db, owner: UserId, key: ApiKey, hash: &'static str) {
        let done: Result<()> = db.write(async move |tx| insert(tx, owner, &key, hash).await).await;
        done.unwrap();
    }

    #[tokio::test]
    async fn a_key_is_its_owners_and_ends_with_its_time() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            made(db, alice, key(10, Some(100)), "hers").await;
            made(db, alice, key(11, None), "other").await;
            assert_eq!(of_user(db, alice).await.unwrap(), [key(11, None), key(10, Some(100))]);
            assert_eq!(of_user(db, bob).await.unwrap(), []);
            assert_eq!(count(db, alice).await.unwrap(), 2);
            let found = standing(db, "hers", Timestamp(99)).await.unwrap().unwrap();
            assert_eq!((found.id, found.user), (ApiKeyId(10), alice));
            assert_eq!(standing(db, "hers", Timestamp(100)).await.unwrap(), None, "its time is over");
            assert!(!db.write(async move |tx| delete(tx, bob, ApiKeyId(11)).await).await.unwrap());
            assert!(db.write(async move |tx| delete(tx, alice, ApiKeyId(11)).await).await.unwrap());
            assert_eq!(standing(db, "other", Timestamp(5)).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn a_use_is_noted_once_in_a_while() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            made(db, alice, key(10, None), "hers").await;
            for (now, before) in [(5, 0), (9, 4), (70, 9)] {
                let done: Result<()> = db
                    .write(async move |tx| touch(tx, ApiKeyId(10), Timestamp(now), Timestamp(before)).await)
                    .await;
                done.unwrap();
                let noted = of_user(db, alice).await.unwrap().remove(0).last_used_at;
                assert_eq!(noted, Some(Timestamp(if now == 70 { 70 } else { 5 })));
            }
        })
        .await;
    }

    #[tokio::test]
    async fn a_key_of_an_account_that_is_barred_is_good_for_nothing() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            made(db, alice, key(10, None), "hers").await;
            db.write(async move |tx| users::set_active(tx, alice, false, Timestamp(6)).await).await.unwrap();
            assert_eq!(standing(db, "hers", Timestamp(7)).await.unwrap(), None);
        })
        .await;
    }
}
