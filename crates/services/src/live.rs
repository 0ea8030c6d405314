//! What one reader hears, as it happens, of the conversations that it has joined: for connections that stay open and
//! carry everything, such as sockets.
//!
//! News only say where to look. What is told is read: messages from the store, behind the last one that was told, and
//! answers from their logs, behind a cursor. So a reader that is slow, or that missed news, hears everything once. What
//! was said before is told in order: the next message after the whole answer.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    future::poll_fn,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use domain::{Action, ConversationId, Event, Message, MessageId, News, Notice, Role, Seq, TurnId};
use futures_util::{StreamExt as _, stream::BoxStream};

use crate::{
    Actor, App, Error, Result, access,
    chat::{self, Watch},
    conversations, events,
    presence::{self, Seat},
};

/// How many conversations one reader joins at a time.
const MOST_ROOMS: usize = 64;
/// How many messages are read at once.
const READ_AT_ONCE: i64 = 20;
/// Between two tries to read what could not be read.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Where a reader stands: behind this event of this turn. Nothing later was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The turn.
    pub turn: TurnId,
    /// The number of the event; 0 stands before the first.
    pub seq: Seq,
}

/// What a reader hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Somebody said something, or an answer was written down as it is.
    Said {
        /// What.
        message: Box<Message>,
    },
    /// A model was asked: this is its answer, of which events tell.
    Asked {
        /// The answer, as far as it is stored.
        message: Box<Message>,
    },
    /// An event of an answer.
    Event {
        /// Where.
        conversation: ConversationId,
        /// The answer.
        message: MessageId,
        /// Where the reader stands now.
        cursor: Cursor,
        /// What happened.
        event: Event,
    },
    /// Who has it open now, seat by seat.
    Present(ConversationId, Vec<Seat>),
    /// It is gone, or no longer the reader's to see: it was left.
    Gone(ConversationId),
    /// Somebody tells the reader something.
    Notification(Notice),
    /// An administrator tells everybody something.
    Broadcast(Notice),
}

/// One reader. It hears what concerns the person at once, and of conversations what happens after it has joined them.
pub struct Live {
    app: App,
    actor: Actor,
    news: BoxStream<'static, Arc<News>>,
    /// What was joined, and the newest message of it that was told.
    rooms: BTreeMap<ConversationId, MessageId>,
    /// Rooms in which there may be something that was not told.
    stale: BTreeSet<ConversationId>,
    /// Answers that are being told.
    followed: Vec<Followed>,
    ready: VecDeque<Heard>,
    /// The seat that it takes where it joins.
    seat: Box<str>,
}

struct Followed {
    conversation: ConversationId,
    message: MessageId,
    turn: TurnId,
    events: BoxStream<'static, Event>,
}

impl Live {
    /// Begins to listen in the actor's name. `seat` is a name that no other reader has.
    pub fn open(app: &App, actor: &Actor, seat: &str) -> Result<Self> {
        let news = events::listen(app, actor)?;
        app.hub.presence.connect(actor.user);
        Ok(Self {
            news,
            app: app.clone(),
            actor: *actor,
            rooms: BTreeMap::new(),
            stale: BTreeSet::new(),
            followed: Vec::new(),
            ready: VecDeque::new(),
            seat: seat.into(),
        })
    }

    /// Hears of a conversation from now on: of what follows `after`, or else of what is being written and what comes.
    pub async fn join(&mut self, conversation: ConversationId, after: Option<Cursor>) -> Result<()> {
        conversations::kept(&self.app, &self.actor, conversation).await?;
        if self.rooms.contains_key(&conversation) {
            return Ok(());
        }
        if self.rooms.len() >= MOST_ROOMS {
            return Err(Error::TooMany {
                code: "too_many_rooms",
                message: format!("A connection joins at most {MOST_ROOMS} conversations. Leave one first."),
                retry_after: Duration::ZERO,
            });
        }
        let mut told = store::messages::newest_id(&self.app.db, conversation).await?;
        let mut running = store::turns::unsettled_of_conversation(&self.app.db, conversation).await?;
        if let Some(after) = after {
            let turn = store::turns::find(&self.app.db, self.actor.user, after.turn).await?;
            let turn = turn.filter(|turn| turn.conversation_id == conversation);
            let turn = turn.ok_or_else(|| Error::invalid("cursor", "is not of this conversation"))?;
            running.retain(|one| *one != turn.id);
            if after.seq == 0 {
                // The question was heard, and nothing of its answer, which is told with all that follows.
                told = MessageId(turn.message_id.0 - 1);
            } else {
                told = turn.message_id;
                self.follow_events(conversation, turn.message_id, after).await?;
            }
        }
        for turn in running {
            let Some(turn) = store::turns::own(&self.app.db, turn).await? else { continue };
            if turn.message_id <= told {
                self.tell_turn(conversation, turn.id, turn.message_id).await?;
            }
        }
        presence::enter(&self.app, &self.actor, conversation, &self.seat).await?;
        self.rooms.insert(conversation, told);
        // What was said since, and what nobody told because this reader was not there yet.
        self.stale.insert(conversation);
        Ok(())
    }

