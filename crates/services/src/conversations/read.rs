//! Reading conversations and what was said in them.

use domain::{Action, Conversation, ConversationId, Message, MessageId};
use store::{
    conversations::{Shelf, Which},
    page::Cursor,
};

use crate::{Actor, App, Error, Result, access, groups};

/// A page, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Page<T, C> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub next: Option<C>,
}

/// A page of one of the actor's lists, newest activity first.
pub async fn list(
    app: &App,
    actor: &Actor,
    shelf: Shelf,
    after: Option<&str>,
    limit: i64,
) -> Result<Page<Conversation, String>> {
    let after = match after {
        None => Cursor::START,
        Some(text) => {
            Cursor::parse(text).ok_or_else(|| Error::invalid("cursor", "is not one that this server gave"))?
        }
    };
    if let Shelf::Kept { which: Which::Group(group) | Which::FavoritesOf(group), .. }
    | Shelf::Marked { group: Some(group), .. } = shelf
    {
        groups::find(app, actor, group).await?;
    }
    let mut items = store::conversations::list(&app.db, actor.user, shelf, after, limit + 1).await?;
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    items.truncate(usize::try_from(limit).unwrap_or(0));
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| Cursor { at: last.last_activity_at.0, id: last.id.0 }.to_string());
    Ok(Page { items, next })
}

/// A conversation.
pub async fn find(app: &App, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    access::conversation(&app.db, actor, id, Action::Read).await
}

/// One message.
pub async fn message(app: &App, actor: &Actor, id: MessageId) -> Result<Message> {
    let found = store::messages::find(&app.db, actor.user, id).await?;
    found.ok_or(Error::NotFound("message"))
}

/// Which part of the visible branch is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    /// The newest message of the page; none is the leaf of the visible branch.
    pub leaf: Option<MessageId>,
    /// How many messages.
    pub limit: i64,
}

/// The visible branch, oldest first: its newest page, or the one that ends at a given message. The next page lies
/// further up and ends at the message that `next` names.
pub async fn branch(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    branch: Branch,
) -> Result<Page<Message, MessageId>> {
    let conversation = access::conversation(&app.db, actor, id, Action::Read).await?;
    let Some(leaf) = branch.leaf.or(conversation.active_message_id) else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let mut items = store::messages::branch(&app.db, actor.user, id, leaf, branch.limit).await?;
    add_what_is_seen(app, actor, id, &mut items).await?;
    let next = items.first().and_then(|oldest| oldest.parent_id);
    Ok(Page { items, next })
}

/// All messages in all branches, oldest first, a page at a time.
pub async fn tree(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Page<Message, MessageId>> {
    access::conversation(&app.db, actor, id, Action::Read).await?;
    let mut items =
        store::messages::tree(&app.db, actor.user, id, after.unwrap_or(MessageId(0)), limit + 1).await?;
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    items.truncate(usize::try_from(limit).unwrap_or(0));
    add_what_is_seen(app, actor, id, &mut items).await?;
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(Page { items, next })
}

/// Fills in what a reader sees beside what was said: siblings, who asked, and the reader's own feedback.
pub(crate) async fn add_what_is_seen(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    messages: &mut [Message],
) -> Result<()> {
    store::messages::add_siblings(&app.db, id, messages).await?;
    store::messages::add_authors(&app.db, messages).await?;
    store::feedback::add_to(&app.db, actor.user, messages).await?;
    Ok(())
}
