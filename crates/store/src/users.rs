//! `users`: the accounts. Names and addresses are compared by their folded keys.
//!
//! An account that is being ended is nobody's to find any more; its row is purged later.

use domain::{Timestamp, User, UserId, UserRole};

use crate::{
    Error, On, Result, Sql, Tx,
    db::{FromRow, Row},
    fold,
};

/// Which value of a new or changed account somebody else has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The user name.
    Username,
    /// The e-mail address.
    Email,
}

/// What a sign-in is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub user: UserId,
    /// Its password, hashed; empty if it has none.
    pub password_hash: String,
    /// Whether it may sign in at all.
    pub is_active: bool,
}

/// What is to be different about an account; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The user name.
    pub username: Option<String>,
    /// The e-mail address; another one is not verified.
    pub email: Option<String>,
    /// The name to show, or none any more.
    pub full_name: Option<Option<String>>,
    /// What the person chose, as a JSON object.
    pub preferences: Option<String>,
}

/// The columns of a `User`, in the order in which it is read.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, username, email, full_name, role, is_active, is_verified, created_at, last_login, preferences
             FROM users ",
            $rest
        )
    };
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            username: row.next()?,
            email: row.next()?,
            full_name: row.next()?,
            role: row.next()?,
            is_active: row.next()?,
            is_verified: row.next()?,
            created_at: row.next()?,
            last_login: row.next()?,
            preferences: row.next()?,
        })
    }
}

impl FromRow for Credentials {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { user: row.next()?, password_hash: row.next()?, is_active: row.next()? })
    }
}

/// Says which of the two names somebody other than `but_not` has.
pub async fn taken(
    tx: &mut Tx,
    username: &str,
    email: &str,
    but_not: Option<UserId>,
) -> Result<Option<Taken>> {
    let rows = tx
        .query("SELECT username_key = $1 FROM users WHERE (username_key = $1 OR email_key = $2) AND id <> $3")
        .bind(fold::key(username))
        .bind(fold::key(email))
        .bind(but_not.unwrap_or(UserId(-1)))
        .all::<(bool,)>()
        .await?;
    let is = |name| rows.iter().any(|(by_name,)| *by_name == name);
    Ok(if is(true) {
        Some(Taken::Username)
    } else if is(false) {
        Some(Taken::Email)
    } else {
        None
    })
}

/// Writes a new account. A name that somebody has by now is [`Error::Unique`]; [`taken_of`] says which.
pub async fn insert(tx: &mut Tx, user: &User, password_hash: &str) -> Result<()> {
    tx.query(
        "INSERT INTO users (id, username, username_key, email, email_key, full_name, password_hash, role, is_active,
                            is_verified, preferences, created_at, updated_at, last_login)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)",
    )
    .bind(user.id)
    .bind(&user.username)
    .bind(fold::key(&user.username))
    .bind(&user.email)
    .bind(fold::key(&user.email))
    .bind(user.full_name.clone())
    .bind(password_hash)
    .bind(user.role)
    .bind(user.is_active)
    .bind(user.is_verified)
    .bind(&user.preferences)
    .bind(user.created_at)
    .bind(user.last_login)
    .run()
    .await?;
    Ok(())
}

/// Which name was taken, if that is what a failed write says.
pub fn taken_of(error: &Error) -> Option<Taken> {
    match error {
        Error::Unique(constraint) if constraint.contains("username_key") => Some(Taken::Username),
        Error::Unique(constraint) if constraint.contains("email_key") => Some(Taken::Email),
        _ => None,
    }
}

/// An account.
pub async fn find(on: impl Into<On<'_>>, id: UserId) -> Result<Option<User>> {
    on.into().query(select!("WHERE id = $1 AND deleted_at IS NULL")).bind(id).by_key().optional().await
}

/// What a sign-in by this name is checked against: an e-mail address if it holds an `@`, else a user name.
pub async fn credentials_by_name(on: impl Into<On<'_>>, name: &str) -> Result<Option<Credentials>> {
    let sql = if name.contains('@') {
        "SELECT id, password_hash, is_active FROM users WHERE email_key = $1 AND deleted_at IS NULL"
    } else {
        "SELECT id, password_hash, is_active FROM users WHERE username_key = $1 AND deleted_at IS NULL"
    };
    on.into().query(sql).bind(fold::key(name)).optional().await
}

