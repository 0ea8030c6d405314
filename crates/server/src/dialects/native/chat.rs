//! Saying something: `POST chat`, `POST chat/simple`.

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use services::{
    Actor, App, Error, accounts,
    chat::{self, Ask, IdempotencyKey, Options, Sent},
    domain::{ConversationId, FileId, MessageId},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::{
    event,
    message::{Source, Usage},
};
use crate::http::{
    extract::{Caller, Json},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
    sse,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_chat)).routes(routes!(create_simple_chat))
}

/// Something to say.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ChatRequest {
    /// At most 200,000 characters; more is 413.
    message: String,
    /// None makes a conversation.
    conversation_id: Option<i64>,
    /// Names a branch: the visible one if it lies on it, else the newest one through it.
    parent_id: Option<i64>,
    /// None: the conversation's, else the default.
    model: Option<String>,
    /// Sampling temperature, 0 to 2.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f64>,
    /// The most tokens to answer with.
    #[schema(minimum = 1, maximum = 10_000_000)]
    max_tokens: Option<i64>,
    /// The ids of files that go with it, at most 10 unless the settings say otherwise. With files, the message may be
    /// empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = BTreeSet<i64>, max_items = 10)]
    attachments: Vec<i64>,
    /// Whether the web is searched first, so that the answer leans on pages and names them. 403 (`not_in_plan`) where the
    /// account's plan does not allow it. A search that fails costs the answer its sources alone: the call of the tool
    /// `web_search` says why.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schema(required = false)]
    use_rag: bool,
}

/// A whole answer.
#[derive(Debug, Serialize, ToSchema)]
struct SimpleAnswer {
    response: String,
    conversation_id: i64,
    message_id: i64,
    turn_id: i64,
    sources: Vec<Source>,
    #[schema(required = true)]
    usage: Option<Usage>,
}

/// How it is asked, if a model can be asked so.
pub(super) fn options(
    model: Option<String>,
    temperature: Option<f64>,
    max_tokens: Option<i64>,
    key: Option<IdempotencyKey>,
) -> Result<Options, Problem> {
    if temperature.is_some_and(|t| !(0.0..=2.0).contains(&t)) {
        return Err(Error::invalid("temperature", "must be between 0 and 2").into());
    }
    if max_tokens.is_some_and(|n| !(1..=10_000_000).contains(&n)) {
        return Err(Error::invalid("max_tokens", "must be at least 1").into());
    }
    Ok(Options { model, temperature, max_tokens, key, ..Options::default() })
}

pub(super) fn ids(attachments: Vec<i64>) -> Vec<FileId> {
    attachments.into_iter().map(FileId).collect()
}

/// For members of a request that change nothing unless they are true.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

impl ChatRequest {
    fn into_ask(self, key: Option<IdempotencyKey>) -> Result<(Ask, Options), Problem> {
        let options = options(self.model, self.temperature, self.max_tokens, key)?;
        let options = Options { use_rag: self.use_rag, ..options };
        let ask = Ask::Say {
            text: self.message,
            conversation: self.conversation_id.map(ConversationId),
            parent: self.parent_id.map(MessageId),
            files: ids(self.attachments),
        };
        Ok((ask, options))
    }
}

/// Serves a turn's events until its end.
fn stream_events(app: &App, actor: &Actor, sent: Sent) -> Response {
    let turn = sent.turn;
    let mut telling = event::Telling::of(turn);
    let lines = sent.events.map(move |event| telling.lines(event));
    let served = accounts::serve(app, actor);
    sse::respond(app, served, lines.chain(stream::iter([event::END.to_owned()])))
}

/// Asks, and streams the answer.
pub(super) async fn ask(app: &App, actor: &Actor, ask: Ask, options: Options) -> Result<Response, Problem> {
    let sent = chat::send(app, actor, ask, options).await?;
    Ok(stream_events(app, actor, sent))
}

/// Says something and streams the answer
///
/// When the first line comes, the question is on the disk. A client that leaves stops nothing: it follows the turn
/// with `GET /api/v1/turns/{id}/events`. The same `Idempotency-Key` with the same body joins the same turn.
#[utoipa::path(
    post, path = "/chat", tag = "chat",
    params(IdempotencyHeader),
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The events of the turn", body = event::TurnEvent, content_type = "text/event-stream"),
        super::openapi::Refused,
    ),
)]
async fn create_chat(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<ChatRequest>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let (what, options) = request.into_ask(key)?;
    ask(&app, &actor, what, options).await
}

/// Says something and waits for the whole answer
#[utoipa::path(
    post, path = "/chat/simple", tag = "chat",
    params(IdempotencyHeader),
    request_body = ChatRequest,
    responses((status = 200, description = "The answer", body = SimpleAnswer), super::openapi::Refused),
)]
async fn create_simple_chat(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<ChatRequest>,
) -> Result<axum::Json<SimpleAnswer>, Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let (what, options) = request.into_ask(key)?;
    let sent = chat::send(&app, &actor, what, options).await?;
    let served = accounts::serve(&app, &actor);
    let answer = tokio::select! {
        () = served.ended() => return Err(Error::Unauthenticated("This login session has ended. Sign in again.").into()),
        answer = chat::collect(&app, &actor, sent) => answer?,
    };
    if let Some(error) = &answer.message.error {
        return Err(Problem::upstream(&error.code, &error.message));
    }
    let message = super::wire::message::Message::from(answer.message);
    Ok(axum::Json(SimpleAnswer {
        response: message.content,
        conversation_id: message.conversation_id,
        message_id: message.id,
        turn_id: answer.turn.0,
        sources: message.sources,
        usage: answer.usage.map(Usage::from),
    }))
}
