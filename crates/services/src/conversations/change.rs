//! Making, changing, deleting and restoring conversations. Everything that writes takes the conversation's lock first.

use domain::{
    Action, Conversation, ConversationId, GroupId, MessageId, TitleOrigin, TurnId, conversation::TITLE_CHARS,
};
use store::{Job, Tx, conversations::Locked, idempotency, members::Marks};

use crate::{
    Actor, App, Error, Result, access, chat::IdempotencyKey, chat::stop::stop_turns, events, groups,
};

/// A conversation to be made.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// Its title; none is the placeholder until something is said. What clients call a conversation before anything is
    /// said is as good as none.
    pub title: Option<String>,
    /// What it is called until then, if not `New conversation`.
    pub placeholder: Option<&'static str>,
    /// The model it prefers.
    pub model: Option<String>,
    /// What every answer should heed.
    pub instructions: Option<String>,
    /// Makes a repeat give the same conversation.
    pub key: Option<IdempotencyKey>,
}

/// What changes; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// A manual title.
    pub title: Option<String>,
    /// The model it prefers; `Some(None)` is the default one.
    pub model: Option<Option<String>>,
    /// What every answer should heed.
    pub instructions: Option<Option<String>>,
    /// The actor's own mark.
    pub favorite: Option<bool>,
    /// The actor puts it away, or takes it back.
    pub archived: Option<bool>,
    /// The actor puts it into a group of its own; `Some(None)` takes it out.
    pub group: Option<Option<GroupId>>,
    /// Shows the branch of this message: its newest leaf becomes the active one.
    pub active: Option<MessageId>,
}

/// What the older clients name a conversation when they make it: its first words take their place.
const PLACEHOLDERS: [&str; 3] = ["Nuova chat", "New Conversation", "New Chat"];

/// The longest instructions, in characters.
const INSTRUCTIONS_CHARS: usize = 20_000;

fn clean_title(title: &str) -> Result<String> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = title.chars().count();
    if chars == 0 {
        return Err(Error::invalid("title", "must not be empty"));
    }
    if chars > TITLE_CHARS {
        return Err(Error::invalid("title", format!("has {chars} characters; at most {TITLE_CHARS} fit")));
    }
    Ok(title)
}

fn check_instructions(text: Option<&str>) -> Result<()> {
    let chars = text.map_or(0, |text| text.chars().count());
    if chars > INSTRUCTIONS_CHARS {
        return Err(Error::invalid(
            "instructions",
            format!("have {chars} characters; at most {INSTRUCTIONS_CHARS} fit"),
        ));
    }
    Ok(())
}

/// Makes a conversation. The actor owns it.
pub async fn create(app: &App, actor: &Actor, new: New) -> Result<Conversation> {
    let title = new.title.as_deref().map(clean_title).transpose()?;
    check_instructions(new.instructions.as_deref())?;
    if let Some(model) = &new.model {
        app.models.find(model)?;
    }
    let is_chosen = title.as_deref().is_some_and(|title| !PLACEHOLDERS.contains(&title));
    let origin = if is_chosen { TitleOrigin::Manual } else { TitleOrigin::Words };
    let (id, now, owner, key) = (ConversationId(app.new_id()), app.now(), actor.user, new.key);
    let who = *actor;
    let row = store::conversations::New {
        id,
        owner,
        title: title.unwrap_or_else(|| new.placeholder.unwrap_or("New conversation").to_owned()),
        title_origin: origin,
        model: new.model,
        instructions: new.instructions,
        now,
    };
    let job = async move |tx: &mut Tx| {
        if let Some(key) = key
            && let Some(first) = idempotency::claim(tx, &key.row(&who), id.0, now).await?
        {
            return key.joins(&first).map(ConversationId);
        }
        store::conversations::insert(tx, &row).await?;
        store::search::put(tx, id.0, owner, &row.title).await?;
        Ok(id)
    };
    let made = write_then(app, job, move |app, made| {
        if *made == id {
            events::conversation_created(app, id);
        }
    });
    access::conversation(&app.db, actor, made.await?, Action::Read).await
}

/// Locks the conversation and lets the actor do this to it, or says why not.
pub(crate) async fn lock_for(
    tx: &mut Tx,
    actor: &Actor,
    id: ConversationId,
    action: Action,
) -> Result<Locked> {
    let locked = store::conversations::lock(tx, id).await?.ok_or(Error::NotFound(access::CONVERSATION))?;
    let role = store::members::role_of(&mut *tx, id, actor.user).await?;
    if locked.is_ended {
        return Err(Error::NotFound(access::CONVERSATION));
    }
    access::may(role, action)?;
    Ok(locked)
}

