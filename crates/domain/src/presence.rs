//! Who is looking at a conversation now, and what people tell each other beside it.

use crate::{Person, Timestamp, UserId};

/// Somebody who has a conversation open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub person: Person,
    /// Whether the person is writing something.
    pub is_typing: bool,
}

/// Something that a person or the installation wants to be seen at once. It is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind it is, in the sender's words, such as `info`.
    pub kind: String,
    /// What to show.
    pub message: String,
    /// What programs want to know, as JSON.
    pub data: String,
    /// Who sends it.
    pub from: UserId,
    /// When.
    pub at: Timestamp,
}

impl Present {
    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.person.weight()
    }
}

impl Notice {
    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.kind.len() + self.message.len() + self.data.len()
    }
}
