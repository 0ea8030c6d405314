//! One-use tickets that open a stream where no header can be sent.

use std::{collections::HashMap, sync::Mutex};

use domain::{LoginId, Timestamp};

/// Tickets that were handed out and not used, by the hash of their text.
#[derive(Debug, Default)]
pub struct Tickets {
    open: Mutex<HashMap<[u8; 32], (LoginId, Timestamp)>>,
}

impl Tickets {
    /// Keeps a ticket until `expires_at`.
    pub fn put(&self, hash: [u8; 32], login: LoginId, expires_at: Timestamp, now: Timestamp) {
        let mut open = self.lock();
        open.retain(|_, (_, end)| *end > now);
        open.insert(hash, (login, expires_at));
    }

    /// Uses a ticket: it opens one connection and is gone.
    pub fn take(&self, hash: &[u8; 32], now: Timestamp) -> Option<LoginId> {
        let (login, end) = self.lock().remove(hash)?;
        (end > now).then_some(login)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], (LoginId, Timestamp)>> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
