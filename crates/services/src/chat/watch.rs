//! Following a turn: any number of readers, late or back again, by cursor. Every event once and in order.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{ConversationId, Event, EventKind, Message, MessageId, Seq, State, Turn, TurnId, Usage};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use hub::{Log, Moment, Read};

use crate::{Actor, App, Error, Result};

/// What a reader gets.
pub enum Watch {
    /// Nothing follows the cursor, now or ever.
    Over,
    /// The events after the cursor; ends after `done`, and at once when the reader is a member no more.
    Events(BoxStream<'static, Event>),
}

/// Between two looks at a turn whose log is elsewhere.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Follows a turn from behind `after`; 0 is from the start.
pub async fn watch(app: &App, actor: &Actor, turn: TurnId, after: Seq) -> Result<Watch> {
    let since = app.hub.memberships.moment();
    let found = store::turns::find(&app.db, actor.user, turn).await?.ok_or(Error::NotFound("turn"))?;
    if found.done_seq.is_some_and(|done| after >= done) {
        return Ok(Watch::Over);
    }
    if app.hub.logs.get(turn).is_some_and(|log| log.read(after) == Read::End) {
        return Ok(Watch::Over);
    }
    Ok(Watch::Events(reader(app, actor, &found, after, since)))
}

/// Follows a turn that was just begun, from its start. The actor was found to be a member after `since`.
pub(super) fn follow(app: &App, actor: &Actor, turn: &Turn, since: Moment) -> BoxStream<'static, Event> {
    reader(app, actor, turn, 0, since)
}

fn reader(app: &App, actor: &Actor, turn: &Turn, after: Seq, since: Moment) -> BoxStream<'static, Event> {
    let member = app.hub.memberships.serve(turn.conversation_id, actor.user, since);
    let reader = Reader {
        app: app.clone(),
        actor: *actor,
        turn: turn.id,
        message: turn.message_id,
        conversation: turn.conversation_id,
        seen: after,
        ready: VecDeque::new(),
        over: false,
    };
    stream::unfold(Box::new(reader), Reader::next).take_until(member.ended()).boxed()
}

struct Reader {
    app: App,
    actor: Actor,
    turn: TurnId,
    message: MessageId,
    conversation: ConversationId,
    /// The number of what was given last.
    seen: Seq,
    /// What is read and not yet given.
    ready: VecDeque<Event>,
    over: bool,
}

impl Reader {
    /// Boxed, and the rare ways too: of a stream that waits, this is what stays.
    async fn next(mut self: Box<Self>) -> Option<(Event, Box<Self>)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.seen = event.seq;
                self.over = event.is_done();
                return Some((event, self));
            }
            self.ready = VecDeque::new();
            if self.over {
                return None;
            }
            match self.app.hub.logs.get(self.turn) {
                Some(log) => self.read(&log).await?,
                None => Box::pin(self.read_rows(true)).await?,
            }
        }
    }

    /// Reads on in the log, or waits at its end. `None` ends the stream.
    async fn read(&mut self, log: &Arc<Log>) -> Option<()> {
        // Subscribe first, then read: what comes between rings the bell.
        let bell = log.bell();
        match log.read(self.seen) {
            Read::Events(events) => self.ready = events.into(),
            Read::Wait => bell.await,
            Read::Elsewhere => Box::pin(self.read_rows(false)).await?,
            Read::End => return None,
        }
        Some(())
    }

    /// Tells the story by the message itself: a snapshot, then what a settled turn ends with. `None` ends the stream.
    async fn read_rows(&mut self, wait: bool) -> Option<()> {
        let (message, turn) = match self.rows().await {
            Ok(Some(found)) => found,
            // It is gone, or no longer the reader's to see: for the reader it was stopped.
            Ok(None) => {
                let done = self.done(State::Stopped, None, None);
                self.ready.push_back(Event { seq: self.seen + 1, kind: done });
                return Some(());
            }
            Err(error) => {
                tracing::warn!(turn.id = self.turn.0, %error, "a turn could not be read for its reader");
                tokio::time::sleep(LOOK_AGAIN).await;
                return Some(());
            }
        };
        if let Some(done_seq) = turn.done_seq.filter(|_| message.state.is_settled()) {
            return self.settled(message, done_seq);
        }
        let covers = message.covers.unwrap_or(0);
        // Whatever its number, a snapshot replaces what the reader holds; but not the same one again and again.
        if !wait || covers > self.seen {
            self.ready.push_back(Event { seq: covers, kind: EventKind::Snapshot(Box::new(message)) });
        } else {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Some(())
    }

    /// The answer and the turn, as the reader sees them now.
    async fn rows(&self) -> Result<Option<(Message, Turn)>> {
        let (db, user) = (&self.app.db, self.actor.user);
        let Some(message) = store::messages::find(db, user, self.message).await? else {
            return Ok(None);
        };
        let mut message = [message];
        store::messages::add_siblings(db, self.conversation, &mut message).await?;
        let turn = store::turns::find(db, user, self.turn).await?;
        let [message] = message;
        Ok(turn.map(|turn| (message, turn)))
    }

    /// Snapshot, `error` if it failed, and `done`, numbered as the log would have.
    fn settled(&mut self, message: Message, done_seq: Seq) -> Option<()> {
        if self.seen >= done_seq {
            return None;
        }
        let done = self.done(message.state, message.finish_reason.clone(), message.usage);
        let error = message.error.clone().filter(|_| message.state == State::Failed);
        let before = if error.is_some() { done_seq - 2 } else { done_seq - 1 };
        self.ready.push_back(Event { seq: before, kind: EventKind::Snapshot(Box::new(message)) });
        if let Some(error) = error {
            self.ready.push_back(Event { seq: done_seq - 1, kind: EventKind::Error(error) });
        }
        self.ready.push_back(Event { seq: done_seq, kind: done });
        Some(())
    }

    fn done(&self, state: State, finish_reason: Option<String>, usage: Option<Usage>) -> EventKind {
        EventKind::Done { message_id: self.message, state, finish_reason, usage }
    }
}
