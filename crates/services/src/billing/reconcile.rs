//! Callbacks get lost: once a second, asks about the payments that are due.

use std::time::Duration;

use futures_util::future::join_all;

use super::credit;
use crate::{App, Result};

/// How many payments are asked about at once.
const AT_ONCE: i64 = 8;

/// Asks until the app stops. Where nothing can be bought, nothing is asked.
pub(super) async fn run(app: &App) {
    if !app.billing.is_open() {
        return;
    }
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            _ = tick.tick() => {}
        }
        #[cfg(any(test, feature = "testing"))]
        if app.faults.take(crate::faults::Point::ReconcilerSleeps) {
            continue;
        }
        tokio::select! {
            () = app.stopping().cancelled() => return,
            done = once(app) => if let Err(error) = done {
                tracing::warn!(%error, "payments could not be looked after; it is tried again in a second");
            },
        }
    }
}

/// Asks about those that are due now, and says how many these were.
pub(crate) async fn once(app: &App) -> Result<usize> {
    let due = store::orders::due(&app.db, app.now(), AT_ONCE).await?;
    let asking = due.iter().map(async |order| match &order.payment_ref {
        Some(payment_ref) => credit::ask(app, order, payment_ref).await,
        // The gateway's answer never came: nobody can pay it, unless the gateway calls.
        None => credit::postpone(app, order, None, order.state).await,
    });
    for (order, done) in due.iter().zip(join_all(asking).await) {
        if let Err(error) = done {
            tracing::warn!(order.id = order.id.0, %error, "a payment could not be looked after");
        }
    }
    Ok(due.len())
}
