//! What the product does, one module per use case. Knows no HTTP and no wire format.

pub mod access;
pub mod accounts;
pub mod actor;
pub mod app;
pub mod archive;
mod audit;
pub mod billing;
pub mod chat;
pub mod clock;
pub mod config;
pub mod conversations;
pub mod embeddings;
pub mod error;
pub mod events;
#[cfg(any(test, feature = "testing"))]
pub mod faults;
pub mod files;
pub mod groups;
pub mod installation;
pub mod invitations;
pub mod limits;
pub mod live;
pub mod mail;
pub mod members;
pub mod models;
pub mod notes;
pub mod notices;
pub mod plans;
pub mod preferences;
pub mod presence;
pub mod search;
pub mod stats;
mod sweep;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tools;
pub mod trial;
pub mod web_search;

pub use actor::{Actor, Key};
pub use app::App;
pub use config::Config;
pub use error::{Error, Result};
pub use hub::Served;

/// The words of the product, for the crates above.
pub use domain;
