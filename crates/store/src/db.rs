//! The two-backend executor: one text per query, one way to write.
//!
//! Reads run on a `&Db` or inside a job; writes only inside a job of [`Db::write`]. On SQLite one writer task groups
//! waiting jobs into one transaction and answers them after the commit; on PostgreSQL each job is a transaction.

mod migrate;
mod open;
mod row;
#[cfg(test)]
mod tests;
mod value;
mod writer;

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use sqlx::{PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};
pub use open::{Lock, Options};
pub use row::{Column, FromRow, Row};
pub use value::{Bind, Value, to_json};
use writer::{Queued, Waiting};

tokio::task_local! {
    /// Set while a job runs: a job that waits for another job would wait for ever.
    static IN_JOB: ();
}

/// An open database.
#[derive(Clone)]
pub struct Db(Arc<Backend>);

enum Backend {
    Sqlite(SqliteDb),
    Postgres(Box<PgDb>),
}

struct SqliteDb {
    readers: SqlitePool,
    jobs: mpsc::Sender<Box<dyn Queued>>,
    writer: std::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
    /// Held as long as the database is open: one process writes to one file.
    lock: std::fs::File,
}

struct PgDb {
    pool: PgPool,
    lock: open::PgLock,
}

/// A statement's text: one for both databases, or one for each.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// As SQLite reads it.
    pub sqlite: &'static str,
    /// As PostgreSQL reads it.
    pub postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// The transaction of a job.
pub struct Tx {
    inner: TxInner,
    /// A statement failed: nothing more may be done, and the job cannot end well.
    failed: Option<Error>,
}

enum TxInner {
    Sqlite(SqliteConnection),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Where a statement runs: on the database (reads) or inside a job.
pub struct On<'a>(Target<'a>);

enum Target<'a> {
    Db(&'a Db),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Db> for On<'a> {
    fn from(db: &'a Db) -> Self {
        Self(Target::Db(db))
    }
}

impl<'a> From<&'a mut Tx> for On<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self(Target::Tx(tx))
    }
}

impl<'a> On<'a> {
    /// Whether this is SQLite: for the few statements that take other values there.
    pub fn is_sqlite(&self) -> bool {
        match &self.0 {
            Target::Db(db) => matches!(&*db.0, Backend::Sqlite(_)),
            Target::Tx(tx) => tx.is_sqlite(),
        }
    }

    /// A statement to run here.
    pub fn query(self, sql: impl Into<Sql>) -> Query<'a> {
        Query { on: self, sql: sql.into(), values: Vec::new() }
    }
}

impl Tx {
    /// Whether this is SQLite: for the few statements that take other values there.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner, TxInner::Sqlite(_))
    }

    /// A statement to run in this job.
    pub fn query(&mut self, sql: impl Into<Sql>) -> Query<'_> {
        On::from(self).query(sql)
    }
}

/// A statement with its values.
pub struct Query<'a> {
    on: On<'a>,
    sql: Sql,
    values: Vec<Value>,
}

impl Query<'_> {
    /// Binds the next `$n`.
    #[must_use]
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// All rows.
    pub async fn all<T: FromRow>(self) -> Result<Vec<T>> {
        match self.on.0 {
            Target::Db(db) => {
                if !is_read(self.sql.sqlite) {
                    return Err(Error::Misuse("a statement that writes runs inside a job"));
                }
                match &*db.0 {
                    Backend::Sqlite(db) => {
                        let rows = sqlite_query(self.sql.sqlite, self.values).fetch_all(&db.readers).await?;
                        rows.iter().map(|row| T::from_row(&Row::sqlite(row))).collect()
                    }
                    Backend::Postgres(db) => {
                        let rows = postgres_query(self.sql.postgres, self.values).fetch_all(&db.pool).await?;
                        rows.iter().map(|row| T::from_row(&Row::postgres(row))).collect()
                    }
                }
            }
            Target::Tx(tx) => {
                tx.check()?;
                let rows: Result<Vec<T>> = match &mut tx.inner {
                    TxInner::Sqlite(on) => {
                        match sqlite_query(self.sql.sqlite, self.values).fetch_all(on).await {
                            Ok(rows) => rows.iter().map(|row| T::from_row(&Row::sqlite(row))).collect(),
                            Err(error) => Err(error.into()),
                        }
                    }
                    TxInner::Postgres(on) => {
                        match postgres_query(self.sql.postgres, self.values).fetch_all(&mut **on).await {
                            Ok(rows) => rows.iter().map(|row| T::from_row(&Row::postgres(row))).collect(),
                            Err(error) => Err(error.into()),
                        }
                    }
                };
                tx.note(rows)
            }
        }
    }

    /// The first row, if there is one.
    pub async fn optional<T: FromRow>(self) -> Result<Option<T>> {
        Ok(self.all().await?.into_iter().next())
    }

    /// The one row of a statement that always has one.
    pub async fn one<T: FromRow>(self) -> Result<T> {
        self.optional().await?.ok_or_else(|| Error::decode("a statement gave no row"))
    }

    /// Writes, and says how many rows it touched.
    pub async fn run(self) -> Result<u64> {
        let Target::Tx(tx) = self.on.0 else {
            return Err(Error::Misuse("a statement that writes runs inside a job"));
        };
        tx.check()?;
        let touched = match &mut tx.inner {
            TxInner::Sqlite(on) => {
                sqlite_query(self.sql.sqlite, self.values).execute(on).await.map(|done| done.rows_affected())
            }
            TxInner::Postgres(on) => postgres_query(self.sql.postgres, self.values)
                .execute(&mut **on)
                .await
                .map(|done| done.rows_affected()),
        };
        tx.note(touched.map_err(Error::from))
    }
}

