//! Tests against a real server: its own port, its own database, a provider that plays a script.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod api_keys;
mod auth;
mod billing;
mod chat;
mod connections;
mod container;
mod dialects;
mod events;
mod files;
mod groups;
mod kill;
mod limits;
mod log;
mod members;
mod own;
mod ownership;
mod process;
mod quotas;
mod seeds;
mod sharing;
mod support;
mod web_search;
