//! Folders of sessions.

use axum::{Json as Said, extract::State, http::StatusCode};
use serde_json::{Value, json};
use services::{
    App, Error,
    conversations::{self, Shelf, Which},
    domain::GroupId,
    groups,
};

use super::wire::{Group, GroupChange, GroupRequest, Session};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

/// How many a list holds.
const MOST: i64 = 1_000;

pub(super) async fn list(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Vec<Group>>, Problem> {
    let page = groups::list(&app, &actor, None, MOST).await?;
    Ok(Said(page.items.into_iter().map(|one| Group::of(one, actor.user)).collect()))
}

pub(super) async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<GroupRequest>,
) -> Result<(StatusCode, Said<Group>), Problem> {
    let made = groups::create(&app, &actor, &request.name, None).await?;
    Ok((StatusCode::CREATED, Said(Group::of(made, actor.user))))
}

pub(super) async fn rename(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<GroupId>,
    Json(request): Json<GroupChange>,
) -> Result<Said<Group>, Problem> {
    let group = match request.name {
        Some(name) => groups::rename(&app, &actor, id, &name).await?,
        None => groups::find(&app, &actor, id).await?,
    };
    Ok(Said(Group::of(group, actor.user)))
}

/// Its sessions stay, in no group.
pub(super) async fn delete(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<GroupId>,
) -> Result<Said<Value>, Problem> {
    groups::delete(&app, &actor, id).await?;
    Ok(Said(json!({ "ok": true })))
}

/// A group that is not there has no sessions.
pub(super) async fn sessions(
    State(app): State<App>,
    Caller(actor): Caller,
    id: Result<Path<GroupId>, Problem>,
) -> Result<Said<Vec<Session>>, Problem> {
    let Ok(Path(id)) = id else { return Ok(Said(Vec::new())) };
    let shelf = Shelf::Kept { which: Which::Group(id), archived: false };
    let items = match conversations::list(&app, &actor, shelf, None, MOST).await {
        Ok(page) => page.items,
        Err(Error::NotFound(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let model = app.models.default_model().unwrap_or_default();
    Ok(Said(items.into_iter().map(|one| Session::of(one, actor.user, &model)).collect()))
}
