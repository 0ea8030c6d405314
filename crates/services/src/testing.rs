//! An `App` on a fresh database, for tests.

use std::sync::{Arc, atomic::AtomicI64};

use crate::{App, Config, clock::Clock};

pub use store::test::fresh_postgres_url;

/// An app whose data directory is gone when this is dropped.
pub struct TestApp {
    /// The app.
    pub app: App,
    /// How it was started, to start it again.
    pub config: Config,
    folder: Arc<tempfile::TempDir>,
}

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A file.
    Sqlite,
    /// The throw-away server.
    Postgres,
}

/// Both databases.
pub const BOTH: [On; 2] = [On::Sqlite, On::Postgres];

impl TestApp {
    /// Starts an app on a fresh database. Its clock is the machine's, and can be moved.
    #[expect(clippy::missing_panics_doc, reason = "a test helper")]
    pub async fn start(on: On, mut config: Config) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        config.data_dir = folder.path().to_owned();
        if on == On::Postgres {
            config.database.url = store::test::fresh_postgres_url().await;
            config.database.max_connections = 8;
        }
        let clock = Clock::Shifted(Arc::new(AtomicI64::new(0)));
        let app = App::start(config.clone(), clock).await.expect("an app on a fresh database");
        Self { app, config, folder: Arc::new(folder) }
    }

    /// Stops the app at once and starts it again on the same data.
    #[expect(clippy::missing_panics_doc, reason = "a test helper")]
    pub async fn restart(self) -> Self {
        self.app.stop(std::time::Duration::ZERO).await;
        let clock = self.app.clock().clone();
        let app = App::start(self.config.clone(), clock).await.expect("the same data");
        Self { app, config: self.config, folder: self.folder }
    }
}

/// With which parameters the app has checked passwords since this was asked, one for each check.
pub fn take_password_checks(app: &App) -> Vec<String> {
    app.accounts.take_password_checks()
}

/// Sweeps once, as the app does every minute.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn sweep(app: &App) {
    crate::sweep::sweep(app).await.expect("a sweep");
}

/// Asks about the payments that are due, as the app does every second, and says how many these were.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn reconcile(app: &App) -> usize {
    crate::billing::reconcile_once(app).await.expect("payments are looked after")
}

/// Asks about a payment at once, past the pause between two questions, and does what follows.
pub async fn ask_unclaimed(app: &App, order: &domain::Order, payment_ref: &str) -> crate::Result<()> {
    crate::billing::ask_unclaimed(app, order, payment_ref).await
}

/// Looks over the books of payments, as the app does every hour, and says whether they are right.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn check_books(app: &App) -> bool {
    crate::billing::check_books(app).await.expect("the books are looked over")
}

/// Makes somebody a member of a conversation (`Some`), or no member any more.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn set_member(app: &App, conversation: i64, user: i64, role: Option<domain::MemberRole>) {
    let (conversation, user, now) = (domain::ConversationId(conversation), domain::UserId(user), app.now());
    let written: crate::Result<()> = app
        .db
        .write(async move |tx| {
            match role {
                Some(role) => store::members::put(tx, conversation, user, role, now).await?,
                None => drop(store::members::remove(tx, conversation, user).await?),
            }
            Ok(())
        })
        .await;
    written.expect("a member is written");
}

/// Links an account at another service to somebody's, and gives its id.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn link_identity(app: &App, user: i64) -> i64 {
    let id = domain::IdentityId(app.new_id());
    let identity = domain::Identity {
        id,
        provider: "google".into(),
        issuer: "https://accounts.example.org".into(),
        subject: user.to_string(),
        email: None,
        created_at: app.now(),
        last_used_at: app.now(),
    };
    let linked: crate::Result<bool> = app
        .db
        .write(async move |tx| Ok(store::identities::insert(tx, domain::UserId(user), &identity).await?))
        .await;
    assert!(linked.expect("an identity is written"));
    id.0
}

/// Writes down that somebody has paid for a plan, which is good from now on until `ends_at`.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn set_paid(
    app: &App,
    user: i64,
    plan: &str,
    status: domain::SubscriptionStatus,
    ends_at: domain::Timestamp,
) {
    let paid = domain::Subscription {
        user_id: domain::UserId(user),
        plan: plan.to_owned(),
        status,
        started_at: app.now(),
        ends_at,
    };
    let put: store::Result<()> =
        app.db.write(async move |tx| store::subscriptions::put(tx, &paid).await).await;
    put.expect("a subscription is written");
}
