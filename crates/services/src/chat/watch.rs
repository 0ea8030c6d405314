//! Following a turn: any number of readers, late or back again, by cursor. Every event once and in order.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{Event, EventKind, Message, Seq, State, Turn, TurnId};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use hub::{Log, Read};

use crate::{Actor, App, Error, Result};

/// What a reader gets.
pub enum Watch {
    /// Nothing follows the cursor, now or ever.
    Over,
    /// The events after the cursor; ends after `done`.
    Events(BoxStream<'static, Event>),
}

/// Between two looks at a turn whose log is elsewhere.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Follows a turn from behind `after`; 0 is from the start.
pub async fn watch(app: &App, actor: &Actor, turn: TurnId, after: Seq) -> Result<Watch> {
    let found = store::turns::find(&app.db, actor.user, turn).await?.ok_or(Error::NotFound("turn"))?;
    if found.done_seq.is_some_and(|done| after >= done) {
        return Ok(Watch::Over);
    }
    if app.hub.logs.get(turn).is_some_and(|log| log.read(after) == Read::End) {
        return Ok(Watch::Over);
    }
    let reader = Reader {
        app: app.clone(),
        actor: *actor,
        turn: found,
        seen: after,
        ready: VecDeque::new(),
        over: false,
    };
    Ok(Watch::Events(stream::unfold(reader, Reader::next).boxed()))
}

struct Reader {
    app: App,
    actor: Actor,
    turn: Turn,
    /// The number of what was given last.
    seen: Seq,
    /// What is read and not yet given.
    ready: VecDeque<Event>,
    over: bool,
}

impl Reader {
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.seen = event.seq;
                self.over = event.is_done();
                return Some((event, self));
            }
            if self.over {
                return None;
            }
            match self.app.hub.logs.get(self.turn.id) {
                Some(log) => self.read(&log).await?,
                None => self.read_rows(true).await?,
            }
        }
    }

    /// Reads on in the log, or waits at its end. `None` ends the stream.
    async fn read(&mut self, log: &Arc<Log>) -> Option<()> {
        // Subscribe first, then read: what comes between rings the bell.
        let mut bell = log.bell();
        match log.read(self.seen) {
            Read::Events(events) => self.ready.extend(events),
            Read::Wait => {
                let _ = bell.changed().await;
            }
            Read::Elsewhere => self.read_rows(false).await?,
            Read::End => return None,
        }
        Some(())
    }

    /// Tells the story by the message itself: a snapshot, then what a settled turn ends with.
    async fn read_rows(&mut self, wait: bool) -> Option<()> {
        let found = store::messages::find(&self.app.db, self.actor.user, self.turn.message_id).await;
        let message = match found {
            Ok(Some(message)) => message,
            Ok(None) => return None,
            Err(error) => {
                tracing::warn!(turn.id = self.turn.id.0, %error, "a turn could not be read for its reader");
                tokio::time::sleep(LOOK_AGAIN).await;
                return Some(());
            }
        };
        if message.state.is_settled() {
            self.settled(message).await
        } else {
            let covers = message.covers.unwrap_or(0);
            // Whatever its number, a snapshot replaces what the reader holds; but not the same one again and again.
            if !wait || covers > self.seen {
                self.ready.push_back(Event { seq: covers, kind: EventKind::Snapshot(Box::new(message)) });
            } else {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Some(())
        }
    }

    /// Snapshot, `error` if it failed, and `done`, numbered as the log would have.
    async fn settled(&mut self, message: Message) -> Option<()> {
        let turn = store::turns::find(&self.app.db, self.actor.user, self.turn.id).await.ok()??;
        let done_seq = turn.done_seq?;
        if self.seen >= done_seq {
            return None;
        }
        let (id, state) = (message.id, message.state);
        let (finish_reason, usage) = (message.finish_reason.clone(), message.usage);
        let error = message.error.clone().filter(|_| state == State::Failed);
        let before = if error.is_some() { done_seq - 2 } else { done_seq - 1 };
        self.ready.push_back(Event { seq: before, kind: EventKind::Snapshot(Box::new(message)) });
        if let Some(error) = error {
            self.ready.push_back(Event { seq: done_seq - 1, kind: EventKind::Error(error) });
        }
        let done = EventKind::Done { message_id: id, state, finish_reason, usage };
        self.ready.push_back(Event { seq: done_seq, kind: done });
        Some(())
    }
}
