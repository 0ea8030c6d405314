//! Ends a turn for good: exactly one settle of a turn takes effect, whoever calls it. `done` is published after the
//! commit.

use std::{sync::Arc, time::Duration};

use domain::{EventKind, Part, Parts, Seq, State, Turn, TurnId, Usage};
use hub::Log;
use store::{tool_calls::Called, turns::Settled};

use super::answer::{Answer, Ending};
use crate::{App, Result, events};

/// Between two tries of a settle that fails: doubled each time up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// What a job came to.
pub(super) enum Settle {
    /// It took effect; this turn may run now.
    Now { promoted: Option<TurnId> },
    /// It had been settled before, or is gone.
    Before,
}

/// Seals the log, stores the answer, publishes `done` and wakes the turn that waited. Repeats until it is stored.
pub(super) async fn settle(
    app: &App,
    turn: &Turn,
    log: &Arc<Log>,
    answer: Answer,
    ending: Ending,
    usage: Option<Usage>,
    gives_back: bool,
) {
    if let Some(usage) = usage {
        log.append(EventKind::Usage(usage));
    }
    if let Some(error) = &ending.error {
        log.append(EventKind::Error(error.clone()));
    }
    let done_seq = log.seal();
    let answer = Arc::new(answer);
    let mut pause = FIRST_PAUSE;
    loop {
        match write(app, turn, Arc::clone(&answer), ending.clone(), usage, done_seq, gives_back).await {
            Ok(Settle::Now { promoted }) => {
                log.finish(EventKind::Done {
                    message_id: turn.message_id,
                    state: ending.state,
                    finish_reason: answer.finish_reason.clone(),
                    usage,
                });
                app.hub.logs.settled(turn.id, app.now());
                events::turn_ended(app, turn, ending.state);
                wake(app, promoted);
                return;
            }
            Ok(Settle::Before) => match done_of_row(app, turn).await {
                Ok(done) => {
                    let state = if let EventKind::Done { state, .. } = &done { *state } else { ending.state };
                    log.finish(done);
                    app.hub.logs.settled(turn.id, app.now());
                    // Its own settle may have committed without an answer, and told nobody.
                    events::turn_ended(app, turn, state);
                    return;
                }
                Err(error) => {
                    tracing::error!(turn.id = turn.id.0, %error, "a settled turn could not be read");
                }
            },
            Err(error) => {
                tracing::error!(turn.id = turn.id.0, %error, "a turn could not be settled; trying again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // The database is closing: the next start finds the turn and settles it as interrupted.
            () = app.stopping().cancelled(), if pause >= Duration::from_secs(1) => return,
        }
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// Tells the runner of a turn that its time has come.
pub(super) fn wake(app: &App, promoted: Option<TurnId>) {
    #[cfg(any(test, feature = "testing"))]
    if promoted.is_some() && app.faults.take(crate::faults::Point::PromotionIsLost) {
        return;
    }
    if let Some(log) = promoted.and_then(|turn| app.hub.logs.get(turn)) {
        log.promote();
    }
}

/// How a turn that was settled before ended; one that is gone counts as stopped.
async fn done_of_row(app: &App, turn: &Turn) -> Result<EventKind> {
    let message = store::messages::own(&app.db, turn.message_id).await?;
    Ok(match message {
        Some(message) if message.state.is_settled() => EventKind::Done {
            message_id: message.id,
            state: message.state,
            finish_reason: message.finish_reason,
            usage: message.usage,
        },
        _ => EventKind::Done {
            message_id: turn.message_id,
            state: State::Stopped,
            finish_reason: None,
            usage: None,
        },
    })
}

/// The one job of a settle. `gives_back` says that the message of the turn counts no more.
pub(super) async fn write(
    app: &App,
    turn: &Turn,
    answer: Arc<Answer>,
    ending: Ending,
    usage: Option<Usage>,
    done_seq: Seq,
    gives_back: bool,
) -> Result<Settle> {
    #[cfg(any(test, feature = "testing"))]
    app.faults.check(crate::faults::Point::SettleFails)?;
    let (turn, now, usage_id) = (turn.clone(), app.now(), app.new_id());
    let calls = called(app, &turn, &answer.parts).await?;
    app.db
        .write(async move |tx| {
            let settled = Settled {
                state: ending.state,
                parts: &answer.parts,
                finish_reason: answer.finish_reason.as_deref(),
                error: ending.error.as_ref(),
                usage,
                usage_id,
                calls: &calls,
                done_seq,
                now,
                gives_back,
            };
            Ok(match store::turns::settle(tx, &turn, &settled).await? {
                Some(next) => Settle::Now { promoted: next.promoted },
                None => Settle::Before,
            })
        })
        .await
}

/// The tools that a turn called. Those of the answer that it goes on from are counted there.
async fn called(app: &App, turn: &Turn, parts: &Parts) -> Result<Vec<Called>> {
    if !parts.0.iter().any(|part| matches!(part, Part::ToolCall { .. })) {
        return Ok(Vec::new());
    }
    let earlier = match turn.continued_id {
        Some(id) => store::messages::own(&app.db, id).await?.map(|message| message.parts).unwrap_or_default(),
        None => Parts::default(),
    };
    let is_earlier =
        |wanted: &str| earlier.0.iter().any(|part| matches!(part, Part::ToolCall { id, .. } if id == wanted));
    let calls = parts.0.iter().filter_map(|part| match part {
        Part::ToolCall { id, name, state, duration_ms, .. } if !is_earlier(id) => Some(Called {
            id: app.new_id(),
            name: name.clone(),
            state: state.clone(),
            duration_ms: *duration_ms,
        }),
        _ => None,
    });
    Ok(calls.collect())
}
