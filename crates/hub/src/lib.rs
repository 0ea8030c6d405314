//! What the nodes of one installation share: turn logs, who listens for news, who is present, sessions and memberships
//! that end, stream tickets, rate limits.
//!
//! Everything here lives in memory and may be lost: what must not be lost is in the store.

mod events;
mod limits;
mod log;
mod logs;
mod memberships;
mod presence;
mod rates;
mod revocations;
mod tickets;

pub use events::{Events, Listener};
pub use limits::{Limit, TooMany};
pub use log::{Log, Read};
pub use logs::{Logs, Opened};
pub use memberships::{Memberships, Moment, ServedMember};
pub use presence::{Counts, Presence, Seat};
pub use rates::{Counted, Rate};
pub use revocations::{Revocations, Served};
pub use tickets::Tickets;

/// What the parts of one installation share.
#[derive(Debug, Default)]
pub struct Hub {
    /// The logs of turns.
    pub logs: Logs,
    /// Who listens for news.
    pub events: Events,
    /// Who has which conversation open.
    pub presence: Presence,
    /// Login sessions that end.
    pub revocations: Revocations,
    /// Memberships that end.
    pub memberships: Memberships,
    /// One-use tickets for streams.
    pub tickets: Tickets,
    /// Rate limits.
    pub limits: limits::Limits,
    /// Who has asked for how much.
    pub rates: rates::Rates,
}

impl Hub {
    /// A hub of one node whose logs take at most `log_bytes` of memory.
    pub fn memory(log_bytes: usize) -> Self {
        Self { logs: Logs::new(log_bytes), ..Self::default() }
    }
}
