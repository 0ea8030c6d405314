//! Who has a conversation open.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use services::{
    App,
    domain::ConversationId,
    presence::{self, Place},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_presence))
}

/// Whether the caller has a conversation open, and writes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PresenceRequest)]
struct PresenceRequest {
    /// Whether the caller is writing something. After 5 seconds it is over unless it is said again.
    typing: bool,
    /// False when the conversation is left.
    #[serde(default = "yes")]
    here: bool,
    /// A name for this window, if the session has several: each of them comes and leaves by itself.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9]{0,32}$")]
    tab: String,
}

fn yes() -> bool {
    true
}

/// Says that the caller has a conversation open
///
/// To be said again every 10 s, and at once when the caller begins or stops to write; after 25 s of silence the caller is
/// gone. All members hear of changes as `presence` on `GET /api/v1/events`.
#[utoipa::path(
    post, path = "/conversations/{id}/presence", tag = "live",
    params(("id" = i64, Path, description = "The conversation")),
    request_body = PresenceRequest,
    responses((status = 204, description = "Others know"), super::openapi::Refused),
)]
async fn report_presence(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<PresenceRequest>,
) -> Result<StatusCode, Problem> {
    let PresenceRequest { typing, here, tab } = request;
    if tab.len() > 32 || !tab.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Problem::invalid("/tab", "must have at most 32 letters and digits"));
    }
    presence::report(&app, &actor, id, Place { tab: &tab, is_here: here, is_typing: typing }).await?;
    Ok(StatusCode::NO_CONTENT)
}
