//! Another password: for who knows the old one, and for who has forgotten it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use services::{App, accounts};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    auth::{answer, device},
    wire::account::{
        AuthAnswer, PasswordChangeRequest, PasswordForgotRequest, PasswordForgotten, PasswordResetRequest,
    },
};
use crate::http::{
    client::Client,
    cookies::Web,
    extract::{Caller, Json},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
}

/// Changes the password
///
/// All other login sessions end. This one goes on with the tokens of the answer; refresh tokens from before are void.
#[utoipa::path(
    post, path = "/auth/password/change", tag = "auth",
    request_body = PasswordChangeRequest,
    responses((status = 200, description = "Changed", body = AuthAnswer), super::openapi::Refused),
)]
async fn change_password(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Web(is_web): Web,
    Json(request): Json<PasswordChangeRequest>,
) -> Result<Response, Problem> {
    let (current, new) = (&request.current_password, &request.new_password);
    let signed_in =
        accounts::change_password(&app, &actor, current, new, accounts::MIN_CHARS, &device(&client)).await?;
    Ok(answer(StatusCode::OK, &client, is_web, signed_in))
}

/// Asks for a link for another password
///
/// If there is an account with this e-mail address, a link is mailed to it (or written to the server's log, if no mail is
/// set up: `mail_reaches_people` in `GET /api/v1/instance`). The answer is the same if there is none. The link is good once and
/// for an hour, until a newer one is asked for or the password changes.
#[utoipa::path(
    post, path = "/auth/password/forgot", tag = "auth", security(()),
    request_body = PasswordForgotRequest,
    responses(
        (status = 202, description = "If there is such an account, it gets a link", body = PasswordForgotten),
        super::openapi::Refused,
    ),
)]
async fn forgot_password(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(request): Json<PasswordForgotRequest>,
) -> Result<(StatusCode, axum::Json<PasswordForgotten>), Problem> {
    let forgot = accounts::Forgot {
        email: request.email,
        language: preferred_language(&headers),
        address: client.address,
    };
    accounts::forgot(&app, forgot)?;
    Ok((StatusCode::ACCEPTED, axum::Json(PasswordForgotten::default())))
}

/// The language that a browser names first.
pub(super) fn preferred_language(headers: &HeaderMap) -> Option<String> {
    let languages = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    Some(languages.split([',', ';']).next()?.trim().to_owned())
}

/// Chooses another password by a link
///
/// All login sessions of the account end. A password that is refused (422) costs no link; a link that is good no more is 403
/// with the code `reset_link_ended`.
#[utoipa::path(
    post, path = "/auth/password/reset", tag = "auth", security(()),
    request_body = PasswordResetRequest,
    responses((status = 204, description = "The password is the new one: sign in with it"), super::openapi::Refused),
)]
async fn reset_password(
    State(app): State<App>,
    client: Client,
    Json(request): Json<PasswordResetRequest>,
) -> Result<StatusCode, Problem> {
    let reset = accounts::Reset {
        token: request.token,
        password: request.password,
        min_chars: accounts::MIN_CHARS,
        address: client.address,
    };
    accounts::reset(&app, reset).await?;
    Ok(StatusCode::NO_CONTENT)
}
