//! The net under all turns: what an earlier process left is settled at the start, what lost its runner within a second.

use std::{sync::Arc, time::Duration};

use domain::{Seq, State, Turn};
use futures_util::{StreamExt as _, stream};
use tokio::time::MissedTickBehavior;

use super::{
    answer::{Answer, Ending, retell},
    settle,
};
use crate::{App, Result, app::ONLY_NODE};

/// A recovered turn's `done` is numbered so far above what is stored, so that no cursor that was seen and lost lies.
pub const RECOVERED_GAP: Seq = 1_000_000;
/// How many turns are settled at once, so that they share commits.
const AT_ONCE: usize = 64;

/// Settles every unsettled turn of other epochs as interrupted, with the text of its tail.
pub(crate) async fn settle_left_behind(app: &App) -> Result<()> {
    let turns = store::turns::unsettled_of_node(&app.db, ONLY_NODE, app.epoch(), false).await?;
    if turns.is_empty() {
        return Ok(());
    }
    tracing::info!(turns = turns.len(), "settling answers that an earlier process left");
    let mut settled = stream::iter(turns).map(|turn| interrupt(app.clone(), turn)).buffered(AT_ONCE);
    while let Some(result) = settled.next().await {
        result?;
    }
    Ok(())
}

/// Settles a turn that nobody runs: from its log where there is one, else from its tail.
async fn interrupt(app: App, turn: Turn) -> Result<()> {
    let saved = store::messages::saved_of_turn(&app.db, turn.id).await?;
    let (parts, covers) =
        saved.map(|message| (message.parts, message.covers.unwrap_or(0))).unwrap_or_default();
    let log = app.hub.logs.get(turn.id);
    let answer = match &log {
        Some(log) => retell(log, &parts, covers),
        None => Answer::of(parts),
    };
    let ending = Ending { state: State::Interrupted, error: None };
    let done_seq = covers + RECOVERED_GAP;
    if let settle::Settle::Now { promoted } =
        settle::write(&app, &turn, Arc::new(answer), ending, None, done_seq).await?
    {
        settle::wake(&app, promoted);
    }
    if log.is_some() {
        app.hub.logs.forget(turn.id);
    }
    Ok(())
}

/// Once a second: keeps the lock on the database, settles what is not held, wakes what missed its promotion, and sweeps
/// logs.
pub(crate) async fn run(app: App) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let keep = Duration::from_secs(app.config.chat.log_keep_seconds);
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = look_once(&app).await {
            tracing::error!(%error, "unsettled turns could not be looked at");
        }
        app.hub.logs.sweep(keep, app.now());
    }
}

async fn look_once(app: &App) -> Result<()> {
    let held_before = app.db.holds_lock();
    if !app.db.take_lock().await {
        tracing::error!("this server lost its lock on the database and writes nothing until it has it again");
        return Ok(());
    }
    if !held_before {
        let epoch = app.renew_epoch().await?;
        tracing::warn!(node.epoch = epoch, "the lock on the database was taken again");
        settle_left_behind(app).await?;
    }
    // First the rows, then the logs: a turn is held from before its begin commits until after its settle has.
    for turn in store::turns::unsettled_of_node(&app.db, ONLY_NODE, app.epoch(), true).await? {
        match app.hub.logs.get(turn.id) {
            Some(log) if app.hub.logs.holds(turn.id) => {
                if turn.state == State::Running {
                    log.promote();
                }
            }
            _ => {
                tracing::warn!(turn.id = turn.id.0, "a turn had lost its runner");
                interrupt(app.clone(), turn).await?;
            }
        }
    }
    Ok(())
}
