//! Memberships that end: whoever serves a member of a conversation learns of it at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use domain::{ConversationId, UserId};
use tokio_util::sync::CancellationToken;

type Membership = (ConversationId, UserId);

/// The memberships that something is being served for.
#[derive(Debug, Default)]
pub struct Memberships {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    served: HashMap<Membership, Weak<CancellationToken>>,
    /// Those that ended lately, and as the how manieth: who was found to be a member before that is one no more.
    ended: HashMap<Membership, (u64, Instant)>,
    ends: u64,
}

/// A moment: what ended after it is known.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

/// Something is being served for a member as long as this lives.
#[derive(Debug, Clone)]
pub struct ServedMember(Arc<CancellationToken>);

impl ServedMember {
    /// Waits until the membership ends.
    pub async fn ended(self) {
        self.0.cancelled().await;
    }

    /// Whether the membership has ended.
    pub fn has_ended(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// How many entries may pile up before those that nobody uses are dropped.
const SWEEP_AT: usize = 1_024;
/// Longer than it may take from finding that somebody is a member to serving that member.
const REMEMBERED: Duration = Duration::from_mins(10);

impl Memberships {
    /// Now. Taken before it is asked whether somebody is a member.
    pub fn moment(&self) -> Moment {
        Moment(self.lock().ends)
    }

    /// Serves somebody who was found to be a member after `since`. A membership that ended meanwhile has ended for this too.
    pub fn serve(&self, conversation: ConversationId, member: UserId, since: Moment) -> ServedMember {
        let key = (conversation, member);
        let mut held = self.lock();
        if held.ended.get(&key).is_some_and(|(at, _)| *at > since.0) {
            let token = CancellationToken::new();
            token.cancel();
            return ServedMember(Arc::new(token));
        }
        if let Some(token) = held.served.get(&key).and_then(Weak::upgrade) {
            return ServedMember(token);
        }
        if held.served.len() >= SWEEP_AT {
            held.served.retain(|_, token| token.strong_count() > 0);
        }
        let token = Arc::new(CancellationToken::new());
        held.served.insert(key, Arc::downgrade(&token));
        ServedMember(token)
    }

    /// Somebody is a member no more.
    pub fn end(&self, conversation: ConversationId, member: UserId) {
        let key = (conversation, member);
        let mut held = self.lock();
        if held.ended.len() >= SWEEP_AT {
            held.ended.retain(|_, (_, at)| at.elapsed() < REMEMBERED);
        }
        held.ends += 1;
        let ends = held.ends;
        held.ended.insert(key, (ends, Instant::now()));
        if let Some(token) = held.served.remove(&key).and_then(|token| token.upgrade()) {
            token.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_serves_a_member_learns_when_the_membership_ends() {
        let memberships = Memberships::default();
        let (talk, alice, bob) = (ConversationId(1), UserId(1), UserId(2));
        let before = memberships.moment();
        let of_bob = memberships.serve(talk, bob, before);
        let others =
            [memberships.serve(talk, alice, before), memberships.serve(ConversationId(2), bob, before)];
        memberships.end(talk, bob);
        assert!(of_bob.has_ended() && others.iter().all(|one| !one.has_ended()));
        assert!(memberships.serve(talk, bob, before).has_ended(), "also for who was let in just before");
        let again = memberships.serve(talk, bob, memberships.moment());
        assert!(!again.has_ended(), "who is let in again is a member again");
        assert!(memberships.serve(talk, bob, before).has_ended());
        memberships.end(talk, bob);
        assert!(again.has_ended());
    }
}
