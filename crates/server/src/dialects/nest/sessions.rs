//! Conversations, which this API calls sessions.

use axum::{
    Json as Said,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use services::{
    Actor, App,
    conversations::{self, Branch, Change, New, Shelf, Which},
    domain::{Conversation, ConversationId},
};

use super::{
    PLACEHOLDER,
    wire::{FavoriteRequest, Message, Session, SessionRequest, markdown},
};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

/// How many a list holds.
const MOST: i64 = 1_000;
/// How many messages are told.
pub(super) const WHOLE: Branch = Branch { leaf: None, limit: 10_000 };

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
    let group = request.group()?.flatten();
    if let Some(group) = group {
        services::groups::find(&app, &actor, group).await?;
    }
    let new = New {
        title: request.title,
        placeholder: Some(PLACEHOLDER),
        model: app.models.offered(request.model),
        ..New::default()
    };
    let mut made = conversations::create(&app, &actor, new).await?;
    if group.is_some() || request.is_favorite == Some(true) {
        let change = Change { group: Some(group), favorite: request.is_favorite, ..Change::default() };
        made = conversations::change(&app, &actor, made.id, change).await?;
    }
    Ok((StatusCode::CREATED, Said(told(&app, &actor, made))))
}

pub(super) async fn read(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Session>, Problem> {
    let found = conversations::kept(&app, &actor, id).await?;
    Ok(Said(told(&app, &actor, found)))
}

pub(super) async fn change(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<SessionRequest>,
) -> Result<Said<Session>, Problem> {
    let group = request.group()?;
    let change = Change {
        title: request.title,
        favorite: request.is_favorite,
        group,
        model: app.models.offered(request.model).map(Some),
        ..Change::default()
    };
    let changed = conversations::change_kept(&app, &actor, id, change).await?;
    Ok(Said(told(&app, &actor, changed)))
}

pub(super) async fn favorite(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<FavoriteRequest>,
) -> Result<Said<Session>, Problem> {
    let change = Change { favorite: Some(request.is_favorite), ..Change::default() };
    let changed = conversations::change_kept(&app, &actor, id, change).await?;
    Ok(Said(told(&app, &actor, changed)))
}

pub(super) async fn regroup(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<SessionRequest>,
) -> Result<Said<Session>, Problem> {
    let Some(group) = request.group()? else {
        return Err(Problem::invalid("/groupId", "must be a group's id or null"));
    };
    let change = Change { group: Some(group), ..Change::default() };
    let changed = conversations::change_kept(&app, &actor, id, change).await?;
    Ok(Said(told(&app, &actor, changed)))
}

pub(super) async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    conversations::delete_kept(&app, &actor, id).await?;
    Ok(Said(json!({ "ok": true })))
}

pub(super) async fn export_json(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Said<Value>, Problem> {
    let found = conversations::kept(&app, &actor, id).await?;
    let branch = conversations::branch(&app, &actor, id, WHOLE).await?;
    let messages: Vec<Message> = branch.items.iter().map(Message::from).collect();
    Ok(Said(json!({ "session": told(&app, &actor, found), "messages": messages })))
}

pub(super) async fn export_markdown(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Response, Problem> {
    let found = conversations::kept(&app, &actor, id).await?;
    let branch = conversations::branch(&app, &actor, id, WHOLE).await?;
    let model = found.model.clone().or_else(|| app.models.default_model()).unwrap_or_default();
    let text = markdown(&found.title, &model, &branch.items);
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}
