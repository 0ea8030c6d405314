//! The one writer of a SQLite database: many jobs, one commit, one sync.
//!
//! Jobs that wait are run one after the other in one `BEGIN IMMEDIATE`, each behind a savepoint of its own, and are
//! answered after the commit. A job that fails is rolled back alone.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{Job, Last, Tx, TxInner, run_job, sqlite};
use crate::error::{Error, Result};

/// The most jobs that share a commit.
const BATCH_JOBS: usize = 128;
/// The longest time that a batch takes new jobs.
const BATCH_TIME: Duration = Duration::from_millis(20);

/// A job that waits for the writer.
pub(super) trait Queued: Send + 'static {
    /// Runs it. Never panics.
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Outcome>;
    /// Answers it without having run it.
    fn refuse(self: Box<Self>, error: Error);
    /// The writer ends after this one.
    fn is_stop(&self) -> bool {
        false
    }
}

/// What a job came to, before the commit.
pub(super) struct Outcome {
    keep: bool,
    answer: Box<dyn FnOnce(Result<()>) + Send>,
}

pub(super) struct Waiting<F, T, E> {
    pub(super) job: F,
    pub(super) to: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Queued for Waiting<F, T, E>
where
    F: for<'t> Job<'t, T, E>,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let Self { job, to } = *self;
            let result = run_job(job, tx).await;
            Outcome {
                keep: result.is_ok(),
                answer: Box::new(move |committed| {
                    let _ = to.send(match (result, committed) {
                        (Ok(_), Err(error)) => Err(error.into()),
                        (result, _) => result,
                    });
                }),
            }
        })
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.to.send(Err(error.into()));
    }
}

/// Tells the writer to end.
pub(super) struct Stop;

impl Queued for Stop {
    fn run(self: Box<Self>, _: &mut Tx) -> BoxFuture<'_, Outcome> {
        Box::pin(async { Outcome { keep: true, answer: Box::new(|_| ()) } })
    }
    fn refuse(self: Box<Self>, _: Error) {}
    fn is_stop(&self) -> bool {
        true
    }
}

/// Runs batches until it is told to stop, then closes the connection. Has a thread to itself: no statement waits.
pub(super) async fn write_batches(connection: Connection, mut jobs: mpsc::Receiver<Box<dyn Queued>>) {
    let mut tx = Tx { inner: TxInner::Sqlite(connection), failed: None, last: Vec::new() };
    while let Some(first) = jobs.recv().await {
        if first.is_stop() || write_batch(&mut tx, first, &mut jobs).await {
            jobs.close();
            while let Ok(job) = jobs.try_recv() {
                job.refuse(Error::Unavailable("the database is closing".into()));
            }
            break;
        }
    }
}

/// Runs one batch; says whether the writer was told to stop.
async fn write_batch(
    tx: &mut Tx,
    first: Box<dyn Queued>,
    jobs: &mut mpsc::Receiver<Box<dyn Queued>>,
) -> bool {
    if let Err(error) = tx.control("BEGIN IMMEDIATE") {
        first.refuse(error);
        // A transaction that a failed batch left behind would refuse all that follow.
        let _ = tx.control("ROLLBACK");
        return false;
    }
    let started = Instant::now();
    let mut outcomes = Vec::new();
    let mut next = Some(first);
    let mut stop = false;
    let mut broken = None;
    while let Some(job) = next.take() {
        if job.is_stop() {
            stop = true;
            break;
        }
        match run_one(tx, job, outcomes.is_empty()).await {
            Ran::Kept(outcome) | Ran::Undone(outcome) => outcomes.push(outcome),
            Ran::UndoneAll(outcome) => {
                (outcome.answer)(Ok(()));
                return false;
            }
            Ran::Broke(outcome, error) => {
                outcomes.extend(outcome);
                broken = Some(error);
                break;
            }
        }
        if outcomes.len() < BATCH_JOBS && started.elapsed() < BATCH_TIME {
            next = jobs.try_recv().ok();
        }
    }
    let last = std::mem::take(&mut tx.last);
    let committed = match broken {
        Some(error) => Err(error),
        None => tx.run_last(&last).and_then(|()| tx.control("COMMIT")),
    };
    if let Err(error) = &committed {
        tracing::error!(db.error = %error, db.jobs = outcomes.len(), "a batch of jobs could not be committed");
        let _ = tx.control("ROLLBACK");
    }
    for outcome in outcomes {
        (outcome.answer)(committed.clone());
    }
    stop
}

enum Ran {
    /// Its changes wait for the commit.
    Kept(Outcome),
    /// Its changes were rolled back, those of the others wait for the commit.
    Undone(Outcome),
    /// It was alone and the whole transaction was rolled back.
    UndoneAll(Outcome),
    /// The transaction itself is lost.
    Broke(Option<Outcome>, Error),
}

/// Runs one job of a batch. The first needs no savepoint: if it fails, there is nothing else to keep.
async fn run_one(tx: &mut Tx, job: Box<dyn Queued>, is_first: bool) -> Ran {
    if !is_first && let Err(error) = tx.control("SAVEPOINT job") {
        job.refuse(error.clone());
        return Ran::Broke(None, error);
    }
    let others = tx.last.len();
    let outcome = job.run(tx).await;
    if !outcome.keep {
        tx.last.truncate(others);
    }
    let ended = match (outcome.keep, is_first) {
        (true, true) => return Ran::Kept(outcome),
        (true, false) => tx.control("RELEASE job"),
        (false, true) => {
            return match tx.control("ROLLBACK") {
                Ok(()) => Ran::UndoneAll(outcome),
                Err(error) => Ran::Broke(Some(outcome), error),
            };
        }
        (false, false) => match tx.control("ROLLBACK TO job") {
            Ok(()) => tx.control("RELEASE job"),
            // A full disk ends the whole transaction, and the next statement would commit by itself.
            Err(error) => Err(error),
        },
    };
    match ended {
        Ok(()) if outcome.keep => Ran::Kept(outcome),
        Ok(()) => Ran::Undone(outcome),
        Err(error) => Ran::Broke(Some(outcome), error),
    }
}

impl Tx {
    fn run_last(&self, last: &[Last]) -> Result<()> {
        match &self.inner {
            TxInner::Sqlite(connection) => {
                last.iter().try_for_each(|one| sqlite::run(connection, one.sql, &one.values).map(drop))
            }
            TxInner::Postgres(_) => Ok(()),
        }
    }

    fn control(&mut self, sql: &'static str) -> Result<()> {
        match &self.inner {
            TxInner::Sqlite(connection) => sqlite::run(connection, sql, &[]).map(drop),
            TxInner::Postgres(_) => Err(Error::Misuse("only SQLite has a writer")),
        }
    }
}
