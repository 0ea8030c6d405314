//! Who listens for news, by user: each listener has a mailbox of bounded size.
//!
//! Nothing is kept for later. A listener that is too slow loses what is in its mailbox and hears `Hello` instead, as it
//! does first of all: it reads again what it shows, and goes on from there.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{News, UserId};
use tokio::sync::Notify;

/// How many listeners one user may have: tabs, devices, programs.
const MOST_LISTENERS: usize = 64;
/// What a mailbox holds before it is emptied.
const MOST_NEWS: usize = 256;
const MOST_BYTES: usize = 256 * 1024;

/// All listeners of this node.
#[derive(Debug, Default)]
pub struct Events {
    held: Arc<Held>,
}

#[derive(Debug, Default)]
struct Held {
    mailboxes: Mutex<HashMap<UserId, Vec<Arc<Mailbox>>>>,
    /// How many there are: asked for everything that is written, so it takes no lock.
    count: AtomicUsize,
}

/// What one listener has not heard yet.
#[derive(Debug)]
struct Mailbox {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Debug)]
struct Waiting {
    news: VecDeque<Arc<News>>,
    bytes: usize,
    /// Says `Hello` before anything else.
    greets: bool,
}

impl Mailbox {
    fn put(&self, news: &Arc<News>) {
        let mut waiting = lock(&self.waiting);
        waiting.bytes += news.weight();
        if waiting.news.len() >= MOST_NEWS || waiting.bytes > MOST_BYTES {
            waiting.lose();
        } else {
            waiting.news.push_back(Arc::clone(news));
        }
        drop(waiting);
        self.bell.notify_one();
    }

    fn lose(&self) {
        lock(&self.waiting).lose();
        self.bell.notify_one();
    }

    fn take(&self) -> Option<Arc<News>> {
        let mut waiting = lock(&self.waiting);
        if std::mem::take(&mut waiting.greets) {
            return Some(Arc::new(News::Hello));
        }
        let news = waiting.news.pop_front()?;
        waiting.bytes -= news.weight();
        Some(news)
    }
}

impl Waiting {
    /// What comes after the greeting is newer than it, so nothing is missed.
    fn lose(&mut self) {
        *self = Self { news: VecDeque::new(), bytes: 0, greets: true };
    }
}

/// Somebody who listens, as long as this lives.
#[derive(Debug)]
pub struct Listener {
    user: UserId,
    mailbox: Arc<Mailbox>,
    held: Arc<Held>,
}

