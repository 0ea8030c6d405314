//! Conversations, which this API calls sessions.

use axum::{Json as Said, extract::State, http::StatusCode};
use services::{
    Actor, App, Error,
    conversations::{self, Branch, Change, New, Shelf, Which},
    domain::{Conversation, ConversationId},
};

use super::{
    PLACEHOLDER,
    wire::{Message, Session, SessionRequest},
};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

/// How many a list holds.
const MOST: i64 = 100;
/// How many messages are told.
const MOST_MESSAGES: i64 = 1_000;

fn told(app: &App, actor: &Actor, one: Conversation) -> Session {
    Session::of(one, actor.user, &app.models.default_model().unwrap_or_default())
}

pub(super) async fn list(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Said<Vec<Session>>, Problem> {
    let shelf = Shelf::Kept { which: Which::All, archived: false };
    let page = conversations::list(&app, &actor, shelf, None, MOST).await?;
    Ok(Said(page.items.into_iter().map(|one| told(&app, &actor, one)).collect()))
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    request: Option<Json<SessionRequest>>,
) -> Result<(StatusCode, Said<Session>), Problem> {
    let Json(request) = request.unwrap_or(Json(SessionRequest::default()));
    let new = New {
        title: request.title,
        placeholder: Some(PLACEHOLDER),
        model: app.models.offered(request.model),
        ..New::default()
    };
    let made = conversations::create(&app, &actor, new).await?;
    Ok((StatusCode::CREATED, Said(told(&app, &actor, made))))
}

pub(super) async fn change(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    request: Option<Json<SessionRequest>>,
) -> Result<Said<Session>, Problem> {
    let Json(request) = request.unwrap_or(Json(SessionRequest::default()));
    let change = Change {
        title: request.title,
        model: app.models.offered(request.model).map(Some),
        ..Change::default()
    };
    let changed = conversations::change_kept(&app, &actor, id, change).await?;
    Ok(Said(told(&app, &actor, changed)))
}

/// What is not there is as good as deleted.
pub(super) async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    id: Result<Path<ConversationId>, Problem>,
) -> Result<StatusCode, Problem> {
    if let Ok(Path(id)) = id {
        match conversations::delete(&app, &actor, id).await {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn messages(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Vec<Message>>, Problem> {
    conversations::kept(&app, &actor, id).await?;
    let newest = Branch { leaf: None, limit: MOST_MESSAGES };
    let page = conversations::branch(&app, &actor, id, newest).await?;
    Ok(Said(page.items.iter().map(|one| Message::of(one, actor.user)).collect()))
}
