//! Looks over the books. Nothing in them is ever wrong; if it is, whoever runs the server hears of it.

use std::time::Duration;

use crate::{App, Result};

/// How often they are looked over, beside at the start.
const PAUSE: Duration = Duration::from_hours(1);

/// Looks them over until the app stops.
pub(super) async fn run(app: &App) {
    let mut tick = tokio::time::interval(PAUSE);
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            _ = tick.tick() => {}
        }
        tokio::select! {
            () = app.stopping().cancelled() => return,
            looked = check(app) => if let Err(error) = looked {
                tracing::warn!(%error, "the books could not be looked over; it is tried again in an hour");
            },
        }
    }
}

/// Whether the lines of every order sum to zero, and every payment is in them as it came in.
pub(crate) async fn check(app: &App) -> Result<bool> {
    let unbalanced = store::ledger::unbalanced(&app.db).await?;
    let unbooked = store::ledger::unbooked(&app.db).await?;
    if unbalanced == 0 && unbooked == 0 {
        return Ok(true);
    }
    tracing::error!(
        unbalanced,
        unbooked,
        "the books of payments are wrong: orders whose lines do not sum to zero, or payments that are not in the lines. \
         Somebody changed the database, or this is a bug: compare the tables `payments` and `ledger` with the gateway"
    );
    Ok(false)
}
