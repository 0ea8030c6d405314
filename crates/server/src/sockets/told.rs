//! What clients are told over sockets.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    str::FromStr,
};

use serde_json::Value;
use services::{
    domain::{ConversationId, EventKind, State, TurnId, UserId},
    live::Cursor,
    presence::Seat,
};

/// An event for a client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) event: &'static str,
    pub(crate) data: Value,
}

impl Told {
    pub(crate) fn new(event: &'static str, data: Value) -> Self {
        Self { event, data }
    }
}

/// Where a client stands, to come back to: `<turn>:<event>:<bytes of that answer's text>:<newest message>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) cursor: Cursor,
    pub(crate) bytes: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cursor { turn, seq, told } = self.cursor;
        write!(f, "{turn}:{seq}:{}:{told}", self.bytes)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(4, ':');
        let mut next = || parts.next().ok_or(());
        let turn = next()?.parse()?;
        let seq = next()?.parse().ok().filter(|seq| *seq >= 0).ok_or(())?;
        let bytes = next()?.parse().map_err(drop)?;
        let told = next()?.parse()?;
        Ok(Self { cursor: Cursor { turn, seq, told }, bytes })
    }
}

/// What was told of the answers that are being written, so that nothing is told twice.
#[derive(Debug, Default)]
pub(crate) struct Growing(HashMap<TurnId, SoFar>);

#[derive(Debug)]
struct SoFar {
    conversation: ConversationId,
    has_begun: bool,
    /// How many bytes of the text.
    bytes: usize,
    has_failed: bool,
}

/// What is new of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum More {
    /// It begins to be written.
    Begun,
    /// It goes on.
    Text(String),
    /// It failed.
    Failed,
    /// It is settled.
    Settled { has_failed: bool },
}

impl Growing {
    /// A client has come back and has this much of an answer.
    pub(crate) fn resume(&mut self, conversation: ConversationId, place: Place) {
        self.forget(conversation);
        let so_far =
            SoFar { conversation, has_begun: place.cursor.seq > 0, bytes: place.bytes, has_failed: false };
        self.0.insert(place.cursor.turn, so_far);
    }

    /// A client hears no more of a conversation.
    pub(crate) fn forget(&mut self, conversation: ConversationId) {
        self.0.retain(|_, so_far| so_far.conversation != conversation);
    }

    /// Where a client stands that was told everything up to here.
    pub(crate) fn place(&self, cursor: Cursor) -> Place {
        Place { cursor, bytes: self.0.get(&cursor.turn).map_or(0, |so_far| so_far.bytes) }
    }

