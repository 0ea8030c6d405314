//! Signing in with an account at another service.

use axum::{
    extract::{RawPathParams, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use services::{App, accounts};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    PREFIXES,
    auth::{answer, device},
    wire::{
        account::AuthAnswer,
        identity::{LinkRequest, SignInProvider},
    },
};
use crate::http::{
    away::{self, Return},
    client::Client,
    cookies::{self, Web},
    extract::{Json, Query},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_sign_in_providers))
        .routes(routes!(begin_provider_login))
        .routes(routes!(finish_provider_login))
        .routes(routes!(link_provider))
}

/// The address that a service sends people back to, if the settings name no other.
pub(super) fn callback_of(provider: &str) -> String {
    format!("{}/auth/{provider}/callback", PREFIXES[0])
}

fn provider_in(params: &RawPathParams) -> &str {
    params.iter().next().map_or("", |(_, id)| id)
}

/// Lists the other services whose accounts can be used to sign in
#[utoipa::path(
    get, path = "/auth/providers", tag = "auth", security(()),
    responses((status = 200, description = "The services", body = Vec<SignInProvider>), super::openapi::Refused),
)]
async fn list_sign_in_providers(State(app): State<App>) -> axum::Json<Vec<SignInProvider>> {
    axum::Json(accounts::sign_in_providers(&app).into_iter().map(SignInProvider::from).collect())
}

/// Where to come back to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LoginQuery {
    /// The page of the app to come back to; one of another site is not gone to.
    from: Option<String>,
}

/// Sends a browser to another service to sign in
///
/// If that cannot be, it is sent to the app's page for signing in with the code of the problem: `/login?problem=…`.
#[utoipa::path(
    get, path = "/auth/{provider}/login", tag = "auth", security(()),
    params(("provider" = String, Path, description = "The service"), LoginQuery),
    responses((status = 302, description = "To the service"), super::openapi::Refused),
)]
async fn begin_provider_login(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    params: RawPathParams,
    Query(query): Query<LoginQuery>,
) -> Result<Response, Problem> {
    let provider = provider_in(&params);
    let begin = away::begin(&client, &headers, provider, callback_of(provider), query.from);
    away::leave(&app, &client, begin).await
}

/// Takes a browser back from another service
///
/// Good once, within ten minutes, in the browser that began. It goes on to the app, signed in; to the page for signing in
/// with a password, `/login?link=…`, if there is an account with the same e-mail address; or to the page that words the
/// problem.
#[utoipa::path(
    get, path = "/auth/{provider}/callback", tag = "auth", security(()),
    params(("provider" = String, Path, description = "The service")),
    responses((status = 302, description = "Into the app"), super::openapi::Refused),
)]
async fn finish_provider_login(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    params: RawPathParams,
    Query(came): Query<Return>,
) -> Result<Response, Problem> {
    away::arrive(&app, &client, &headers, provider_in(&params), came).await
}

/// Links the account at another service with the password of the one here
///
/// After a sign-in that found an account with the same e-mail address, in the same browser, within ten minutes. From then
/// on the account there signs in to it.
#[utoipa::path(
    post, path = "/auth/{provider}/link", tag = "auth", security(()),
    params(("provider" = String, Path, description = "The service")),
    request_body = LinkRequest,
    responses((status = 200, description = "Linked and signed in", body = AuthAnswer), super::openapi::Refused),
)]
async fn link_provider(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Web(is_web): Web,
    params: RawPathParams,
    Json(request): Json<LinkRequest>,
) -> Result<Response, Problem> {
    let browser = cookies::flow(&headers, &client);
    let provider = provider_in(&params).to_owned();
    let link = accounts::Link { provider, password: request.password, browser, device: device(&client) };
    let signed_in = accounts::link(&app, link).await?;
    Ok(answer(StatusCode::OK, &client, is_web, signed_in))
}
