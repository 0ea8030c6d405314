//! Login sessions that end: whoever serves one learns of it at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use domain::{LoginId, UserId};
use tokio_util::sync::CancellationToken;

/// The login sessions that something is being served for.
#[derive(Debug, Default)]
pub struct Revocations {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    served: HashMap<LoginId, (UserId, Weak<CancellationToken>)>,
    /// Sessions that ended lately: a request that was let in just before is not served either.
    ended: HashMap<LoginId, Instant>,
}

/// Something is being served for a login session as long as this lives.
#[derive(Debug, Clone)]
pub struct Served {
    token: Arc<CancellationToken>,
    until: Option<tokio::time::Instant>,
}

impl Served {
    fn new(token: Arc<CancellationToken>) -> Self {
        Self { token, until: None }
    }

    /// The same, and no longer than this from now on.
    #[must_use]
    pub fn for_at_most(self, time: Duration) -> Self {
        // What lies beyond the end of the clock is never.
        Self { until: tokio::time::Instant::now().checked_add(time), ..self }
    }

    /// Waits until the login session ends.
    pub async fn ended(&self) {
        match self.until {
            Some(until) => tokio::select! {
                () = self.token.cancelled() => {}
                () = tokio::time::sleep_until(until) => {}
            },
            None => self.token.cancelled().await,
        }
    }

    /// Whether the login session has ended.
    pub fn has_ended(&self) -> bool {
        self.token.is_cancelled() || self.until.is_some_and(|until| until <= tokio::time::Instant::now())
    }
}

/// How many entries may pile up before those that nobody uses are dropped.
const SWEEP_AT: usize = 1_024;
/// Longer than a request may be on its way from being let in to being served.
const REMEMBERED: Duration = Duration::from_mins(10);

impl Revocations {
    /// Serves a login session from now on. One that ended lately has ended for this too.
    pub fn serve(&self, login: LoginId, user: UserId) -> Served {
        let mut held = self.lock();
        if let Some(token) = held.served.get(&login).and_then(|(_, token)| token.upgrade()) {
            return Served::new(token);
        }
        let token = Arc::new(CancellationToken::new());
        if held.ended.contains_key(&login) {
            token.cancel();
            return Served::new(token);
        }
        if held.served.len() >= SWEEP_AT {
            held.served.retain(|_, (_, token)| token.strong_count() > 0);
        }
        held.served.insert(login, (user, Arc::downgrade(&token)));
        Served::new(token)
    }

    /// These login sessions have ended.
    pub fn end(&self, logins: &[LoginId]) {
        let mut held = self.lock();
        if held.ended.len() >= SWEEP_AT {
            held.ended.retain(|_, at| at.elapsed() < REMEMBERED);
        }
        for login in logins {
            held.ended.insert(*login, Instant::now());
            if let Some((_, token)) = held.served.remove(login) {
                cancel(&token);
            }
        }
    }

    /// All login sessions of a user have ended.
    pub fn end_user(&self, user: UserId) {
        self.lock().served.retain(|_, (whose, token)| {
            if *whose == user {
                cancel(token);
            }
            *whose != user
        });
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cancel(token: &Weak<CancellationToken>) {
    if let Some(token) = token.upgrade() {
        token.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_serves_a_login_learns_of_its_end() {
        let revocations = Revocations::default();
        let (one, other) =
            (revocations.serve(LoginId(1), UserId(1)), revocations.serve(LoginId(2), UserId(1)));
        revocations.end(&[LoginId(1)]);
        assert!(one.has_ended() && !other.has_ended());
        assert!(revocations.serve(LoginId(1), UserId(1)).has_ended(), "also for who comes late");
        revocations.end_user(UserId(1));
        assert!(other.has_ended());
    }
}
