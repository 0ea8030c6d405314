//! A copy of what was said so far, to go on differently.

use domain::{Action, Conversation, ConversationId, MessageId, TitleOrigin, conversation::TITLE_CHARS};
use store::{conversations::New, messages::fork::Copied};

use super::copying::{self, Filled, SLICE};
use crate::{Actor, App, Error, Result, access, chat::IdempotencyKey};

/// What is put behind the title of a copy.
const MARK: &str = " (fork)";

/// What is to be copied.
#[derive(Debug, Clone, Default)]
pub struct Fork {
    /// The last message; none is the end of the visible branch.
    pub until: Option<MessageId>,
    /// Makes a repeat give the same copy.
    pub key: Option<IdempotencyKey>,
}

/// Copies a branch into a conversation of the actor's own, which can be searched at once. An answer that is still being
/// written, and what follows it, is left out.
pub async fn fork(app: &App, actor: &Actor, from: ConversationId, fork: Fork) -> Result<Conversation> {
    let (work, who) = (app.clone(), *actor);
    let made = app.detached(async move { copy(&work, &who, from, fork).await }).await?;
    access::conversation(&app.db, actor, made, Action::Read).await
}

async fn copy(app: &App, actor: &Actor, from: ConversationId, fork: Fork) -> Result<ConversationId> {
    let source = access::conversation(&app.db, actor, from, Action::Read).await?;
    if let Some(first) = copying::made_before(app, actor, fork.key.as_ref()).await? {
        return Ok(first);
    }
    if source.deleted_at.is_some() {
        return Err(Error::conflict("in_trash", "This conversation is in the trash. Restore it to copy it."));
    }
    let (slices, leaf) = plan(app, actor, &source, fork.until).await?;
    let count = slices.iter().map(Vec::len).sum::<usize>();
    let new = New {
        id: ConversationId(app.new_id()),
        owner: actor.user,
        title: marked(&source.title),
        title_origin: TitleOrigin::Manual,
        model: source.model.clone(),
        instructions: source.instructions.clone(),
        now: app.now(),
    };
    let filled = Filled { id: new.id, title: new.title.clone(), leaf, count, group: source.group_id };
    copying::begin(app, new).await?;
    for slice in slices {
        copy_slice(app, actor, from, filled.id, slice).await?;
    }
    copying::show(app, actor, filled, fork.key).await
}

/// What is copied to which id, in slices, and the id of the last copy.
async fn plan(
    app: &App,
    actor: &Actor,
    source: &Conversation,
    until: Option<MessageId>,
) -> Result<(Vec<Vec<Copied>>, Option<MessageId>)> {
    let Some(leaf) = until.or(source.active_message_id) else { return Ok((Vec::new(), None)) };
    let path = store::messages::fork::path(&app.db, actor.user, source.id, leaf).await?;
    if path.is_empty() {
        return Err(Error::NotFound("message"));
    }
    let settled = path.into_iter().take_while(|(_, state)| state.is_settled());
    let mut before = None;
    let copied: Vec<Copied> = settled
        .map(|(id, _)| {
            let copy = MessageId(app.new_id());
            (id, copy, before.replace(copy))
        })
        .collect();
    Ok((copied.chunks(SLICE).map(<[Copied]>::to_vec).collect(), before))
}

async fn copy_slice(
    app: &App,
    actor: &Actor,
    from: ConversationId,
    to: ConversationId,
    slice: Vec<Copied>,
) -> Result<()> {
    let reader = actor.user;
    let ids: Vec<i64> = slice.iter().map(|(id, ..)| id.0).collect();
    let said = store::messages::of_ids(&app.db, reader, &ids).await?;
    let mut texts: std::collections::HashMap<MessageId, String> =
        said.into_iter().map(|(message, _)| (message.id, message.parts.text())).collect();
    let texts: Vec<(i64, String)> =
        (slice.iter()).filter_map(|(id, copy, _)| Some((copy.0, texts.remove(id)?))).collect();
    app.db
        .write(async move |tx| {
            let copied = store::messages::fork::copy(tx, reader, from, to, &slice).await?;
            if usize::try_from(copied).ok() != Some(slice.len()) {
                return Err(Error::NotFound(access::CONVERSATION));
            }
            let texts: Vec<(i64, &str)> = texts.iter().map(|(id, text)| (*id, text.as_str())).collect();
            store::search::put_all(tx, reader, &texts).await?;
            Ok(())
        })
        .await
}

/// The title with a mark, cut where it would become too long.
fn marked(title: &str) -> String {
    if title.ends_with(MARK) {
        return title.to_owned();
    }
    let head: String = title.chars().take(TITLE_CHARS - MARK.chars().count()).collect();
    format!("{}{MARK}", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_marked_once_and_never_too_long() {
        assert_eq!(marked("Plans"), "Plans (fork)");
        assert_eq!(marked("Plans (fork)"), "Plans (fork)");
        assert_eq!(marked(&"数".repeat(TITLE_CHARS)).chars().count(), TITLE_CHARS);
    }
}
