//! `logins`: sign-ins on a device, newest use first. Tokens are stored hashed.
//!
//! A refresh token is used once and has one successor. Whoever presents it again gets the same successor, until
//! anything of the new generation was presented; after that it is a stolen copy, and the session ends.

use domain::{LoginId, Timestamp, UserId, UserRole};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

/// A sign-in on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// Whose it is.
    pub user: UserId,
    /// The client API it was made through.
    pub dialect: String,
    /// The address it came from.
    pub ip: String,
    /// What the client calls itself.
    pub user_agent: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// No use after this moment, whatever happens.
    pub expires_at: Timestamp,
    /// No use after this moment unless there is one before.
    pub idle_expires_at: Timestamp,
}

/// What every request asks about its login session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose it is.
    pub user: UserId,
    /// What the account may do to the installation.
    pub role: UserRole,
    /// The client API it was made through.
    pub dialect: String,
    /// Neither it nor its account has ended.
    pub is_open: bool,
    /// No use after this moment.
    pub expires_at: Timestamp,
    /// No use after this moment unless there is one before.
    pub idle_expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// The newest generation of which anything was presented.
    pub confirmed: i64,
}

/// What came of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// Its successor, of this generation, is good.
    Good {
        /// Whose it is.
        user: UserId,
        /// The generation of the successor.
        generation: i64,
        /// No use after this moment, whatever happens.
        expires_at: Timestamp,
    },
    /// It was used before and so was its successor: the session has ended just now.
    Reused {
        /// Whose it was.
        user: UserId,
    },
    /// It is neither the newest nor the one before. If it is an ancestor of this newest one, it was stolen.
    Stranger {
        /// The hash of the newest.
        refresh_hash: String,
        /// How many there were.
        generation: i64,
    },
    /// There is no such session, or it has ended.
    Gone,
}

/// A presented refresh token.
#[derive(Debug, Clone)]
pub struct Presenting {
    /// The session it names.
    pub id: LoginId,
    /// Its hash.
    pub hash: String,
    /// The hash of its successor.
    pub successor: String,
    /// The number of the request, in the order of arrival.
    pub arrived: i64,
    /// This moment.
    pub now: Timestamp,
    /// No use after this moment unless there is one before.
    pub idle_expires_at: Timestamp,
}

impl FromRow for Login {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.next()?,
            user: row.next()?,
            dialect: row.next()?,
            ip: row.next()?,
            user_agent: row.next()?,
            created_at: row.next()?,
            last_seen_at: row.next()?,
            expires_at: row.next()?,
            idle_expires_at: row.next()?,
        })
    }
}

impl FromRow for Standing {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            user: row.next()?,
            role: row.next()?,
            dialect: row.next()?,
            is_open: row.next()?,
            expires_at: row.next()?,
            idle_expires_at: row.next()?,
            last_seen_at: row.next()?,
            confirmed: row.next()?,
        })
    }
}

/// Writes a new session with the hash of its first refresh token.
pub async fn insert(tx: &mut Tx, login: &Login, refresh_hash: &str) -> Result<()> {
    tx.query(
        "INSERT INTO logins (id, user_id, dialect, ip, user_agent, created_at, last_seen_at, expires_at,
                             idle_expires_at, generation, confirmed, confirmed_by, refresh_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 1, 0, $10)",
    )
    .bind(login.id)
    .bind(login.user)
    .bind(&login.dialect)
    .bind(&login.ip)
    .bind(&login.user_agent)
    .bind(login.created_at)
    .bind(login.last_seen_at)
    .bind(login.expires_at)
    .bind(login.idle_expires_at)
    .bind(refresh_hash)
    .run()
    .await?;
    Ok(())
}

/// How a session stands. The one reader without an owner: its id comes from a token that we signed.
pub async fn standing(on: impl Into<On<'_>>, id: LoginId) -> Result<Option<Standing>> {
    on.into()
        .query(
            "SELECT l.user_id, u.role, l.dialect, l.ended_at IS NULL AND u.is_active AND u.deleted_at IS NULL,
                    l.expires_at, l.idle_expires_at, l.last_seen_at, l.confirmed
             FROM logins l JOIN users u ON u.id = l.user_id WHERE l.id = $1",
        )
        .bind(id)
        .by_key()
        .optional()
        .await
}

