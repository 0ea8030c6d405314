//! What the caller chose, and the caller's figures.

use axum::{Json as Answer, extract::State};
use serde_json::{Map, Value};
use services::{App, plans, preferences, stats};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::preferences::{MonthUsage, Preferences, Stats};
use crate::http::{
    extract::{Caller, Json},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_preferences, update_preferences))
        .routes(routes!(read_stats))
        .routes(routes!(read_usage))
}

/// Reads what the caller chose
///
/// What was never chosen is not there.
#[utoipa::path(
    get, path = "/me/preferences", tag = "me",
    responses((status = 200, description = "What was chosen", body = Preferences), super::openapi::Refused),
)]
async fn read_preferences(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Answer<Map<String, Value>>, Problem> {
    Ok(Answer(preferences::read(&app, &actor).await?))
}

/// Changes what the caller chose, key by key
///
/// What is left out stays as it is; null takes a choice back. An unknown key is refused. All of it may have 16 KiB.
#[utoipa::path(
    patch, path = "/me/preferences", tag = "me",
    request_body = Preferences,
    responses((status = 200, description = "All that was chosen", body = Preferences), super::openapi::Refused),
)]
async fn update_preferences(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(change): Json<Map<String, Value>>,
) -> Result<Answer<Map<String, Value>>, Problem> {
    Ok(Answer(preferences::merge(&app, &actor, change).await?))
}

/// Reads the caller's figures
#[utoipa::path(
    get, path = "/me/stats", tag = "me",
    responses((status = 200, description = "The figures", body = Stats), super::openapi::Refused),
)]
async fn read_stats(State(app): State<App>, Caller(actor): Caller) -> Result<Answer<Stats>, Problem> {
    Ok(Answer(stats::read(&app, &actor).await?.into()))
}

/// Reads what the caller used of this month
///
/// A message counts when it is taken: sent, edited, asked again or continued, on any client API. It counts no more when it
/// failed before anything was said, ended with the server, or was stopped while it waited for others.
#[utoipa::path(
    get, path = "/me/usage", tag = "me",
    responses((status = 200, description = "What was used", body = MonthUsage), super::openapi::Refused),
)]
async fn read_usage(State(app): State<App>, Caller(actor): Caller) -> Result<Answer<MonthUsage>, Problem> {
    let usage = plans::usage(&app, actor.user, actor.role).await?;
    Ok(Answer(MonthUsage::of(&usage, &stats::read(&app, &actor).await?)))
}
