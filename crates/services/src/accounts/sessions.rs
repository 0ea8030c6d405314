//! Who a token is good for: what it says, and how its login session stands.
//!
//! How a session stands is read again at least every second, and at once after it was ended here.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{LoginId, Timestamp, time::SECOND_MS};
use hub::Served;
use store::logins::Standing;

use super::{api_keys::needs_sign_in, tokens};
use crate::{Actor, App, Error, Result};

/// How long what was read is believed. With the time of reading it stays below a second.
const FRESH: Duration = Duration::from_millis(900);
/// How many sessions may be held before those that were not used lately are dropped.
const SWEEP_AT: usize = 10_000;
/// The longest time between two notes that a session is in use.
const TOUCH_MS: i64 = 60 * SECOND_MS;

/// What callers are told whose session is over.
pub(super) const ENDED: &str = "Your session has ended. Sign in again.";
const NOT_OURS: &str = "The access token is not valid. Sign in again.";

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who it is.
    pub actor: Actor,
    /// The client API that the session was made through.
    pub dialect: String,
}

/// What opens one stream.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Its text.
    pub ticket: String,
    /// How long it is good for, in seconds.
    pub expires_in: i64,
}

/// How sessions stand, as far as it was asked lately.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    standing: HashMap<LoginId, (Standing, Instant)>,
    /// Counts what was dropped: a reading that began before is not kept.
    drops: u64,
}

impl Sessions {
    /// How a session stands; `None` if there is none.
    async fn standing(&self, app: &App, id: LoginId) -> Result<Option<Standing>> {
        let drops = {
            let held = self.lock();
            if let Some((standing, _)) =
                held.standing.get(&id).filter(|(_, read_at)| read_at.elapsed() < FRESH)
            {
                return Ok(Some(standing.clone()));
            }
            held.drops
        };
        let began = Instant::now();
        let found = store::logins::standing(&app.db, id).await?;
        if let Some(standing) = &found {
            let mut held = self.lock();
            if held.drops == drops {
                if held.standing.len() >= SWEEP_AT {
                    held.standing.retain(|_, (_, read_at)| read_at.elapsed() < FRESH);
                }
                held.standing.insert(id, (standing.clone(), began));
            }
        }
        Ok(found)
    }

    /// These sessions are read again before they are believed.
    pub(super) fn forget(&self, logins: &[LoginId]) {
        let mut held = self.lock();
        held.drops += 1;
        for login in logins {
            held.standing.remove(login);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a session lives without being used, in milliseconds.
pub(super) fn idle_ms(app: &App) -> i64 {
    app.config.auth.refresh_idle_seconds.saturating_mul(SECOND_MS)
}

/// After a commit that ended sessions: they are good for nothing from now on, and what is served for them ends.
pub(super) fn ended(app: &App, logins: &[LoginId]) {
    if !logins.is_empty() {
        app.accounts.sessions.forget(logins);
        app.hub.revocations.end(logins);
    }
}

/// Who an access token is good for.
pub async fn authenticate(app: &App, token: &str) -> Result<Authenticated> {
    recognize(app, token).await?.ok_or(Error::Unauthenticated(NOT_OURS))
}

/// Who an access token is good for; `None` if we did not sign it, which may be a cookie of somebody else's.
pub async fn recognize(app: &App, token: &str) -> Result<Option<Authenticated>> {
    let now = app.now();
    let Some(access) = tokens::read_access(&app.accounts.keys, token, now) else { return Ok(None) };
    if !access.is_current {
        return Err(Error::Unauthenticated("The access token has expired. Refresh it, or sign in again."));
    }
    let standing = open_session(app, access.login, now).await?;
    if standing.user != access.user {
        return Err(Error::Unauthenticated(ENDED));
    }
    if access.generation > standing.confirmed {
        confirm(app, access.login, access.generation).await?;
    }
    Ok(Some(authenticated(access.login, standing)))
}

/// Says whether the actor's session is still good for something.
pub async fn check_alive(app: &App, actor: &Actor) -> Result<()> {
    open_session(app, actor.login, app.now()).await?;
    Ok(())
}

/// Something is being served for the actor's session from now on, until it ends, be it before this call.
pub fn serve(app: &App, actor: &Actor) -> Served {
    let served = app.hub.revocations.serve(actor.login, actor.user);
    let Some(end) = actor.key.and_then(|key| key.expires_at) else { return served };
    let left = end.ms_since(app.now()).max(0);
    served.for_at_most(Duration::from_millis(left.unsigned_abs()))
}

/// A ticket that opens one stream where no header can be sent.
pub fn ticket(app: &App, actor: &Actor) -> Result<Ticket> {
    needs_sign_in(actor)?;
    let now = app.now();
    let expires_in = app.config.auth.ticket_seconds;
    let secret: [u8; 32] = app.random();
    let ticket = URL_SAFE_NO_PAD.encode(secret);
    let expires_at = now.plus_ms(expires_in.saturating_mul(SECOND_MS));
    app.hub.tickets.put(tokens::hash(ticket.as_bytes()), actor.login, expires_at, now);
    Ok(Ticket { ticket, expires_in })
}

/// Uses a ticket: it is good once.
pub async fn redeem(app: &App, ticket: &str) -> Result<Authenticated> {
    let now = app.now();
    let login = app.hub.tickets.take(&tokens::hash(ticket.as_bytes()), now).ok_or(Error::Unauthenticated(
        "The ticket is not valid: it opens one stream within a few seconds. Get another.",
    ))?;
    Ok(authenticated(login, open_session(app, login, now).await?))
}

/// How a session stands, if it is still good for something.
pub(super) async fn open_session(app: &App, login: LoginId, now: Timestamp) -> Result<Standing> {
    let standing = app.accounts.sessions.standing(app, login).await?.ok_or(Error::Unauthenticated(ENDED))?;
    if !standing.is_open || standing.expires_at <= now || standing.idle_expires_at <= now {
        return Err(Error::Unauthenticated(ENDED));
    }
    let idle = idle_ms(app);
    if now.ms_since(standing.last_seen_at) >= TOUCH_MS.min(idle / 4) {
        note_use(app, login, now, now.plus_ms(idle));
    }
    Ok(standing)
}

fn authenticated(login: LoginId, standing: Standing) -> Authenticated {
    Authenticated {
        actor: Actor { user: standing.user, role: standing.role, login, key: None },
        dialect: standing.dialect,
    }
}

/// The first sight of a generation: from here on, whoever presents the refresh token before it has stolen it.
async fn confirm(app: &App, login: LoginId, generation: i64) -> Result<()> {
    let (work, arrived) = (app.clone(), app.new_id());
    app.detached(async move {
        work.db.write(async move |tx| store::logins::confirm(tx, login, generation, arrived).await).await?;
        work.accounts.sessions.forget(&[login]);
        Ok(())
    })
    .await
}

/// Notes in the background that a session is in use.
fn note_use(app: &App, login: LoginId, now: Timestamp, idle_expires_at: Timestamp) {
    let mut held = app.accounts.sessions.lock();
    if let Some((standing, _)) = held.standing.get_mut(&login) {
        // Once is enough, however many requests come before it is written.
        standing.last_seen_at = now;
    }
    drop(held);
    let work = app.clone();
    app.spawn(async move {
        let noted =
            work.db.write(async move |tx| store::logins::touch(tx, login, now, idle_expires_at).await).await;
        if let Err(error) = noted {
            tracing::debug!(db.error = %error, "the use of a login session was not noted");
        }
        work.accounts.sessions.forget(&[login]);
    });
}
