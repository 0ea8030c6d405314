//! Answers: streamed, or as a whole.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json as Said,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use services::{
    Actor, App, Error, accounts,
    chat::{self, Answering, Ask, Delta, Failed, Options},
    conversations,
    domain::{ConversationId, time::SECOND_MS},
};

use super::{
    error, models,
    told::{About, Chunks, Leaning, Retold, Whole, line},
    wire::CompletionRequest,
};
use crate::http::{
    extract::{Json, OpenAiCaller},
    idempotency::idempotency_key,
    problem::Problem,
    sse,
};

/// When to ask again, if the provider does not say.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Tells OpenAI's clients not to send again by themselves.
const SENT_ONCE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-should-retry"), HeaderValue::from_static("false"));

type Deltas = BoxStream<'static, Result<Delta, Failed>>;

pub(super) async fn create(
    State(app): State<App>,
    OpenAiCaller(actor): OpenAiCaller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<CompletionRequest>,
) -> Result<Response, Problem> {
    request.check()?;
    if app.models.offered(Some(request.model.clone())).is_none() {
        return Err(models::not_offered(&request.model));
    }
    let (wants_stream, wants_usage) = (request.wants_stream(), request.wants_usage());
    let created = app.now().0.div_euclid(SECOND_MS);
    let conversation = conversation(&headers)?;
    let leaning = Leaning::default();
    let asked = if let Some(conversation) = conversation {
        accounts::needs_read_and_write(&actor)?;
        say(&app, &actor, (conversation, &headers, &uri), request, leaning.clone()).await
    } else {
        let answer = chat::answer_unstored(&app, &actor, request.brought()?).await;
        let told = answer.map(|answer| {
            leaning.on(answer.sources);
            (answer.id, answer.model, answer.deltas)
        });
        told.map_err(Problem::from)
    };
    let (id, model, deltas) = match asked {
        Ok(asked) => asked,
        // Sent again by itself in a moment, it would be refused again.
        Err(problem) if problem.quota.is_some() => return Ok(([SENT_ONCE], problem).into_response()),
        Err(problem) => return Err(problem),
    };
    let about = About { id, model, created };
    let answer = if wants_stream {
        respond(&app, &actor, deltas, Chunks::new(about, wants_usage, leaning)).await
    } else {
        gather(deltas, &about, &leaning).await
    };
    match answer {
        // The question is stored: sent again by itself, as these clients do, it would be there twice.
        Err(problem) if conversation.is_some() => Ok(([SENT_ONCE], problem).into_response()),
        answer => answer,
    }
}

/// The conversation that the exchange is to be stored in.
fn conversation(headers: &HeaderMap) -> Result<Option<ConversationId>, Problem> {
    let Some(named) = headers.get("x-conversation-id") else { return Ok(None) };
    let id = named.to_str().ok().and_then(|text| text.parse().ok());
    id.map(Some).ok_or_else(|| Error::NotFound("conversation").into())
}

/// Says the last message in a conversation of the caller's.
async fn say(
    app: &App,
    actor: &Actor,
    (conversation, headers, uri): (ConversationId, &HeaderMap, &Uri),
    request: CompletionRequest,
    leaning: Leaning,
) -> Result<(i64, Answering, Deltas), Problem> {
    conversations::kept(app, actor, conversation).await?;
    let text = request.said_last()?;
    let key = idempotency_key(headers, uri, &(conversation.0, &request.model, &text))?;
    let ask = Ask::Say { text, conversation: Some(conversation), parent: None, files: Vec::new() };
    let options = Options {
        temperature: request.temperature(),
        max_tokens: request.max_tokens(),
        use_rag: request.use_rag(),
        model: Some(request.model.clone()),
        key,
        ..Options::default()
    };
    let sent = chat::send(app, actor, ask, options).await?;
    let answering = Answering::of(&request.model);
    let mut retold = Retold::of(&answering, leaning);
    let deltas = sent.events.flat_map(move |event| stream::iter(retold.deltas(event)));
    let deltas = deltas.map(|delta| delta.map_err(|error| Failed { error, retry_after: None }));
    Ok((sent.turn.0, answering, deltas.boxed()))
}

/// A stream. What fails before the first word is refused, unless that takes so long that proxies would hang up.
async fn respond(
    app: &App,
    actor: &Actor,
    mut deltas: Deltas,
    mut chunks: Chunks,
) -> Result<Response, Problem> {
    let patience = Duration::from_secs(app.config.chat.keep_alive_seconds.max(1));
    let first = match tokio::time::timeout(patience, deltas.next()).await {
        Ok(Some(Err(failed))) => return Err(refused(failed)),
        Ok(heard) => heard,
        Err(_) => None,
    };
    let lines = stream::iter(first).chain(deltas).map(move |heard| match heard {
        Ok(delta) => chunks.lines(delta),
        Err(failed) => {
            let problem = refused(failed);
            line(&error(problem.status, &problem.code, &problem.detail, None))
        }
    });
    let served = accounts::serve(app, actor);
    Ok(sse::respond(app, served, lines.filter(|line| std::future::ready(!line.is_empty()))))
}

async fn gather(mut deltas: Deltas, about: &About, leaning: &Leaning) -> Result<Response, Problem> {
    let mut whole = Whole::default();
    while let Some(heard) = deltas.next().await {
        whole.take(heard.map_err(refused)?);
    }
    Ok(Said(whole.say(about, leaning)).into_response())
}

/// An answer that failed, as a refusal. A provider that does not take our key is no fault of the caller's.
pub(super) fn refused(Failed { error, retry_after }: Failed) -> Problem {
    let status = match error.code.as_str() {
        "provider_rate_limited" => {
            let retry_after = retry_after.unwrap_or(ASK_AGAIN);
            return Error::TooMany { code: "rate_limited", message: error.message, retry_after }.into();
        }
        "stopping" => return Problem::unavailable("stopping", &error.message),
        "session_ended" => StatusCode::UNAUTHORIZED,
        "provider_bad_request" => StatusCode::BAD_REQUEST,
        "provider_timeout" => StatusCode::GATEWAY_TIMEOUT,
        code if code.starts_with("provider_") => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Problem::new(status, Cow::Owned(error.code), error.message)
}
