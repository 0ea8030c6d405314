//! All logs of a node, within a bound of memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Timestamp, TurnId};
use tokio::sync::Notify;

use crate::log::Log;

/// The logs of running and lately settled turns.
#[derive(Debug)]
pub struct Logs {
    held: Arc<Mutex<HashMap<TurnId, Held>>>,
    /// Rung when a log is opened.
    opened: Notify,
    max_bytes: usize,
}

#[derive(Debug)]
struct Held {
    log: Arc<Log>,
    settled_at: Option<Timestamp>,
}

impl Default for Logs {
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

/// A log that is open but not yet kept: dropping it drops the log, unless [`keep`](Self::keep) was called.
#[derive(Debug)]
pub struct Opened {
    held: Arc<Mutex<HashMap<TurnId, Held>>>,
    log: Arc<Log>,
    keep: bool,
}

impl Opened {
    /// The turn was begun: its log stays.
    pub fn keep(mut self) -> Arc<Log> {
        self.keep = true;
        Arc::clone(&self.log)
    }

    /// The log, to write its first events before it is kept.
    pub fn log(&self) -> &Log {
        &self.log
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.keep {
            lock(&self.held).remove(&self.log.turn);
        }
    }
}

impl Logs {
    /// Logs that take at most about `max_bytes` of memory.
    pub fn new(max_bytes: usize) -> Self {
        Self { held: Arc::default(), opened: Notify::new(), max_bytes }
    }

    /// Opens the log of a turn that is about to begin, so that no reader finds a turn without a log.
    pub fn open(&self, turn: TurnId) -> Opened {
        let log = Arc::new(Log::new(turn));
        self.lock().insert(turn, Held { log: Arc::clone(&log), settled_at: None });
        self.opened.notify_waiters();
        Opened { held: Arc::clone(&self.held), log, keep: false }
    }

    /// The log of a turn, if this node holds it.
    pub fn get(&self, turn: TurnId) -> Option<Arc<Log>> {
        self.lock().get(&turn).map(|held| Arc::clone(&held.log))
    }

    /// Whether a turn is held: its log was opened and its settle has not committed.
    pub fn holds(&self, turn: TurnId) -> bool {
        self.lock().get(&turn).is_some_and(|held| held.settled_at.is_none())
    }

    /// All logs whose turns are not settled.
    pub fn unsettled(&self) -> Vec<Arc<Log>> {
        self.lock()
            .values()
            .filter(|held| held.settled_at.is_none())
            .map(|held| Arc::clone(&held.log))
            .collect()
    }

    /// Waits until there is a turn that is not settled, so that who works for those sleeps while there is none.
    pub async fn until_unsettled(&self) {
        loop {
            let opened = self.opened.notified();
            if self.lock().values().any(|held| held.settled_at.is_none()) {
                return;
            }
            opened.await;
        }
    }

    /// The turn's settle has committed: its log is kept for a while.
    pub fn settled(&self, turn: TurnId, now: Timestamp) {
        if let Some(held) = self.lock().get_mut(&turn) {
            held.settled_at.get_or_insert(now);
        }
    }

    /// Drops a log.
    pub fn forget(&self, turn: TurnId) {
        self.lock().remove(&turn);
    }

    /// Drops logs that settled longer than `keep` ago, then, while all take too much memory, settled ones, oldest
    /// first, then what running ones have stored.
    pub fn sweep(&self, keep: Duration, now: Timestamp) {
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let mut held = self.lock();
        held.retain(|_, one| one.settled_at.is_none_or(|at| now.ms_since(at) < keep_ms));
        let mut total: usize = held.values().map(|one| one.log.bytes()).sum();
        if total <= self.max_bytes {
            return;
        }
        let mut settled: Vec<_> =
            held.iter().filter_map(|(turn, one)| Some((one.settled_at?, *turn))).collect();
        settled.sort_unstable();
        for (_, turn) in settled {
            if total <= self.max_bytes {
                return;
            }
            total -= held.remove(&turn).map_or(0, |one| one.log.bytes());
        }
        for one in held.values() {
            if total <= self.max_bytes {
                return;
            }
            total -= one.log.drop_covered();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TurnId, Held>> {
        lock(&self.held)
    }
}

fn lock(held: &Mutex<HashMap<TurnId, Held>>) -> MutexGuard<'_, HashMap<TurnId, Held>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use domain::EventKind;
    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn who_works_for_running_turns_sleeps_while_there_is_none() {
        let logs = Logs::default();
        let mut waiting = pin!(logs.until_unsettled());
        assert!(poll!(&mut waiting).is_pending());
        logs.open(TurnId(1)).keep();
        assert!(poll!(&mut waiting).is_ready());
        assert!(poll!(pin!(logs.until_unsettled())).is_ready());
        logs.settled(TurnId(1), Timestamp(5));
        assert!(poll!(pin!(logs.until_unsettled())).is_pending());
    }

    #[test]
    fn a_log_whose_begin_failed_is_gone() {
        let logs = Logs::default();
        drop(logs.open(TurnId(1)));
        assert!(logs.get(TurnId(1)).is_none());
        logs.open(TurnId(2)).keep();
        assert!(logs.holds(TurnId(2)));
    }

    #[test]
    fn memory_is_bounded_and_settled_logs_go_first() {
        let logs = Logs::new(20_000);
        for turn in 1..=3 {
            let log = logs.open(TurnId(turn)).keep();
            log.append(EventKind::Chunk("x".repeat(9_000)));
        }
        logs.settled(TurnId(2), Timestamp(5));
        logs.sweep(Duration::from_mins(5), Timestamp(10));
        assert!(logs.get(TurnId(2)).is_none());
        assert!(logs.holds(TurnId(1)) && logs.holds(TurnId(3)));
        logs.settled(TurnId(1), Timestamp(10));
        logs.sweep(Duration::ZERO, Timestamp(11));
        assert!(logs.get(TurnId(1)).is_none());
    }
}
