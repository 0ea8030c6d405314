//! Notes that members write beside a conversation, for each other: no model ever reads them, and no link shows them.

use domain::{Action, ConversationId, MessageId, Note, NoteId, note::NOTE_CHARS};
use store::{Tx, idempotency};

use crate::{
    Actor, App, Error, Result, access,
    chat::IdempotencyKey,
    conversations::{Page, lock_for, write_then},
    events,
};

/// What stands for "no such note".
const NOTE: &str = "note";

/// A note to be written.
#[derive(Debug, Clone)]
pub struct New {
    /// What it says.
    pub content: String,
    /// The message that it is about, if it is about one.
    pub message: Option<MessageId>,
    /// Makes a repeat give the same note.
    pub key: Option<IdempotencyKey>,
}

fn check(content: &str) -> Result<()> {
    if content.trim().is_empty() {
        return Err(Error::invalid("content", "must not be empty"));
    }
    let chars = content.chars().count();
    if chars > NOTE_CHARS {
        return Err(Error::invalid("content", format!("has {chars} characters; at most {NOTE_CHARS} fit")));
    }
    Ok(())
}

/// A page of the notes of a conversation, oldest first. The next page begins behind the note that `next` names.
pub async fn list(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    after: Option<NoteId>,
    limit: i64,
) -> Result<Page<Note, NoteId>> {
    access::conversation(&app.db, actor, id, Action::Read).await?;
    let after = after.unwrap_or(NoteId(0));
    let mut items = store::notes::list(&app.db, actor.user, id, after, limit + 1).await?;
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    items.truncate(usize::try_from(limit).unwrap_or(0));
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(Page { items, next })
}

/// Writes a note.
pub async fn create(app: &App, actor: &Actor, id: ConversationId, new: New) -> Result<Note> {
    let New { content, message, key } = new;
    check(&content)?;
    let (who, now) = (*actor, app.now());
    let note = Note {
        id: NoteId(app.new_id()),
        conversation_id: id,
        message_id: message,
        author: None,
        content,
        created_at: now,
    };
    let made = note.id;
    let job = async move |tx: &mut Tx| {
        let found = if let Some(key) = key
            && let Some(first) = idempotency::claim(tx, &key.row(&who), made.0, now).await?
        {
            NoteId(key.joins(&first)?)
        } else {
            write(tx, &who, &note).await?;
            made
        };
        store::notes::find(tx, who.user, found).await?.ok_or(Error::NotFound(NOTE))
    };
    write_then(app, job, move |app, note| {
        if note.id == made {
            events::note_created(app, note);
        }
    })
    .await
}

async fn write(tx: &mut Tx, actor: &Actor, note: &Note) -> Result<()> {
    let locked = lock_for(tx, actor, note.conversation_id, Action::Note).await?;
    if locked.deleted_at.is_some() {
        return Err(Error::conflict(
            "in_trash",
            "This conversation is in the trash. Restore it before you write to it.",
        ));
    }
    if let Some(message) = note.message_id {
        let found = store::messages::find(&mut *tx, actor.user, message).await?;
        if found.is_none_or(|message| message.conversation_id != note.conversation_id) {
            return Err(Error::NotFound("message"));
        }
    }
    store::notes::insert(tx, note, actor.user).await?;
    Ok(())
}

/// Deletes a note: its author may while that is a member, and the owner of the conversation.
pub async fn delete(app: &App, actor: &Actor, id: NoteId) -> Result<()> {
    let found = store::notes::find(&app.db, actor.user, id).await?.ok_or(Error::NotFound(NOTE))?;
    let conversation = found.conversation_id;
    let is_own = found.author.is_some_and(|author| author.id == actor.user);
    let who = *actor;
    let job = async move |tx: &mut Tx| {
        lock_for(tx, &who, conversation, Action::Read).await?;
        let role = store::members::role_of(&mut *tx, conversation, who.user).await?;
        if !is_own && !role.is_some_and(|role| role.allows(Action::Delete)) {
            return Err(Error::forbidden(
                "role_too_low",
                "Only the author of a note and the owner of the conversation may delete it.",
            ));
        }
        if store::notes::delete(tx, id).await? { Ok(()) } else { Err(Error::NotFound(NOTE)) }
    };
    write_then(app, job, move |app, ()| events::note_deleted(app, conversation, id)).await
}
