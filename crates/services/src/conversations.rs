//! Conversations: lists, reading, changing, the trash, export, sharing, copies, what people think of answers.

mod as_owner;
mod bulk;
mod change;
mod copying;
mod delete_message;
mod export;
mod feedback;
mod fork;
mod kept;
mod read;
mod share;
mod take_over;

pub use as_owner::as_owner;
pub use bulk::{MOST_AT_ONCE, ToAll, change_all};
pub use change::{Change, New, change, create, delete, end, restore};
pub(crate) use change::{lock_for, write_then};
pub use delete_message::delete_message;
pub use export::{Export, export};
pub use feedback::rate;
pub use fork::{Fork, fork};
pub use kept::{change_kept, delete_kept, kept};
pub(crate) use read::add_what_is_seen;
pub use read::{Branch, Page, branch, find, list, message, tree};
pub(crate) use share::shown;
pub use share::{
    Shared, SharedMessage, SharedOf, SharedPart, SharedView, read_shared, share, share_of, shares, unshare,
};
pub use store::conversations::{Shelf, Which};
pub use take_over::take_over;
