//! Single messages.

use axum::{extract::State, http::StatusCode};
use services::{App, conversations, domain::MessageId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::http::{
    extract::{Caller, Path},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(delete_message))
}

/// Deletes a message for good
///
/// Everything that follows it, in all branches, goes with it. If the visible branch went through it, it ends at the newest
/// message below its newest sibling then, else at its parent. Files that no other message uses go too; what its answers
/// cost stays counted. `409` with the code `being_answered` while an answer there is waiting or being written.
#[utoipa::path(
    delete, path = "/messages/{id}", tag = "chat",
    params(("id" = i64, Path, description = "The question or answer")),
    responses((status = 204, description = "It is gone"), super::openapi::Refused),
)]
async fn delete_message(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<MessageId>,
) -> Result<StatusCode, Problem> {
    conversations::delete_message(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
