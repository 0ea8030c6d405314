//! Opening a database: where it is, who else has it open, and how it is set up.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, mpsc};

use super::{Backend, Db, PgDb, SqliteDb, Tx, TxInner, migrate, writer};
use crate::error::{Error, Result};

/// How long a caller waits for a connection, and a statement for a lock of another process.
const WAIT: Duration = Duration::from_secs(5);
/// Connections that read from SQLite.
const READERS: u32 = 4;
/// Jobs that may wait for the SQLite writer before callers wait to be let in.
const QUEUE: usize = 1_024;
/// The advisory lock that keeps a second process out of a PostgreSQL database: "colloquy" in ASCII.
const LOCK_KEY: i64 = 0x636f_6c6c_6f71_7579;

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
        match options {
            Options::Sqlite(file) => open_sqlite(file).await,
            Options::Postgres { url, max_connections } => open_postgres(&url, max_connections).await,
        }
    }
}

async fn open_sqlite(file: PathBuf) -> Result<Db> {
    let unavailable = |error: std::io::Error| Error::Unavailable(format!("{}: {error}", file.display()));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(unavailable)?;
    }
    let mut lock_file = file.clone().into_os_string();
    lock_file.push(".lock");
    let lock = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_file)
        .map_err(unavailable)?;
    lock.try_lock().map_err(|_| {
        Error::Unavailable(format!(
            "another process has {} open; end it first, or choose another data directory",
            file.display()
        ))
    })?;

    let options = SqliteConnectOptions::new()
        .filename(&file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(WAIT)
        .foreign_keys(true)
        .row_buffer_size(512)
        .disable_statement_logging();
    let mut connection = options.clone().create_if_missing(true).connect().await?;
    migrate::sqlite(&mut connection).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(WAIT)
        .connect_with(options.read_only(true).optimize_on_close(false, None))
        .await?;

    let (jobs, queue) = mpsc::channel(QUEUE);
    let tx = Tx { inner: TxInner::Sqlite(connection), failed: None };
    #[expect(clippy::disallowed_methods, reason = "the writer ends with `close`, which waits for it")]
    let task = tokio::spawn(writer::write_batches(tx, queue));
    let writer = std::sync::Mutex::new(Some(task));
    Ok(Db(Arc::new(Backend::Sqlite(SqliteDb { readers, jobs, writer, lock }))))
}

async fn open_postgres(url: &str, max_connections: u32) -> Result<Db> {
    let options: PgConnectOptions = url.parse().map_err(Error::from)?;
    let options = options.application_name("colloquy").disable_statement_logging();
    let lock = PgLock { options: options.clone(), session: Mutex::new(None), held: false.into() };
    if lock.take().await == Lock::Lost {
        return Err(Error::Unavailable(
            "another server uses this PostgreSQL database, or it cannot be reached; end the other one first"
                .into(),
        ));
    }
    let mut connection = options.connect().await?;
    migrate::postgres(&mut connection).await?;
    connection.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(WAIT)
        .connect_with(options.options([("lock_timeout", "10s"), ("statement_timeout", "30s")]))
        .await?;
    Ok(Db(Arc::new(Backend::Postgres(Box::new(PgDb { pool, lock })))))
}

/// What became of the lock that keeps a second process out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// It was held all the time.
    Kept,
    /// It was lost and is held again: somebody else may have held it in between.
    Retaken,
    /// It is not held: nothing may be written.
    Lost,
}

/// The session that holds the advisory lock of a PostgreSQL database.
pub(super) struct PgLock {
    options: PgConnectOptions,
    session: Mutex<Option<PgConnection>>,
    held: std::sync::atomic::AtomicBool,
}

impl PgLock {
    pub(super) fn is_held(&self) -> bool {
        self.held.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Looks whether the session still lives; if not, opens another and asks for the lock.
    pub(super) async fn take(&self) -> Lock {
        let mut session = self.session.lock().await;
        if let Some(connection) = session.as_mut() {
            if tokio::time::timeout(WAIT, connection.ping()).await.is_ok_and(|pinged| pinged.is_ok()) {
                return Lock::Kept;
            }
            *session = None;
            self.set(false);
        }
        *session = self.lock().await;
        self.set(session.is_some());
        if session.is_some() { Lock::Retaken } else { Lock::Lost }
    }

    async fn lock(&self) -> Option<PgConnection> {
        // A dead peer is noticed by the server within seconds, so that a restart elsewhere can take over.
        let keep_alive =
            [("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "2")];
        let options = self.options.clone().options(keep_alive);
        for _ in 0..20 {
            let mut connection = match options.connect().await {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::error!(db.error = %error, "the PostgreSQL database cannot be reached");
                    return None;
                }
            };
            let locked = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
                .bind(LOCK_KEY)
                .fetch_one(&mut connection)
                .await;
            if matches!(locked, Ok(true)) {
                return Some(connection);
            }
            // The session of a process that was just killed may take a moment to end.
            let _ = connection.close().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }

    pub(super) async fn release(&self) {
        self.set(false);
        if let Some(connection) = self.session.lock().await.take() {
            let _ = connection.close().await;
        }
    }

    fn set(&self, held: bool) {
        self.held.store(held, std::sync::atomic::Ordering::Relaxed);
    }
}
