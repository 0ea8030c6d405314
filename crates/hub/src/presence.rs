//! Who has which conversation open now, and who of them is writing.
//!
//! A seat is one place that somebody looks from: a socket, or a browser. One that says for how long it stays is gone
//! when it has not said so again. Nothing here is kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{ConversationId, Person, Present, UserId};
use tokio::{sync::Notify, time::Instant};

/// After so long without a word somebody who was writing is not any more.
const TYPING: Duration = Duration::from_secs(5);
/// How many seats one conversation has.
const MOST_SEATS: usize = 256;

/// Who is where, on this node.
#[derive(Debug, Default)]
pub struct Presence {
    held: Mutex<Held>,
    /// Rings when a moment to look at was set.
    due: Notify,
}

#[derive(Debug, Default)]
struct Held {
    rooms: HashMap<ConversationId, Vec<Seat>>,
    /// How many sockets each user has.
    sockets: HashMap<UserId, usize>,
}

/// One place that somebody looks from.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Its name; no other seat of the conversation has it.
    pub name: Arc<str>,
    /// Who sits there.
    pub person: Arc<Person>,
    /// Until when the person is writing.
    typing_until: Option<Instant>,
    /// When the seat is empty unless it is taken again; `None` is when it is left.
    here_until: Option<Instant>,
}

impl Seat {
    /// Whether the person is writing.
    pub fn is_typing(&self) -> bool {
        self.typing_until.is_some()
    }
}

impl Presence {
    /// Takes a seat, or says that it is still taken, for so long; `None` is until it is left. Says whether others see a
    /// difference.
    pub fn enter(
        &self,
        conversation: ConversationId,
        name: &str,
        person: &Arc<Person>,
        stays: Option<Duration>,
    ) -> bool {
        let here_until = stays.map(|stays| Instant::now() + stays);
        let mut held = self.lock();
        let room = held.rooms.entry(conversation).or_default();
        if let Some(seat) = room.iter_mut().find(|seat| &*seat.name == name) {
            seat.here_until = here_until;
            return false;
        }
        if room.len() >= MOST_SEATS {
            return false;
        }
        let is_new = room.iter().all(|seat| seat.person.id != person.id);
        let person = Arc::clone(person);
        room.push(Seat { name: name.into(), person, typing_until: None, here_until });
        drop(held);
        self.due.notify_one();
        is_new
    }

    /// Somebody in a seat begins to write, goes on, or stops. Says whether others see a difference.
    pub fn typing(&self, conversation: ConversationId, name: &str, is_typing: bool) -> bool {
        let mut held = self.lock();
        let room = held.rooms.get_mut(&conversation);
        let Some(seat) = room.and_then(|room| room.iter_mut().find(|seat| &*seat.name == name)) else {
            return false;
        };
        let was = seat.is_typing();
        seat.typing_until = is_typing.then(|| Instant::now() + TYPING);
        drop(held);
        self.due.notify_one();
        was != is_typing
    }

    /// Leaves a seat. Says whether it was taken.
    pub fn leave(&self, conversation: ConversationId, name: &str) -> bool {
        self.retain(conversation, |seat| &*seat.name != name)
    }

    /// Takes somebody's seats in a conversation away. Says whether there were any.
    pub fn remove(&self, conversation: ConversationId, user: UserId) -> bool {
        self.retain(conversation, |seat| seat.person.id != user)
    }

    fn retain(&self, conversation: ConversationId, stays: impl Fn(&Seat) -> bool) -> bool {
        let mut held = self.lock();
        let Some(room) = held.rooms.get_mut(&conversation) else { return false };
        let before = room.len();
        room.retain(stays);
        let changed = room.len() < before;
        if room.is_empty() {
            held.rooms.remove(&conversation);
        }
        changed
    }

    /// The seats of a conversation that are taken.
    pub fn seats(&self, conversation: ConversationId) -> Vec<Seat> {
        self.lock().rooms.get(&conversation).cloned().unwrap_or_default()
    }

    /// The people in a conversation, each once.
    pub fn people(&self, conversation: ConversationId) -> Vec<Present> {
        let mut people: Vec<Present> = Vec::new();
        for seat in self.lock().rooms.get(&conversation).into_iter().flatten() {
            match people.iter_mut().find(|one| one.person.id == seat.person.id) {
                Some(one) => one.is_typing |= seat.is_typing(),
                None => {
                    people.push(Present { person: (*seat.person).clone(), is_typing: seat.is_typing() });
                }
            }
        }
        people
    }

    /// Somebody opens a socket.
    pub fn connect(&self, user: UserId) {
        *self.lock().sockets.entry(user).or_default() += 1;
    }

