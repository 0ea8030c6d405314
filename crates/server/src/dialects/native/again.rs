//! Asking again: regenerate, edit, continue. Each makes a sibling and answers like `POST chat`.

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use serde::{Deserialize, Serialize};
use services::{
    App,
    chat::{self, Ask, Options},
    domain::MessageId,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    chat::{ask, ids, is_false, options},
    wire::event,
};
use crate::http::{
    extract::{Caller, Json, Path},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(regenerate_message))
        .routes(routes!(edit_message))
        .routes(routes!(continue_message))
}

/// The question in other words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct EditRequest {
    /// The other words: at most 200,000 characters; more is 413.
    message: String,
    /// None: the conversation's, else the default.
    model: Option<String>,
    /// Sampling temperature, 0 to 2.
    #[schema(minimum = 0, maximum = 2)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// The most tokens to answer with.
    #[schema(minimum = 1, maximum = 10_000_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<i64>,
    /// The ids of files that go with it, also of those that go with the question. None: those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeSet<i64>>, max_items = 10)]
    attachments: Option<Vec<i64>>,
    /// Whether the web is searched first.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schema(required = false)]
    use_rag: bool,
}

/// How the new answer should differ from the old one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Style {
    /// It says more.
    Longer,
    /// It says less.
    Shorter,
}

impl From<Style> for chat::Style {
    fn from(style: Style) -> Self {
        match style {
            Style::Longer => Self::Longer,
            Style::Shorter => Self::Shorter,
        }
    }
}

/// The question again, for another answer.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
struct RegenerateRequest {
    /// None: the conversation's, else the default.
    model: Option<String>,
    /// Sampling temperature, 0 to 2.
    #[schema(minimum = 0, maximum = 2)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// The most tokens to answer with.
    #[schema(minimum = 1, maximum = 10_000_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<i64>,
    /// None: as the model sees fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<Style>,
    /// Whether the web is searched first.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schema(required = false)]
    use_rag: bool,
}

/// The answer again, from where it ended.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
struct AgainRequest {
    /// None: the conversation's, else the default.
    model: Option<String>,
    /// Sampling temperature, 0 to 2.
    #[schema(minimum = 0, maximum = 2)]
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    /// The most tokens to answer with.
    #[schema(minimum = 1, maximum = 10_000_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<i64>,
}

/// Asks the question of an answer again
///
/// The new answer is a sibling; the old one stays. `style` is told to the model for this answer alone.
#[utoipa::path(
    post, path = "/messages/{id}/regenerate", tag = "chat",
    params(
        ("id" = i64, Path, description = "The answer"),
        IdempotencyHeader,
    ),
    request_body = RegenerateRequest,
    responses(
        (status = 200, description = "The events of the turn", body = event::TurnEvent, content_type = "text/event-stream"),
        super::openapi::Refused,
    ),
)]
async fn regenerate_message(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(message): Path<MessageId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<RegenerateRequest>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let options = options(request.model, request.temperature, request.max_tokens, key)?;
    let style = request.style.map(chat::Style::from);
    let options = Options { style, use_rag: request.use_rag, ..options };
    ask(&app, &actor, Ask::Regenerate { message }, options).await
}

/// Says a question in other words
///
/// The new question is a sibling with an answer of its own; the old ones stay.
#[utoipa::path(
    post, path = "/messages/{id}/edit", tag = "chat",
    params(
        ("id" = i64, Path, description = "The question"),
        IdempotencyHeader,
    ),
    request_body = EditRequest,
    responses(
        (status = 200, description = "The events of the turn", body = event::TurnEvent, content_type = "text/event-stream"),
        super::openapi::Refused,
    ),
)]
async fn edit_message(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(message): Path<MessageId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<EditRequest>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let options = options(request.model, request.temperature, request.max_tokens, key)?;
    let options = Options { use_rag: request.use_rag, ..options };
    let files = request.attachments.map(ids);
    ask(&app, &actor, Ask::Edit { message, text: request.message, files }, options).await
}

/// Lets an answer that ended before its end go on
///
/// The new answer is a sibling that begins with what is kept; the old one stays.
#[utoipa::path(
    post, path = "/messages/{id}/continue", tag = "chat",
    params(
        ("id" = i64, Path, description = "The answer"),
        IdempotencyHeader,
    ),
    request_body = AgainRequest,
    responses(
        (status = 200, description = "The events of the turn", body = event::TurnEvent, content_type = "text/event-stream"),
        super::openapi::Refused,
    ),
)]
async fn continue_message(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(message): Path<MessageId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<AgainRequest>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let options = options(request.model, request.temperature, request.max_tokens, key)?;
    ask(&app, &actor, Ask::Continue { message }, options).await
}
