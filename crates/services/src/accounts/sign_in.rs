//! Making an account, and signing in to one.

use domain::{LoginId, Timestamp, User, UserId, UserRole, time::SECOND_MS};
use store::{Tx, fold, users::Taken};

use super::{
    Device, SignedIn, limits, names, passwords, sessions,
    tokens::{Grant, Refresh},
};
use crate::{
    App, Error, Result,
    audit::{self, Deed},
    config::SignUp,
    installation::{self, NotFirst},
};

/// How much is kept of what a client calls itself, in bytes.
const USER_AGENT_BYTES: usize = 300;

/// How many names are tried that are made of one e-mail address.
const MOST_NUMBERS: u32 = 100;

/// Somebody wants an account.
#[derive(Debug, Clone)]
pub struct Register {
    /// The user name; none makes one of the e-mail address.
    pub username: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The password, exactly as typed.
    pub password: String,
    /// The name to show.
    pub full_name: Option<String>,
    /// The code from the log, for the first account.
    pub setup_code: Option<String>,
    /// Whether the request plainly comes from this machine.
    pub is_local: bool,
    /// The fewest characters of a password: [`MIN_CHARS`](super::MIN_CHARS), or what an older client knows.
    pub min_chars: usize,
    /// Where it comes from.
    pub device: Device,
}

/// Somebody wants in.
#[derive(Debug, Clone)]
pub struct Login {
    /// An e-mail address or a user name.
    pub name: String,
    /// The password, exactly as typed.
    pub password: String,
    /// Where it comes from.
    pub device: Device,
}

/// A login session as far as its tokens need it.
pub(super) struct Session {
    pub(super) login: LoginId,
    pub(super) generation: i64,
    pub(super) expires_at: Timestamp,
}

/// Makes an account and signs in to it. The first one runs the installation.
pub async fn register(app: &App, register: Register) -> Result<SignedIn> {
    limits::sign_up(app, register.device.address)?;
    let email = names::email(&register.email)?;
    let chosen = register.username.as_deref().map(names::username).transpose()?;
    let base = if chosen.is_some() { None } else { Some(email.clone()) };
    let username = chosen.unwrap_or_else(|| names::from_email(&email, 0));
    let full_name = register.full_name.as_deref().map_or(Ok(None), names::full_name)?;
    let may_be_first = installation::may_be_first(app, register.setup_code.as_deref(), register.is_local);
    // Said now, before the password is worked on, and once more below, where it counts.
    if !store::installation::is_claimed(&app.db).await? {
        may_be_first?;
    } else if app.config.auth.sign_up == SignUp::Closed {
        return Err(closed());
    }
    let about = vec![username.clone(), email.clone(), full_name.clone().unwrap_or_default()];
    let made = passwords::make(app, "password", &register.password, register.min_chars, about).await?;

    let (app, device) = (app.clone(), register.device);
    app.clone()
        .detached(async move {
            let now = app.now();
            let user = User {
                id: UserId(app.new_id()),
                username,
                email,
                full_name,
                role: UserRole::User,
                is_active: true,
                is_verified: false,
                created_at: now,
                last_login: Some(now),
                preferences: "{}".into(),
            };
            let login = new_login(&app, user.id, &device, now);
            let (refresh, expires_at) = (Refresh::new(login.id), login.expires_at);
            let (hash, refresh_hash) = (made.hash, refresh.hash());
            let is_open = app.config.auth.sign_up == SignUp::Open;
            let id = login.id;
            let user = app
                .db
                .write(async move |tx| {
                    let user =
                        open_account(tx, NewAccount { user, hash, base, may_be_first, is_open }).await?;
                    store::logins::insert(tx, &login, &refresh_hash).await?;
                    Ok::<_, Error>(user)
                })
                .await?;
            audit::note(Deed::AccountMade, Some(user.id), Some(id));
            let session = Session { login: id, generation: 1, expires_at };
            hand_out(&app, user, &session, &refresh, &device, made.hint)
        })
        .await
}

/// An account that is to be made.
pub(super) struct NewAccount {
    pub(super) user: User,
    pub(super) hash: String,
    /// What other user names are made of if this one is taken; none if the person chose it.
    pub(super) base: Option<String>,
    pub(super) may_be_first: Result<(), NotFirst>,
    /// Whether it may be made if it is not the first.
    pub(super) is_open: bool,
}

/// Makes an account. The first one runs the installation.
pub(super) async fn open_account(tx: &mut Tx, new: NewAccount) -> Result<User> {
    let NewAccount { mut user, hash, base, may_be_first, is_open } = new;
    if may_be_first.is_ok() && store::installation::claim(tx, user.id, user.created_at).await? {
        user.role = UserRole::Admin;
    } else if !store::installation::is_claimed(&mut *tx).await? {
        may_be_first?;
    } else if !is_open {
        return Err(closed());
    }
    let mut number = 0;
    while let Some(taken) = store::users::taken(tx, &user.username, &user.email, None).await? {
        let Some(base) = base.as_ref().filter(|_| taken == Taken::Username && number < MOST_NUMBERS) else {
            return Err(taken_error(taken));
        };
        number += 1;
        user.username = names::from_email(base, number);
    }
    store::users::insert(tx, &user, &hash).await.map_err(or_taken)?;
    Ok(user)
}

