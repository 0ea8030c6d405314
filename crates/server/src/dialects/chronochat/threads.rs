//! Conversations, which this API calls threads.

use axum::{Json as Said, extract::State};
use serde_json::{Value, json};
use services::{
    App, Error, accounts,
    chat::{self, Ask, Options},
    conversations::{self, Branch, Change, New, Shelf, Which},
    domain::ConversationId,
    stats as figures,
};

use super::{
    PLACEHOLDER,
    wire::{Message, SendRequest, Thread, TitleRequest, tool_calls},
};
use crate::http::{
    extract::{Caller, Json, Path, Query},
    problem::Problem,
    time::rfc3339,
};

/// How many a list holds.
const MOST: i64 = 50;
/// How many messages are told.
const MOST_MESSAGES: i64 = 100;

pub(super) async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Said<Vec<Thread>>, Problem> {
    let shelf = Shelf::Kept { which: Which::All, archived: false };
    let page = conversations::list(&app, &actor, shelf, None, MOST).await?;
    Ok(Said(page.items.into_iter().map(|one| Thread::of(one, actor.user)).collect()))
}

pub(super) async fn read(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    let found = conversations::kept(&app, &actor, id).await?;
    let newest = Branch { leaf: None, limit: MOST_MESSAGES };
    let page = conversations::branch(&app, &actor, id, newest).await?;
    let messages: Vec<Message> = page.items.iter().map(Message::from).collect();
    let total = messages.len();
    Ok(Said(json!({
        "thread": Thread::of(found, actor.user),
        "messages": messages,
        "total_messages": total,
    })))
}

/// Answers when the answer is whole.
pub(super) async fn send(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<SendRequest>,
) -> Result<Said<Value>, Problem> {
    let conversation = if let Some(id) = request.thread_id.filter(|id| !id.is_empty()) {
        let id = id.parse().map_err(|()| Error::NotFound("conversation"))?;
        conversations::kept(&app, &actor, id).await?.id
    } else {
        let new = New { placeholder: Some(PLACEHOLDER), ..New::default() };
        conversations::create(&app, &actor, new).await?.id
    };
    let say =
        Ask::Say { text: request.message, conversation: Some(conversation), parent: None, files: Vec::new() };
    let sent = chat::send(&app, &actor, say, Options::default()).await?;
    let served = accounts::serve(&app, &actor);
    let answer = tokio::select! {
        () = served.ended() => return Err(Error::Unauthenticated("This login session has ended. Sign in again.").into()),
        answer = chat::collect(&app, &actor, sent) => answer?,
    };
    if let Some(error) = &answer.message.error {
        return Err(Problem::upstream(&error.code, &error.message));
    }
    Ok(Said(json!({
        "response": answer.message.parts.text(),
        "thread_id": conversation.to_string(),
        "tool_calls": tool_calls(&answer.message),
        "message_id": answer.message.id.0,
    })))
}

pub(super) async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    conversations::delete_kept(&app, &actor, id).await?;
    Ok(Said(json!({ "message": "Thread deleted successfully" })))
}

pub(super) async fn rename(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Query(query): Query<TitleRequest>,
    body: Option<Json<TitleRequest>>,
) -> Result<Said<Thread>, Problem> {
    let title = query.title.or_else(|| body.and_then(|Json(body)| body.title));
    let Some(title) = title else { return Err(Problem::invalid("/title", "is missing")) };
    let change = Change { title: Some(title), ..Change::default() };
    let changed = conversations::change_kept(&app, &actor, id, change).await?;
    Ok(Said(Thread::of(changed, actor.user)))
}

pub(super) async fn stats(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    let figures = figures::read(&app, &actor).await?;
    let user = accounts::me(&app, &actor).await?;
    Ok(Said(json!({
        "total_threads": figures.conversations,
        "total_messages": figures.messages,
        "total_tool_calls": figures.tool_calls,
        "user_since": rfc3339(user.created_at),
    })))
}
