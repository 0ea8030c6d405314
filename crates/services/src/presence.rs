//! Who has a conversation open, and who of them is writing. Members see it; nothing of it is kept.

use std::{sync::Arc, time::Duration};

use domain::{Action, ConversationId, News, Person, UserId};
pub use hub::{Counts, Seat};

use crate::{Actor, App, Error, Result, access, accounts, events};

/// How long somebody who looks through HTTP stays without saying so again.
const STAYS: Duration = Duration::from_secs(25);

/// Where somebody looks from, and how.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Which of the windows of a login session.
    pub tab: &'a str,
    /// False when it is left.
    pub is_here: bool,
    /// Whether the person writes.
    pub is_typing: bool,
}

/// The actor has a conversation open in a browser, or not any more, and writes or not. To be said again every 10 s.
pub async fn report(app: &App, actor: &Actor, conversation: ConversationId, place: Place<'_>) -> Result<()> {
    let Place { tab, is_here, is_typing } = place;
    let seat = format!("browser-{}-{tab}", actor.login);
    if is_here {
        let is_new = sit(app, actor, conversation, &seat, Some(STAYS)).await?;
        if app.hub.presence.typing(conversation, &seat, is_typing) || is_new {
            events::presence_changed(app, conversation);
        } else {
            // Whoever has just opened another page has not heard it yet.
            let people = app.hub.presence.people(conversation);
            app.hub.events.tell(actor.user, News::Presence(conversation, people));
        }
        return Ok(());
    }
    access::conversation(&app.db, actor, conversation, Action::Read).await?;
    leave(app, conversation, &seat);
    Ok(())
}

/// The actor looks at a conversation from a seat that is taken until [`leave`].
pub(crate) async fn enter(app: &App, actor: &Actor, conversation: ConversationId, seat: &str) -> Result<()> {
    if sit(app, actor, conversation, seat, None).await? {
        events::presence_changed(app, conversation);
    }
    Ok(())
}

async fn sit(
    app: &App,
    actor: &Actor,
    conversation: ConversationId,
    seat: &str,
    stays: Option<Duration>,
) -> Result<bool> {
    let since = app.hub.memberships.moment();
    access::conversation(&app.db, actor, conversation, Action::Read).await?;
    let person = Arc::new(person(app, actor).await?);
    let is_new = app.hub.presence.enter(conversation, seat, &person, stays);
    if app.hub.memberships.serve(conversation, actor.user, since).has_ended() {
        app.hub.presence.leave(conversation, seat);
        return Err(Error::NotFound(access::CONVERSATION));
    }
    Ok(is_new)
}

/// The actor as others see it.
pub(crate) async fn person(app: &App, actor: &Actor) -> Result<Person> {
    let user = accounts::me(app, actor).await?;
    Ok(Person { id: user.id, username: user.username, full_name: user.full_name })
}

/// Somebody in a seat writes, or stopped. Who sits nowhere is not heard.
pub(crate) fn typing(app: &App, conversation: ConversationId, seat: &str, is_typing: bool) {
    if app.hub.presence.typing(conversation, seat, is_typing) {
        events::presence_changed(app, conversation);
    }
}

/// A seat is empty.
pub(crate) fn leave(app: &App, conversation: ConversationId, seat: &str) {
    if app.hub.presence.leave(conversation, seat) {
        events::presence_changed(app, conversation);
    }
}

/// Somebody is a member no more, and sits nowhere in the conversation.
pub(crate) fn remove(app: &App, conversation: ConversationId, member: UserId) {
    if app.hub.presence.remove(conversation, member) {
        events::presence_changed(app, conversation);
    }
}

/// Who looks at a conversation, seat by seat.
pub async fn seats(app: &App, actor: &Actor, conversation: ConversationId) -> Result<Vec<Seat>> {
    access::conversation(&app.db, actor, conversation, Action::Read).await?;
    Ok(app.hub.presence.seats(conversation))
}

/// Whether anybody writes in a conversation that the caller was let into.
pub fn is_anybody_typing(app: &App, conversation: ConversationId) -> bool {
    app.hub.presence.seats(conversation).iter().any(Seat::is_typing)
}

/// How many are connected.
pub fn counts(app: &App) -> Counts {
    app.hub.presence.counts()
}

/// Whether the actor has a socket.
pub fn is_connected(app: &App, actor: &Actor) -> bool {
    app.hub.presence.is_connected(actor.user)
}

/// Ends what is over: who said nothing for a while neither writes nor is there.
pub(crate) async fn run(app: App) {
    loop {
        let over = tokio::select! {
            () = app.stopping().cancelled() => return,
            over = app.hub.presence.overdue() => over,
        };
        for conversation in over {
            events::presence_changed(&app, conversation);
        }
    }
}
