//! Telling people something at once. Who does not listen does not hear it: nothing is kept.

use domain::{News, Notice, UserId};

use crate::{Actor, App, Error, Result, access};

/// The longest message, in characters.
const MOST_CHARS: usize = 2_000;
/// The longest kind, in characters.
const MOST_KIND: usize = 50;
/// The most bytes of data.
const MOST_DATA: usize = 16 * 1024;

/// What stands for "nobody who listens".
pub const OFFLINE: &str = "listener";

/// What is told.
#[derive(Debug, Clone)]
pub struct Words {
    /// What kind it is, such as `info`.
    pub kind: String,
    /// What to show.
    pub message: String,
    /// What programs want to know, as JSON.
    pub data: String,
}

/// Tells one person something: oneself, or as an administrator anybody. Somebody who does not listen is not found.
pub fn notify(app: &App, actor: &Actor, to: UserId, words: Words) -> Result<()> {
    if to != actor.user {
        access::needs_admin(actor)?;
    }
    let notice = notice(app, actor, words)?;
    if !app.hub.events.is_heard_by(to) {
        return Err(Error::NotFound(OFFLINE));
    }
    app.hub.events.tell(to, News::Notification(Box::new(notice)));
    Ok(())
}

/// Tells everybody who listens something. For administrators.
pub fn broadcast(app: &App, actor: &Actor, words: Words) -> Result<()> {
    access::needs_admin(actor)?;
    let notice = notice(app, actor, words)?;
    app.hub.events.tell_all(News::Broadcast(Box::new(notice)));
    Ok(())
}

fn notice(app: &App, actor: &Actor, words: Words) -> Result<Notice> {
    let Words { kind, message, data } = words;
    if message.trim().is_empty() || message.chars().count() > MOST_CHARS {
        return Err(Error::invalid("message", format!("must have 1 to {MOST_CHARS} characters")));
    }
    if kind.chars().count() > MOST_KIND {
        return Err(Error::invalid("type", format!("must have at most {MOST_KIND} characters")));
    }
    if data.len() > MOST_DATA {
        return Err(Error::invalid("data", format!("must have at most {MOST_DATA} bytes")));
    }
    Ok(Notice { kind, message, data, from: actor.user, at: app.now() })
}
