//! Going on with what somebody else has shared, in a conversation of one's own.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

use domain::{
    Action, Attachment, Conversation, ConversationId, FileId, Message, MessageId, Part, Parts, Role, State,
    TitleOrigin,
};
use store::conversations::New;

use super::{
    SharedMessage, SharedPart,
    copying::{self, Filled, SLICE},
    share::shown,
};
use crate::{Actor, App, Result, access, accounts, chat::IdempotencyKey, files::check_room};

/// Copies what the link with this token shows into a conversation of the actor's own, files too. With a key, a repeat gives
/// the same copy. Who asks from `address` may do so as often as read what links show.
pub async fn take_over(
    app: &App,
    actor: &Actor,
    token: &str,
    address: IpAddr,
    key: Option<IdempotencyKey>,
) -> Result<Conversation> {
    accounts::count_shared(app, address)?;
    let (work, who, token) = (app.clone(), *actor, token.to_owned());
    let made = app.detached(async move { copy(&work, &who, &token, key).await }).await?;
    access::conversation(&app.db, actor, made, Action::Read).await
}

async fn copy(app: &App, actor: &Actor, token: &str, key: Option<IdempotencyKey>) -> Result<ConversationId> {
    if let Some(first) = copying::made_before(app, actor, key.as_ref()).await? {
        return Ok(first);
    }
    let shared = shown(app, token).await?;
    let new = New {
        id: ConversationId(app.new_id()),
        owner: actor.user,
        title: shared.title,
        title_origin: TitleOrigin::Manual,
        model: None,
        instructions: None,
        now: app.now(),
    };
    let (id, title) = (new.id, new.title.clone());
    let files = own_files(app, actor, &shared.messages).await?;
    copying::begin(app, new).await?;
    let mut leaf = None;
    let count = shared.messages.len();
    let mut rest = shared.messages.into_iter().map(|said| {
        let own = MessageId(app.new_id());
        message(said, id, own, leaf.replace(own), &files)
    });
    loop {
        let slice: Vec<Message> = rest.by_ref().take(SLICE).collect();
        if slice.is_empty() {
            break;
        }
        write(app, actor, slice).await?;
    }
    drop(rest);
    copying::show(app, actor, Filled { id, title, leaf, count, group: None }, key).await
}

/// Gives the actor files of their own with the same contents, by the ids of those that are shown: whoever shared them may
/// delete theirs, and each counts for who has it. Of one that is gone meanwhile its name alone stays.
async fn own_files(app: &App, actor: &Actor, shown: &[SharedMessage]) -> Result<HashMap<FileId, FileId>> {
    let parts = shown.iter().flat_map(|message| &message.parts);
    let ids: BTreeSet<FileId> = parts
        .filter_map(|part| if let SharedPart::File(file) = part { Some(file.id) } else { None })
        .collect();
    let copies: Vec<(FileId, FileId)> = ids.into_iter().map(|id| (id, FileId(app.new_id()))).collect();
    if copies.is_empty() {
        return Ok(HashMap::new());
    }
    let _coming = app.blobs.while_coming().await;
    let (owner, now, app) = (actor.user, app.now(), app.clone());
    let copied: Result<HashMap<FileId, FileId>> = app
        .clone()
        .db
        .write(async move |tx| {
            store::files::hold(&mut *tx, owner).await?;
            let mut own = HashMap::new();
            for (id, copy) in copies {
                if store::files::copy(tx, id, copy, owner, now).await? {
                    own.insert(id, copy);
                }
            }
            check_room(&app, store::files::hold(tx, owner).await?.bytes)?;
            Ok(own)
        })
        .await;
    copied
}

/// A message as it is from now on.
fn message(
    said: SharedMessage,
    place: ConversationId,
    id: MessageId,
    parent: Option<MessageId>,
    files: &HashMap<FileId, FileId>,
) -> Message {
    Message {
        id,
        conversation_id: place,
        parent_id: parent,
        role: said.role,
        author: None,
        parts: Parts(
            said.parts.into_iter().enumerate().map(|(place, one)| part(place, one, files)).collect(),
        ),
        state: State::Completed,
        turn_id: None,
        model: None,
        usage: None,
        finish_reason: None,
        error: None,
        created_at: said.created_at,
        sibling_ids: Vec::new(),
        covers: None,
        feedback: None,
    }
}

/// The same piece. With what a tool was called, and what came of it, was not shown.
fn part(place: usize, part: SharedPart, files: &HashMap<FileId, FileId>) -> Part {
    match part {
        SharedPart::Text { text } => Part::Text { text },
        SharedPart::Reasoning { text, duration_ms } => Part::Reasoning { text, duration_ms },
        SharedPart::ToolCall { name, state } => Part::ToolCall {
            id: format!("shared_{place}"),
            name,
            arguments: String::new(),
            state,
            result: None,
            duration_ms: None,
        },
        SharedPart::Source { n, title, url, snippet } => Part::Source { n, title, url, snippet },
        SharedPart::File(file) => {
            let id = files.get(&file.id).copied().unwrap_or(file.id);
            Part::File(Attachment { id, ..file })
        }
    }
}

async fn write(app: &App, actor: &Actor, slice: Vec<Message>) -> Result<()> {
    let reader = actor.user;
    app.db
        .write(async move |tx| {
            let mut texts = Vec::with_capacity(slice.len());
            for message in &slice {
                let author = (message.role == Role::User).then_some(reader);
                store::messages::insert(tx, message, author).await?;
                let files: Vec<i64> = message.parts.0.iter().filter_map(file_of).map(|id| id.0).collect();
                if !files.is_empty() {
                    store::files::take(tx, reader, None, &files).await?;
                    store::files::attach(tx, message.id, &files).await?;
                }
                texts.push((message.id.0, message.parts.text()));
            }
            let texts: Vec<(i64, &str)> = texts.iter().map(|(id, text)| (*id, text.as_str())).collect();
            store::search::put_all(tx, reader, &texts).await?;
            Ok(())
        })
        .await
}

fn file_of(part: &Part) -> Option<FileId> {
    if let Part::File(file) = part { Some(file.id) } else { None }
}
