//! A folder of conversations. It belongs to one person: others who see the same conversations have groups of their own.

use crate::{GroupId, Timestamp};

/// The longest name, in characters.
pub const NAME_CHARS: usize = 100;

/// A group, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last renamed.
    pub updated_at: Timestamp,
    /// How many conversations its list shows: those in the trash or put away are not counted.
    pub conversation_count: i64,
}
