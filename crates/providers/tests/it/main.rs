//! Providers against the fake provider, well-behaved and not.
#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod anthropic;
mod models;
mod openai;
mod patience;
mod support;
mod web;
