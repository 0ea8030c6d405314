//! Typed ids: one 53-bit integer per row, sorted by time, safe in JSON and JavaScript.
//!
//! 41 bits of milliseconds since 2024-01-01, 5 bits of node, 7 bits of sequence. An id has three spellings: the
//! integer, its decimal text, and 24 hex digits (exactly 24 hex characters are always read as hex). Ids are not
//! secrets: every statement names the actor.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::Timestamp;

/// 2024-01-01T00:00:00Z in milliseconds.
const EPOCH_MS: i64 = 1_704_067_200_000;
const NODE_BITS: u32 = 5;
const SEQUENCE_BITS: u32 = 7;
/// The largest id: integers above lose digits in JavaScript.
pub const MAX_ID: i64 = (1 << 53) - 1;

/// Reads an id in any of its spellings: decimal digits, or exactly 24 hex characters.
pub fn parse_id(text: &str) -> Option<i64> {
    let value = if text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        i64::from_str_radix(text, 16).ok()?
    } else if !text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()?
    } else {
        return None;
    };
    (0..=MAX_ID).contains(&value).then_some(value)
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                parse_id(text).map(Self).ok_or(())
            }
        }
    )+};
}

ids! {
    /// An account.
    UserId,
    /// A login session: one sign-in on one device.
    LoginId,
    /// A conversation.
    ConversationId,
    /// A message.
    MessageId,
    /// A turn.
    TurnId,
    /// A group of conversations.
    GroupId,
    /// A file.
    FileId,
    /// A key by which a program asks.
    ApiKeyId,
    /// An invitation to a conversation.
    InvitationId,
    /// A note beside a conversation.
    NoteId,
    /// An account at another service that signs in.
    IdentityId,
    /// Something that somebody wants to pay for.
    OrderId,
}

/// Hands out ids of one node, each larger than the one before.
#[derive(Debug)]
pub struct IdSource {
    node: i64,
    last: AtomicI64,
}

impl IdSource {
    /// Ids of `node` (0 to 31), all above `largest`, so that a clock set back repeats none.
    pub fn new(node: u8, largest: i64) -> Self {
        Self { node: i64::from(node & 31), last: AtomicI64::new(largest) }
    }

    /// The next id at the moment `now`. When the sequence of a millisecond is used up, the next one is borrowed.
    pub fn next(&self, now: Timestamp) -> i64 {
        let floor = (now.0 - EPOCH_MS).max(0) << (NODE_BITS + SEQUENCE_BITS) | self.node << SEQUENCE_BITS;
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = if floor > last { floor } else { self.after(last) };
            match self.last.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return next,
                Err(seen) => last = seen,
            }
        }
    }

    /// The smallest id of this node above `last`.
    fn after(&self, last: i64) -> i64 {
        let same = last + 1;
        let node_of = |id: i64| (id >> SEQUENCE_BITS) & ((1 << NODE_BITS) - 1);
        if node_of(same) == self.node {
            return same;
        }
        let mut millisecond = same >> (NODE_BITS + SEQUENCE_BITS);
        if node_of(same) > self.node {
            millisecond += 1;
        }
        millisecond << (NODE_BITS + SEQUENCE_BITS) | self.node << SEQUENCE_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let source = IdSource::new(3, 0);
        let now = Timestamp(EPOCH_MS + 1_000_000);
        let mut last = 0;
        for step in 0..10_000 {
            let id = source.next(Timestamp(now.0 - step % 7));
            assert!(id > last && id <= MAX_ID);
            assert_eq!((id >> SEQUENCE_BITS) & 31, 3);
            last = id;
        }
        assert!(IdSource::new(0, last).next(now) > last);
    }

    #[test]
    fn an_id_is_read_in_its_three_spellings() {
        assert_eq!(parse_id("42"), Some(42));
        assert_eq!(parse_id("00000000000000000000002a"), Some(42));
        assert_eq!(parse_id("9007199254740991"), Some(MAX_ID));
        for bad in
            ["", "-1", "+1", "9007199254740992", "4 2", "x", "００", "0x2a", "ffffffffffffffffffffffff"]
        {
            assert_eq!(parse_id(bad), None, "{bad}");
        }
    }
}
