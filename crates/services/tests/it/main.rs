//! The use cases against a real database of each kind and a provider that speaks its protocol over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod begin;
mod billing;
mod deleting;
mod fallback;
mod members;
mod queue;
mod quotas;
mod readers;
mod recovery;
mod support;
mod tools;
mod turns;
mod web_search;
