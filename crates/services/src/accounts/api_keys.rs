//! Keys by which programs ask in an account's name: shown once, kept as a hash, good for their scopes alone.
//!
//! How a key stands is read with every request, so one that was revoked is good for nothing from then on. A changed
//! password or a sign-out everywhere does not end keys, only what is being served for them at that moment: they end when
//! they are revoked or expire, with their account, and when a forgotten password is replaced, because then somebody else
//! may have had the account.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    ApiKey, ApiKeyId, LoginId, Scope, Timestamp,
    api_key::NAME_CHARS,
    time::{MINUTE_MS, SECOND_MS},
};
use store::api_keys::Standing;

use super::{Authenticated, passwords, tokens};
use crate::{
    Actor, App, Error, Key, Result,
    audit::{self, Deed},
};

/// How every key begins.
const BEGINS: &str = "sk-clq-";
/// How many characters follow: 32 random bytes.
const SECRET_CHARS: usize = 43;
/// How many of them its owner is shown afterwards.
const SHOWN_CHARS: usize = 4;
/// The most keys of one account.
const MOST: i64 = 100;
/// The longest life of a key that expires, in seconds: about a hundred years.
const LONGEST_SECONDS: i64 = 100 * 366 * 24 * 3600;
/// The longest time between two notes that a key is in use.
const TOUCH_MS: i64 = MINUTE_MS;

const NOT_GOOD: &str =
    "The API key is not valid: it was revoked or has expired, or its account is not active.";

