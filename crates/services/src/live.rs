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
/// How many messages a reader that comes back may have missed.
const MOST_MISSED: i64 = 200;
/// Between two tries to read what could not be read.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Where a reader stands in a conversation: behind this event of this turn, the oldest that was not told whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The turn.
    pub turn: TurnId,
    /// The number of the event; 0 stands before the first.
    pub seq: Seq,
    /// The newest message that was told.
    pub told: MessageId,
}

/// What a reader hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Somebody said something, or an answer was written down as it is.
    Said {
        /// What.
        message: Box<Message>,
        /// Where the reader stands then; nowhere before the first turn.
        cursor: Option<Cursor>,
    },
    /// A model was asked: this is its answer, of which events tell.
    Asked {
        /// The answer, as far as it is stored.
        message: Box<Message>,
        /// Where the reader stands then.
        cursor: Option<Cursor>,
    },
    /// An event of an answer.
    Event {
        /// Where.
        conversation: ConversationId,
        /// The answer.
        message: MessageId,
        /// Its turn.
        turn: TurnId,
        /// Where the reader stands then.
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
    /// The number of the event that was told last.
    seen: Seq,
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

    /// Hears of a conversation from now on: of what follows `after`, or else of what is being written and what comes. Says
    /// whether it had not been joined.
    pub async fn join(&mut self, conversation: ConversationId, after: Option<Cursor>) -> Result<bool> {
        conversations::kept(&self.app, &self.actor, conversation).await?;
        if self.rooms.contains_key(&conversation) {
            return Ok(false);
        }
        if self.rooms.len() >= MOST_ROOMS {
            return Err(Error::TooMany {
                code: "too_many_rooms",
                message: format!("A connection joins at most {MOST_ROOMS} conversations. Leave one first."),
                retry_after: Duration::ZERO,
            });
        }
        self.forget(conversation);
        let joined = self.join_after(conversation, after).await;
        if joined.is_err() {
            self.forget(conversation);
        }
        joined.map(|()| true)
    }

    async fn join_after(&mut self, conversation: ConversationId, after: Option<Cursor>) -> Result<()> {
        let told = match after {
            Some(after) => self.resume(conversation, after).await?,
            None => self.begin(conversation).await?,
        };
        presence::enter(&self.app, &self.actor, conversation, &self.seat).await?;
        self.rooms.insert(conversation, told);
        // What was said since, and what nobody told because this reader was not there yet.
        self.stale.insert(conversation);
        Ok(())
    }

    /// Tells of what is being written from its beginning. Gives the newest message.
    async fn begin(&mut self, conversation: ConversationId) -> Result<MessageId> {
        let newest = store::messages::newest_id(&self.app.db, conversation).await?;
        for turn in store::turns::unsettled_of_conversation(&self.app.db, conversation).await? {
            let Some(turn) = store::turns::own(&self.app.db, turn).await? else { continue };
            if turn.message_id <= newest {
                self.tell_turn(conversation, turn.id, turn.message_id).await?;
            }
        }
        Ok(newest)
    }

    /// Tells on from where the reader stood: the rest of that answer, and of those that were told of after it.
    async fn resume(&mut self, conversation: ConversationId, after: Cursor) -> Result<MessageId> {
        let (db, user) = (&self.app.db, self.actor.user);
        let turn = store::turns::find(db, user, after.turn).await?;
        let turn = turn.filter(|turn| turn.conversation_id == conversation);
        let turn = turn.ok_or_else(|| Error::invalid("cursor", "is not of this conversation"))?;
        let first = turn.message_id.min(after.told);
        let missed = store::messages::tree(db, user, conversation, first, MOST_MISSED + 1).await?;
        if missed.len() as i64 > MOST_MISSED {
            let reason = format!("lies more than {MOST_MISSED} messages back; read the conversation instead");
            return Err(Error::invalid("cursor", reason));
        }
        if turn.message_id <= after.told {
            self.follow_events(conversation, turn.message_id, turn.id, after.seq).await?;
        }
        let told = missed.into_iter().filter(|one| one.id <= after.told && one.id != turn.message_id);
        for (id, turn) in
            told.filter_map(|one| Some((one.id, one.turn_id.filter(|_| one.role == Role::Assistant)?)))
        {
            self.follow_events(conversation, id, turn, 0).await?;
        }
        Ok(after.told)
    }

    /// Hears no more of a conversation. Says whether it had been joined.
    pub fn leave(&mut self, conversation: ConversationId) -> bool {
        self.forget(conversation);
        let had_joined = self.rooms.remove(&conversation).is_some();
        if had_joined {
            presence::leave(&self.app, conversation, &self.seat);
        }
        had_joined
    }

    /// Drops what was to be told of a conversation.
    fn forget(&mut self, conversation: ConversationId) {
        self.stale.remove(&conversation);
        self.followed.retain(|one| one.conversation != conversation);
        self.ready.retain(|heard| heard.conversation() != Some(conversation));
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
                return self.placed(heard);
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
                    return self.placed(heard);
                },
            }
        }
    }

    /// Adds where the reader stands once it has heard this.
    fn placed(&self, mut heard: Heard) -> Heard {
        let oldest = |conversation, told| {
            let under_way = self.followed.iter().filter(|one| one.conversation == conversation);
            let oldest = under_way.filter(|one| one.message <= told).min_by_key(|one| one.message)?;
            Some(Cursor { turn: oldest.turn, seq: oldest.seen, told })
        };
        match &mut heard {
            Heard::Said { message, cursor } | Heard::Asked { message, cursor } => {
                let told = message.id;
                let own = message.turn_id.map(|turn| Cursor { turn, seq: 0, told });
                *cursor = oldest(message.conversation_id, told).or(own);
            }
            Heard::Event { conversation, message, cursor, .. } => {
                cursor.told = self.rooms.get(conversation).copied().unwrap_or(*message);
                *cursor = oldest(*conversation, cursor.told).unwrap_or(*cursor);
            }
            _ => {}
        }
        heard
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
            // It may have been settled while this was read.
            if self.is_in_the_past(conversation) {
                continue;
            }
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
        self.ready.push_back(Heard::Said { message: Box::new(message), cursor: None });
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
        self.follow_events(conversation, message, turn, 0).await?;
        self.ready.push_back(Heard::Asked { message: Box::new(answer), cursor: None });
        Ok(())
    }

    async fn follow_events(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        turn: TurnId,
        seen: Seq,
    ) -> Result<()> {
        if let Watch::Events(events) = chat::watch(&self.app, &self.actor, turn, seen).await? {
            self.followed.push(Followed { conversation, message, turn, events, seen });
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
            Self::Said { message, .. } | Self::Asked { message, .. } => Some(message.conversation_id),
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
                    one.seen = event.seq;
                    let (conversation, message, turn) = (one.conversation, one.message, one.turn);
                    let cursor = Cursor { turn, seq: event.seq, told: message };
                    // The others have their turn next.
                    followed.rotate_left(at + 1);
                    return Poll::Ready(Some(Heard::Event { conversation, message, turn, cursor, event }));
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
