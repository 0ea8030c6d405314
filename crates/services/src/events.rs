//! What concerns a person, told as it happens to whoever listens in that person's name.
//!
//! Use cases say what happened after the commit that made it so, never inside a job. A queue keeps the order; the task
//! behind it reads, once for all that waits, who the members are and what each of them sees. While nobody listens,
//! nothing is queued and nothing is read.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    Conversation, ConversationId, MessageId, News, Note, NoteId, Passage, Role, State, Turn, TurnKind, UserId,
};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use store::conversations::Seen;
use tokio::sync::Notify;

use crate::{Actor, App, Error, Result};

/// How much may wait to be told before everybody is asked to read again instead.
const MOST_WAITING: usize = 4_096;

/// Listens to what concerns the actor, until the server stops. The first is `Hello`; nothing is replayed.
pub fn listen(app: &App, actor: &Actor) -> Result<BoxStream<'static, Arc<News>>> {
    let listener = app.hub.events.listen(actor.user).ok_or_else(|| Error::TooMany {
        code: "too_many_listeners",
        message: "This account listens for news in too many places. Close some of them.".into(),
        retry_after: Duration::from_secs(30),
    })?;
    let news = stream::unfold(listener, async |mut listener| Some((listener.next().await, listener)));
    Ok(news.take_until(app.stopping().clone().cancelled_owned()).boxed())
}

/// A conversation was made.
pub(crate) fn conversation_created(app: &App, id: ConversationId) {
    tell(app, Happened::Changed(id, News::ConversationCreated));
}

/// A conversation has changed for all its members, or was taken out of the trash.
pub(crate) fn conversation_updated(app: &App, id: ConversationId) {
    tell(app, Happened::Changed(id, News::ConversationUpdated));
}

/// A member has marked a conversation, which is nobody else's business.
pub(crate) fn conversation_marked(app: &App, id: ConversationId, by: UserId) {
    tell(app, Happened::Marked(id, by));
}

/// A conversation was moved to the trash.
pub(crate) fn conversation_deleted(app: &App, id: ConversationId) {
    tell(app, Happened::Changed(id, News::ConversationDeleted));
}

/// A conversation has ended for these members, who saw it before.
pub(crate) fn conversation_ended(app: &App, seen: Vec<Seen>) {
    tell(app, Happened::Ended(seen));
}

/// What this member sees of a conversation: asked before the membership ends, to be told then.
pub(crate) async fn witness(app: &App, id: ConversationId, member: UserId) -> Result<Option<Seen>> {
    Ok(witnesses(app, id).await?.into_iter().find(|seen| seen.by == member))
}

/// Who is to be told that a conversation ends: asked before, because afterwards nobody is a member.
pub(crate) async fn witnesses(app: &App, id: ConversationId) -> Result<Vec<Seen>> {
    if !app.hub.events.is_heard() {
        return Ok(Vec::new());
    }
    Ok(store::conversations::seen_by_members(&app.db, id).await?)
}

/// Somebody was let in: to that person the conversation is new.
pub(crate) fn member_joined(app: &App, id: ConversationId, member: UserId) {
    tell(app, Happened::Joined(id, member));
    members_changed(app, id);
}

/// Somebody is a member no more, who saw this before.
pub(crate) fn member_left(app: &App, id: ConversationId, seen: Option<Seen>) {
    conversation_ended(app, seen.into_iter().collect());
    members_changed(app, id);
}

/// A member has another role, or there is one more or less.
pub(crate) fn members_changed(app: &App, id: ConversationId) {
    tell(app, Happened::Said(id, News::Members(id)));
    conversation_updated(app, id);
}

/// A note was written.
pub(crate) fn note_created(app: &App, note: &Note) {
    tell(app, Happened::Said(note.conversation_id, News::NoteCreated(Box::new(note.clone()))));
}

/// A note was deleted.
pub(crate) fn note_deleted(app: &App, id: ConversationId, note: NoteId) {
    tell(app, Happened::Said(id, News::NoteDeleted(id, note)));
}

/// A person has chosen something, such as a theme.
pub(crate) fn chosen(app: &App, by: UserId) {
    tell(app, Happened::Chose(by));
}

/// A person has one group more, another name of one, or one less.
pub(crate) fn groups_changed(app: &App, owner: UserId) {
    tell(app, Happened::Grouped(owner));
}

/// A turn was begun: there are messages more, and perhaps a conversation.
pub(crate) fn turn_begun(app: &App, turn: &Turn, is_opening: bool) {
    let id = turn.conversation_id;
    if is_opening {
        conversation_created(app, id);
    }
    if matches!(turn.kind, TurnKind::Send | TurnKind::Edit) {
        message_created(app, Passage::question(turn), Role::User);
    }
    message_created(app, Passage::answer(turn, turn.state), Role::Assistant);
    if !is_opening {
        conversation_updated(app, id);
    }
}

fn message_created(app: &App, message: Passage, role: Role) {
    tell(app, Happened::Said(message.conversation, News::MessageCreated(message, role)));
}

