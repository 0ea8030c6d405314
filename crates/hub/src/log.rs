//! The log of one turn: an append-only sequence of events plus a bell that says "there is more".
//!
//! A reader holds a cursor, subscribes to the bell, then reads on from the cursor: it may come late, be slow or come
//! back, and still sees every event once and in order.

use std::{collections::VecDeque, sync::Mutex};

use domain::{Event, EventKind, Seq, TurnId};
use tokio::sync::{Notify, futures::Notified};
use tokio_util::sync::CancellationToken;

/// A turn's events, as far as they are held in memory.
#[derive(Debug)]
pub struct Log {
    /// The turn.
    pub turn: TurnId,
    events: Mutex<Events>,
    bell: Notify,
    /// Cancelled when somebody stops the turn.
    stop: CancellationToken,
    /// Cancelled when the turn, which waited, may run.
    run: CancellationToken,
}

#[derive(Debug, Default)]
struct Events {
    /// What is held, in order and without gaps, up to `last`.
    held: VecDeque<Held>,
    /// The number of the newest event; 0 before the first.
    last: Seq,
    /// Everything up to here is stored.
    covers: Seq,
    /// Bytes of text held.
    bytes: usize,
    /// Nothing but `done` may follow.
    sealed: bool,
    /// `done` was published.
    done: bool,
}

/// What happened, as it is held: thousands of a turn are short text, so these are small, and numbered by their place.
#[derive(Debug)]
enum Held {
    Chunk(Box<str>),
    Reasoning(Box<str>),
    Other(Box<EventKind>),
}

impl From<EventKind> for Held {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Chunk(text) => Self::Chunk(text.into()),
            EventKind::Reasoning(text) => Self::Reasoning(text.into()),
            other => Self::Other(Box::new(other)),
        }
    }
}

impl Held {
    fn event(&self, seq: Seq) -> Event {
        let kind = match self {
            Self::Chunk(text) => EventKind::Chunk(text.to_string()),
            Self::Reasoning(text) => EventKind::Reasoning(text.to_string()),
            Self::Other(kind) => EventKind::clone(kind),
        };
        Event { seq, kind }
    }

    /// About how many bytes it takes in memory.
    fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Chunk(text) | Self::Reasoning(text) => text.len(),
                Self::Other(kind) => size_of::<EventKind>() + beyond(kind),
            }
    }
}

/// What a reader finds behind its cursor.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// These events follow. Never empty.
    Events(Vec<Event>),
    /// Nothing yet.
    Wait,
    /// The log no longer, or not yet, reaches there: the message itself tells the story.
    Elsewhere,
    /// The cursor stands at or behind `done`.
    End,
}

/// How many events a reader takes at once.
const READ_AT_ONCE: usize = 256;

impl Log {
    pub(crate) fn new(turn: TurnId) -> Self {
        Self {
            turn,
            events: Mutex::default(),
            bell: Notify::new(),
            stop: CancellationToken::new(),
            run: CancellationToken::new(),
        }
    }

    /// Publishes an event and gives its number. A sealed log takes none and gives `None`.
    pub fn append(&self, kind: EventKind) -> Option<Seq> {
        let mut events = self.lock();
        if events.sealed {
            return None;
        }
        Some(self.publish(&mut events, kind))
    }

    /// Seals the log: only `done` may follow. Gives the number that `done` will have.
    pub fn seal(&self) -> Seq {
        let mut events = self.lock();
        events.sealed = true;
        events.last + 1
    }

    /// Publishes `done`, once; a log that has it stays as it is.
    pub fn finish(&self, done: EventKind) {
        let mut events = self.lock();
        if !events.done {
            events.sealed = true;
            events.done = true;
            self.publish(&mut events, done);
        }
    }

    fn publish(&self, events: &mut Events, kind: EventKind) -> Seq {
        events.last += 1;
        let seq = events.last;
        let held = Held::from(kind);
        events.bytes += held.weight();
        events.held.push_back(held);
        self.bell.notify_waiters();
        seq
    }

