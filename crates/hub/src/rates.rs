//! How much somebody has asked for in a window of time that begins with the first request of it.
//!
//! What is counted can be told at any moment: how many are left, and when the window ends. A key is kept as a hash, and
//! there is a bound to how many there are: a million addresses take some 30 MB, and those that asked least are forgotten
//! first.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::Timestamp;

/// Over how many locks the keys are spread.
const SHARDS: usize = 16;
/// The most keys under one lock: a million in all.
const MOST_KEYS: usize = 65_536;

/// So many in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// What is limited, for example `requests.user`.
    pub name: &'static str,
    /// How many are allowed.
    pub most: u32,
    /// For how long they must do.
    pub window: Duration,
}

/// What one more came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many there have been in the window, this one included. Those that are refused are not counted on.
    pub used: u32,
    /// When the window ends.
    pub resets_in: Duration,
    /// Whether this one was still allowed.
    pub is_allowed: bool,
}

/// The windows of a node.
#[derive(Debug, Default)]
pub struct Rates {
    shards: [Mutex<HashMap<u64, Window>>; SHARDS],
    hasher: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    used: u32,
    /// In milliseconds since 1970.
    ends_at: i64,
}

impl Rates {
    /// Counts one for `key` at `now`.
    ///
    /// What the nodes of an installation count together is counted elsewhere, so this may wait.
    #[expect(clippy::unused_async, reason = "a count that nodes share asks another machine")]
    pub async fn count(&self, rate: Rate, key: &str, now: Timestamp) -> Counted {
        let hash = self.hasher.hash_one((rate.name, key));
        let length = i64::try_from(rate.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let mut shard = self.shard(hash).lock().unwrap_or_else(PoisonError::into_inner);
        let open = shard.get(&hash).copied();
        // A clock that was set back does not make a window longer.
        let open = open.filter(|window| window.ends_at > now.0 && window.ends_at - now.0 <= length);
        if open.is_none() && shard.len() >= MOST_KEYS {
            make_room(&mut shard, now);
        }
        let mut window = open.unwrap_or(Window { used: 0, ends_at: now.0.saturating_add(length) });
        let is_allowed = window.used < rate.most;
        window.used += u32::from(is_allowed);
        shard.insert(hash, window);
        let left = (window.ends_at - now.0).max(0).unsigned_abs();
        Counted { used: window.used, resets_in: Duration::from_millis(left), is_allowed }
    }

    fn shard(&self, hash: u64) -> &Mutex<HashMap<u64, Window>> {
        // The map uses the low bits.
        &self.shards[(hash >> 60) as usize % SHARDS]
    }

    #[cfg(test)]
    fn keys(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }
}

/// Forgets the windows that have ended; if there are none, the half that was used least.
fn make_room(shard: &mut HashMap<u64, Window>, now: Timestamp) {
    shard.retain(|_, window| window.ends_at > now.0);
    if shard.len() < MOST_KEYS / 2 {
        return;
    }
    let mut used: Vec<u32> = shard.values().map(|window| window.used).collect();
    let middle = used.len() / 2;
    let (_, median, _) = used.select_nth_unstable(middle);
    let median = *median;
    let mut over = middle;
    shard.retain(|_, window| {
        let goes = window.used <= median && over > 0;
        over -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const RATE: Rate = Rate { name: "test", most: 3, window: Duration::from_mins(15) };
    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[tokio::test]
    async fn a_window_counts_up_and_begins_anew() {
        let rates = Rates::default();
        for used in 1..=3 {
            let counted = rates.count(RATE, "a", NOW.plus_ms(i64::from(used))).await;
            let resets_in = RATE.window.saturating_sub(Duration::from_millis(u64::from(used) - 1));
            assert_eq!(counted, Counted { used, resets_in, is_allowed: true });
        }
        let refused = rates.count(RATE, "a", NOW.plus_ms(60_001)).await;
        assert_eq!(refused, Counted { used: 3, resets_in: Duration::from_mins(14), is_allowed: false });
        assert!(rates.count(RATE, "b", NOW).await.is_allowed);
        assert!(rates.count(Rate { name: "other", ..RATE }, "a", NOW).await.is_allowed);
        let again = rates.count(RATE, "a", NOW.plus_ms(15 * 60_000 + 1)).await;
        assert_eq!((again.used, again.is_allowed), (1, true));
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_locks_nobody_out() {
        let rates = Rates::default();
        for _ in 0..4 {
            rates.count(RATE, "a", NOW).await;
        }
        let counted = rates.count(RATE, "a", NOW.plus_ms(-3_600_000)).await;
        assert_eq!(counted, Counted { used: 1, resets_in: RATE.window, is_allowed: true });
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    #[expect(clippy::disallowed_methods, reason = "the test waits for each of them")]
    async fn of_many_at_once_exactly_as_many_pass_as_are_left() {
        let rates = Arc::new(Rates::default());
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let rates = Arc::clone(&rates);
                tokio::spawn(async move { rates.count(RATE, "a", NOW).await.is_allowed })
            })
            .collect();
        let mut passed = 0;
        for task in tasks {
            passed += u32::from(task.await.unwrap());
        }
        assert_eq!(passed, 3);
    }

    #[tokio::test]
    async fn a_million_addresses_and_more_take_bounded_memory_and_free_nobody_who_asks_much() {
        let rates = Rates::default();
        for _ in 0..4 {
            rates.count(RATE, "loud", NOW).await;
        }
        for n in 0..1_300_000_u32 {
            rates.count(RATE, &n.to_string(), NOW).await;
        }
        assert!(rates.keys() <= SHARDS * MOST_KEYS, "{}", rates.keys());
        assert!(!rates.count(RATE, "loud", NOW).await.is_allowed);
        // The map of 65,536 keys has room for 131,072 of them, with a byte beside each.
        assert!(SHARDS * 131_072 * (size_of::<(u64, Window)>() + 1) <= 64 * 1024 * 1024);

        // When the windows have ended they leave.
        let later = NOW.plus_ms(15 * 60_000 + 1);
        for n in 0..1_300_000_u32 {
            rates.count(RATE, &format!("later {n}"), later).await;
        }
        assert!(rates.keys() <= SHARDS * MOST_KEYS);
        assert!(rates.count(RATE, "loud", later).await.is_allowed);
    }
}
