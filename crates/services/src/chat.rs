//! How an answer is produced, kept and delivered. `send` begins a turn, `answer` runs it, `checkpoint` saves what is
//! new, `settle` ends it, `watch` shows it, `recover` is the net under all of them.

mod again;
pub mod answer;
pub mod ask;
pub mod begin;
mod called;
pub mod checkpoint;
mod fallback;
mod lookup;
mod prompt;
mod record;
pub mod recover;
mod rounds;
pub mod send;
mod settle;
mod sources;
mod speech;
pub mod stop;
mod titles;
pub(crate) mod unstored;
pub mod watch;

pub use again::say_or_again;
pub use ask::{Ask, IdempotencyKey, Options, Style};
pub use fallback::Answering;
pub use providers::{Attached, ChatMessage, Delta, ToolCall, ToolChoice, ToolSpec};
pub use record::record;
pub use send::{Collected, Sent, collect, send};
pub(crate) use unstored::Underway;
pub use unstored::{Brought, Failed, Unstored, answer_unstored};
pub use watch::{Watch, watch};
