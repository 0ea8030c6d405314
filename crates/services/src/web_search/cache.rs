//! What was found lately, for the same words asked again. Bounded in number and in time; gone with the process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{Timestamp, time::MINUTE_MS};

use super::Found;

/// How many searches are held. The oldest go first.
const MOST: usize = 200;

/// Searches by their words.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<String, (Found, Timestamp)>>);

impl Cache {
    /// What was found for these words, if that is not too long ago.
    pub(super) fn find(&self, query: &str, now: Timestamp) -> Option<Found> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&query.to_lowercase()).filter(|(_, until)| now < *until).map(|(found, _)| found.clone())
    }

    /// Keeps what was found for so many minutes.
    pub(super) fn keep(&self, found: &Found, now: Timestamp, minutes: i64) {
        let until = Timestamp(now.0.saturating_add(minutes.saturating_mul(MINUTE_MS)));
        if until <= now {
            return;
        }
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(found.query.to_lowercase(), (found.clone(), until));
        if held.len() > MOST {
            held.retain(|_, (_, until)| now < *until);
        }
        if held.len() > MOST
            && let Some(oldest) =
                held.iter().min_by_key(|(_, (_, until))| *until).map(|(query, _)| query.clone())
        {
            held.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> Found {
        Found { query: query.into(), engine: "searxng", sources: Vec::new() }
    }

    #[test]
    fn what_was_found_is_known_for_a_while_and_the_oldest_goes_first() {
        let cache = Cache::default();
        cache.keep(&found("Light house"), Timestamp(0), 1);
        assert_eq!(cache.find("light HOUSE", Timestamp(MINUTE_MS - 1)), Some(found("Light house")));
        assert_eq!(cache.find("light house", Timestamp(MINUTE_MS)), None);
        cache.keep(&found("never"), Timestamp(0), 0);
        assert_eq!(cache.find("never", Timestamp(0)), None);

        for n in 0..300 {
            cache.keep(&found(&format!("query {n}")), Timestamp(n), 1);
        }
        assert_eq!(cache.0.lock().unwrap().len(), MOST);
        assert_eq!(cache.find("query 0", Timestamp(300)), None);
        assert_eq!(cache.find("query 299", Timestamp(300)), Some(found("query 299")));
    }
}