/// What a new key should be.
#[derive(Clone)]
pub struct NewKey {
    /// The account's password: whoever finds a page open makes no key.
    pub current_password: String,
    /// What it is called.
    pub name: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// From when on it is good for nothing, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Clone)]
pub struct MadeKey {
    /// What is kept of it.
    pub about: ApiKey,
    /// The key itself: nobody sees it again.
    pub key: String,
}

/// Refuses a program that asks with a key: this is for the person alone.
pub(crate) fn needs_sign_in(actor: &Actor) -> Result<()> {
    if actor.key.is_none() {
        return Ok(());
    }
    Err(Error::forbidden("needs_sign_in", "An API key may not do this. Sign in with your password."))
}

/// Refuses a key that is not good for both reading and changing what is stored.
pub fn needs_read_and_write(actor: &Actor) -> Result<()> {
    if actor.key.is_none_or(|key| key.reads_and_writes) {
        return Ok(());
    }
    Err(Error::forbidden(
        "key_out_of_scope",
        "This API key is not made for this: it needs the scopes `read` and `write`.",
    ))
}

/// Whether a token is meant to be a key.
pub fn is_api_key(token: &str) -> bool {
    token.starts_with(BEGINS)
}

/// Makes a key of the actor's account.
pub async fn create_api_key(app: &App, actor: &Actor, new: NewKey) -> Result<MadeKey> {
    passwords::check_current(app, actor, &new.current_password, "current_password").await?;
    let now = app.now();
    let secret = URL_SAFE_NO_PAD.encode(app.random::<32>());
    let about = ApiKey {
        id: ApiKeyId(app.new_id()),
        name: clean_name(&new.name)?,
        prefix: format!("{BEGINS}{}", secret.get(..SHOWN_CHARS).unwrap_or_default()),
        scopes: clean_scopes(new.scopes)?,
        created_at: now,
        expires_at: clean_end(new.expires_at, now)?,
        last_used_at: None,
    };
    let key = format!("{BEGINS}{secret}");
    let (owner, kept, hash) = (actor.user, about.clone(), hash(&key));
    app.db
        .write(async move |tx| {
            if store::api_keys::count(&mut *tx, owner).await? >= MOST {
                return Err(Error::conflict(
                    "too_many_keys",
                    format!("There are {MOST} API keys already. Revoke one to make room."),
                ));
            }
            store::api_keys::insert(tx, owner, &kept, &hash).await?;
            Ok(())
        })
        .await?;
    audit::note(Deed::KeyMade, Some(actor.user), None);
    Ok(MadeKey { about, key })
}

/// The keys of the actor's account, the newest first.
pub async fn api_keys(app: &App, actor: &Actor) -> Result<Vec<ApiKey>> {
    needs_sign_in(actor)?;
    Ok(store::api_keys::of_user(&app.db, actor.user).await?)
}

/// Revokes a key. What is being served for it ends at once.
pub async fn revoke_api_key(app: &App, actor: &Actor, id: ApiKeyId) -> Result<()> {
    needs_sign_in(actor)?;
    let (app, user) = (app.clone(), actor.user);
    app.clone()
        .detached(async move {
            if !app.db.write(async move |tx| store::api_keys::delete(tx, user, id).await).await? {
                return Err(Error::NotFound("API key"));
            }
            audit::note(Deed::KeyRevoked, Some(user), None);
            app.hub.revocations.end(&[served_as(id)]);
            Ok(())
        })
        .await
}

/// Whom a key speaks for, if it is good for this.
pub async fn authenticate_key(app: &App, key: &str, scope: Scope) -> Result<Authenticated> {
    let now = app.now();
    let is_formed = key.len() == BEGINS.len() + SECRET_CHARS;
    let found = if is_formed { store::api_keys::standing(&app.db, &hash(key), now).await? } else { None };
    let standing = found.ok_or(Error::Unauthenticated(NOT_GOOD))?;
    if !standing.scopes.contains(&scope) {
        return Err(Error::forbidden(
            "key_out_of_scope",
            format!("This API key is not made for this: it needs the scope `{scope}`."),
        ));
    }
    note_use(app, &standing, now);
    let actor = Actor {
        user: standing.user,
        role: standing.role,
        login: served_as(standing.id),
        key: Some(Key {
            id: standing.id,
            reads_and_writes: [Scope::Read, Scope::Write].iter().all(|one| standing.scopes.contains(one)),
            expires_at: standing.expires_at,
        }),
    };
    Ok(Authenticated { actor, dialect: "native".to_owned() })
}

/// What is served for a key is known by the key's number, which no login session has.
fn served_as(id: ApiKeyId) -> LoginId {
    LoginId(id.0)
}

/// Notes in the background that a key is in use: once a minute, however many requests come.
fn note_use(app: &App, standing: &Standing, now: Timestamp) {
    let id = standing.id;
    let is_noted = standing.last_used_at.is_some_and(|at| now.ms_since(at) < TOUCH_MS);
    if is_noted || !app.accounts.noting.begin(id) {
        return;
    }
    let work = app.clone();
    app.spawn(async move {
        let before = now.plus_ms(-TOUCH_MS);
        let noted = work.db.write(async move |tx| store::api_keys::touch(tx, id, now, before).await).await;
        if let Err(error) = noted {
            tracing::debug!(db.error = %error, "the use of an API key was not noted");
        }
        work.accounts.noting.end(id);
    });
}

/// The keys whose use is being noted at this moment.
#[derive(Debug, Default)]
pub(super) struct Noting(std::sync::Mutex<std::collections::HashSet<ApiKeyId>>);

impl Noting {
    /// Says whether nobody else does.
    fn begin(&self, id: ApiKeyId) -> bool {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id)
    }

    fn end(&self, id: ApiKeyId) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&id);
    }
}

fn hash(key: &str) -> String {
    tokens::hex(&tokens::hash(key.as_bytes()))
}

fn clean_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = name.chars().count();
    if chars == 0 {
        return Err(Error::invalid("name", "must not be empty"));
    }
    if chars > NAME_CHARS {
        return Err(Error::invalid("name", format!("has {chars} characters; at most {NAME_CHARS} fit")));
    }
    Ok(name)
}

fn clean_scopes(mut scopes: Vec<Scope>) -> Result<Vec<Scope>> {
    if scopes.is_empty() {
        return Err(Error::invalid("scopes", "must name at least one"));
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

fn clean_end(expires_at: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>> {
    match expires_at {
        Some(end) if end <= now => Err(Error::unfit("expires_at", "must lie in the future")),
        Some(end) if end > now.plus_ms(LONGEST_SECONDS * SECOND_MS) => {
            Err(Error::unfit("expires_at", "lies too far in the future; leave it out for a key that stays"))
        }
        end => Ok(end),
    }
}
