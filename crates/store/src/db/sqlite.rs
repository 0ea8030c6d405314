//! SQLite as the executor sees it: one connection that writes, on a thread of its own, and a few that read.
//!
//! A statement costs microseconds, the way to another thread and back a hundred. So the statements of a job never leave
//! the writer's thread, a lookup runs where it is asked, and only a read that may take long goes elsewhere.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{
    CachedStatement, Connection, OpenFlags, ToSql,
    config::DbConfig,
    types::{ToSqlOutput, ValueRef},
};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{
    FromRow, Row, Value,
    open::{WAIT, unavailable},
    writer::{self, Queued},
};
use crate::error::{Error, Result};

/// Connections that read at the same time.
const READERS: usize = 4;
/// Jobs that may wait for the writer before callers wait to be let in.
const QUEUE: usize = 1_024;
/// Statements that a connection keeps prepared: more than the store has.
const PREPARED: usize = 256;

/// A database in a file.
pub(super) struct SqliteDb {
    readers: Arc<Readers>,
    pub(super) jobs: mpsc::Sender<Box<dyn Queued>>,
    /// Says when the writer has ended.
    writer: Mutex<Option<oneshot::Receiver<()>>>,
    /// Held as long as the database is open: one process writes to one file.
    lock: File,
}

impl SqliteDb {
    /// Opens the file, or makes it, and starts its writer.
    pub(super) fn open(file: PathBuf) -> Result<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(unavailable(&file))?;
        }
        let lock = lock(&file)?;
        let mut connection =
            connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        super::migrate::sqlite(&mut connection)?;

        let (jobs, queue) = mpsc::channel(QUEUE);
        let (ended, writer) = oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || {
                runtime.block_on(writer::write_batches(connection, queue));
                let _ = ended.send(());
            })
            .map_err(unavailable(&file))?;
        let readers = Readers { file, idle: Mutex::default(), free: Arc::new(Semaphore::new(READERS)) };
        Ok(Self { readers: Arc::new(readers), jobs, writer: Mutex::new(Some(writer)), lock })
    }

    /// Reads on a thread that may wait for the disk.
    pub(super) async fn read<T: FromRow>(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<T>> {
        let readers = Arc::clone(&self.readers);
        let free = tokio::time::timeout(WAIT, Arc::clone(&readers.free).acquire_owned()).await;
        let permit = free.map_err(|_| Error::Busy)?.map_err(|_| closed())?;
        let read = tokio::task::spawn_blocking(move || {
            let read = readers.run(sql, &values);
            drop(permit);
            read
        });
        read.await.unwrap_or_else(|_| Err(Error::Panicked))
    }

    /// Reads right here what is found by a key, unless all connections are busy.
    pub(super) async fn look_up<T: FromRow>(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<T>> {
        if let Ok(_permit) = self.readers.free.try_acquire() {
            return self.readers.run(sql, &values);
        }
        self.read(sql, values).await
    }

    /// Waits for the jobs that were taken, then closes.
    pub(super) async fn close(&self) {
        let writer = lock_of(&self.writer).take();
        if let Some(writer) = writer {
            let _ = self.jobs.send(Box::new(writer::Stop)).await;
            let _ = writer.await;
        }
        self.readers.free.close();
        lock_of(&self.readers.idle).clear();
        let _ = self.lock.unlock();
    }
}

/// Connections that read.
struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
}

impl Readers {
    fn run<T: FromRow>(&self, sql: &str, values: &[Value]) -> Result<Vec<T>> {
        let idle = lock_of(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.file, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let read = rows(&connection, sql, values);
        let mut idle = lock_of(&self.idle);
        if idle.len() < READERS && !self.free.is_closed() {
            idle.push(connection);
        }
        read
    }
}

/// All rows that a statement gives.
pub(super) fn rows<T: FromRow>(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<T>> {
    let mut statement = prepare(connection, sql, values)?;
    let mut rows = statement.raw_query();
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        read.push(T::from_row(&Row::sqlite(row))?);
    }
    Ok(read)
}

/// Runs a statement that gives no rows; says how many it touched.
pub(super) fn run(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64> {
    let touched = prepare(connection, sql, values)?.raw_execute()?;
    Ok(u64::try_from(touched).unwrap_or(u64::MAX))
}

/// A prepared statement with its values bound. SQLite takes `$2` for a name, so its place is looked up by it.
fn prepare<'c>(connection: &'c Connection, sql: &str, values: &[Value]) -> Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(sql)?;
    for at in 1..=statement.parameter_count() {
        let number = statement.parameter_name(at).and_then(|name| name[1..].parse::<usize>().ok());
        let value = number.and_then(|number| values.get(number.wrapping_sub(1)));
        statement.raw_bind_parameter(at, value.ok_or(Error::Misuse("a parameter has no value"))?)?;
    }
    Ok(statement)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(Some(n)) => ValueRef::Integer(*n),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bool(Some(yes)) => ValueRef::Integer((*yes).into()),
            Self::Int(None) | Self::Text(None) | Self::Bool(None) => ValueRef::Null,
        }))
    }
}

fn connect(file: &Path, flags: OpenFlags) -> Result<Connection> {
    // No mutex of SQLite's own: a connection is used by one thread at a time, which Rust sees to.
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(WAIT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // A plan does not depend on the values that are bound: else statements are planned anew whenever they change.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Keeps a second process out.
fn lock(file: &Path) -> Result<File> {
    let mut path = file.as_os_str().to_owned();
    path.push(".lock");
    let lock =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(unavailable(file))?;
    lock.try_lock().map_err(|_| {
        Error::Unavailable(format!(
            "another process has {} open; end it first, or choose another data directory",
            file.display()
        ))
    })?;
    Ok(lock)
}

fn closed() -> Error {
    Error::Unavailable("the database is closing".into())
}

fn lock_of<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