impl Listener {
    /// Waits for what comes next. The first is `Hello`.
    pub async fn next(&mut self) -> Arc<News> {
        loop {
            if let Some(news) = self.mailbox.take() {
                return news;
            }
            // A bell that rang since then has left a permit.
            self.mailbox.bell.notified().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut mailboxes = lock(&self.held.mailboxes);
        if let Some(own) = mailboxes.get_mut(&self.user) {
            own.retain(|one| !Arc::ptr_eq(one, &self.mailbox));
            if own.is_empty() {
                mailboxes.remove(&self.user);
            }
        }
        self.held.count.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Events {
    /// Listens from now on, unless the user has too many listeners.
    pub fn listen(&self, user: UserId) -> Option<Listener> {
        let waiting = Waiting { news: VecDeque::new(), bytes: 0, greets: true };
        let mailbox = Arc::new(Mailbox { waiting: Mutex::new(waiting), bell: Notify::new() });
        let mut mailboxes = lock(&self.held.mailboxes);
        let own = mailboxes.entry(user).or_default();
        if own.len() >= MOST_LISTENERS {
            return None;
        }
        own.push(Arc::clone(&mailbox));
        self.held.count.fetch_add(1, Ordering::SeqCst);
        Some(Listener { user, mailbox, held: Arc::clone(&self.held) })
    }

    /// Whether anybody listens at all.
    pub fn is_heard(&self) -> bool {
        self.held.count.load(Ordering::SeqCst) > 0
    }

    /// Whether this user listens.
    pub fn is_heard_by(&self, user: UserId) -> bool {
        lock(&self.held.mailboxes).contains_key(&user)
    }

    /// Tells all listeners of a user.
    pub fn tell(&self, user: UserId, news: News) {
        let news = Arc::new(news);
        for mailbox in lock(&self.held.mailboxes).get(&user).into_iter().flatten() {
            mailbox.put(&news);
        }
    }

    /// Tells everybody who listens.
    pub fn tell_all(&self, news: News) {
        let news = Arc::new(news);
        for mailbox in lock(&self.held.mailboxes).values().flatten() {
            mailbox.put(&news);
        }
    }

    /// Something could not be told: everybody reads again.
    pub fn greet_all(&self) {
        for mailbox in lock(&self.held.mailboxes).values().flatten() {
            mailbox.lose();
        }
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use domain::{ConversationId, MessageId, Passage, State, TurnId};
    use futures_util::FutureExt as _;

    use super::*;

    fn ended(turn: i64) -> News {
        News::TurnEnded(Passage {
            conversation: ConversationId(1),
            turn: TurnId(turn),
            message: MessageId(2),
            state: State::Completed,
        })
    }

    /// Everything that is there to be heard now.
    fn heard(listener: &mut Listener) -> Vec<News> {
        std::iter::from_fn(|| listener.next().now_or_never()).map(|news| News::clone(&news)).collect()
    }

    #[test]
    fn all_listeners_of_a_user_hear_the_same_and_nobody_else_does() {
        let events = Events::default();
        let mut of_ada = [events.listen(UserId(1)).unwrap(), events.listen(UserId(1)).unwrap()];
        let mut of_bob = events.listen(UserId(2)).unwrap();
        events.tell(UserId(1), ended(7));
        events.tell(UserId(1), ended(8));
        for one in &mut of_ada {
            assert_eq!(heard(one), [News::Hello, ended(7), ended(8)]);
        }
        assert_eq!(heard(&mut of_bob), [News::Hello]);
    }

    #[test]
    fn who_leaves_is_forgotten() {
        let events = Events::default();
        assert!(!events.is_heard());
        let (one, other) = (events.listen(UserId(1)).unwrap(), events.listen(UserId(1)).unwrap());
        drop(one);
        assert!(events.is_heard() && events.is_heard_by(UserId(1)) && !events.is_heard_by(UserId(2)));
        drop(other);
        assert!(!events.is_heard() && !events.is_heard_by(UserId(1)));
        assert!(lock(&events.held.mailboxes).is_empty());
    }

    #[test]
    fn a_slow_listener_loses_what_waits_and_is_greeted() {
        let events = Events::default();
        let (mut slow, mut quick) = (events.listen(UserId(1)).unwrap(), events.listen(UserId(1)).unwrap());
        let mut all = Vec::new();
        for turn in 0..1_000 {
            events.tell(UserId(1), ended(turn));
            all.extend(heard(&mut quick));
        }
        assert_eq!(all.len(), 1_001, "others are not held up");
        let left = heard(&mut slow);
        assert_eq!(left[0], News::Hello);
        assert!(left.len() <= 1 + MOST_NEWS);
        assert_eq!(left.last(), Some(&ended(999)), "what came after the loss is there");
        assert_eq!(heard(&mut slow), []);
    }

    #[test]
    fn a_mailbox_is_bounded_in_bytes_too() {
        let events = Events::default();
        let listener = events.listen(UserId(1)).unwrap();
        let long = News::ConversationUpdated(Box::new(domain::Conversation {
            id: ConversationId(1),
            title: "x".into(),
            title_origin: domain::TitleOrigin::Words,
            model: None,
            instructions: Some("x".repeat(80_000)),
            role: domain::MemberRole::Owner,
            group_id: None,
            favorite: false,
            archived_at: None,
            created_at: domain::Timestamp(1),
            updated_at: domain::Timestamp(1),
            last_activity_at: domain::Timestamp(1),
            member_count: 1,
            message_count: 0,
            active_message_id: None,
            running_turn_id: None,
            deleted_at: None,
        }));
        for _ in 0..100 {
            events.tell(UserId(1), long.clone());
            let waiting = lock(&listener.mailbox.waiting);
            assert!(waiting.bytes <= MOST_BYTES);
            assert_eq!(waiting.bytes, waiting.news.iter().map(|news| news.weight()).sum::<usize>());
        }
    }

    #[test]
    fn a_user_has_only_so_many_listeners() {
        let events = Events::default();
        let held: Vec<_> = (0..MOST_LISTENERS).filter_map(|_| events.listen(UserId(1))).collect();
        assert_eq!(held.len(), MOST_LISTENERS);
        assert!(events.listen(UserId(1)).is_none());
        assert!(events.listen(UserId(2)).is_some());
    }

    #[test]
    fn everybody_can_be_asked_to_read_again() {
        let events = Events::default();
        let mut one = events.listen(UserId(1)).unwrap();
        heard(&mut one);
        events.tell(UserId(1), ended(1));
        events.greet_all();
        assert_eq!(heard(&mut one), [News::Hello]);
    }
}
