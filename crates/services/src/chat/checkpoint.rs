//! Saves what running answers have said: every 75 ms one job for all of them, and of each only what is new. Sleeps while
//! there are none.

use std::{sync::Arc, time::Duration};

use domain::Parts;
use hub::Log;
use store::tails::Piece;
use tokio::time::MissedTickBehavior;

use super::answer::push;
use crate::{App, Error, app::ONLY_NODE};

/// How long a checkpoint that cannot be written waits for its next try.
const PAUSE: Duration = Duration::from_secs(1);

/// Saves until the app stops.
pub(crate) async fn run(app: App) {
    let mut tick = tokio::time::interval(Duration::from_millis(app.config.chat.checkpoint_ms.max(1)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            () = async { app.hub.logs.until_unsettled().await; tick.tick().await; } => {}
        }
        if !save(&app).await {
            tokio::select! {
                () = app.stopping().cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}

/// Saves what is new. Says `false` if the database takes nothing now.
async fn save(app: &App) -> bool {
    let logs = app.hub.logs.unsettled();
    let pieces: Vec<(Arc<Log>, Piece)> =
        logs.into_iter().filter_map(|log| Some((Arc::clone(&log), piece(&log)?))).collect();
    if pieces.is_empty() {
        return true;
    }
    let all: Vec<Piece> = pieces.iter().map(|(_, piece)| piece.clone()).collect();
    match write(app, all).await {
        Ok(()) => {
            for (log, piece) in &pieces {
                log.saved(piece.covers);
            }
            return true;
        }
        Err(error @ Error::Unavailable { .. }) => {
            tracing::error!(%error, turns = pieces.len(), "running answers cannot be saved now");
            return false;
        }
        Err(error) => {
            tracing::warn!(%error, turns = pieces.len(), "a checkpoint failed; saving turn by turn");
        }
    }
    let mut is_saved = true;
    for (log, piece) in pieces {
        match write(app, vec![piece.clone()]).await {
            Ok(()) => log.saved(piece.covers),
            Err(error) => {
                tracing::error!(turn.id = log.turn.0, %error, "an answer could not be saved yet");
                is_saved = false;
            }
        }
    }
    is_saved
}

/// What a log holds above what is saved, if that says anything.
fn piece(log: &Log) -> Option<Piece> {
    let after = log.covers();
    let mut covers = after;
    let mut parts = Parts::default();
    for event in log.above(after) {
        covers = event.seq;
        push(&mut parts, event.kind);
    }
    (!parts.is_empty()).then_some(Piece { turn: log.turn, after, covers, parts })
}

async fn write(app: &App, pieces: Vec<Piece>) -> crate::Result<()> {
    #[cfg(any(test, feature = "testing"))]
    app.faults.check(crate::faults::Point::CheckpointFails)?;
    let by = (ONLY_NODE, app.epoch());
    app.db.write(async move |tx| store::tails::append(tx, &pieces, by).await).await?;
    Ok(())
}
