//! Why the store could not do what was asked.

use std::sync::Arc;

use rusqlite::{ErrorCode, ffi};

/// A result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a statement or a job failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A row with the same unique value exists; holds what the database calls the constraint.
    #[error("a row with the same {0} exists")]
    Unique(String),
    /// A value breaks a rule of its table; nothing of the statement was written. Holds what the database calls the rule.
    #[error("the rule {0} was broken")]
    Check(String),
    /// The database is overloaded or broke a deadlock: the same again may work.
    #[error("the database is busy")]
    Busy,
    /// There is no room left on the disk.
    #[error("the disk is full")]
    Full,
    /// The database cannot be reached, or is closing.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// A stored value is not what its column should hold.
    #[error("a stored value cannot be read: {0}")]
    Decode(String),
    /// A job was written inside a job, or a read tried to write: a fault of ours.
    #[error("{0}")]
    Misuse(&'static str),
    /// The job panicked; its changes were rolled back, unless a whole statement of it had committed.
    #[error("the job panicked")]
    Panicked,
    /// A blob cannot be written or read.
    #[error("a file cannot be written or read: {0}")]
    Files(Arc<std::io::Error>),
    /// Anything else that the database said.
    #[error("the database said: {0}")]
    Database(Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A value that cannot be read.
    pub fn decode(why: impl std::fmt::Display) -> Self {
        Self::Decode(why.to_string())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default();
                if said.is_unique_violation() {
                    return Self::Unique(said.constraint().unwrap_or_else(|| said.message()).to_owned());
                }
                if said.is_check_violation() {
                    return Self::Check(said.constraint().unwrap_or_else(|| said.message()).to_owned());
                }
                match code.as_ref() {
                    // Serialization failure, deadlock, lock not available, too many connections.
                    "40001" | "40P01" | "55P03" | "53300" => Self::Busy,
                    // Disk full.
                    "53100" => Self::Full,
                    // Shutting down or starting up.
                    "57P01" | "57P02" | "57P03" => Self::Unavailable(said.message().to_owned()),
                    _ => Self::Database(Arc::new(error)),
                }
            }
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_) => Self::Unavailable(error.to_string()),
            _ => Self::Database(Arc::new(error)),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(code, said) = &error else {
            return Self::Database(Arc::new(error));
        };
        match (code.code, code.extended_code) {
            (
                _,
                ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID,
            ) => Self::Unique(said.clone().unwrap_or_default()),
            (_, ffi::SQLITE_CONSTRAINT_CHECK) => Self::Check(said.clone().unwrap_or_default()),
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Busy,
            (ErrorCode::DiskFull, _) => Self::Full,
            (ErrorCode::CannotOpen, _) => Self::Unavailable(error.to_string()),
            _ => Self::Database(Arc::new(error)),
        }
    }
}