/// A message was deleted, with all that followed it.
pub(crate) fn message_deleted(app: &App, id: ConversationId, message: MessageId) {
    tell(app, Happened::Said(id, News::MessageDeleted(id, message)));
    conversation_updated(app, id);
}

/// An answer begins to be written.
pub(crate) fn turn_started(app: &App, turn: &Turn) {
    let started = News::TurnStarted(Passage::answer(turn, State::Running));
    tell(app, Happened::Said(turn.conversation_id, started));
}

/// An answer is settled.
pub(crate) fn turn_ended(app: &App, turn: &Turn, state: State) {
    let ended = News::TurnEnded(Passage::answer(turn, state));
    tell(app, Happened::Said(turn.conversation_id, ended));
    conversation_updated(app, turn.conversation_id);
}

/// Somebody came, left, began to write or stopped.
pub(crate) fn presence_changed(app: &App, id: ConversationId) {
    tell(app, Happened::Present(id));
}

/// What has happened and was not told yet.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: Mutex<VecDeque<Happened>>,
    bell: Notify,
}

#[derive(Debug)]
enum Happened {
    /// Every member is told with what it sees.
    Changed(ConversationId, fn(Box<Conversation>) -> News),
    /// This member alone is.
    Marked(ConversationId, UserId),
    /// This member alone is, of a conversation that is new to it.
    Joined(ConversationId, UserId),
    /// This person is told what holds now, however often it was changed.
    Chose(UserId),
    /// This person is told to read the groups again.
    Grouped(UserId),
    /// These are, with what they saw.
    Ended(Vec<Seen>),
    /// Every member is told the same.
    Said(ConversationId, News),
    /// Every member is told who is there now.
    Present(ConversationId),
}

fn tell(app: &App, happened: Happened) {
    if !app.hub.events.is_heard() {
        return;
    }
    let mut waiting = app.events.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    // Who is there is read when it is told: once is enough, however often it changes meanwhile.
    if let Happened::Present(id) = happened
        && waiting.iter().any(|one| matches!(one, Happened::Present(waits) if *waits == id))
    {
        return;
    }
    waiting.push_back(happened);
    if waiting.len() > MOST_WAITING {
        waiting.clear();
        app.hub.events.greet_all();
    }
    drop(waiting);
    app.events.bell.notify_one();
}

/// Tells what happens until the app stops.
pub(crate) async fn run(app: App) {
    loop {
        tokio::select! {
            () = app.stopping().cancelled() => return,
            () = app.events.bell.notified() => {}
        }
        let happened = {
            let mut waiting = app.events.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        if let Err(error) = tell_members(&app, happened).await {
            tracing::warn!(%error, "what happened could not be told; whoever listens reads again");
            app.hub.events.greet_all();
        }
    }
}

/// What is read here was written after, or by, what happened: a member who was removed before it is told nothing.
async fn tell_members(app: &App, happened: VecDeque<Happened>) -> Result<()> {
    let mut known = Known { app, seen: HashMap::new() };
    let events = &app.hub.events;
    for one in happened {
        match one {
            Happened::Changed(id, news) => {
                for Seen { by, conversation } in known.members(id).await? {
                    events.tell(*by, news(Box::new(conversation.clone())));
                }
            }
            Happened::Marked(id, member) => {
                let members = known.members(id).await?;
                for Seen { by, conversation } in members.iter().filter(|seen| seen.by == member) {
                    events.tell(*by, News::ConversationUpdated(Box::new(conversation.clone())));
                }
            }
            Happened::Joined(id, member) => {
                let members = known.members(id).await?;
                for Seen { by, conversation } in members.iter().filter(|seen| seen.by == member) {
                    events.tell(*by, News::ConversationCreated(Box::new(conversation.clone())));
                }
            }
            Happened::Chose(person) if events.is_heard_by(person) => {
                if let Some(user) = store::users::find(&app.db, person).await? {
                    events.tell(person, News::Preferences(user.preferences));
                }
            }
            Happened::Chose(_) => {}
            Happened::Grouped(owner) => events.tell(owner, News::Groups),
            Happened::Ended(seen) => {
                for Seen { by, conversation } in seen {
                    events.tell(by, News::ConversationDeleted(Box::new(conversation)));
                }
            }
            Happened::Said(id, news) => {
                for seen in known.members(id).await? {
                    events.tell(seen.by, news.clone());
                }
            }
            Happened::Present(id) => {
                let people = app.hub.presence.people(id);
                for seen in known.members(id).await? {
                    events.tell(seen.by, News::Presence(id, people.clone()));
                }
            }
        }
    }
    Ok(())
}

/// Members who listen, read once for all that waits to be told.
struct Known<'a> {
    app: &'a App,
    seen: HashMap<ConversationId, Vec<Seen>>,
}

impl Known<'_> {
    async fn members(&mut self, id: ConversationId) -> Result<&[Seen]> {
        Ok(match self.seen.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let mut seen = store::conversations::seen_by_members(&self.app.db, id).await?;
                seen.retain(|seen| self.app.hub.events.is_heard_by(seen.by));
                unknown.insert(seen)
            }
        })
    }
}
