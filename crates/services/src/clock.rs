//! What time it is. Tests own the clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::Timestamp;

/// The clock of an `App`.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// One that stands until it is moved.
    Manual(Arc<AtomicI64>),
    /// The machine's, moved by so many milliseconds.
    Shifted(Arc<AtomicI64>),
}

impl Clock {
    /// This moment.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system(),
            Self::Manual(at) => Timestamp(at.load(Ordering::SeqCst)),
            Self::Shifted(by) => system().plus_ms(by.load(Ordering::SeqCst)),
        }
    }

    /// Moves a clock that is not the machine's.
    pub fn advance_ms(&self, ms: i64) {
        match self {
            Self::System => {}
            Self::Manual(at) | Self::Shifted(at) => {
                at.fetch_add(ms, Ordering::SeqCst);
            }
        }
    }
}

fn system() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
