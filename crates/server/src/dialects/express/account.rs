//! The profile and the password.

use axum::{Json as Said, extract::State, http::StatusCode};
use serde_json::{Value, json};
use services::{
    Actor, App, Error,
    accounts::{self, Profile},
    domain::{User, UserRole},
    plans::{self, Usage},
    stats::{self, Stats},
};

use super::{
    subscription,
    wire::{PasswordRequest, ProfileRequest, hex},
};
use crate::{
    dialects::joint::plan as joint,
    http::{
        client::Client,
        extract::{Caller, Json},
        problem::Problem,
        time::rfc3339,
    },
};

/// The fewest characters of a password that this API's clients know.
const MIN_CHARS: usize = 6;

fn person(user: &User, stats: &Stats, usage: &Usage, bought: &Value) -> Value {
    json!({
        "id": hex(user.id.0),
        "_id": hex(user.id.0),
        "email": user.email,
        "username": user.username,
        "role": if user.role == UserRole::Admin { "admin" } else { "user" },
        "isActive": user.is_active,
        "subscription": bought,
        "usage": joint::usage(stats, usage),
        "lastLogin": user.last_login.map(rfc3339),
        "createdAt": rfc3339(user.created_at),
    })
}

async fn told(app: &App, actor: &Actor, user: &User) -> Result<Said<Value>, Problem> {
    let (stats, usage) = (stats::read(app, actor).await?, plans::usage(app, actor.user, actor.role).await?);
    let bought = subscription::bought(app, actor).await?;
    let person = person(user, &stats, &usage, &bought);
    Ok(Said(json!({ "success": true, "user": person, "data": person })))
}

pub(super) async fn profile(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    let user = accounts::me(&app, &actor).await?;
    told(&app, &actor, &user).await
}

pub(super) async fn change_profile(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<ProfileRequest>,
) -> Result<Said<Value>, Problem> {
    let profile = Profile {
        username: request.username,
        email: request.email,
        current_password: request.current_password,
        ..Profile::default()
    };
    let taken = |text: &'static str| Problem::said(StatusCode::BAD_REQUEST, text);
    match accounts::update(&app, &actor, profile).await {
        Ok(user) => told(&app, &actor, &user).await,
        Err(error) => Err(match error.code() {
            "username_taken" => taken("Username already taken."),
            "email_taken" => taken("Email already taken."),
            _ => error.into(),
        }),
    }
}

/// All other sessions end; this one goes on, with the token that it has.
pub(super) async fn change_password(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Json(request): Json<PasswordRequest>,
) -> Result<Said<Value>, Problem> {
    let device = client.device("express");
    let (current, new) = (&request.current_password, &request.new_password);
    if new.chars().count() < MIN_CHARS {
        let text = "Password must be at least 6 characters long.";
        return Err(Problem::said(StatusCode::BAD_REQUEST, text));
    }
    match accounts::change_password(&app, &actor, current, new, MIN_CHARS, &device).await {
        Ok(_) => {
            let message = "Password updated successfully.";
            Ok(Said(json!({ "ok": true, "success": true, "message": message })))
        }
        Err(Error::WrongPassword { .. }) => {
            let text = "Current password is incorrect.";
            Err(Problem::said(StatusCode::UNAUTHORIZED, text))
        }
        Err(error) => Err(error.into()),
    }
}
