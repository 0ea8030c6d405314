//! API keys: making, listing and revoking them.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use services::{App, accounts, domain::ApiKeyId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::api_key::{ApiKey, CreatedApiKey, NewApiKey};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_api_keys, create_api_key)).routes(routes!(revoke_api_key))
}

/// Lists the account's API keys, newest first
#[utoipa::path(
    get, path = "/api-keys", tag = "auth",
    responses((status = 200, description = "The keys", body = Vec<ApiKey>), super::openapi::Refused),
)]
async fn list_api_keys(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<Vec<ApiKey>>, Problem> {
    let keys = accounts::api_keys(&app, &actor).await?;
    Ok(axum::Json(keys.into_iter().map(ApiKey::from).collect()))
}

/// Makes an API key
///
/// The key is in this answer and nowhere else. Programs send it as `Authorization: Bearer …`. It is good until it is
/// revoked or has expired, until its account ends, and until a forgotten password is replaced; another password and
/// signing out everywhere leave it as it is.
#[utoipa::path(
    post, path = "/api-keys", tag = "auth",
    request_body = NewApiKey,
    responses((status = 201, description = "The key", body = CreatedApiKey), super::openapi::Refused),
)]
async fn create_api_key(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<NewApiKey>,
) -> Result<Response, Problem> {
    let made = accounts::create_api_key(&app, &actor, request.read()?).await?;
    let unkept = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((StatusCode::CREATED, [unkept], axum::Json(CreatedApiKey::from(made))).into_response())
}

/// Revokes an API key at once
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "auth",
    params(("id" = i64, Path, description = "The key")),
    responses((status = 204, description = "It is good for nothing"), super::openapi::Refused),
)]
async fn revoke_api_key(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    accounts::revoke_api_key(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