/// Changes a conversation, and the actor's own marks of it.
pub async fn change(app: &App, actor: &Actor, id: ConversationId, change: Change) -> Result<Conversation> {
    let title = change.title.as_deref().map(clean_title).transpose()?;
    check_instructions(change.instructions.as_ref().and_then(Option::as_deref))?;
    if let Some(Some(model)) = &change.model {
        app.models.find(model)?;
    }
    let shared =
        title.is_some() || change.model.is_some() || change.instructions.is_some() || change.active.is_some();
    let (who, now) = (*actor, app.now());
    let job = async move |tx: &mut Tx| {
        let action = if shared { Action::Change } else { Action::Read };
        let locked = lock_for(tx, &who, id, action).await?;
        if let Some(title) = &title {
            store::conversations::rename(tx, id, title, TitleOrigin::Manual, now).await?;
            store::search::put(tx, id.0, locked.owner, title).await?;
        }
        if let Some(model) = &change.model {
            store::conversations::set_model(tx, id, model.as_deref()).await?;
        }
        if let Some(instructions) = &change.instructions {
            store::conversations::set_instructions(tx, id, instructions.as_deref(), now).await?;
        }
        if let Some(message) = change.active {
            let found = store::messages::find(&mut *tx, who.user, message).await?;
            if found.is_none_or(|message| message.conversation_id != id) {
                return Err(Error::NotFound("message"));
            }
            let leaf = store::messages::newest_leaf_below(&mut *tx, message).await?;
            store::conversations::activate(tx, id, leaf).await?;
        }
        if let Some(Some(group)) = change.group {
            groups::hold(tx, &who, group).await?;
        }
        let marks = Marks {
            favorite: change.favorite,
            group: change.group,
            archived_at: change.archived.map(|archived| archived.then_some(now)),
        };
        store::members::mark(tx, id, who.user, marks).await?;
        Ok(())
    };
    write_then(app, job, move |app, ()| {
        if shared {
            events::conversation_updated(app, id);
        } else {
            events::conversation_marked(app, id, who.user);
        }
    })
    .await?;
    access::conversation(&app.db, actor, id, Action::Read).await
}

/// Moves a conversation to the trash and stops its answers. It can be restored for 30 days.
pub async fn delete(app: &App, actor: &Actor, id: ConversationId) -> Result<()> {
    let (who, now) = (*actor, app.now());
    let job = async move |tx: &mut Tx| {
        let locked = lock_for(tx, &who, id, Action::Delete).await?;
        if locked.deleted_at.is_none() {
            store::conversations::set_deleted(tx, id, Some(now)).await?;
        }
        Ok(store::turns::unsettled_of_conversation(tx, id).await?)
    };
    write_then(app, job, move |app, turns: &Vec<TurnId>| {
        stop_turns(app, turns);
        events::conversation_deleted(app, id);
    })
    .await?;
    Ok(())
}

/// Takes a conversation out of the trash.
pub async fn restore(app: &App, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let who = *actor;
    let job = async move |tx: &mut Tx| {
        lock_for(tx, &who, id, Action::Delete).await?;
        store::conversations::set_deleted(tx, id, None).await?;
        Ok(())
    };
    write_then(app, job, move |app, ()| events::conversation_updated(app, id)).await?;
    access::conversation(&app.db, actor, id, Action::Read).await
}

/// Ends a conversation for good: nobody sees it any more, its answers stop, its rows are purged.
pub async fn end(app: &App, actor: &Actor, id: ConversationId) -> Result<()> {
    let (who, now) = (*actor, app.now());
    let witnesses = events::witnesses(app, id).await?;
    let job = async move |tx: &mut Tx| {
        lock_for(tx, &who, id, Action::Delete).await?;
        Ok(store::purge::mark_conversation(tx, id, now).await?)
    };
    write_then(app, job, move |app, turns: &Vec<TurnId>| {
        stop_turns(app, turns);
        events::conversation_ended(app, witnesses);
    })
    .await?;
    Ok(())
}

/// Runs a job and, after its commit, what follows from it. In a task of its own: a caller who leaves meanwhile leaves no
/// answer running, and nobody without the news.
pub(crate) async fn write_then<T, F>(
    app: &App,
    job: F,
    then: impl FnOnce(&App, &T) + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    F: AsyncFnOnce(&mut Tx) -> Result<T> + for<'t> Job<'t, T, Error>,
{
    let app = app.clone();
    app.clone()
        .detached(async move {
            let done = app.db.write(job).await?;
            then(&app, &done);
            Ok(done)
        })
        .await
}