    /// What an event has that is new, in this order.
    pub(crate) fn more(&mut self, conversation: ConversationId, turn: TurnId, event: EventKind) -> Vec<More> {
        let unheard = SoFar { conversation, has_begun: false, bytes: 0, has_failed: false };
        let so_far = self.0.entry(turn).or_insert(unheard);
        match event {
            EventKind::Start { .. } => {
                so_far.has_begun = true;
                so_far.bytes = 0;
                vec![More::Begun]
            }
            EventKind::Chunk(text) => {
                so_far.has_begun = true;
                so_far.bytes += text.len();
                vec![More::Text(text)]
            }
            EventKind::Snapshot(stored) => {
                let all = stored.parts.text();
                let rest = all.get(so_far.bytes..).unwrap_or_default().to_owned();
                let begins = !std::mem::replace(&mut so_far.has_begun, true);
                so_far.bytes += rest.len();
                let text = (!rest.is_empty()).then_some(More::Text(rest));
                begins.then_some(More::Begun).into_iter().chain(text).collect()
            }
            EventKind::Error(_) => {
                so_far.has_failed = true;
                vec![More::Failed]
            }
            EventKind::Done { state, .. } => {
                let failed_before = so_far.has_failed;
                self.0.remove(&turn);
                let is_cut = state == State::Interrupted && !failed_before;
                let settled = More::Settled { has_failed: failed_before || is_cut };
                is_cut.then_some(More::Failed).into_iter().chain([settled]).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// People, by their accounts and the names to sign in with.
type People = Vec<(UserId, String)>;

/// Who began to write and who stopped, of those in other seats than one's own. `typing` holds who was told of.
pub(crate) fn flips(typing: &mut BTreeMap<UserId, String>, seats: &[Seat], own: &str) -> (People, People) {
    let others = seats.iter().filter(|seat| *seat.name != *own && seat.is_typing());
    let now = others.map(|seat| (seat.person.id, seat.person.username.clone())).collect();
    let before = std::mem::replace(typing, now);
    let without = |all: &BTreeMap<UserId, String>, known: &BTreeMap<UserId, String>| {
        let others = all.iter().filter(|(user, _)| !known.contains_key(user));
        others.map(|(user, name)| (*user, name.clone())).collect()
    };
    (without(typing, &before), without(&before, typing))
}

#[cfg(test)]
mod tests {
    use services::domain::{Message, MessageError, MessageId, Part, Parts, Role, Timestamp};

    use super::*;

    const ROOM: ConversationId = ConversationId(1);
    const TURN: TurnId = TurnId(3);

    fn done(state: State) -> EventKind {
        EventKind::Done { message_id: MessageId(2), state, finish_reason: None, usage: None }
    }

    fn stored(text: &str) -> EventKind {
        EventKind::Snapshot(Box::new(Message {
            id: MessageId(2),
            conversation_id: ROOM,
            parent_id: None,
            role: Role::Assistant,
            parts: Parts(vec![Part::Text { text: text.into() }]),
            state: State::Running,
            turn_id: Some(TURN),
            model: None,
            usage: None,
            finish_reason: None,
            error: None,
            created_at: Timestamp(0),
            sibling_ids: Vec::new(),
            covers: None,
            feedback: None,
            author: None,
        }))
    }

    #[test]
    fn a_snapshot_adds_what_was_not_told() {
        let mut growing = Growing::default();
        assert_eq!(growing.more(ROOM, TURN, EventKind::Chunk("Hé".into())), [More::Text("Hé".into())]);
        assert_eq!(growing.more(ROOM, TURN, stored("Héllo")), [More::Text("llo".into())]);
        assert_eq!(growing.more(ROOM, TURN, stored("Héllo")), []);
        assert_eq!(growing.more(ROOM, TURN, done(State::Completed)), [More::Settled { has_failed: false }]);
        assert_eq!(growing.more(ROOM, TURN, stored("Héllo")), [More::Begun, More::Text("Héllo".into())]);
    }

    #[test]
    fn who_comes_back_is_told_what_is_missing() {
        let place: Place = "3:12:3:2".parse().unwrap();
        assert_eq!(place, Place { cursor: Cursor { turn: TURN, seq: 12, told: MessageId(2) }, bytes: 3 });
        assert_eq!(place.to_string(), "3:12:3:2");
        let mut growing = Growing::default();
        growing.resume(ROOM, place);
        assert_eq!(growing.more(ROOM, TURN, stored("Héllo")), [More::Text("llo".into())]);
        assert_eq!(growing.place(place.cursor).bytes, 6);
        growing.forget(ROOM);
        assert!(growing.0.is_empty());
        for bad in ["", "3", "3:1:1", "x:1:1:1", "3:-1:1:1", "3:1:-1:1", "3:1:1:x", "3:1:1:1:1"] {
            assert_eq!(bad.parse::<Place>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn an_answer_fails_once() {
        let mut growing = Growing::default();
        let error = MessageError { code: "x".into(), message: "y".into(), retryable: false };
        assert_eq!(growing.more(ROOM, TURN, EventKind::Error(error)), [More::Failed]);
        assert_eq!(growing.more(ROOM, TURN, done(State::Failed)), [More::Settled { has_failed: true }]);
        let cut = growing.more(ROOM, TURN, done(State::Interrupted));
        assert_eq!(cut, [More::Failed, More::Settled { has_failed: true }]);
        assert!(growing.0.is_empty());
    }
}
