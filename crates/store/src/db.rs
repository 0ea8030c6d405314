//! The two-backend executor: one text per query, one way to write.
//!
//! Reads run on a `&Db` or inside a job; writes only inside a job of [`Db::write`]. On SQLite one writer groups
//! waiting jobs into one transaction and answers them after the commit; on PostgreSQL each job is a transaction, or one
//! whole statement; those that every turn needs are gathered: one for all who wait.

mod gather;
pub(crate) mod list;
mod migrate;
mod open;
mod postgres;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;
mod value;
mod writer;

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use crate::error::{Error, Result};
pub use open::Options;
pub use postgres::Lock;
use postgres::{PgDb, PgTx};
pub use row::{Column, FromRow, Row};
use sqlite::SqliteDb;
pub use value::{Bind, Value, to_json};
use writer::Waiting;

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
    /// What is left to do before the commit.
    last: Vec<Last>,
}

/// A statement that runs just before the commit, after all jobs that share it.
struct Last {
    sql: &'static str,
    values: Vec<Value>,
}

enum TxInner {
    Sqlite(rusqlite::Connection),
    Postgres(PgTx),
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
        Query { on: self, sql: sql.into(), values: Vec::new(), by_key: false, whole: false }
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

    /// Runs a statement that PostgreSQL runs once for everybody who asks it meanwhile. Its one value is a JSON array of
    /// what they ask, and the first column of its rows is the place in that, from 1, of whom a row is for. As the first of
    /// a job it is a whole, as with [`Query::whole`]: when it broke a rule of a table nothing was written, and the job may go
    /// on. It takes the rows that it locks in an order that all jobs keep, or does not wait for them.
    pub async fn gather<T: FromRow>(
        &mut self,
        sql: &'static str,
        asks: &(impl serde::Serialize + Sync),
    ) -> Result<Vec<T>> {
        self.check()?;
        let rows = match &mut self.inner {
            TxInner::Sqlite(_) => Err(Error::Misuse("SQLite gathers jobs, not statements")),
            TxInner::Postgres(on) => {
                let is_whole = on.is_idle();
                match on.gather(sql, to_json(asks)).await {
                    Err(broken @ Error::Check(_)) if is_whole => return Err(broken),
                    rows => rows,
                }
            }
        };
        self.note(rows)
    }
}

/// A statement with its values.
pub struct Query<'a> {
    on: On<'a>,
    sql: Sql,
    values: Vec<Value>,
    by_key: bool,
    whole: bool,
}

impl Query<'_> {
    /// Binds the next `$n`.
    #[must_use]
    pub fn bind(mut self, value: impl Bind) -> Self {
        self.values.push(value.value());
        self
    }

    /// A few rows are read, and each is found by a key: SQLite has them before another thread could be asked.
    #[must_use]
    pub fn by_key(mut self) -> Self {
        self.by_key = true;
        self
    }

    /// This is a whole by itself. As the first statement of a job it saves PostgreSQL a transaction around it: it has
    /// committed when it answers, and stays if the job fails after it.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// All rows.
    pub async fn all<T: FromRow>(self) -> Result<Vec<T>> {
        let Self { on, sql, values, by_key, whole } = self;
        match on.0 {
            Target::Db(_) if !is_read(sql.sqlite) => {
                Err(Error::Misuse("a statement that writes runs inside a job"))
            }
            Target::Db(db) => match &*db.0 {
                Backend::Sqlite(db) if by_key => db.look_up(sql.sqlite, values).await,
                Backend::Sqlite(db) => db.read(sql.sqlite, values).await,
                Backend::Postgres(db) => postgres::rows(&db.pool, sql.postgres, values).await,
            },
            Target::Tx(tx) => {
                tx.check()?;
                let rows = match &mut tx.inner {
                    TxInner::Sqlite(on) => sqlite::rows(on, sql.sqlite, &values),
                    TxInner::Postgres(on) if whole => on.whole_rows(sql.postgres, values).await,
                    TxInner::Postgres(on) => on.rows(sql.postgres, values).await,
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
            TxInner::Sqlite(on) => sqlite::run(on, self.sql.sqlite, &self.values),
            TxInner::Postgres(on) if self.whole => on.run_whole(self.sql.postgres, self.values).await,
            TxInner::Postgres(on) => on.run(self.sql.postgres, self.values).await,
        };
        tx.note(touched)
    }

    /// Writes before the commit: on SQLite after all jobs that share it. For an index that is written out whenever a
    /// savepoint is made, and for statements that cannot fail for their values: all those jobs would fail with it.
    pub async fn run_last(self) -> Result<()> {
        match self.on.0 {
            Target::Tx(tx) if tx.is_sqlite() => {
                tx.check()?;
                tx.last.push(Last { sql: self.sql.sqlite, values: self.values });
                Ok(())
            }
            on => Self { on: On(on), ..self }.run().await.map(drop),
        }
    }
}

fn is_read(sql: &str) -> bool {
    let start = sql.trim_start();
    start.starts_with("SELECT") || start.starts_with("WITH")
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
    /// order idempotency key, conversation, quota, so none waits for another in a circle; an opening shares the rows of
    /// account and node before its key, so a job that changes one of those takes no key before it.
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
                #[expect(clippy::disallowed_methods, reason = "a dropped caller must not take its job along")]
                let task = tokio::spawn(postgres::write(db.idle(), job));
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
            Backend::Sqlite(db) => db.close().await,
            Backend::Postgres(db) => db.close().await,
        }
    }
}