/// Signs in. Takes as long, and says the same, whether the account or the password is wrong.
pub async fn login(app: &App, login: Login) -> Result<SignedIn> {
    limits::sign_in(app, login.device.address, &login.name)?;
    // A text that PostgreSQL cannot take is nobody's name.
    let name = login.name.replace('\0', " ");
    let found = store::users::credentials_by_name(&app.db, fold::head(&name, 1024)).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let is_right = app.accounts.hashing.verify(&login.password, hash).await?;
    let known = found.as_ref().map(|found| found.user);
    let Some(found) = found.filter(|_| is_right) else {
        audit::note(Deed::SignInRefused, known, None);
        return Err(wrong());
    };
    if !found.is_active {
        audit::note(Deed::SignInRefused, known, None);
        return Err(deactivated());
    }
    let (app, device) = (app.clone(), login.device);
    app.clone()
        .detached(async move {
            let now = app.now();
            let login = new_login(&app, found.user, &device, now);
            let (refresh, expires_at, id) = (Refresh::new(login.id), login.expires_at, login.id);
            let (refresh_hash, most) = (refresh.hash(), device.most_sessions);
            let (user, ended) = app
                .db
                .write(async move |tx| {
                    if !store::users::signed_in(tx, found.user, &found.password_hash, now).await? {
                        return Err(wrong());
                    }
                    store::logins::insert(tx, &login, &refresh_hash).await?;
                    let ended = match most {
                        Some(most) => {
                            store::logins::end_oldest(tx, found.user, &login.dialect, most, now).await?
                        }
                        None => Vec::new(),
                    };
                    let user = store::users::find(&mut *tx, found.user).await?.ok_or_else(wrong)?;
                    Ok::<_, Error>((user, ended))
                })
                .await?;
            for login in &ended {
                audit::note(Deed::SessionEnded, Some(user.id), Some(*login));
            }
            sessions::ended(&app, &ended);
            audit::note(Deed::SignedIn, Some(user.id), Some(id));
            let session = Session { login: id, generation: 1, expires_at };
            hand_out(&app, user, &session, &refresh, &device, None)
        })
        .await
}

pub(super) fn new_login(app: &App, user: UserId, device: &Device, now: Timestamp) -> store::logins::Login {
    let lives_ms = app.config.auth.refresh_absolute_seconds.saturating_mul(SECOND_MS);
    store::logins::Login {
        id: LoginId(app.new_id()),
        user,
        dialect: device.dialect.to_owned(),
        ip: device.address.to_canonical().to_string(),
        user_agent: fold::head(&device.user_agent, USER_AGENT_BYTES).to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_ms(lives_ms),
        idle_expires_at: now.plus_ms(sessions::idle_ms(app)),
    }
}

/// The tokens of a session.
pub(super) fn hand_out(
    app: &App,
    user: User,
    session: &Session,
    refresh: &Refresh,
    device: &Device,
    password_hint: Option<String>,
) -> Result<SignedIn> {
    let now = app.now();
    let left = session.expires_at.ms_since(now).div_euclid(SECOND_MS).max(1);
    let expires_in = device.access_seconds.unwrap_or(app.config.auth.access_token_seconds).min(left);
    let Session { login, generation, .. } = *session;
    let grant = Grant { user: &user, login, generation, dialect: device.dialect, now, seconds: expires_in };
    Ok(SignedIn {
        access_token: grant.sign(&app.accounts.keys)?,
        refresh_token: refresh.text(),
        refresh_expires_in: app.config.auth.refresh_idle_seconds.min(left),
        user,
        login,
        expires_in,
        password_hint,
    })
}

fn wrong() -> Error {
    Error::Unauthenticated("The user name or e-mail address and the password do not belong together.")
}

pub(super) fn deactivated() -> Error {
    Error::forbidden("account_deactivated", "This account is deactivated. Ask the administrator.")
}

fn closed() -> Error {
    Error::forbidden("sign_up_closed", "New accounts cannot be made here. Ask the administrator.")
}

pub(super) fn taken_error(taken: Taken) -> Error {
    match taken {
        Taken::Username => Error::conflict("username_taken", "This user name is taken. Choose another."),
        Taken::Email => Error::conflict(
            "email_taken",
            "There is an account with this e-mail address. Sign in, or use another.",
        ),
    }
}

/// Two that asked for the same name at once: one of them has it.
pub(super) fn or_taken(error: store::Error) -> Error {
    store::users::taken_of(&error).map_or_else(|| error.into(), taken_error)
}