    /// Hears no more of a conversation. Says whether it had been joined.
    pub fn leave(&mut self, conversation: ConversationId) -> bool {
        self.stale.remove(&conversation);
        self.followed.retain(|one| one.conversation != conversation);
        self.ready.retain(|heard| heard.conversation() != Some(conversation));
        let had_joined = self.rooms.remove(&conversation).is_some();
        if had_joined {
            presence::leave(&self.app, conversation, &self.seat);
        }
        had_joined
    }

    /// The person writes in a conversation that was joined, or stops.
    pub fn typing(&self, conversation: ConversationId, is_typing: bool) {
        presence::typing(&self.app, conversation, &self.seat, is_typing);
    }

    /// Whether a conversation was joined.
    pub fn has_joined(&self, conversation: ConversationId) -> bool {
        self.rooms.contains_key(&conversation)
    }

    /// What was joined.
    pub fn joined(&self) -> impl Iterator<Item = ConversationId> {
        self.rooms.keys().copied()
    }

    /// Hears of one turn of a conversation that was not joined, from its question on.
    pub async fn follow(&mut self, turn: TurnId) -> Result<()> {
        let turn = store::turns::find(&self.app.db, self.actor.user, turn).await?;
        let turn = turn.ok_or(Error::NotFound("turn"))?;
        if self.rooms.contains_key(&turn.conversation_id) || self.is_followed(turn.id) {
            return Ok(());
        }
        if let Some(question) =
            store::messages::find(&self.app.db, self.actor.user, turn.user_message_id).await?
        {
            self.tell_message(question).await?;
        }
        self.tell_turn(turn.conversation_id, turn.id, turn.message_id).await
    }

