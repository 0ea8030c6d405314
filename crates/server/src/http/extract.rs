//! What handlers take: who asks, and what the request says. What cannot be read is refused in our words.

mod body;
mod caller;
mod params;

pub(crate) use body::{Json, nul_at, read_form};
pub(crate) use caller::{Caller, Known, OpenAiCaller, StreamCaller, find as find_caller};
pub(crate) use params::{Path, Query};
