//! PostgreSQL as the executor sees it: a pool, a transaction for every job that is more than one statement, and a lock
//! that keeps a second process out.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres, Row as _, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use tokio::sync::Mutex;

use super::{FromRow, Job, Row, Tx, TxInner, Value, gather::Gathering, migrate, open::WAIT, run_job};
use crate::error::{Error, Result};

/// The advisory lock that keeps a second process out of a database: "colloquy" in ASCII.
const LOCK_KEY: i64 = 0x636f_6c6c_6f71_7579;
/// A connection that was used so lately is not asked whether it still lives.
const FRESH: Duration = Duration::from_secs(1);

/// A database on a server.
pub(super) struct PgDb {
    pub(super) pool: PgPool,
    gathering: Arc<Gathering>,
    pub(super) lock: PgLock,
}

impl PgDb {
    /// Takes the lock, brings the tables up to date and fills the pool.
    pub(super) async fn open(url: &str, max_connections: u32) -> Result<Self> {
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
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.options([("lock_timeout", "10s"), ("statement_timeout", "30s")]))
            .await?;
        Ok(Self { pool, gathering: Arc::default(), lock })
    }

    /// A transaction of which nothing was begun yet.
    pub(super) fn idle(&self) -> PgTx {
        PgTx::Idle(self.pool.clone(), Arc::clone(&self.gathering))
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        self.pool.close().await;
        self.lock.release().await;
    }
}

/// All rows that a statement gives, as they are. On its way it takes 14 KiB, which whoever waits should not be made of.
pub(super) async fn raw_rows<'c>(
    on: impl sqlx::Executor<'c, Database = Postgres> + 'c,
    sql: &'static str,
    values: Vec<Value>,
) -> sqlx::Result<Vec<PgRow>> {
    Box::pin(query(sql, values).fetch_all(on)).await
}

/// The place, from 0, of the asker that a row of a gathered statement is for.
pub(super) fn place(row: &PgRow) -> Option<usize> {
    let place: i64 = row.try_get(0).ok()?;
    usize::try_from(place).ok()?.checked_sub(1)
}

/// All rows that a statement gives.
pub(super) async fn rows<'c, T: FromRow>(
    on: impl sqlx::Executor<'c, Database = Postgres> + 'c,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<T>> {
    let rows = raw_rows(on, sql, values).await?;
    rows.iter().map(|row| T::from_row(&Row::postgres(row))).collect()
}

/// Runs a statement that gives no rows; says how many it touched.
async fn run<'c>(
    on: impl sqlx::Executor<'c, Database = Postgres> + 'c,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<u64> {
    Ok(Box::pin(query(sql, values).execute(on)).await?.rows_affected())
}

fn query(
    sql: &'static str,
    values: Vec<Value>,
) -> sqlx::query::Query<'static, Postgres, <Postgres as sqlx::Database>::Arguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(n) => query.bind(n),
        Value::Text(text) => query.bind(text),
        Value::Bool(b) => query.bind(b),
    })
}

/// The transaction of a job: begun by the first statement that needs one.
pub(super) enum PgTx {
    /// Nothing was begun yet.
    Idle(PgPool, Arc<Gathering>),
    /// It is open.
    Open(Transaction<'static, Postgres>),
}

impl PgTx {
    /// The open transaction.
    async fn open(&mut self) -> Result<&mut PgConnection> {
        if let Self::Idle(pool, _) = self {
            *self = Self::Open(Box::pin(begin(pool)).await?);
        }
        match self {
            Self::Open(tx) => Ok(tx),
            Self::Idle(..) => Err(Error::Misuse("a transaction that was begun is not there")),
        }
    }

    pub(super) async fn rows<T: FromRow>(&mut self, sql: &'static str, values: Vec<Value>) -> Result<Vec<T>> {
        rows(self.open().await?, sql, values).await
    }

    pub(super) async fn run(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        run(self.open().await?, sql, values).await
    }

    /// As [`Self::rows`], of a statement that needs no transaction around it.
    pub(super) async fn whole_rows<T: FromRow>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>> {
        match self {
            Self::Idle(pool, _) => rows(&*pool, sql, values).await,
            Self::Open(tx) => rows(&mut **tx, sql, values).await,
        }
    }

    /// As [`Self::run`], of a statement that needs no transaction around it.
    pub(super) async fn run_whole(&mut self, sql: &'static str, values: Vec<Value>) -> Result<u64> {
        match self {
            Self::Idle(pool, _) => run(&*pool, sql, values).await,
            Self::Open(tx) => run(&mut **tx, sql, values).await,
        }
    }

    /// Whether nothing was done yet.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self, Self::Idle(..))
    }

    /// The rows of a gathered statement for whoever `asks`: with those of others, unless a transaction is open.
    pub(super) async fn gather<T: FromRow>(&mut self, sql: &'static str, asks: String) -> Result<Vec<T>> {
        let rows = match self {
            Self::Idle(pool, gathering) => gathering.ask(pool, sql, asks).await?,
            Self::Open(tx) => raw_rows(&mut **tx, sql, vec![Value::Text(Some(format!("[{asks}]")))]).await?,
        };
        rows.iter().map(|row| T::from_row(&Row::postgres(row).after_place())).collect()
    }

    async fn commit(self) -> Result<()> {
        match self {
            Self::Idle(..) => Ok(()),
            Self::Open(tx) => Ok(Box::pin(tx.commit()).await?),
        }
    }

    async fn roll_back(self) {
        if let Self::Open(tx) = self {
            let _ = Box::pin(tx.rollback()).await;
        }
    }
}

/// Begins a transaction on a connection that lives: after a restart of the server each of the pool is found dead once.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    for _ in 0..pool.options().get_max_connections() {
        match pool.begin().await.map_err(Error::from) {
            Err(Error::Unavailable(_)) if !pool.is_closed() => {}
            begun => return begun,
        }
    }
    Ok(pool.begin().await?)
}

/// Runs a job in a transaction of its own.
pub(super) async fn write<F, T, E>(idle: PgTx, job: F) -> Result<T, E>
where
    F: for<'t> Job<'t, T, E>,
    E: From<Error>,
{
    let mut tx = Tx { inner: TxInner::Postgres(idle), failed: None, last: Vec::new() };
    let result = run_job(job, &mut tx).await;
    let TxInner::Postgres(tx) = tx.inner else { return result };
    match result {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
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
