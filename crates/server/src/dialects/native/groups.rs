//! Groups: the caller's folders of conversations.

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use services::{App, domain::GroupId, groups};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pages,
    wire::group::{Group, GroupName},
};
use crate::http::{
    extract::{Caller, Json, Path, Query},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_groups, create_group))
        .routes(routes!(update_group, delete_group))
}

/// Which groups.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GroupsQuery {
    /// How many, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,16}$")]
    cursor: Option<String>,
}

/// Lists groups, newest first
#[utoipa::path(
    get, path = "/groups", tag = "groups",
    params(GroupsQuery),
    responses(
        (status = 200, description = "A page; the next one is in `Link`", body = Vec<Group>),
        super::openapi::Refused,
    ),
)]
async fn list_groups(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<GroupsQuery>,
) -> Result<Response, Problem> {
    let limit = pages::limit(query.limit)?;
    let before = query.cursor.as_deref().map(pages::id_cursor).transpose()?.map(GroupId);
    let page = groups::list(&app, &actor, before, limit).await?;
    Ok(pages::respond(&uri, page, Group::from))
}

/// Makes a group
#[utoipa::path(
    post, path = "/groups", tag = "groups",
    params(IdempotencyHeader),
    request_body = GroupName,
    responses((status = 201, description = "The group", body = Group), super::openapi::Refused),
)]
async fn create_group(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<GroupName>,
) -> Result<(StatusCode, axum::Json<Group>), Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let made = groups::create(&app, &actor, &request.name, key).await?;
    Ok((StatusCode::CREATED, axum::Json(made.into())))
}

/// Gives a group another name
#[utoipa::path(
    patch, path = "/groups/{id}", tag = "groups",
    params(("id" = i64, Path, description = "The group")),
    request_body = GroupName,
    responses((status = 200, description = "The group", body = Group), super::openapi::Refused),
)]
async fn update_group(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<GroupId>,
    Json(request): Json<GroupName>,
) -> Result<axum::Json<Group>, Problem> {
    Ok(axum::Json(groups::rename(&app, &actor, id, &request.name).await?.into()))
}

/// Deletes a group
///
/// Its conversations stay, in no group.
#[utoipa::path(
    delete, path = "/groups/{id}", tag = "groups",
    params(("id" = i64, Path, description = "The group")),
    responses((status = 204, description = "It is gone"), super::openapi::Refused),
)]
async fn delete_group(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<GroupId>,
) -> Result<StatusCode, Problem> {
    groups::delete(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
