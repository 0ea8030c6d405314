//! Bringing the tables up to date: numbered SQL, one folder per database, never edited after a release.

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::error::{Error, Result};

/// A migration: its number, its name, its text for each database.
struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// All migrations, oldest first.
const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_accounts"),
    migration!(2, "0002_conversations"),
    migration!(3, "0003_search"),
    migration!(4, "0004_groups_and_shares"),
    migration!(5, "0005_files"),
    migration!(6, "0006_password_resets"),
    migration!(7, "0007_api_keys"),
    migration!(8, "0008_members"),
    migration!(9, "0009_identities"),
    migration!(10, "0010_quotas"),
    migration!(11, "0011_billing"),
    migration!(12, "0012_tool_calls"),
    migration!(13, "0013_orders"),
];

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";
const LATEST: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
const DONE: &str = "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)";

pub(super) fn sqlite(connection: &mut rusqlite::Connection) -> Result<()> {
    connection.execute_batch(TABLE)?;
    let latest: i64 = connection.query_row(LATEST, (), |row| row.get(0))?;
    refuse_newer(latest)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > latest) {
        let tx = connection.transaction()?;
        tx.execute_batch(migration.sqlite)?;
        tx.execute(DONE, (migration.version, migration.name))?;
        tx.commit()?;
    }
    Ok(())
}

pub(super) async fn postgres(connection: &mut PgConnection) -> Result<()> {
    connection.execute(TABLE).await?;
    let latest: i64 = sqlx::query_scalar(LATEST).fetch_one(&mut *connection).await?;
    refuse_newer(latest)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > latest) {
        let mut tx = connection.begin().await?;
        sqlx::raw_sql(migration.postgres).execute(&mut *tx).await?;
        sqlx::query(DONE).bind(migration.version).bind(migration.name).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn refuse_newer(latest: i64) -> Result<()> {
    let ours = MIGRATIONS.last().map_or(0, |migration| migration.version);
    if latest > ours {
        return Err(Error::Unavailable(format!(
            "this database was written by a newer version (schema {latest}, this one knows {ours}); start that version"
        )));
    }
    Ok(())
}
