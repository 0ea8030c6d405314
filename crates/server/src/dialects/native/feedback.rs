//! What the caller thinks of an answer.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Deserializer};
use services::{
    App, conversations,
    domain::{self, MessageId},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::message::{Message, Rating};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(rate_message))
}

/// What the caller thinks of an answer.
#[derive(Debug, Deserialize, ToSchema)]
struct FeedbackRequest {
    /// Null takes it back.
    #[serde(deserialize_with = "given")]
    #[schema(required = true)]
    rating: Option<Rating>,
    /// Why; at most 2,000 characters.
    #[schema(max_length = 2_000)]
    comment: Option<String>,
}

/// Null may be given, but not nothing.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Rating>, D::Error> {
    Option::deserialize(value)
}

/// Says whether an answer was good
///
/// Everybody who sees the answer has a word of their own; it replaces the one before.
#[utoipa::path(
    post, path = "/messages/{id}/feedback", tag = "chat",
    params(("id" = i64, Path, description = "The answer")),
    request_body = FeedbackRequest,
    responses((status = 200, description = "The answer", body = Message), super::openapi::Refused),
)]
async fn rate_message(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<MessageId>,
    Json(request): Json<FeedbackRequest>,
) -> Result<Answer<Message>, Problem> {
    let FeedbackRequest { rating, comment } = request;
    let feedback = rating.map(|rating| domain::Feedback { rating: rating.into(), comment });
    Ok(Answer(conversations::rate(&app, &actor, id, feedback).await?.into()))
}
