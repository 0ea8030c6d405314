//! The net under all turns: what an earlier process left is settled at the start, what lost its runner within a second.

use std::{sync::Arc, time::Duration};

use domain::{EventKind, Seq, State, Turn};
use futures_util::{StreamExt as _, stream};
use store::Lock;
use tokio::time::MissedTickBehavior;

use super::{
    answer::{Answer, Ending, retell},
    settle, unstored,
};
use crate::{App, Result, app::ONLY_NODE, events};

/// A recovered turn's `done` is numbered so far above what is stored, so that no cursor that was seen and lost lies.
pub const RECOVERED_GAP: Seq = 1_000_000;
/// How many turns are settled at once, so that they share commits.
const AT_ONCE: usize = 64;

/// Settles every unsettled turn of other epochs as interrupted, with the text of its tail, and gives back what answers that
/// are not stored had taken there.
pub(crate) async fn settle_left_behind(app: &App) -> Result<()> {
    unstored::give_back_left_behind(app).await?;
    let turns = store::turns::unsettled_of_node(&app.db, ONLY_NODE, app.epoch(), false).await?;
    if turns.is_empty() {
        return Ok(());
    }
    tracing::info!(turns = turns.len(), "settling answers that an earlier process left");
    let settling =
        stream::iter(turns).map(|turn| interrupt_or_log(app.clone(), turn)).buffer_unordered(AT_ONCE);
    settling.collect::<()>().await;
    Ok(())
}

/// One turn that cannot be settled keeps no other, and no start, from going on.
async fn interrupt_or_log(app: App, turn: Turn) {
    let id = turn.id.0;
    if let Err(error) = interrupt(app, turn).await {
        tracing::error!(turn.id = id, %error, "a turn that was left behind could not be settled yet");
    }
}

/// Settles a turn that nobody runs, or that runs in an epoch that is over: from its log where there is one, else from
/// its tail. A runner that is still there ends, and so do its readers. Its message counts no more: the fault was ours.
async fn interrupt(app: App, turn: Turn) -> Result<()> {
    let saved = store::messages::own(&app.db, turn.message_id).await?;
    let (parts, covers) =
        saved.map(|message| (message.parts, message.covers.unwrap_or(0))).unwrap_or_default();
    let log = app.hub.logs.get(turn.id);
    let (answer, done_seq) = match &log {
        Some(log) => {
            let done_seq = log.seal();
            (retell(log, &parts, covers), done_seq)
        }
        None => (Answer::cut_off(parts), covers + RECOVERED_GAP),
    };
    let ending = Ending { state: State::Interrupted, error: None };
    let settled = settle::write(&app, &turn, Arc::new(answer), ending, None, done_seq, true).await?;
    // Only now: a runner that is still there finds its turn settled, and does not settle it as stopped.
    if let Some(log) = &log {
        log.stop();
    }
    if let settle::Settle::Now { promoted } = settled {
        if let Some(log) = &log {
            let (message_id, state) = (turn.message_id, State::Interrupted);
            log.finish(EventKind::Done { message_id, state, finish_reason: None, usage: None });
            app.hub.logs.settled(turn.id, app.now());
        }
        events::turn_ended(&app, &turn, State::Interrupted);
        settle::wake(&app, promoted);
    }
    Ok(())
}

/// Once a second: keeps the lock on the database, settles what is not held, wakes what missed its promotion, and sweeps
/// logs.
pub(crate) async fn run(app: App) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let keep = Duration::from_secs(app.config.chat.log_keep_seconds);
    let mut was_lost = false;
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = look_once(&app, &mut was_lost).await {
            tracing::error!(%error, "unsettled turns could not be looked at");
        }
        app.hub.logs.sweep(keep, app.now());
    }
}

/// `was_lost` stays true until what a lost lock asks for has been done: somebody else may have held it in between.
async fn look_once(app: &App, was_lost: &mut bool) -> Result<()> {
    match app.db.keep_lock().await {
        Lock::Kept => {}
        Lock::Retaken => *was_lost = true,
        Lock::Lost => {
            tracing::error!(
                "this server lost its lock on the database and writes nothing until it has it again"
            );
            return Ok(());
        }
    }
    if *was_lost {
        let epoch = app.renew_epoch().await?;
        tracing::warn!(node.epoch = epoch, "the lock on the database was lost and taken again");
        settle_left_behind(app).await?;
        *was_lost = false;
    }
    unstored::give_back_left_behind(app).await?;
    // First the rows, then the logs: a turn is held from before its begin commits until after its settle has.
    for turn in store::turns::unsettled_of_node(&app.db, ONLY_NODE, app.epoch(), true).await? {
        match app.hub.logs.get(turn.id) {
            Some(log) if turn.state == State::Running => log.promote(),
            // It waits, or it settled since the rows were read.
            Some(_) => {}
            None => {
                tracing::warn!(turn.id = turn.id.0, "a turn had lost its runner");
                interrupt_or_log(app.clone(), turn).await;
            }
        }
    }
    Ok(())
}
