//! `on_both`: runs a test on every backend, each time on a fresh database.
//!
//! PostgreSQL is reached through `COLLOQUY_TEST_POSTGRES`, which `cargo xtask test` sets for the throw-away server that
//! it starts (`cargo xtask postgres -- <command>` does the same for one command).

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};

use crate::{Db, Options};

/// A database for one test; gone when it is dropped.
pub struct TestDb {
    /// The open database.
    pub db: Db,
    /// How to open it again.
    pub options: Options,
    _folder: tempfile::TempDir,
}

/// Runs `test` on a fresh SQLite database, then on a fresh PostgreSQL database.
///
/// # Panics
/// If the test does, or if there is no PostgreSQL to test on: a half-run test must not look like a passed one.
pub async fn on_both(test: impl AsyncFn(&Db)) {
    let sqlite = fresh_sqlite().await;
    test(&sqlite.db).await;
    sqlite.db.close().await;
    let postgres = fresh_postgres().await;
    test(&postgres.db).await;
    postgres.db.close().await;
}

/// A fresh SQLite database in a folder of its own.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn fresh_sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = Options::Sqlite(folder.path().join("colloquy.db"));
    let db = Db::open(options.clone()).await.expect("a fresh SQLite database");
    TestDb { db, options, _folder: folder }
}

/// A fresh PostgreSQL database on the test server.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn fresh_postgres() -> TestDb {
    let options = Options::Postgres { url: fresh_postgres_url().await, max_connections: 8 };
    let db = Db::open(options.clone()).await.expect("a fresh PostgreSQL database");
    TestDb { db, options, _folder: tempfile::tempdir().expect("a temporary folder") }
}

/// The address of a new, empty database on the test server.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn fresh_postgres_url() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "the test server's address comes from the test runner")]
    let server = std::env::var("COLLOQUY_TEST_POSTGRES").expect(
        "COLLOQUY_TEST_POSTGRES is not set: run `cargo xtask test`, or `cargo xtask postgres -- <command>`",
    );
    let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let options: PgConnectOptions = server.parse().expect("an address of a PostgreSQL server");
    let mut admin: PgConnection =
        options.disable_statement_logging().connect().await.expect("the test PostgreSQL server");
    let create = format!("CREATE DATABASE {name}");
    admin.execute(sqlx::query(AssertSqlSafe(create))).await.expect("the right to create databases");
    admin.close().await.expect("an open connection");
    let (head, query) = match server.split_once('?') {
        Some((head, query)) => (head.to_owned(), format!("?{query}")),
        None => (server.clone(), String::new()),
    };
    let scheme_end = head.find("://").map_or(0, |at| at + 3);
    let path_at = head[scheme_end..].rfind('/').map_or(head.len(), |at| scheme_end + at);
    format!("{}/{name}{query}", &head[..path_at])
}

/// Ends the session that holds the advisory lock of this PostgreSQL database, as a restart of the server would.
#[expect(clippy::missing_panics_doc, reason = "a test helper")]
pub async fn cut_lock_session(db: &Db) {
    let cut: Vec<(bool,)> = crate::On::from(db)
        .query(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .all()
        .await
        .expect("the right to end sessions");
    assert_eq!(cut, [(true,)], "one session holds the lock");
}

/// Rows that tests begin with.
pub mod given {
    use domain::{
        ConversationId, Message, MessageId, Parts, Role, State, Timestamp, TitleOrigin, Turn, TurnId,
        TurnKind, UserId,
    };

    use crate::{Db, Result, conversations::New};

    /// The node and epoch of turns made here.
    pub const NODE: (i64, i64) = (0, 1);

    /// An account with this id.
    #[expect(clippy::missing_panics_doc, reason = "a test helper")]
    pub async fn user(db: &Db, id: i64) -> UserId {
        let done: Result<()> = db
            .write(async move |tx| {
                tx.query(
                    "INSERT INTO users (id, username, username_key, email, email_key, password_hash, role, is_active,
                                        is_verified, preferences, created_at, updated_at)
                     VALUES ($1, $2, $2, $3, $3, '', 'user', TRUE, FALSE, '{}', 0, 0)",
                )
                .bind(id)
                .bind(format!("user{id}"))
                .bind(format!("user{id}@example.org"))
                .run()
                .await?;
                Ok(())
            })
            .await;
        done.expect("a new account");
        UserId(id)
    }

    /// A conversation of `owner` with this id.
    #[expect(clippy::missing_panics_doc, reason = "a test helper")]
    pub async fn conversation(db: &Db, id: i64, owner: UserId) -> ConversationId {
        let new = New {
            id: ConversationId(id),
            owner,
            title: format!("Title {id}"),
            title_origin: TitleOrigin::Words,
            model: None,
            instructions: None,
            now: Timestamp(id),
        };
        let done: Result<()> = db.write(async move |tx| crate::conversations::insert(tx, &new).await).await;
        done.expect("a new conversation");
        ConversationId(id)
    }

    /// A message with nothing but what is given.
    pub fn message(
        id: i64,
        conversation: ConversationId,
        parent: Option<i64>,
        role: Role,
        text: &str,
    ) -> Message {
        Message {
            id: MessageId(id),
            conversation_id: conversation,
            parent_id: parent.map(MessageId),
            role,
            author: None,
            parts: if text.is_empty() { Parts::default() } else { Parts::text_only(text) },
            state: State::Completed,
            turn_id: None,
            model: None,
            usage: None,
            finish_reason: None,
            error: None,
            created_at: Timestamp(id),
            sibling_ids: Vec::new(),
            covers: None,
            feedback: None,
        }
    }

    /// Writes messages.
    #[expect(clippy::missing_panics_doc, reason = "a test helper")]
    pub async fn said(db: &Db, messages: Vec<Message>) {
        let done: Result<()> = db
            .write(async move |tx| {
                for message in &messages {
                    crate::messages::insert(tx, message, None).await?;
                }
                Ok(())
            })
            .await;
        done.expect("new messages");
    }

    /// A turn whose question is `id + 1` and whose answer is `id + 2`, with its messages.
    #[expect(clippy::missing_panics_doc, reason = "a test helper")]
    pub async fn turn(db: &Db, id: i64, conversation: ConversationId, user: UserId, state: State) -> Turn {
        let turn = Turn {
            id: TurnId(id),
            conversation_id: conversation,
            user_id: user,
            user_message_id: MessageId(id + 1),
            message_id: MessageId(id + 2),
            kind: TurnKind::Send,
            continued_id: None,
            state,
            model: "fake".into(),
            node: NODE.0,
            epoch: NODE.1,
            done_seq: None,
            created_at: Timestamp(id),
            settled_at: None,
            quota_month: None,
        };
        let mut answer = message(id + 2, conversation, Some(id + 1), Role::Assistant, "");
        answer.state = state;
        answer.turn_id = Some(turn.id);
        said(db, vec![message(id + 1, conversation, None, Role::User, "question"), answer]).await;
        let row = turn.clone();
        let done: Result<()> = db.write(async move |tx| crate::turns::insert(tx, &row).await).await;
        done.expect("a new turn");
        turn
    }
}