/// The sessions of a user that have not ended, the one used last first.
pub async fn of_user(on: impl Into<On<'_>>, user: UserId, now: Timestamp) -> Result<Vec<Login>> {
    on.into()
        .query(
            "SELECT id, user_id, dialect, ip, user_agent, created_at, last_seen_at, expires_at, idle_expires_at
             FROM logins
             WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND idle_expires_at > $2
             ORDER BY last_seen_at DESC, id DESC LIMIT 200",
        )
        .bind(user)
        .bind(now)
        .all()
        .await
}

/// Notes the first sight of a generation.
pub async fn confirm(tx: &mut Tx, id: LoginId, generation: i64, arrived: i64) -> Result<()> {
    tx.query(
        "UPDATE logins SET confirmed = $2, confirmed_by = $3
         WHERE id = $1 AND confirmed < $2 AND generation >= $2",
    )
    .bind(id)
    .bind(generation)
    .bind(arrived)
    .run()
    .await?;
    Ok(())
}

/// Notes that a session is in use.
pub async fn touch(tx: &mut Tx, id: LoginId, now: Timestamp, idle_expires_at: Timestamp) -> Result<()> {
    tx.query(
        "UPDATE logins SET last_seen_at = $2, idle_expires_at = $3
         WHERE id = $1 AND ended_at IS NULL AND last_seen_at < $2 AND idle_expires_at > $2",
    )
    .bind(id)
    .bind(now)
    .bind(idle_expires_at)
    .run()
    .await?;
    Ok(())
}

/// Presents a refresh token. Of requests that present the same one at once, all get the same successor.
pub async fn present(tx: &mut Tx, token: &Presenting) -> Result<Presented> {
    if let Some(good) = rotate(tx, token).await? {
        return Ok(good);
    }
    if let Some(good) = repeat(tx, token).await? {
        return Ok(good);
    }
    let ended = tx
        .query(
            "UPDATE logins SET ended_at = $3, ended_why = 'reuse'
             WHERE id = $1 AND previous_hash = $2 AND ended_at IS NULL AND expires_at > $3 AND idle_expires_at > $3
             RETURNING user_id",
        )
        .bind(token.id)
        .bind(&token.hash)
        .bind(token.now)
        .optional::<(UserId,)>()
        .await?;
    if let Some((user,)) = ended {
        return Ok(Presented::Reused { user });
    }
    let row = tx
        .query(
            "SELECT refresh_hash, generation FROM logins
             WHERE id = $1 AND refresh_hash <> $2 AND ended_at IS NULL AND expires_at > $3 AND idle_expires_at > $3",
        )
        .bind(token.id)
        .bind(&token.hash)
        .bind(token.now)
        .optional::<(String, i64)>()
        .await?;
    Ok(row.map_or(Presented::Gone, |(refresh_hash, generation)| Presented::Stranger {
        refresh_hash,
        generation,
    }))
}

/// The newest token: a new generation begins. That it was presented confirms its own.
async fn rotate(tx: &mut Tx, token: &Presenting) -> Result<Option<Presented>> {
    let row = tx
        .query(
            "UPDATE logins SET
                confirmed_by = CASE WHEN confirmed < generation THEN $6 ELSE confirmed_by END,
                confirmed = generation, generation = generation + 1,
                previous_hash = refresh_hash, refresh_hash = $3, last_seen_at = $4, idle_expires_at = $5
             WHERE id = $1 AND refresh_hash = $2 AND ended_at IS NULL AND expires_at > $4 AND idle_expires_at > $4
               AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND u.is_active AND u.deleted_at IS NULL)
             RETURNING user_id, generation, expires_at",
        )
        .bind(token.id)
        .bind(&token.hash)
        .bind(&token.successor)
        .bind(token.now)
        .bind(token.idle_expires_at)
        .bind(token.arrived)
        .optional::<(UserId, i64, Timestamp)>()
        .await?;
    Ok(row.map(|(user, generation, expires_at)| Presented::Good { user, generation, expires_at }))
}

