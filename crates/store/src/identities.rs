//! `identities`: accounts at other services that sign in to accounts here, oldest first. An issuer and a subject say who it
//! is; an e-mail address never does.

use domain::{Identity, IdentityId, Timestamp, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

impl FromRow for Identity {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            provider: row.next()?,
            issuer: row.next()?,
            subject: row.next()?,
            email: row.next()?,
            created_at: row.next()?,
            last_used_at: row.next()?,
        })
    }
}

/// Links an account at another service. Says `false`, and writes nothing, if it signs in somewhere here already.
pub async fn insert(tx: &mut Tx, owner: UserId, identity: &Identity) -> Result<bool> {
    let touched = tx
        .query(
            "INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at, last_used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (issuer, subject) DO NOTHING",
        )
        .bind(identity.id)
        .bind(owner)
        .bind(&identity.provider)
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .bind(identity.email.clone())
        .bind(identity.created_at)
        .bind(identity.last_used_at)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Whose account this one signs in to, if any. Notes that it was used, and its e-mail address of now.
pub async fn enter(
    tx: &mut Tx,
    issuer: &str,
    subject: &str,
    email: Option<&str>,
    now: Timestamp,
) -> Result<Option<UserId>> {
    let row = tx
        .query(
            "UPDATE identities SET last_used_at = $4, email = $3 WHERE issuer = $1 AND subject = $2
             RETURNING user_id",
        )
        .bind(issuer)
        .bind(subject)
        .bind(email.map(str::to_owned))
        .bind(now)
        .optional::<(UserId,)>()
        .await?;
    Ok(row.map(|(user,)| user))
}

/// All that sign in to the account of `owner`, the oldest first.
pub async fn of_user(on: impl Into<On<'_>>, owner: UserId) -> Result<Vec<Identity>> {
    on.into()
        .query(
            "SELECT id, provider, issuer, subject, email, created_at, last_used_at
             FROM identities WHERE user_id = $1 ORDER BY id",
        )
        .bind(owner)
        .all()
        .await
}

/// Unlinks one. Says whether `owner` had it.
pub async fn delete(tx: &mut Tx, owner: UserId, id: IdentityId) -> Result<bool> {
    let gone = tx.query("DELETE FROM identities WHERE id = $1 AND user_id = $2").bind(id).bind(owner);
    Ok(gone.run().await? == 1)
}

/// Unlinks all of somebody.
pub async fn delete_all(tx: &mut Tx, owner: UserId) -> Result<()> {
    tx.query("DELETE FROM identities WHERE user_id = $1").bind(owner).run().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        test::{given, on_both},
    };

    fn identity(id: i64, subject: &str) -> Identity {
        Identity {
            id: IdentityId(id),
            provider: "google".into(),
            issuer: "https://accounts.example.org".into(),
            subject: subject.into(),
            email: Some("ada@example.org".into()),
            created_at: Timestamp(5),
            last_used_at: Timestamp(5),
        }
    }

    async fn link(db: &Db, owner: UserId, identity: Identity) -> bool {
        db.write(async move |tx| insert(tx, owner, &identity).await).await.unwrap()
    }

    #[tokio::test]
    async fn an_issuer_and_a_subject_sign_in_to_one_account() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            assert!(link(db, alice, identity(10, "a")).await);
            assert!(!link(db, bob, identity(11, "a")).await, "it is Alice's");
            assert!(link(db, bob, identity(12, "b")).await);
            let come = async |issuer: &'static str, subject: &'static str| {
                let email = Some("new@example.org");
                db.write(async move |tx| enter(tx, issuer, subject, email, Timestamp(9)).await).await.unwrap()
            };
            assert_eq!(come("https://accounts.example.org", "a").await, Some(alice));
            assert_eq!(come("https://accounts.example.org", "c").await, None);
            assert_eq!(come("https://other.example.org", "a").await, None);
            let kept = of_user(db, alice).await.unwrap();
            let used = Identity {
                last_used_at: Timestamp(9),
                email: Some("new@example.org".into()),
                ..identity(10, "a")
            };
            assert_eq!(kept, [used]);
        })
        .await;
    }

    #[tokio::test]
    async fn only_its_owner_unlinks_one() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            assert!(link(db, alice, identity(10, "a")).await);
            assert!(link(db, alice, identity(11, "b")).await);
            let unlink = async |who, id| {
                db.write(async move |tx| delete(tx, who, IdentityId(id)).await).await.unwrap()
            };
            assert!(!unlink(bob, 10).await);
            assert!(unlink(alice, 10).await && !unlink(alice, 10).await);
            assert_eq!(of_user(db, alice).await.unwrap(), [identity(11, "b")]);
            let done: Result<()> = db.write(async move |tx| delete_all(tx, alice).await).await;
            done.unwrap();
            assert_eq!(of_user(db, alice).await.unwrap(), []);
        })
        .await;
    }
}
