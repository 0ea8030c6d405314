//! What the clients of other servers ask, and what they are answered: one contract for each API.

mod chronochat;
mod contract;
mod document;
mod embeddings;
mod express;
mod fallback;
mod joint;
mod nest;
mod openai;
mod personale;
mod together;

pub(crate) use openai::key_of;
