//! `subscriptions`: what accounts have paid for. An account that never paid has no row.

use domain::{Subscription, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

impl FromRow for Subscription {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            user_id: row.next()?,
            plan: row.next()?,
            status: row.next()?,
            started_at: row.next()?,
            ends_at: row.next()?,
        })
    }
}

/// What an account has paid for last, whether it is over or not.
pub async fn find(on: impl Into<On<'_>>, user: UserId) -> Result<Option<Subscription>> {
    on.into()
        .query("SELECT user_id, plan, status, started_at, ends_at FROM subscriptions WHERE user_id = $1")
        .bind(user)
        .by_key()
        .optional()
        .await
}

/// Writes what an account has paid for now, in the place of what it had.
pub async fn put(tx: &mut Tx, subscription: &Subscription) -> Result<()> {
    tx.query(
        "INSERT INTO subscriptions (user_id, plan, status, started_at, ends_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id) DO UPDATE SET plan = excluded.plan, status = excluded.status,
             started_at = excluded.started_at, ends_at = excluded.ends_at",
    )
    .bind(subscription.user_id)
    .bind(subscription.plan.as_str())
    .bind(subscription.status)
    .bind(subscription.started_at)
    .bind(subscription.ends_at)
    .run()
    .await?;
    Ok(())
}