    /// Waits for what comes next. Nothing is lost if the wait is given up.
    pub async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.ready.pop_front() {
                return heard;
            }
            if let Err(error) = self.catch_up().await {
                tracing::warn!(%error, "what happened could not be read for a reader; trying again");
                tokio::time::sleep(TRY_AGAIN).await;
                continue;
            }
            if !self.ready.is_empty() {
                continue;
            }
            tokio::select! {
                news = self.news.next() => match news {
                    Some(news) => self.notice(&news),
                    // The server stops.
                    None => std::future::pending().await,
                },
                heard = next_event(&mut self.followed) => if let Some(heard) = heard {
                    return heard;
                },
            }
        }
    }

    fn notice(&mut self, news: &News) {
        match news {
            News::Hello => self.stale.extend(self.rooms.keys().copied()),
            News::MessageCreated(passage, _) if self.rooms.contains_key(&passage.conversation) => {
                self.stale.insert(passage.conversation);
            }
            // Also when something was written down without a model.
            News::ConversationUpdated(one) if self.rooms.contains_key(&one.id) => {
                self.stale.insert(one.id);
            }
            News::ConversationDeleted(one) if self.leave(one.id) => self.ready.push_back(Heard::Gone(one.id)),
            News::Presence(conversation, _) if self.rooms.contains_key(conversation) => {
                self.tell_seats(*conversation);
            }
            News::Notification(notice) => self.ready.push_back(Heard::Notification(Notice::clone(notice))),
            News::Broadcast(notice) => self.ready.push_back(Heard::Broadcast(Notice::clone(notice))),
            _ => {}
        }
    }

    /// Reads what was not told yet. A room stays stale until all of it is.
    async fn catch_up(&mut self) -> Result<()> {
        let stale: Vec<_> = self.stale.iter().copied().collect();
        for conversation in stale {
            if self.is_in_the_past(conversation) {
                continue;
            }
            match access::conversation(&self.app.db, &self.actor, conversation, Action::Read).await {
                Ok(found) if found.deleted_at.is_none() => {}
                Ok(_) | Err(Error::NotFound(_)) => {
                    self.leave(conversation);
                    self.ready.push_back(Heard::Gone(conversation));
                    continue;
                }
                Err(error) => return Err(error),
            }
            let told = self.rooms.get(&conversation).copied().unwrap_or(MessageId(0));
            let (db, user) = (&self.app.db, self.actor.user);
            let new = store::messages::tree(db, user, conversation, told, READ_AT_ONCE).await?;
            if new.is_empty() {
                self.stale.remove(&conversation);
                self.tell_seats(conversation);
            }
            for message in new {
                let id = message.id;
                self.tell_message(message).await?;
                self.rooms.insert(conversation, id);
                if self.is_in_the_past(conversation) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether an answer is still being told that is settled: what was said after it waits.
    fn is_in_the_past(&self, conversation: ConversationId) -> bool {
        let is_settled = |turn| self.app.hub.logs.get(turn).is_none_or(|log| log.is_done());
        self.followed.iter().any(|one| one.conversation == conversation && is_settled(one.turn))
    }

    fn tell_seats(&mut self, conversation: ConversationId) {
        let seats = self.app.hub.presence.seats(conversation);
        self.ready.push_back(Heard::Present(conversation, seats));
    }

    async fn tell_message(&mut self, mut message: Message) -> Result<()> {
        if let (Role::Assistant, Some(turn)) = (message.role, message.turn_id) {
            return self.tell_turn(message.conversation_id, turn, message.id).await;
        }
        store::messages::add_authors(&self.app.db, std::slice::from_mut(&mut message)).await?;
        self.ready.push_back(Heard::Said { message: Box::new(message) });
        Ok(())
    }

    async fn tell_turn(
        &mut self,
        conversation: ConversationId,
        turn: TurnId,
        message: MessageId,
    ) -> Result<()> {
        if self.is_followed(turn) {
            return Ok(());
        }
        let Some(answer) = store::messages::find(&self.app.db, self.actor.user, message).await? else {
            return Ok(());
        };
        self.follow_events(conversation, message, Cursor { turn, seq: 0 }).await?;
        self.ready.push_back(Heard::Asked { message: Box::new(answer) });
        Ok(())
    }

    async fn follow_events(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        after: Cursor,
    ) -> Result<()> {
        if let Watch::Events(events) = chat::watch(&self.app, &self.actor, after.turn, after.seq).await? {
            self.followed.push(Followed { conversation, message, turn: after.turn, events });
        }
        Ok(())
    }

    fn is_followed(&self, turn: TurnId) -> bool {
        self.followed.iter().any(|one| one.turn == turn)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        for conversation in self.rooms.keys() {
            presence::leave(&self.app, *conversation, &self.seat);
        }
        self.app.hub.presence.disconnect(self.actor.user);
    }
}

impl Heard {
    /// The conversation that it is of, if it is of one.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Said { message } | Self::Asked { message } => Some(message.conversation_id),
            Self::Event { conversation, .. } | Self::Present(conversation, _) | Self::Gone(conversation) => {
                Some(*conversation)
            }
            Self::Notification(_) | Self::Broadcast(_) => None,
        }
    }
}

/// The next event of any answer, or `None` when one of them was told whole, and is forgotten.
async fn next_event(followed: &mut Vec<Followed>) -> Option<Heard> {
    poll_fn(|context| {
        for at in 0..followed.len() {
            let one = &mut followed[at];
            match one.events.poll_next_unpin(context) {
                Poll::Ready(Some(event)) => {
                    let cursor = Cursor { turn: one.turn, seq: event.seq };
                    let (conversation, message) = (one.conversation, one.message);
                    // The others have their turn next.
                    followed.rotate_left(at + 1);
                    return Poll::Ready(Some(Heard::Event { conversation, message, cursor, event }));
                }
                Poll::Ready(None) => {
                    drop(followed.remove(at));
                    return Poll::Ready(None);
                }
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}
