//! Rate limits: so many at once, then so many an hour, for each key (an address, an account).

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

/// How much one key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// What is limited, for example `login.address`.
    pub name: &'static str,
    /// At once.
    pub burst: u32,
    /// After that. 0 switches the limit off.
    pub per_hour: u32,
}

/// The limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// When the next one is allowed.
    pub retry_after: Duration,
}

/// All limits of a node.
#[derive(Debug, Default)]
pub struct Limits {
    keyed: Mutex<HashMap<Limit, Arc<DefaultKeyedRateLimiter<String>>>>,
}

/// How many keys a limiter holds before it forgets those that are back at rest.
const SWEEP_AT: usize = 10_000;

impl Limits {
    /// Counts one for `key`.
    pub fn check(&self, limit: Limit, key: &str) -> Result<(), TooMany> {
        let (Some(burst), Some(per_hour)) =
            (NonZeroU32::new(limit.burst.max(1)), NonZeroU32::new(limit.per_hour))
        else {
            return Ok(());
        };
        let limiter = Arc::clone(
            self.keyed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).entry(limit).or_insert_with(
                || Arc::new(RateLimiter::keyed(Quota::per_hour(per_hour).allow_burst(burst))),
            ),
        );
        if limiter.len() > SWEEP_AT {
            limiter.retain_recent();
        }
        limiter.check_key(&key.to_owned()).map_err(|until| TooMany {
            retry_after: until.wait_time_from(governor::clock::DefaultClock::default().now()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_key_waits() {
        let limits = Limits::default();
        let limit = Limit { name: "test", burst: 2, per_hour: 60 };
        assert!(limits.check(limit, "a").is_ok());
        assert!(limits.check(limit, "a").is_ok());
        let wait = limits.check(limit, "a").unwrap_err().retry_after;
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_mins(1), "{wait:?}");
        assert!(limits.check(limit, "b").is_ok());
    }
}
