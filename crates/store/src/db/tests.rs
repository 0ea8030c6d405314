//! What the executor promises, on both databases.

use std::collections::BTreeSet;

use super::*;
use crate::test::{given, on_both};

async fn count(db: &Db) -> i64 {
    let (count,): (i64,) = On::from(db).query("SELECT COUNT(*) FROM nodes").one().await.unwrap();
    count
}

async fn enter(tx: &mut Tx, node: i64) -> Result<()> {
    tx.query("INSERT INTO nodes (node, epoch, seen_at) VALUES ($1, 1, 0)").bind(node).run().await?;
    Ok(())
}

#[tokio::test]
async fn jobs_that_fail_or_panic_fail_alone() {
    on_both(async |db| {
        let jobs = (0..300).map(|n| {
            let db = db.clone();
            async move {
                db.write(async move |tx| {
                    enter(tx, n).await?;
                    match n % 3 {
                        0 => Ok(n),
                        1 => Err(Error::Misuse("changed its mind")),
                        _ => panic!("job {n}"),
                    }
                })
                .await
            }
        });
        let results = futures_util::future::join_all(jobs).await;
        for (n, result) in results.into_iter().enumerate() {
            match n % 3 {
                0 => assert_eq!(result.unwrap(), i64::try_from(n).unwrap()),
                1 => assert!(matches!(result, Err(Error::Misuse(_)))),
                _ => assert!(matches!(result, Err(Error::Panicked))),
            }
        }
        assert_eq!(count(db).await, 100);
    })
    .await;
}

#[tokio::test]
async fn a_job_that_swallows_a_failed_statement_cannot_end_well() {
    on_both(async |db| {
        let result: Result<()> = db
            .write(async move |tx| {
                enter(tx, 1).await?;
                let _ = enter(tx, 1).await;
                Ok(())
            })
            .await;
        assert!(matches!(result, Err(Error::Unique(_))), "{result:?}");
        assert_eq!(count(db).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_job_inside_a_job_is_refused() {
    on_both(async |db| {
        let inner = db.clone();
        let result: Result<()> =
            db.write(async move |_| inner.write(async move |tx| enter(tx, 1).await).await).await;
        assert!(matches!(result, Err(Error::Misuse(_))));
    })
    .await;
}

#[tokio::test]
async fn a_dropped_caller_does_not_take_its_job_along() {
    on_both(async |db| {
        let mut waiting = Box::pin(db.write(async move |tx| enter(tx, 7).await));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        drop(waiting);
        for _ in 0..200 {
            if count(db).await == 1 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the job was lost");
    })
    .await;
}

#[tokio::test]
async fn a_read_cannot_write() {
    on_both(async |db| {
        let result = On::from(db).query("DELETE FROM nodes").run().await;
        assert!(matches!(result, Err(Error::Misuse(_))));
        let result = On::from(db).query("DELETE FROM nodes RETURNING node").all::<(i64,)>().await;
        assert!(matches!(result, Err(Error::Misuse(_))));
    })
    .await;
}

#[tokio::test]
async fn a_closed_database_takes_no_jobs() {
    on_both(async |db| {
        let other = db.clone();
        other.close().await;
        let result: Result<()> = db.write(async move |tx| enter(tx, 1).await).await;
        assert!(result.is_err());
    })
    .await;
}

#[tokio::test]
async fn jobs_go_on_when_the_server_ended_every_session() {
    let postgres = crate::test::fresh_postgres().await;
    let db = &postgres.db;
    let jobs = (1..=8).map(|node| db.write(async move |tx| enter(tx, node).await));
    for job in futures_util::future::join_all(jobs).await {
        job.unwrap();
    }
    // The one that asks is spared: the pool is left with dead sessions that were used just now.
    let ended: Result<Vec<(bool,)>> = db
        .write(async move |tx| {
            tx.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .all()
            .await
        })
        .await;
    assert!(ended.unwrap().len() > 2);
    let again: Vec<_> = (11..=18).map(|node| db.write(async move |tx| enter(tx, node).await)).collect();
    for job in futures_util::future::join_all(again).await {
        job.unwrap();
    }
    assert_eq!(count(db).await, 16);
}

#[tokio::test]
async fn a_second_process_is_refused() {
    for given in [crate::test::fresh_sqlite().await, crate::test::fresh_postgres().await] {
        let second = Db::open(given.options.clone()).await;
        assert!(matches!(second, Err(Error::Unavailable(_))));
        given.db.close().await;
        drop(given.db);
        Db::open(given.options).await.unwrap().close().await;
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let sqlite = crate::test::fresh_sqlite().await;
    let postgres = crate::test::fresh_postgres().await;
    let of_sqlite: Vec<(String, String)> = On::from(&sqlite.db)
        .query(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'search_index%' AND t.name NOT LIKE 'sqlite_%'",
        )
        .all()
        .await
        .unwrap();
    let of_postgres: Vec<(String, String)> = On::from(&postgres.db)
        .query(
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name <> 'search_index'",
        )
        .all()
        .await
        .unwrap();
    let set = |rows: Vec<_>| rows.into_iter().collect::<BTreeSet<(String, String)>>();
    assert_eq!(set(of_sqlite), set(of_postgres));
}

#[tokio::test]
async fn lists_travel_as_json_and_nulls_keep_their_kind() {
    on_both(async |db| {
        let user = given::user(db, 1).await;
        let (name, login): (Option<String>, Option<i64>) = On::from(db)
            .query("SELECT full_name, last_login FROM users WHERE id = $1")
            .bind(user)
            .one()
            .await
            .unwrap();
        assert_eq!((name, login), (None, None));
    })
    .await;
}
