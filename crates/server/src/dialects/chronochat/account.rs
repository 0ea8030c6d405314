//! The account beyond its sign-in.

use axum::{Extension, Json as Said, extract::State, http::StatusCode};
use serde_json::{Value, json};
use services::{
    App, Error,
    accounts::{self, Arrival, Device, Profile},
};

use super::wire::{PasswordRequest, ProfileRequest, RefreshRequest, User};
use crate::http::{
    client::Client,
    extract::{Caller, Json, Query},
    problem::Problem,
    time::rfc3339,
};

fn device(client: &Client) -> Device {
    client.device("chronochat")
}

pub(super) async fn refresh(
    State(app): State<App>,
    client: Client,
    Extension(arrived): Extension<Arrival>,
    Json(request): Json<RefreshRequest>,
) -> Result<Said<Value>, Problem> {
    match accounts::refresh(&app, &request.refresh_token, arrived, &device(&client)).await {
        Ok(next) => Ok(Said(json!({
            "access_token": next.access_token,
            "refresh_token": next.refresh_token,
            "token_type": "bearer",
            "expires_in": next.expires_in,
        }))),
        Err(Error::Unauthenticated(_)) => {
            Err(Problem::said(StatusCode::UNAUTHORIZED, "Invalid refresh token"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn logout_all(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Said<Value>, Problem> {
    accounts::logout_all(&app, &actor).await?;
    Ok(Said(json!({
        "message": "Successfully logged out from all sessions",
        "logged_out_at": rfc3339(app.now()),
    })))
}

pub(super) async fn verify(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    let user = accounts::me(&app, &actor).await?;
    Ok(Said(json!({ "valid": true, "user_id": user.id.0, "username": user.username })))
}

pub(super) async fn profile(State(app): State<App>, Caller(actor): Caller) -> Result<Said<User>, Problem> {
    Ok(Said(accounts::me(&app, &actor).await?.into()))
}

pub(super) async fn change_profile(
    State(app): State<App>,
    Caller(actor): Caller,
    Query(query): Query<ProfileRequest>,
    body: Option<Json<ProfileRequest>>,
) -> Result<Said<User>, Problem> {
    let full_name = query.full_name.or_else(|| body.and_then(|Json(body)| body.full_name));
    let Some(full_name) = full_name else { return Err(Problem::invalid("/full_name", "is missing")) };
    let profile = Profile { full_name: Some(full_name), ..Profile::default() };
    Ok(Said(accounts::update(&app, &actor, profile).await?.into()))
}

/// All sessions end, this one too.
pub(super) async fn change_password(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Json(request): Json<PasswordRequest>,
) -> Result<Said<Value>, Problem> {
    if request.new != request.confirmed {
        return Err(Problem::invalid("/confirm_new_password", "Passwords do not match"));
    }
    let device = device(&client);
    let changed =
        accounts::change_password(&app, &actor, &request.current, &request.new, accounts::MIN_CHARS, &device);
    match changed.await {
        Ok(_) => accounts::logout_all(&app, &actor).await?,
        Err(Error::WrongPassword { .. }) => {
            let text = "Current password is incorrect";
            return Err(Problem::said(StatusCode::BAD_REQUEST, text));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Said(json!({ "message": "Password changed successfully. Please login again." })))
}

/// What the account has stays.
pub(super) async fn deactivate(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Said<Value>, Problem> {
    accounts::deactivate(&app, actor.user).await?;
    Ok(Said(json!({ "message": "Account deactivated successfully" })))
}
