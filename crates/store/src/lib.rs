//! What we keep. The only crate with SQL or a database driver.
//!
//! Every module is named after its table. Readers take the actor; a race is settled by the statement, not by a read
//! before it.

pub mod api_keys;
pub mod blobs;
pub mod conversations;
pub mod db;
pub mod error;
pub mod feedback;
pub mod files;
pub mod fold;
pub mod groups;
pub mod idempotency;
pub mod identities;
pub mod installation;
pub mod invitations;
pub mod ledger;
pub mod logins;
pub mod members;
pub mod messages;
pub mod nodes;
pub mod notes;
pub mod orders;
pub mod page;
pub mod password_resets;
pub mod provider_flows;
pub mod purge;
pub mod quotas;
pub mod search;
pub mod shares;
pub mod subscriptions;
pub mod tails;
#[cfg(any(test, feature = "testing"))]
pub mod test;
pub mod tool_calls;
pub mod turns;
pub mod usage;
pub mod users;

pub use db::{Db, Job, Lock, On, Options, Sql, Tx};
pub use error::{Error, Result};
