//! One running installation: what every use case is given.

use std::{
    future::Future,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{IdSource, Timestamp};
use hub::Hub;
use store::{Db, blobs::Blobs};
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Config, Error, Result, accounts, billing, chat,
    clock::Clock,
    events, installation,
    mail::Mail,
    models::{self, Models},
    plans::Plans,
    presence, sweep, web_search,
};

/// The node number of an installation of one.
pub const ONLY_NODE: i64 = 0;

/// One running installation. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an [`App`] holds.
pub struct Inner {
    /// Settings that are fixed while it runs.
    pub config: Config,
    /// What is kept.
    pub db: Db,
    /// What files hold.
    pub blobs: Blobs,
    /// What is shared in memory.
    pub hub: Hub,
    /// The models that can be asked.
    pub models: Models,
    /// What accounts may use.
    pub plans: Plans,
    /// Who searches the web.
    pub(crate) web: web_search::State,
    /// How plans are paid for.
    pub billing: billing::State,
    /// Keys, hashing and the cache of login sessions.
    pub accounts: accounts::State,
    /// What happened and waits to be told.
    pub events: events::Queue,
    /// The answers under way that are not stored.
    pub(crate) unstored: chat::Underway,
    /// How letters leave.
    pub mail: Mail,
    /// The set-up code and what follows from it.
    pub installation: installation::State,
    /// Where a test lets it fail.
    #[cfg(any(test, feature = "testing"))]
    pub faults: crate::faults::Faults,
    clock: Clock,
    ids: IdSource,
    epoch: AtomicI64,
    started: std::time::Instant,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Opens the database, recovers what an earlier process left, and starts the work in the background.
    pub async fn start(config: Config, clock: Clock) -> Result<Self> {
        installation::make_data_dir(&config)?;
        let options = installation::database_options(&config)?;
        let db = Db::open(options).await.map_err(|error| Error::Internal(error.into()))?;
        let blobs = Blobs::open(config.data_dir.join("blobs"))?;
        let now = clock.now();
        let largest = store::installation::largest_id(&db).await?;
        let epoch = db.write(async move |tx| store::nodes::enter(tx, ONLY_NODE, now).await).await?;
        let app = Self(Arc::new(Inner {
            hub: Hub::memory(config.chat.log_memory_bytes),
            models: Models::open(&config)?,
            plans: Plans::open(&config)?,
            web: web_search::State::open(&config)?,
            billing: billing::State::open(&config)?,
            accounts: accounts::State::open(&config)?,
            events: events::Queue::default(),
            unstored: chat::Underway::default(),
            mail: Mail::open(&config)?,
            installation: installation::State::default(),
            #[cfg(any(test, feature = "testing"))]
            faults: crate::faults::Faults::default(),
            clock,
            ids: IdSource::new(0, largest),
            epoch: AtomicI64::new(epoch),
            started: std::time::Instant::now(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            config,
            db,
            blobs,
        }));
        chat::recover::settle_left_behind(&app).await?;
        app.start_work();
        Ok(app)
    }

    /// Work that goes on as long as the process: each ends when the app stops.
    fn start_work(&self) {
        self.spawn(chat::checkpoint::run(self.clone()));
        self.spawn(chat::recover::run(self.clone()));
        self.spawn(events::run(self.clone()));
        self.spawn(presence::run(self.clone()));
        self.spawn(models::refresh(self.clone()));
        self.spawn(sweep::run(self.clone()));
        self.spawn(billing::run(self.clone()));
    }

    /// This moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock, for tests that move it.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How long it has been running.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// A new id, larger than all before.
    pub fn new_id(&self) -> i64 {
        self.ids.next(self.now())
    }

    /// Random bytes that nobody can guess.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        rand::random()
    }

    /// The epoch of this process. A lost lock begins a new one.
    pub fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Begins a new epoch, after the lock on the database was lost and taken again.
    pub async fn renew_epoch(&self) -> Result<i64> {
        let now = self.now();
        let epoch = self.db.write(async move |tx| store::nodes::enter(tx, ONLY_NODE, now).await).await?;
        self.epoch.store(epoch, Ordering::SeqCst);
        Ok(epoch)
    }

    /// Starts work in the background that shutdown waits for. The only way to do so.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place: the tracker waits for it")]
        tokio::spawn(self.tasks.track_future(work))
    }

    /// Does work in a task of its own, so that a caller who is dropped neither stops nor loses it, and waits for it.
    pub async fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.spawn(work).await.map_err(Error::internal)?
    }

    /// Cancelled when the app begins to stop.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Waits until no answer is being written.
    pub async fn idle(&self) {
        while !self.hub.logs.unsettled().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops: running answers may end within `grace`, those that do not are interrupted with the text so far; then
    /// the database is closed.
    pub async fn stop(&self, grace: Duration) {
        self.installation.refuse_sends();
        let _ = tokio::time::timeout(grace, self.idle()).await;
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(Duration::from_secs(5), self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "work in the background did not end in time");
        }
        self.db.close().await;
    }
}
