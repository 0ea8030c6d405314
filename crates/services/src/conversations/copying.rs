//! How a conversation is filled with what was said elsewhere: in slices, and until the last of them nobody sees it. One
//! that is never completed ends by itself and is purged.

use domain::{ConversationId, GroupId, MessageId, time::HOUR_MS};
use store::{conversations::New, idempotency, members::Marks};

use crate::{Actor, App, Error, Result, access, chat::IdempotencyKey, events};

/// How many messages are copied in one job.
pub(super) const SLICE: usize = 250;

/// A conversation that has all its messages.
pub(super) struct Filled {
    /// Its id.
    pub id: ConversationId,
    /// What is found by searching.
    pub title: String,
    /// The last message of its branch.
    pub leaf: Option<MessageId>,
    /// How many messages it has.
    pub count: usize,
    /// The group that it goes to, if its owner still has that.
    pub group: Option<GroupId>,
}

/// What was made when this was asked for before with the same key.
pub(super) async fn made_before(
    app: &App,
    actor: &Actor,
    key: Option<&IdempotencyKey>,
) -> Result<Option<ConversationId>> {
    let Some(key) = key else { return Ok(None) };
    let first = idempotency::find(&app.db, actor.user, &key.key).await?;
    first.map(|first| key.joins(&first).map(ConversationId)).transpose()
}

/// Makes the conversation, which nobody sees yet.
pub(super) async fn begin(app: &App, new: New) -> Result<()> {
    let until = new.now.plus_ms(HOUR_MS);
    Ok(app.db.write(async move |tx| store::conversations::insert_unseen(tx, &new, until).await).await?)
}

/// Shows it to its owner, and tells all tabs. Gives what the same key has made first, where another was quicker.
pub(super) async fn show(
    app: &App,
    actor: &Actor,
    filled: Filled,
    key: Option<IdempotencyKey>,
) -> Result<ConversationId> {
    let (who, id, now) = (*actor, filled.id, app.now());
    let shown: Result<ConversationId> = app
        .db
        .write(async move |tx| {
            if let Some(key) = key
                && let Some(first) = idempotency::claim(tx, &key.row(&who), id.0, now).await?
            {
                return key.joins(&first).map(ConversationId);
            }
            let count = filled.count as i64;
            if !store::messages::fork::show(tx, id, who.user, filled.leaf, count, now).await? {
                return Err(Error::NotFound(access::CONVERSATION));
            }
            if let Some(group) = filled.group
                && store::groups::hold(tx, who.user, group).await?
            {
                let marks = Marks { group: Some(Some(group)), ..Marks::default() };
                store::members::mark(tx, id, who.user, marks).await?;
            }
            store::search::put(tx, id.0, who.user, &filled.title).await?;
            Ok(id)
        })
        .await;
    let shown = shown?;
    if shown == id {
        events::conversation_created(app, id);
    }
    Ok(shown)
}
