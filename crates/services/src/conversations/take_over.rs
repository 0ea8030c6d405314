//! Going on with what somebody else has shared, in a conversation of one's own.

use domain::{
    Action, Conversation, ConversationId, FileId, Message, MessageId, Part, Parts, Role, State, TitleOrigin,
};
use store::conversations::New;

use super::{
    SharedMessage, SharedPart,
    copying::{self, Filled, SLICE},
    share::shown,
};
use crate::{Actor, App, Result, access, chat::IdempotencyKey};

/// Copies what the link with this token shows into a conversation of the actor's own. With a key, a repeat gives the same
/// copy. Files stay the files of whoever brought them, and count for nobody else.
pub async fn take_over(
    app: &App,
    actor: &Actor,
    token: &str,
    key: Option<IdempotencyKey>,
) -> Result<Conversation> {
    let (work, who, token) = (app.clone(), *actor, token.to_owned());
    let made = app.detached(async move { copy(&work, &who, &token, key).await }).await?;
    access::conversation(&app.db, actor, made, Action::Read).await
}

async fn copy(app: &App, actor: &Actor, token: &str, key: Option<IdempotencyKey>) -> Result<ConversationId> {
    let shared = shown(app, token).await?;
    if let Some(first) = copying::made_before(app, actor, key.as_ref()).await? {
        return Ok(first);
    }
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
    copying::begin(app, new).await?;
    let mut leaf = None;
    let messages: Vec<Message> = (shared.messages.into_iter())
        .map(|said| {
            let own = MessageId(app.new_id());
            message(said, id, own, leaf.replace(own))
        })
        .collect();
    let count = messages.len();
    for slice in messages.chunks(SLICE) {
        write(app, actor, slice.to_vec()).await?;
    }
    copying::show(app, actor, Filled { id, title, leaf, count, group: None }, key).await
}

/// A message as it is from now on.
fn message(said: SharedMessage, place: ConversationId, id: MessageId, parent: Option<MessageId>) -> Message {
    Message {
        id,
        conversation_id: place,
        parent_id: parent,
        role: said.role,
        parts: Parts(said.parts.into_iter().enumerate().map(part).collect()),
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
fn part((place, part): (usize, SharedPart)) -> Part {
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
        SharedPart::File(file) => Part::File(file),
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
