//! What the fake saw: requests, streams and clients that left.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// How many requests are kept; older ones are forgotten.
const KEPT: usize = 10_000;

/// A request as it came.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Counts from 1.
    pub request: u64,
    /// The path.
    pub path: String,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body; `null` if it was not JSON.
    pub body: Value,
    /// It asked for a title.
    pub title: bool,
    /// When, in milliseconds since the fake started.
    pub at_ms: u64,
    /// When, in milliseconds since 1970.
    pub wall_ms: u64,
}

/// A client that left before its answer was complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disconnect {
    /// The number of its request.
    pub request: u64,
    /// How many tokens had been sent.
    pub tokens: usize,
    /// When, in milliseconds since the fake started.
    pub at_ms: u64,
    /// When, in milliseconds since 1970.
    pub wall_ms: u64,
}

/// How many there were of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests for an answer.
    pub requests: u64,
    /// Answers that began.
    pub opened: u64,
    /// Answers that are under way.
    pub open: u64,
    /// Answers that came to their end, or to the misbehaviour that was asked for.
    pub finished: u64,
    /// Clients that left before.
    pub disconnected: u64,
}

/// Everything that was seen.
#[derive(Debug)]
pub(crate) struct Record {
    started: Instant,
    seen: Mutex<Seen>,
    bell: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: VecDeque<Received>,
    disconnects: Vec<Disconnect>,
    counts: Counts,
}

impl Default for Record {
    fn default() -> Self {
        Self { started: Instant::now(), seen: Mutex::default(), bell: watch::Sender::new(()) }
    }
}

impl Record {
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.seen().requests.iter().cloned().collect()
    }

    pub(crate) fn disconnects(&self) -> Vec<Disconnect> {
        self.seen().disconnects.clone()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.seen().counts
    }

    /// Forgets all but the answers that are under way.
    pub(crate) fn clear(&self) {
        let mut seen = self.seen();
        let open = seen.counts.open;
        *seen = Seen { counts: Counts { open, opened: open, ..Counts::default() }, ..Seen::default() };
    }

    pub(crate) async fn until(&self, wanted: impl Fn(&Counts) -> bool) {
        let mut bell = self.bell.subscribe();
        while !wanted(&self.counts()) {
            if bell.changed().await.is_err() {
                return;
            }
        }
    }

    /// Notes a request; gives its number.
    pub(crate) fn request(
        &self,
        path: &str,
        headers: BTreeMap<String, String>,
        body: Value,
        title: bool,
    ) -> u64 {
        let (at_ms, wall_ms) = self.now();
        let request = {
            let mut seen = self.seen();
            seen.counts.requests += 1;
            let request = seen.counts.requests;
            if seen.requests.len() == KEPT {
                seen.requests.pop_front();
            }
            seen.requests.push_back(Received {
                request,
                path: path.to_owned(),
                headers,
                body,
                title,
                at_ms,
                wall_ms,
            });
            request
        };
        self.bell.send_replace(());
        request
    }

    /// An answer begins; it ends when the guard is dropped.
    pub(crate) fn open(self: &Arc<Self>, request: u64) -> Watched {
        self.count(|counts| {
            counts.opened += 1;
            counts.open += 1;
        });
        Watched { record: self.clone(), request, tokens: 0, complete: false }
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.seen().counts);
        self.bell.send_replace(());
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> (u64, u64) {
        (self.started.elapsed().as_millis() as u64, wall_clock().as_millis() as u64)
    }
}

/// The time since 1970.
#[expect(clippy::disallowed_methods, reason = "times are compared with those of other processes")]
pub fn wall_clock() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// An answer that is under way. Dropped before it is complete, its client has left.
pub(crate) struct Watched {
    record: Arc<Record>,
    request: u64,
    pub(crate) tokens: usize,
    pub(crate) complete: bool,
}

impl Drop for Watched {
    fn drop(&mut self) {
        let (at_ms, wall_ms) = self.record.now();
        {
            let mut seen = self.record.seen();
            seen.counts.open = seen.counts.open.saturating_sub(1);
            if self.complete {
                seen.counts.finished += 1;
            } else {
                seen.counts.disconnected += 1;
                let gone = Disconnect { request: self.request, tokens: self.tokens, at_ms, wall_ms };
                seen.disconnects.push(gone);
            }
        }
        self.record.bell.send_replace(());
    }
}
