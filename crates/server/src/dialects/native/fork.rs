//! Copying a conversation, to go on differently.

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use services::{
    App,
    conversations::{self, Fork},
    domain::{ConversationId, MessageId},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::conversation::Conversation;
use crate::http::{
    extract::{Caller, Json, Path},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(fork_conversation))
}

/// What is copied.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
struct ForkRequest {
    /// The last message that is copied; none: the end of the visible branch.
    message_id: Option<i64>,
}

/// Copies a branch into a new conversation
///
/// The visible branch, or the one that ends at `message_id`. The copy is the caller's own and can be searched at once.
#[utoipa::path(
    post, path = "/conversations/{id}/fork", tag = "conversations",
    params(
        ("id" = i64, Path, description = "The conversation"),
        IdempotencyHeader,
    ),
    request_body(content = Option<ForkRequest>),
    responses((status = 201, description = "The copy", body = Conversation), super::openapi::Refused),
)]
async fn fork_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Option<Json<ForkRequest>>,
) -> Result<(StatusCode, axum::Json<Conversation>), Problem> {
    let request = body.map(|Json(request)| request).unwrap_or_default();
    let key = idempotency_key(&headers, &uri, &request)?;
    let fork = Fork { until: request.message_id.map(MessageId), key };
    let made = conversations::fork(&app, &actor, id, fork).await?;
    Ok((StatusCode::CREATED, axum::Json(made.into())))
}
