//! Opening a database, wherever it is.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{Backend, Db, postgres::PgDb, sqlite::SqliteDb};
use crate::error::{Error, Result};

/// How long a caller waits for a connection, and a statement for a lock of another process.
pub(super) const WAIT: Duration = Duration::from_secs(5);

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Options {
    /// A file of its own.
    Sqlite(PathBuf),
    /// A server.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: String,
        /// The most connections to hold.
        max_connections: u32,
    },
}

impl Db {
    /// Opens the database, makes it if it is a file that does not exist, and brings its tables up to date.
    ///
    /// A second process that opens the same database is refused.
    pub async fn open(options: Options) -> Result<Self> {
        Ok(Self(Arc::new(match options {
            Options::Sqlite(file) => Backend::Sqlite(SqliteDb::open(file)?),
            Options::Postgres { url, max_connections } => {
                Backend::Postgres(Box::new(PgDb::open(&url, max_connections).await?))
            }
        })))
    }
}

/// Says which file could not be had.
pub(super) fn unavailable(file: &Path) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::Unavailable(format!("{}: {error}", file.display()))
}
