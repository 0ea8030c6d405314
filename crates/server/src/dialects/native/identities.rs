//! The accounts at other services that sign in to the account that asks.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use services::{App, accounts, domain::IdentityId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    providers::callback_of,
    wire::identity::{NewIdentity, Onward, SignInWays},
};
use crate::http::{
    away,
    client::Client,
    cookies,
    extract::{Caller, Json, Path},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_identities, link_identity)).routes(routes!(unlink_identity))
}

/// Lists how the account can be signed in to
#[utoipa::path(
    get, path = "/me/identities", tag = "me",
    responses((status = 200, description = "The ways in", body = SignInWays), super::openapi::Refused),
)]
async fn list_identities(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<SignInWays>, Problem> {
    Ok(axum::Json(accounts::ways(&app, &actor).await?.into()))
}

/// Begins to link an account at another service
///
/// The browser that asks goes on to the address of the answer and comes back with the account linked, or with the code of
/// the problem in `?problem=`.
#[utoipa::path(
    post, path = "/me/identities", tag = "me",
    request_body = NewIdentity,
    responses((status = 200, description = "Where to go on", body = Onward), super::openapi::Refused),
)]
async fn link_identity(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Caller(actor): Caller,
    Json(request): Json<NewIdentity>,
) -> Result<Response, Problem> {
    let callback = callback_of(&request.provider);
    let begin = away::begin(&client, &headers, &request.provider, callback, request.from);
    let begun = accounts::begin_link(&app, &actor, begin).await?;
    let mut cookies = HeaderMap::new();
    cookies::set_flow(&mut cookies, &client, &begun.browser);
    Ok((cookies, axum::Json(Onward { url: begun.url })).into_response())
}

/// Unlinks an account at another service
///
/// The last way to sign in stays: 409 with the code `last_way_in`.
#[utoipa::path(
    delete, path = "/me/identities/{id}", tag = "me",
    params(("id" = i64, Path, description = "The linked account")),
    responses((status = 204, description = "It no longer signs in"), super::openapi::Refused),
)]
async fn unlink_identity(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<IdentityId>,
) -> Result<StatusCode, Problem> {
    accounts::unlink(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
