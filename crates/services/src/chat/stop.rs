//! Stopping answers: by a person, or because what they belong to has ended.

use domain::{Action, TurnId};

use crate::{Actor, App, Error, Result, access};

/// Stops a turn, running or waiting. Its sender and every editor may. A settled turn stays as it is.
pub async fn stop(app: &App, actor: &Actor, turn: TurnId) -> Result<()> {
    let found = store::turns::find(&app.db, actor.user, turn).await?.ok_or(Error::NotFound("turn"))?;
    if found.user_id != actor.user {
        access::conversation(&app.db, actor, found.conversation_id, Action::Prompt).await?;
    }
    stop_turns(app, &[turn]);
    Ok(())
}

/// Stops turns after the commit of a job that ended what they belong to.
pub fn stop_turns(app: &App, turns: &[TurnId]) {
    for log in turns.iter().filter_map(|turn| app.hub.logs.get(*turn)) {
        log.stop();
    }
}
