//! The account that asks: reading, changing and ending it.

use axum::{extract::State, response::Response};
use services::{App, accounts};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    auth::signed_out,
    wire::account::{PasswordRequest, ProfileChange, User},
};
use crate::http::{
    client::Client,
    extract::{Caller, Json},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_me, update_me, delete_me))
}

/// Reads the account that asks
#[utoipa::path(
    get, path = "/me", tag = "me",
    responses((status = 200, description = "The account", body = User), super::openapi::Refused),
)]
async fn read_me(State(app): State<App>, Caller(actor): Caller) -> Result<axum::Json<User>, Problem> {
    Ok(axum::Json(accounts::me(&app, &actor).await?.into()))
}

/// Changes the account that asks
#[utoipa::path(
    patch, path = "/me", tag = "me",
    request_body = ProfileChange,
    responses((status = 200, description = "The account as it is now", body = User), super::openapi::Refused),
)]
async fn update_me(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(change): Json<ProfileChange>,
) -> Result<axum::Json<User>, Problem> {
    Ok(axum::Json(accounts::update(&app, &actor, change.into()).await?.into()))
}

/// Ends the account that asks, and everything of it
///
/// Cannot be undone: its conversations go with it, its names are free again.
#[utoipa::path(
    delete, path = "/me", tag = "me",
    request_body = PasswordRequest,
    responses((status = 204, description = "It has ended"), super::openapi::Refused),
)]
async fn delete_me(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Json(request): Json<PasswordRequest>,
) -> Result<Response, Problem> {
    accounts::delete(&app, &actor, &request.password).await?;
    Ok(signed_out(&client))
}
