//! A person says something, or asks again; an answer starts.

use domain::{Event, EventKind, Message, TurnId, Usage};
use futures_util::{StreamExt as _, stream::BoxStream};

use super::{
    answer,
    ask::{Ask, Options},
    begin::{Begun, begin},
    watch::{Watch, follow, watch},
};
use crate::{Actor, App, Error, Result, web_search};

/// A turn that was taken, and its events from the first on.
pub struct Sent {
    /// The turn.
    pub turn: TurnId,
    /// Its events; ends after `done`.
    pub events: BoxStream<'static, Event>,
}

/// Saves the question and an empty answer, then lets the answer grow in the background.
///
/// All of it runs in a task of its own: a caller that disconnects meanwhile loses nothing and stops nothing. When this
/// returns, the question is on the disk. The same key, path and body again joins the same turn.
pub async fn send(app: &App, actor: &Actor, ask: Ask, options: Options) -> Result<Sent> {
    if app.installation.refuses_sends() {
        return Err(Error::Unavailable {
            code: "stopping",
            message: "The server is being restarted. Send again in a moment.".into(),
        });
    }
    if options.use_rag {
        web_search::may(app, actor).await?;
    }
    let (app, actor) = (app.clone(), *actor);
    app.clone()
        .detached(async move {
            let since = app.hub.memberships.moment();
            let turn = match begin(&app, &actor, ask, options).await? {
                Begun::New(new) => {
                    // What was taken is acknowledged whatever happens now: nothing is asked of the database.
                    let sent = Sent { turn: new.turn.id, events: follow(&app, &actor, &new.turn, since) };
                    answer::start(&app, *new);
                    return Ok(sent);
                }
                Begun::Joined(turn) => turn,
            };
            match watch(&app, &actor, turn, 0).await? {
                Watch::Events(events) => Ok(Sent { turn, events }),
                Watch::Over => Err(Error::NotFound("turn")),
            }
        })
        .await
}

/// An answer as a whole, for clients that do not stream.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The turn.
    pub turn: TurnId,
    /// The answer as stored.
    pub message: Message,
    /// What it cost.
    pub usage: Option<Usage>,
}

/// Waits for `done` and reads the answer: not streaming is collecting.
pub async fn collect(app: &App, actor: &Actor, mut sent: Sent) -> Result<Collected> {
    let mut done = None;
    while let Some(event) = sent.events.next().await {
        if let EventKind::Done { message_id, usage, .. } = event.kind {
            done = Some((message_id, usage));
        }
    }
    let (id, usage) = done.ok_or(Error::NotFound("turn"))?;
    let message = store::messages::find(&app.db, actor.user, id).await?.ok_or(Error::NotFound("message"))?;
    Ok(Collected { turn: sent.turn, message, usage })
}