/// What a password of this account is checked against.
pub async fn credentials(on: impl Into<On<'_>>, id: UserId) -> Result<Option<Credentials>> {
    on.into()
        .query("SELECT id, password_hash, is_active FROM users WHERE id = $1 AND deleted_at IS NULL")
        .bind(id)
        .optional()
        .await
}

/// The same, held until the job ends.
pub async fn lock_credentials(tx: &mut Tx, id: UserId) -> Result<Option<Credentials>> {
    tx.query(Sql {
        sqlite: "SELECT id, password_hash, is_active FROM users WHERE id = $1 AND deleted_at IS NULL",
        postgres: "SELECT id, password_hash, is_active FROM users WHERE id = $1 AND deleted_at IS NULL
                   FOR NO KEY UPDATE",
    })
    .bind(id)
    .optional()
    .await
}

/// Notes a sign-in without a password. Says `false`, and writes nothing, if the account may not sign in.
pub async fn entered(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query("UPDATE users SET last_login = $2 WHERE id = $1 AND is_active AND deleted_at IS NULL")
        .bind(id)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Notes a sign-in. Says `false`, and writes nothing, if the password is another by now or the account may not sign in.
pub async fn signed_in(tx: &mut Tx, id: UserId, password_hash: &str, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE users SET last_login = $3
             WHERE id = $1 AND password_hash = $2 AND is_active AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(password_hash)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Writes what is different. Says `false` if there is no such account. See [`taken_of`].
pub async fn change(tx: &mut Tx, id: UserId, changes: Changes, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE users SET
                username = COALESCE($2, username), username_key = COALESCE($3, username_key),
                is_verified = is_verified AND ($5 IS NULL OR email_key = $5),
                email = COALESCE($4, email), email_key = COALESCE($5, email_key),
                full_name = CASE WHEN $6 THEN $7 ELSE full_name END,
                preferences = COALESCE($8, preferences), updated_at = $9
             WHERE id = $1 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(changes.username.clone())
        .bind(changes.username.as_deref().map(fold::key))
        .bind(changes.email.clone())
        .bind(changes.email.as_deref().map(fold::key))
        .bind(changes.full_name.is_some())
        .bind(changes.full_name.flatten())
        .bind(changes.preferences)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// What a person chose, as a JSON object; held until the job ends. `None` if there is no such account.
pub async fn lock_preferences(tx: &mut Tx, id: UserId) -> Result<Option<String>> {
    let row = tx
        .query(Sql {
            sqlite: "SELECT preferences FROM users WHERE id = $1 AND deleted_at IS NULL",
            postgres: "SELECT preferences FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
        })
        .bind(id)
        .optional::<(String,)>()
        .await?;
    Ok(row.map(|(preferences,)| preferences))
}

/// What every answer for a person should heed, if the person said so.
pub async fn custom_instructions(on: impl Into<On<'_>>, id: UserId) -> Result<Option<String>> {
    let row = on
        .into()
        .query(Sql {
            sqlite: "SELECT CAST(json_extract(preferences, '$.custom_instructions') AS TEXT) FROM users WHERE id = $1",
            postgres: "SELECT CAST(preferences AS JSON)->>'custom_instructions' FROM users WHERE id = $1",
        })
        .bind(id)
        .by_key()
        .optional::<(Option<String>,)>()
        .await?;
    Ok(row.and_then(|(text,)| text))
}

/// Gives the account another password. Says `false`, and writes nothing, if the old one is another by now.
pub async fn set_password(
    tx: &mut Tx,
    id: UserId,
    old_hash: &str,
    new_hash: &str,
    now: Timestamp,
) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE users SET password_hash = $3, updated_at = $4
             WHERE id = $1 AND password_hash = $2 AND is_active AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(old_hash)
        .bind(new_hash)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Gives the account another password, whatever it was. Says `false`, and writes nothing, if it may not sign in.
pub async fn reset_password(tx: &mut Tx, id: UserId, hash: &str, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE users SET password_hash = $2, updated_at = $3
             WHERE id = $1 AND is_active AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(hash)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// The account with this e-mail address, if it may sign in.
pub async fn by_email(on: impl Into<On<'_>>, email: &str) -> Result<Option<User>> {
    on.into()
        .query(select!("WHERE email_key = $1 AND is_active AND deleted_at IS NULL"))
        .bind(fold::key(email))
        .optional()
        .await
}

/// Whether any account has this e-mail address.
pub async fn has_email(on: impl Into<On<'_>>, email: &str) -> Result<bool> {
    let (has,) = on
        .into()
        .query("SELECT EXISTS (SELECT 1 FROM users WHERE email_key = $1)")
        .bind(fold::key(email))
        .one::<(bool,)>()
        .await?;
    Ok(has)
}

/// Whether there is any account.
pub async fn any(on: impl Into<On<'_>>) -> Result<bool> {
    let (any,) = on
        .into()
        .query("SELECT EXISTS (SELECT 1 FROM users WHERE deleted_at IS NULL)")
        .one::<(bool,)>()
        .await?;
    Ok(any)
}

/// Lets an account do anything, or nothing. Says `false` if there is none.
pub async fn set_active(tx: &mut Tx, id: UserId, is_active: bool, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query("UPDATE users SET is_active = $2, updated_at = $3 WHERE id = $1 AND deleted_at IS NULL")
        .bind(id)
        .bind(is_active)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// How many accounts run the installation and may sign in.
pub async fn count_admins(on: impl Into<On<'_>>) -> Result<i64> {
    let (count,) = on
        .into()
        .query("SELECT COUNT(*) FROM users WHERE role = $1 AND is_active AND deleted_at IS NULL")
        .bind(UserRole::Admin)
        .one::<(i64,)>()
        .await?;
    Ok(count)
}

/// Ends an account: it cannot sign in, is nobody's to find, and its names are free again. Says `false`, and writes
/// nothing, if its password is another by now.
pub async fn end(tx: &mut Tx, id: UserId, password_hash: &str, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query(
            // No name holds a space, so that nobody can take such a key.
            "UPDATE users SET is_active = FALSE, deleted_at = $3, updated_at = $3, username = '', email = '',
                full_name = NULL, preferences = '{}', password_hash = '',
                username_key = 'ended ' || CAST(id AS TEXT), email_key = 'ended ' || CAST(id AS TEXT)
             WHERE id = $1 AND password_hash = $2 AND deleted_at IS NULL",
        )
        .bind(id)
        .bind(password_hash)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Db, test::on_both};

    fn person(id: i64, name: &str) -> User {
        User {
            id: UserId(id),
            username: name.into(),
            email: format!("{name}@x.tn"),
            full_name: None,
            role: UserRole::User,
            is_active: true,
            is_verified: true,
            created_at: Timestamp(5),
            last_login: None,
            preferences: "{}".into(),
        }
    }

    async fn put(db: &Db, user: User) -> Result<()> {
        db.write(async move |tx| insert(tx, &user, "hash").await).await
    }

    #[tokio::test]
    async fn a_password_is_given_to_who_may_sign_in_only() {
        on_both(async |db| {
            assert!(!any(db).await.unwrap());
            put(db, person(1, "Ada")).await.unwrap();
            assert!(any(db).await.unwrap());
            let give = async |hash: &'static str| {
                db.write(async move |tx| reset_password(tx, UserId(1), hash, Timestamp(9)).await)
                    .await
                    .unwrap()
            };
            let held = async || credentials(db, UserId(1)).await.unwrap().unwrap().password_hash;
            assert_eq!(by_email(db, "ADA@X.tn").await.unwrap(), Some(person(1, "Ada")));
            assert!(give("new").await);
            assert_eq!(held().await, "new");

            db.write(async |tx| set_active(tx, UserId(1), false, Timestamp(9)).await).await.unwrap();
            assert!(!give("newer").await);
            assert_eq!(held().await, "new");
            assert_eq!(by_email(db, "ada@x.tn").await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn an_account_is_found_by_either_name_without_regard_to_case() {
        on_both(async |db| {
            put(db, person(1, "Ada")).await.unwrap();

            assert_eq!(find(db, UserId(1)).await.unwrap(), Some(person(1, "Ada")));
            for name in ["ada", "ADA", "Ａda", "ADA@X.tn"] {
                let found = credentials_by_name(db, name).await.unwrap().unwrap();
                assert_eq!(
                    (found.user, found.password_hash.as_str(), found.is_active),
                    (UserId(1), "hash", true)
                );
            }
            assert_eq!(credentials_by_name(db, "bob").await.unwrap(), None);
            assert_eq!(find(db, UserId(2)).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn a_name_belongs_to_one_account() {
        on_both(async |db| {
            put(db, person(1, "Ada")).await.unwrap();

            let same_name = User { email: "other@x.tn".into(), ..person(2, "aDA") };
            assert_eq!(taken_of(&put(db, same_name).await.unwrap_err()), Some(Taken::Username));
            let same_email = User { username: "other".into(), ..person(2, "ADA") };
            assert_eq!(taken_of(&put(db, same_email).await.unwrap_err()), Some(Taken::Email));

            let told = db
                .write(async |tx| {
                    Ok::<_, Error>([
                        taken(tx, "ada", "new@x.tn", None).await?,
                        taken(tx, "new", "ada@X.TN", None).await?,
                        taken(tx, "new", "new@x.tn", None).await?,
                        taken(tx, "ada", "ada@x.tn", Some(UserId(1))).await?,
                    ])
                })
                .await
                .unwrap();
            assert_eq!(told, [Some(Taken::Username), Some(Taken::Email), None, None]);
        })
        .await;
    }

    #[tokio::test]
    async fn another_address_is_not_verified() {
        on_both(async |db| {
            put(db, person(1, "ada")).await.unwrap();
            let same = Changes { email: Some("ADA@x.tn".into()), ..Changes::default() };
            assert!(db.write(async move |tx| change(tx, UserId(1), same, Timestamp(6)).await).await.unwrap());
            let found = find(db, UserId(1)).await.unwrap().unwrap();
            assert_eq!((found.email.as_str(), found.is_verified), ("ADA@x.tn", true));

            let other = Changes {
                email: Some("new@x.tn".into()),
                full_name: Some(Some("Ada L.".into())),
                ..Changes::default()
            };
            assert!(
                db.write(async move |tx| change(tx, UserId(1), other, Timestamp(7)).await).await.unwrap()
            );

            let found = find(db, UserId(1)).await.unwrap().unwrap();
            assert_eq!((found.email.as_str(), found.is_verified), ("new@x.tn", false));
            assert_eq!((found.username.as_str(), found.full_name.as_deref()), ("ada", Some("Ada L.")));
        })
        .await;
    }

    #[tokio::test]
    async fn a_sign_in_with_a_password_that_was_changed_meanwhile_is_none() {
        on_both(async |db| {
            put(db, person(1, "ada")).await.unwrap();
            let id = UserId(1);
            let t = Timestamp(9);
            assert!(db.write(async move |tx| signed_in(tx, id, "hash", t).await).await.unwrap());
            assert!(db.write(async move |tx| set_password(tx, id, "hash", "new", t).await).await.unwrap());
            assert!(!db.write(async move |tx| set_password(tx, id, "hash", "newer", t).await).await.unwrap());
            assert!(!db.write(async move |tx| signed_in(tx, id, "hash", t).await).await.unwrap());
            assert!(db.write(async move |tx| set_active(tx, id, false, t).await).await.unwrap());
            assert!(!db.write(async move |tx| signed_in(tx, id, "new", t).await).await.unwrap());
        })
        .await;
    }

    #[tokio::test]
    async fn an_ended_account_is_nobody_and_its_names_are_free() {
        on_both(async |db| {
            put(db, User { role: UserRole::Admin, ..person(1, "ada") }).await.unwrap();
            assert_eq!(count_admins(db).await.unwrap(), 1);
            let id = UserId(1);
            assert!(!db.write(async move |tx| end(tx, id, "other", Timestamp(9)).await).await.unwrap());
            assert!(db.write(async move |tx| end(tx, id, "hash", Timestamp(9)).await).await.unwrap());

            assert_eq!(find(db, id).await.unwrap(), None);
            assert_eq!(credentials_by_name(db, "ada").await.unwrap(), None);
            assert_eq!(credentials(db, id).await.unwrap(), None);
            assert_eq!(count_admins(db).await.unwrap(), 0);
            put(db, person(2, "ada")).await.unwrap();
        })
        .await;
    }
}