    /// Rings at the next event, also if that comes before anybody waits for it.
    pub fn bell(&self) -> Notified<'_> {
        self.bell.notified()
    }

    /// What follows `after`.
    pub fn read(&self, after: Seq) -> Read {
        let events = self.lock();
        if after >= events.last {
            return match (events.done, after > events.last) {
                (true, _) => Read::End,
                (false, true) => Read::Elsewhere,
                (false, false) => Read::Wait,
            };
        }
        if after + 1 < events.first() {
            return Read::Elsewhere;
        }
        Read::Events(events.above(after).take(READ_AT_ONCE).collect())
    }

    /// All events held above `after`, without limit: for the checkpoint and settle of the node that runs the turn.
    pub fn above(&self, after: Seq) -> Vec<Event> {
        self.lock().above(after).collect()
    }

    /// The number of the newest event.
    pub fn last(&self) -> Seq {
        self.lock().last
    }

    /// Everything up to here is stored.
    pub fn covers(&self) -> Seq {
        self.lock().covers
    }

    /// Notes, after a commit, that everything up to `covers` is stored.
    pub fn saved(&self, covers: Seq) {
        let mut events = self.lock();
        events.covers = events.covers.max(covers);
    }

    /// Whether `done` was published.
    pub fn is_done(&self) -> bool {
        self.lock().done
    }

    /// Asks the runner of the turn to end it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Cancelled when somebody stops the turn.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stop
    }

    /// Tells the runner of a waiting turn that its time has come.
    pub fn promote(&self) {
        self.run.cancel();
    }

    /// Cancelled when the turn may run.
    pub fn promoted(&self) -> &CancellationToken {
        &self.run
    }

    pub(crate) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Drops the events that the stored message holds. Gives the bytes that were freed.
    pub(crate) fn drop_covered(&self) -> usize {
        let mut events = self.lock();
        let before = events.bytes;
        while events.first() <= events.covers
            && let Some(event) = events.held.pop_front()
        {
            events.bytes -= event.weight();
        }
        before - events.bytes
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Events {
    /// The number of the oldest event that is held; if none is, of the next.
    fn first(&self) -> Seq {
        self.last + 1 - self.held.len() as Seq
    }

    fn above(&self, after: Seq) -> impl Iterator<Item = Event> {
        let first = self.first();
        let skip = usize::try_from((after + 1).saturating_sub(first)).unwrap_or(0);
        (first..).zip(&self.held).skip(skip).map(|(seq, held)| held.event(seq))
    }
}

/// About how many bytes an event points to.
fn beyond(kind: &EventKind) -> usize {
    match kind {
        EventKind::Chunk(text) | EventKind::Reasoning(text) | EventKind::Title(text) => text.len(),
        EventKind::Tool(domain::Part::ToolCall { arguments, result, .. }) => {
            256 + arguments.len() + result.as_ref().map_or(0, String::len)
        }
        EventKind::Tool(_) | EventKind::Sources(_) => 1_024,
        EventKind::Error(error) => error.message.len(),
        EventKind::Model { model, instead_of, .. } => model.len() + instead_of.len(),
        EventKind::Thought(_)
        | EventKind::Start { .. }
        | EventKind::Usage(_)
        | EventKind::Snapshot(_)
        | EventKind::Done { .. } => 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(text: &str) -> EventKind {
        EventKind::Chunk(text.into())
    }

    fn done() -> EventKind {
        EventKind::Done {
            message_id: domain::MessageId(1),
            state: domain::State::Completed,
            finish_reason: None,
            usage: None,
        }
    }

    #[test]
    fn a_reader_sees_every_event_once_and_in_order() {
        let log = Log::new(TurnId(1));
        assert_eq!(log.read(0), Read::Wait);
        log.append(chunk("a"));
        log.append(chunk("b"));
        let Read::Events(events) = log.read(1) else { panic!("no events") };
        assert_eq!(events, [Event { seq: 2, kind: chunk("b") }]);
        assert_eq!(log.read(2), Read::Wait);
        assert_eq!(log.read(3), Read::Elsewhere);
    }

    #[tokio::test]
    async fn the_bell_rings_for_who_has_subscribed_and_not_waited_yet() {
        let log = Log::new(TurnId(1));
        let bells = [log.bell(), log.bell()];
        log.append(chunk("a"));
        for bell in bells {
            bell.await;
        }
    }

    #[test]
    fn what_was_appended_is_read_as_it_was() {
        let log = Log::new(TurnId(1));
        let kinds = [
            chunk("a"),
            EventKind::Reasoning("b".into()),
            EventKind::Title("c".into()),
            EventKind::Usage(domain::Usage::default()),
        ];
        for kind in kinds.clone() {
            log.append(kind);
        }
        let events: Vec<_> = (1..).zip(kinds).map(|(seq, kind)| Event { seq, kind }).collect();
        assert_eq!(log.above(0), events);
        log.saved(3);
        log.drop_covered();
        assert_eq!(log.above(0), events[3..]);
        assert_eq!(log.read(3), Read::Events(events[3..].to_vec()));
    }

    #[test]
    fn a_sealed_log_takes_only_done_and_only_once() {
        let log = Log::new(TurnId(1));
        log.append(chunk("a"));
        assert_eq!(log.seal(), 2);
        assert_eq!(log.append(chunk("late")), None);
        log.finish(done());
        log.finish(done());
        assert_eq!(log.last(), 2);
        assert_eq!(log.read(2), Read::End);
        assert_eq!(log.read(9), Read::End);
    }

    #[test]
    fn what_is_stored_can_be_dropped_and_is_then_found_elsewhere() {
        let log = Log::new(TurnId(1));
        for text in ["a", "b", "c"] {
            log.append(chunk(text));
        }
        log.saved(2);
        assert!(log.drop_covered() > 0);
        assert_eq!(log.read(1), Read::Elsewhere);
        assert!(matches!(log.read(2), Read::Events(events) if events.len() == 1));
    }
}