fn is_read(sql: &str) -> bool {
    let start = sql.trim_start();
    start.starts_with("SELECT") || start.starts_with("WITH")
}

fn sqlite_query(
    sql: &'static str,
    values: Vec<Value>,
) -> sqlx::query::Query<'static, Sqlite, <Sqlite as sqlx::Database>::Arguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::Bool(b) => query.bind(b),
    })
}

fn postgres_query(
    sql: &'static str,
    values: Vec<Value>,
) -> sqlx::query::Query<'static, Postgres, <Postgres as sqlx::Database>::Arguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::Bool(b) => query.bind(b),
    })
}

impl Tx {
    fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }
}

/// A job for [`Db::write`]. Implemented for every async closure over `&mut Tx` whose future can be sent.
pub trait Job<'t, T, E>: Send + 'static {
    /// Runs it.
    fn go(self, tx: &'t mut Tx) -> impl Future<Output = Result<T, E>> + Send + 't;
}

impl<'t, F, Fut, T, E> Job<'t, T, E> for F
where
    F: FnOnce(&'t mut Tx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 't,
{
    fn go(self, tx: &'t mut Tx) -> impl Future<Output = Result<T, E>> + Send + 't {
        self(tx)
    }
}

/// Runs a job and turns a panic, and a failed statement that it swallowed, into an error.
async fn run_job<F, T, E>(job: F, tx: &mut Tx) -> Result<T, E>
where
    F: for<'t> Job<'t, T, E>,
    E: From<Error>,
{
    let ended = AssertUnwindSafe(IN_JOB.scope((), job.go(tx))).catch_unwind().await;
    let result = ended.unwrap_or_else(|panic| {
        tracing::error!(db.job.panic = panic_text(panic.as_ref()), "a job panicked and was rolled back");
        Err(Error::Panicked.into())
    });
    match (result, tx.failed.take()) {
        (Ok(_), Some(error)) => Err(error.into()),
        (result, _) => result,
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown")
}

impl Db {
    /// Runs a job in a transaction and answers after its commit is on the disk: the only way to write.
    ///
    /// The job does nothing but SQL. A caller that is dropped meanwhile does not take its job along. Jobs lock in the
    /// order idempotency key, conversation, quota, so none waits for another in a circle.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E> + for<'t> Job<'t, T, E>,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if IN_JOB.try_with(|()| ()).is_ok() {
            return Err(Error::Misuse("a job cannot wait for another job").into());
        }
        match &*self.0 {
            Backend::Sqlite(db) => {
                let (to, answer) = oneshot::channel();
                let closed = || Error::Unavailable("the database is closing".into());
                db.jobs.send(Box::new(Waiting { job, to })).await.map_err(|_| closed())?;
                answer.await.map_err(|_| closed())?
            }
            Backend::Postgres(db) => {
                if !db.lock.is_held() {
                    return Err(Error::Unavailable("this server lost its lock on the database".into()).into());
                }
                let pool = db.pool.clone();
                #[expect(clippy::disallowed_methods, reason = "a dropped caller must not take its job along")]
                let task = tokio::spawn(postgres_job(pool, job));
                task.await.unwrap_or_else(|_| Err(Error::Panicked.into()))
            }
        }
    }

    /// Which database this is: `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        match &*self.0 {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgres",
        }
    }

    /// Looks after the lock that keeps a second process out, and takes it again after its session was lost.
    pub async fn keep_lock(&self) -> Lock {
        match &*self.0 {
            Backend::Sqlite(_) => Lock::Kept,
            Backend::Postgres(db) => db.lock.take().await,
        }
    }

    /// Asks the database a trivial question.
    pub async fn ping(&self) -> Result<()> {
        let _: (i64,) = On::from(self).query("SELECT CAST(1 AS BIGINT)").one().await?;
        Ok(())
    }

    /// Waits for the jobs that were taken, then closes. Later jobs are refused.
    pub async fn close(&self) {
        match &*self.0 {
            Backend::Sqlite(db) => {
                let writer = db.writer.lock().ok().and_then(|mut writer| writer.take());
                if let Some(writer) = writer {
                    let _ = db.jobs.send(Box::new(writer::Stop)).await;
                    let _ = writer.await;
                }
                db.readers.close().await;
                let _ = db.lock.unlock();
            }
            Backend::Postgres(db) => {
                db.pool.close().await;
                db.lock.release().await;
            }
        }
    }
}

async fn postgres_job<F, T, E>(pool: PgPool, job: F) -> Result<T, E>
where
    F: for<'t> Job<'t, T, E>,
    E: From<Error>,
{
    let inner = TxInner::Postgres(pool.begin().await.map_err(Error::from)?);
    let mut tx = Tx { inner, failed: None };
    let result = run_job(job, &mut tx).await;
    let TxInner::Postgres(tx) = tx.inner else { return result };
    match result {
        Ok(value) => {
            tx.commit().await.map_err(Error::from)?;
            Ok(value)
        }
        Err(error) => {
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}
