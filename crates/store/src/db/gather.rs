//! One statement of PostgreSQL for everybody who asks the same: what SQLite's writer does by sharing a commit.
//!
//! While a few such statements are on their way, whoever else asks waits, and all of them go together in the next.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use sqlx::{PgPool, postgres::PgRow};
use tokio::{sync::oneshot, time::timeout};

use super::{Value, postgres};
use crate::error::{Error, Result};

/// How many statements of one text are on their way at once: while one waits for the disk, another is worked on.
const RUNNERS: usize = 2;
/// The most askers of one statement.
const MOST: usize = 64;
/// A statement takes no more askers when their values have so many bytes.
const MOST_BYTES: usize = 512 * 1024;
/// A statement that has not answered by then lost its connection: the server ends any of them after 30 s.
const LONGEST: Duration = Duration::from_secs(40);

/// Who waits for which statement.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    queues: Mutex<HashMap<&'static str, Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Asker>,
    runners: usize,
}

#[derive(Debug)]
struct Asker {
    /// A JSON object.
    asks: String,
    to: oneshot::Sender<Result<Vec<PgRow>>>,
}

impl Gathering {
    /// The rows for whoever `asks`, whose place in the statement is their first column.
    pub(super) async fn ask(
        self: &Arc<Self>,
        pool: &PgPool,
        sql: &'static str,
        asks: String,
    ) -> Result<Vec<PgRow>> {
        let (to, rows) = oneshot::channel();
        if self.join(sql, Asker { asks, to }) {
            let (gathering, pool) = (Arc::clone(self), pool.clone());
            #[expect(
                clippy::disallowed_methods,
                reason = "whoever asked first must not take the others along"
            )]
            tokio::spawn(async move {
                while let Some(askers) = gathering.next(sql) {
                    let answered = AssertUnwindSafe(answer(&pool, sql, askers)).catch_unwind().await;
                    if answered.is_err() {
                        tracing::error!("a gathered statement panicked; whoever asked has been told");
                    }
                }
            });
        }
        rows.await.unwrap_or(Err(Error::Panicked))
    }

    /// Waits in line. Says whether a runner has to be started.
    fn join(&self, sql: &'static str, asker: Asker) -> bool {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(sql).or_default();
        queue.waiting.push_back(asker);
        let starts = queue.runners < RUNNERS;
        queue.runners += usize::from(starts);
        starts
    }

    /// Those who go next, or none: then the runner that asked has ended.
    fn next(&self, sql: &'static str) -> Option<Vec<Asker>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.get_mut(sql)?;
        let mut bytes = 0;
        let count = (queue.waiting.iter().take(MOST))
            .take_while(|asker| {
                let fits = bytes < MOST_BYTES;
                bytes += asker.asks.len();
                fits
            })
            .count();
        if count == 0 {
            queue.runners -= 1;
            return None;
        }
        Some(queue.waiting.drain(..count).collect())
    }
}

/// Asks for all of them. If the server refuses what one of them asks, everybody is asked for alone, and the runner goes on
/// meanwhile. Whatever else goes wrong concerns all of them; what may have committed is not tried again.
async fn answer(pool: &PgPool, sql: &'static str, askers: Vec<Asker>) {
    match rows(pool, sql, &askers).await {
        Ok(rows) => tell(askers, rows),
        Err(error) if askers.len() > 1 && is_for_one(&error) => {
            for asker in askers {
                let pool = pool.clone();
                #[expect(clippy::disallowed_methods, reason = "as the runner")]
                tokio::spawn(async move {
                    let rows = rows(&pool, sql, std::slice::from_ref(&asker)).await;
                    let _ = asker.to.send(rows.map_err(Error::from));
                });
            }
        }
        Err(error) => {
            let error = Error::from(error);
            for asker in askers {
                let _ = asker.to.send(Err(error.clone()));
            }
        }
    }
}

/// Whether the server refused a statement for a value or a lock, and not for its own state (classes 53 and 57).
fn is_for_one(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(said) = error else { return false };
    said.code().is_none_or(|code| !code.starts_with("53") && !code.starts_with("57"))
}

async fn rows(pool: &PgPool, sql: &'static str, askers: &[Asker]) -> sqlx::Result<Vec<PgRow>> {
    let mut all = String::with_capacity(askers.iter().map(|asker| asker.asks.len() + 1).sum::<usize>() + 1);
    for asker in askers {
        all.push(if all.is_empty() { '[' } else { ',' });
        all.push_str(&asker.asks);
    }
    all.push(']');
    let answered = timeout(LONGEST, postgres::raw_rows(pool, sql, vec![Value::Text(Some(all))])).await;
    answered.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

/// Gives everybody their own rows.
fn tell(askers: Vec<Asker>, rows: Vec<PgRow>) {
    let mut own: Vec<Vec<PgRow>> = askers.iter().map(|_| Vec::new()).collect();
    for row in rows {
        if let Some(own) = postgres::place(&row).and_then(|place| own.get_mut(place)) {
            own.push(row);
        }
    }
    for (asker, own) in askers.into_iter().zip(own) {
        let _ = asker.to.send(Ok(own));
    }
}