    /// A socket of somebody's is closed.
    pub fn disconnect(&self, user: UserId) {
        let mut held = self.lock();
        if let Some(count) = held.sockets.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                held.sockets.remove(&user);
            }
        }
    }

    /// Whether somebody has a socket.
    pub fn is_connected(&self, user: UserId) -> bool {
        self.lock().sockets.contains_key(&user)
    }

    /// How much of everything there is.
    pub fn counts(&self) -> Counts {
        let held = self.lock();
        Counts {
            sockets: held.sockets.values().sum(),
            users: held.sockets.len(),
            conversations: held.rooms.len(),
            typing: held.rooms.values().flatten().filter(|seat| seat.is_typing()).count(),
        }
    }

    /// Waits until something is over, ends it, and says in which conversations.
    pub async fn overdue(&self) -> Vec<ConversationId> {
        loop {
            let set = self.due.notified();
            let Some(due) = self.next_due() else {
                set.await;
                continue;
            };
            tokio::select! {
                () = tokio::time::sleep_until(due) => {}
                () = set => continue,
            }
            let over = self.expire(Instant::now());
            if !over.is_empty() {
                return over;
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let held = self.lock();
        let moments = held.rooms.values().flatten().flat_map(|seat| [seat.typing_until, seat.here_until]);
        moments.flatten().min()
    }

    fn expire(&self, now: Instant) -> Vec<ConversationId> {
        let mut over = Vec::new();
        self.lock().rooms.retain(|conversation, room| {
            let before = room.len();
            room.retain(|seat| seat.here_until.is_none_or(|until| until > now));
            let mut changed = room.len() < before;
            for seat in room.iter_mut().filter(|seat| seat.typing_until.is_some_and(|until| until <= now)) {
                seat.typing_until = None;
                changed = true;
            }
            if changed {
                over.push(*conversation);
            }
            !room.is_empty()
        });
        over
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Sockets.
    pub sockets: usize,
    /// People who have at least one.
    pub users: usize,
    /// Conversations that somebody has open.
    pub conversations: usize,
    /// Seats in which somebody is writing.
    pub typing: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: ConversationId = ConversationId(7);

    fn person(id: i64) -> Arc<Person> {
        Arc::new(Person { id: UserId(id), username: format!("user{id}"), full_name: None })
    }

    fn told(presence: &Presence) -> Vec<(i64, bool)> {
        presence.people(ROOM).iter().map(|one| (one.person.id.0, one.is_typing)).collect()
    }

    #[test]
    fn a_person_is_there_once_however_many_seats_it_has() {
        let presence = Presence::default();
        assert!(presence.enter(ROOM, "a", &person(1), None));
        assert!(!presence.enter(ROOM, "b", &person(1), None), "others see no difference");
        assert!(presence.enter(ROOM, "c", &person(2), None));
        assert!(presence.typing(ROOM, "b", true) && !presence.typing(ROOM, "b", true));
        assert_eq!(told(&presence), [(1, true), (2, false)]);
        assert_eq!(presence.seats(ROOM).len(), 3);
        assert!(presence.leave(ROOM, "b") && !presence.leave(ROOM, "b"));
        assert_eq!(told(&presence), [(1, false), (2, false)]);
        assert!(presence.remove(ROOM, UserId(1)));
        assert_eq!(told(&presence), [(2, false)]);
        assert!(!presence.typing(ROOM, "a", true), "nobody sits there");
        presence.leave(ROOM, "c");
        assert!(presence.lock().rooms.is_empty());
    }

    #[test]
    fn who_falls_silent_stops_typing_and_who_says_nothing_is_gone() {
        let presence = Presence::default();
        let after = |seconds| Instant::now() + Duration::from_secs(seconds);
        presence.enter(ROOM, "socket", &person(1), None);
        presence.enter(ROOM, "browser", &person(2), Some(Duration::from_secs(25)));
        presence.typing(ROOM, "socket", true);
        assert!(presence.expire(after(4)).is_empty());
        assert_eq!(told(&presence), [(1, true), (2, false)]);
        assert_eq!(presence.expire(after(6)), [ROOM]);
        assert_eq!(told(&presence), [(1, false), (2, false)]);
        assert!(presence.expire(after(24)).is_empty());
        presence.enter(ROOM, "browser", &person(2), Some(Duration::from_secs(50)));
        assert!(presence.expire(after(26)).is_empty(), "it said that it stays");
        assert_eq!(presence.expire(after(51)), [ROOM]);
        assert_eq!(told(&presence), [(1, false)]);
    }

    #[tokio::test]
    async fn what_is_over_is_waited_for() {
        let presence = Presence::default();
        let (over, ()) = tokio::join!(presence.overdue(), async {
            tokio::task::yield_now().await;
            presence.enter(ROOM, "late", &person(1), Some(Duration::from_mins(1)));
            presence.enter(ROOM, "browser", &person(2), Some(Duration::from_millis(20)));
        });
        assert_eq!(over, [ROOM]);
        assert_eq!(told(&presence), [(1, false)]);
    }

    #[test]
    fn sockets_are_counted() {
        let presence = Presence::default();
        for user in [1, 1, 2] {
            presence.connect(UserId(user));
        }
        let counts = presence.counts();
        assert_eq!((counts.sockets, counts.users), (3, 2));
        presence.disconnect(UserId(1));
        assert!(presence.is_connected(UserId(1)));
        for user in [1, 2] {
            presence.disconnect(UserId(user));
        }
        assert!(!presence.is_connected(UserId(1)) && presence.counts().sockets == 0);
    }
}