/// The token before the newest, while nothing newer was presented, or by a request that arrived before that.
async fn repeat(tx: &mut Tx, token: &Presenting) -> Result<Option<Presented>> {
    let row = tx
        .query(
            "UPDATE logins SET last_seen_at = $3, idle_expires_at = $4
             WHERE id = $1 AND previous_hash = $2 AND ended_at IS NULL AND expires_at > $3 AND idle_expires_at > $3
               AND (confirmed < generation OR confirmed_by > $5)
               AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND u.is_active AND u.deleted_at IS NULL)
             RETURNING user_id, generation, expires_at",
        )
        .bind(token.id)
        .bind(&token.hash)
        .bind(token.now)
        .bind(token.idle_expires_at)
        .bind(token.arrived)
        .optional::<(UserId, i64, Timestamp)>()
        .await?;
    Ok(row.map(|(user, generation, expires_at)| Presented::Good { user, generation, expires_at }))
}

/// Gives a session a new refresh token that descends from none. Gives the new generation and the end of the session.
pub async fn renew(
    tx: &mut Tx,
    id: LoginId,
    refresh_hash: &str,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<Option<(i64, Timestamp)>> {
    tx.query(
        "UPDATE logins SET generation = generation + 1, confirmed = generation + 1, previous_hash = NULL,
            refresh_hash = $2, last_seen_at = $3, idle_expires_at = $4
         WHERE id = $1 AND ended_at IS NULL AND expires_at > $3 AND idle_expires_at > $3
         RETURNING generation, expires_at",
    )
    .bind(id)
    .bind(refresh_hash)
    .bind(now)
    .bind(idle_expires_at)
    .optional()
    .await
}

/// Ends a session of a user. Says `false` if there is none that has not ended.
pub async fn end(tx: &mut Tx, user: UserId, id: LoginId, now: Timestamp, why: &'static str) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE logins SET ended_at = $3, ended_why = $4
             WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND idle_expires_at > $3",
        )
        .bind(id)
        .bind(user)
        .bind(now)
        .bind(why)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Ends the session that a refresh token, its newest or the one before, belongs to.
pub async fn end_by_refresh(tx: &mut Tx, id: LoginId, hash: &str, now: Timestamp) -> Result<bool> {
    let touched = tx
        .query(
            "UPDATE logins SET ended_at = $3, ended_why = 'sign-out'
             WHERE id = $1 AND (refresh_hash = $2 OR previous_hash = $2) AND ended_at IS NULL",
        )
        .bind(id)
        .bind(hash)
        .bind(now)
        .run()
        .await?;
    Ok(touched == 1)
}

/// Ends the session whose newest refresh token descends from a stolen one. Gives its owner if it had not ended.
pub async fn end_stolen(tx: &mut Tx, id: LoginId, now: Timestamp) -> Result<Option<UserId>> {
    let row = tx
        .query("UPDATE logins SET ended_at = $2, ended_why = 'reuse' WHERE id = $1 AND ended_at IS NULL RETURNING user_id")
        .bind(id)
        .bind(now)
        .optional::<(UserId,)>()
        .await?;
    Ok(row.map(|(user,)| user))
}

/// Ends all sessions of a user but one. Gives those that ended.
pub async fn end_all(
    tx: &mut Tx,
    user: UserId,
    but_not: Option<LoginId>,
    now: Timestamp,
    why: &'static str,
) -> Result<Vec<LoginId>> {
    let rows: Vec<(LoginId,)> = tx
        .query(
            "UPDATE logins SET ended_at = $3, ended_why = $4
             WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING id",
        )
        .bind(user)
        .bind(but_not.unwrap_or(LoginId(-1)))
        .bind(now)
        .bind(why)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Ends the sessions of a user that were made through a client API, but for the `keep` newest. Gives those that ended.
pub async fn end_oldest(
    tx: &mut Tx,
    user: UserId,
    dialect: &str,
    keep: i64,
    now: Timestamp,
) -> Result<Vec<LoginId>> {
    let rows: Vec<(LoginId,)> = tx
        .query(
            "UPDATE logins SET ended_at = $4, ended_why = 'too many'
             WHERE user_id = $1 AND dialect = $2 AND ended_at IS NULL AND id NOT IN (
                SELECT id FROM logins
                WHERE user_id = $1 AND dialect = $2 AND ended_at IS NULL AND expires_at > $4 AND idle_expires_at > $4
                ORDER BY id DESC LIMIT $3)
             RETURNING id",
        )
        .bind(user)
        .bind(dialect)
        .bind(keep)
        .bind(now)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Forgets up to 1,000 sessions that nobody has been able to use since before `before`. Says how many.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE expires_at < $1 LIMIT 1000)")
        .bind(before)
        .run()
        .await
}

#[cfg(test)]
mod tests {
    use domain::User;

    use super::*;
    use crate::{Db, test::on_both, users};

    const FAR: Timestamp = Timestamp(1_000_000);
    const ME: UserId = UserId(1);
    const ID: LoginId = LoginId(7);

    async fn signed_in(db: &Db) {
        let user = User {
            id: ME,
            username: "ada".into(),
            email: "ada@x.tn".into(),
            full_name: None,
            role: UserRole::User,
            is_active: true,
            is_verified: false,
            created_at: Timestamp(0),
            last_login: None,
            preferences: "{}".into(),
        };
        db.write(async move |tx| {
            users::insert(tx, &user, "hash").await?;
            insert(tx, &login(ID), "r1").await?;
            insert(tx, &login(LoginId(8)), "other").await
        })
        .await
        .unwrap();
    }

    fn login(id: LoginId) -> Login {
        Login {
            id,
            user: ME,
            dialect: "native".into(),
            ip: "10.0.0.1".into(),
            user_agent: "test".into(),
            created_at: Timestamp(10),
            last_seen_at: Timestamp(10),
            expires_at: FAR,
            idle_expires_at: Timestamp(500),
        }
    }

    async fn shown(db: &Db, hash: &str, successor: &str, arrived: i64) -> Presented {
        let token = Presenting {
            id: ID,
            hash: hash.into(),
            successor: successor.into(),
            arrived,
            now: Timestamp(20),
            idle_expires_at: Timestamp(520),
        };
        db.write(async move |tx| present(tx, &token).await).await.unwrap()
    }

    fn good(generation: i64) -> Presented {
        Presented::Good { user: ME, generation, expires_at: FAR }
    }

    async fn seen(db: &Db, generation: i64, arrived: i64) {
        db.write(async move |tx| confirm(tx, ID, generation, arrived).await).await.unwrap();
    }

    #[tokio::test]
    async fn a_lost_answer_can_be_asked_for_again() {
        on_both(async |db| {
            signed_in(db).await;
            for arrived in 1..=50 {
                assert_eq!(shown(db, "r1", "r2", arrived).await, good(2));
            }
            assert_eq!(shown(db, "r2", "r3", 51).await, good(3));
            assert_eq!(standing(db, ID).await.unwrap().unwrap().confirmed, 2);
            assert_eq!(shown(db, "r2", "r3", 52).await, good(3));
        })
        .await;
    }

    #[tokio::test]
    async fn a_token_whose_successor_was_used_ends_the_session() {
        on_both(async |db| {
            signed_in(db).await;
            shown(db, "r1", "r2", 1).await;
            seen(db, 2, 5).await;
            assert_eq!(shown(db, "r1", "r2", 4).await, good(2), "it arrived before the first sight");
            assert_eq!(shown(db, "r1", "r2", 6).await, Presented::Reused { user: ME });
            assert_eq!(shown(db, "r2", "r3", 7).await, Presented::Gone);
            assert!(!standing(db, ID).await.unwrap().unwrap().is_open);
            assert!(standing(db, LoginId(8)).await.unwrap().unwrap().is_open);
        })
        .await;
    }

    #[tokio::test]
    async fn an_older_token_is_told_apart_from_a_stranger() {
        on_both(async |db| {
            signed_in(db).await;
            shown(db, "r1", "r2", 1).await;
            shown(db, "r2", "r3", 2).await;
            let stranger = Presented::Stranger { refresh_hash: "r3".into(), generation: 3 };
            assert_eq!(shown(db, "r1", "r2", 3).await, stranger);
            assert_eq!(shown(db, "nobody's", "x", 4).await, stranger);
            assert!(standing(db, ID).await.unwrap().unwrap().is_open);
            assert_eq!(db.write(async |tx| end_stolen(tx, ID, Timestamp(21)).await).await.unwrap(), Some(ME));
            assert_eq!(db.write(async |tx| end_stolen(tx, ID, Timestamp(22)).await).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn of_many_at_once_all_get_the_same_successor() {
        on_both(async |db| {
            signed_in(db).await;
            let all =
                futures_util::future::join_all((1..=20).map(|arrived| shown(db, "r1", "r2", arrived))).await;
            assert!(all.iter().all(|one| *one == good(2)), "{all:?}");
        })
        .await;
    }

    #[tokio::test]
    async fn idle_and_old_sessions_are_over() {
        on_both(async |db| {
            signed_in(db).await;
            let at = async |now: i64| {
                let token = Presenting {
                    id: ID,
                    hash: "r1".into(),
                    successor: "r2".into(),
                    arrived: 1,
                    now: Timestamp(now),
                    idle_expires_at: Timestamp(now + 500),
                };
                db.write(async move |tx| present(tx, &token).await).await.unwrap()
            };
            assert_eq!(at(500).await, Presented::Gone);
            assert_eq!(of_user(db, ME, Timestamp(500)).await.unwrap(), []);
            assert_eq!(of_user(db, ME, Timestamp(499)).await.unwrap(), [login(LoginId(8)), login(ID)]);
            db.write(async |tx| touch(tx, ID, Timestamp(499), Timestamp(2_000_000)).await).await.unwrap();
            assert_eq!(at(999_999).await, good(2));
            assert_eq!(at(1_000_000).await, Presented::Gone);
        })
        .await;
    }

    #[tokio::test]
    async fn sessions_are_ended_by_their_owner_only() {
        on_both(async |db| {
            signed_in(db).await;
            let t = Timestamp(30);
            assert!(!db.write(async move |tx| end(tx, UserId(2), ID, t, "test").await).await.unwrap());
            assert!(!db.write(async move |tx| end_by_refresh(tx, ID, "other", t).await).await.unwrap());
            let renewed = db.write(async move |tx| renew(tx, ID, "n2", t, FAR).await).await.unwrap();
            assert_eq!(renewed, Some((2, FAR)));
            let others = db.write(async move |tx| end_all(tx, ME, Some(ID), t, "test").await).await.unwrap();
            assert_eq!(others, [LoginId(8)]);
            assert_eq!(of_user(db, ME, t).await.unwrap().len(), 1);
            assert!(matches!(shown(db, "r1", "r2", 9).await, Presented::Stranger { .. }));
            assert!(db.write(async move |tx| end_by_refresh(tx, ID, "n2", t).await).await.unwrap());
            assert_eq!(db.write(async |tx| sweep(tx, Timestamp(1_000_001)).await).await.unwrap(), 2);
        })
        .await;
    }

    #[tokio::test]
    async fn a_session_of_a_barred_account_is_not_open() {
        on_both(async |db| {
            signed_in(db).await;
            db.write(async |tx| users::set_active(tx, ME, false, Timestamp(20)).await).await.unwrap();
            assert!(!standing(db, ID).await.unwrap().unwrap().is_open);
            assert!(matches!(shown(db, "r1", "r2", 1).await, Presented::Gone));
        })
        .await;
    }
}
