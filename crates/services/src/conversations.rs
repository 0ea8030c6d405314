//! Conversations: lists, reading, changing, the trash, export.

mod change;
mod export;
mod read;

pub use change::{Change, New, change, create, delete, end, restore};
pub use export::{Export, export};
pub use read::{Branch, Page, Shelf, branch, find, list, tree};
