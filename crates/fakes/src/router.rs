//! The routes, and how a request becomes an answer.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use serde_json::Value;
use tokio::{net::TcpListener, time::sleep};

use crate::{
    Script, Stage,
    answer::Answer,
    anthropic::{self, Anthropic},
    embeddings,
    openai::{self, OpenAi},
    play::{Call, Encoder, Figures, Play},
    question::Question,
};

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, router: Router) {
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let _: Result<(), _> = axum::serve(listener, router).await;
}

pub(crate) fn router(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .route("/v1/messages", post(messages))
        .route("/v1/embeddings", post(embeddings::embeddings))
        .route("/v1/models", get(models))
        .route("/_fake/requests", get(requests).delete(clear))
        .route("/_fake/disconnects", get(disconnects))
        .route("/_fake/counts", get(counts))
        .layer(DefaultBodyLimit::disable())
        .with_state(stage)
}

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    OpenAi,
    Anthropic,
}

impl Protocol {
    fn refusal(self, status: u16, message: &str) -> Response {
        let body = match self {
            Self::OpenAi => openai::refusal(status, message),
            Self::Anthropic => anthropic::refusal(status, message),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(body)).into_response()
    }
}

async fn chat_completions(stage: State<Arc<Stage>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    answer(Protocol::OpenAi, &stage, &uri, &headers, &body).await
}

async fn messages(stage: State<Arc<Stage>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    answer(Protocol::Anthropic, &stage, &uri, &headers, &body).await
}

async fn answer(
    protocol: Protocol,
    stage: &Arc<Stage>,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let question = Question::of(&body);
    let is_title = question.as_ref().is_some_and(Question::wants_title);
    let kept = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let request =
        stage.record().request(uri.path(), kept.collect::<BTreeMap<_, _>>(), body.clone(), is_title);

    let key = key_of(headers);
    if !stage.takes_key(&key) {
        return protocol.refusal(401, &format!("Incorrect API key provided: {key}."));
    }
    let Some(question) = question else { return protocol.refusal(400, "model and messages are required") };
    if protocol == Protocol::Anthropic && body.get("max_tokens").is_none() {
        return protocol.refusal(400, "max_tokens: Field required");
    }
    let script = match stage.script_for(&question) {
        Ok(script) => script,
        Err(message) => return protocol.refusal(400, &message),
    };
    let mut watched = stage.record().open(request); // from here on, leaving is noticed
    sleep_ms(script.hold).await;
    if let Some(refusal) = refused(protocol, &script, &question, &key) {
        watched.complete = true;
        return refusal;
    }

    let streamed = question.stream && !script.json;
    let play = play(protocol, stage, script, &question, request);
    if streamed || play.script.raw.is_some() {
        let kind = if play.script.wrongtype { "text/plain" } else { "text/event-stream; charset=utf-8" };
        return ([(header::CONTENT_TYPE, kind)], Body::from_stream(play.stream(watched))).into_response();
    }
    sleep_ms(play.script.delay).await;
    watched.complete = true;
    Json(play.whole()).into_response()
}

pub(crate) async fn sleep_ms(ms: u64) {
    if ms > 0 {
        sleep(Duration::from_millis(ms)).await;
    }
}

fn refused(protocol: Protocol, script: &Script, question: &Question, key: &str) -> Option<Response> {
    if script.strict && question.has_stream_options {
        return Some(protocol.refusal(400, "Unrecognized request argument supplied: stream_options"));
    }
    if script.html {
        return Some(page(script.status));
    }
    let status = script.status?;
    let message = match status {
        401 | 403 => format!("Incorrect API key provided: {key}."),
        _ => format!("Fake error {status}, you sent the key {key}"),
    };
    let mut refusal = protocol.refusal(status, &message);
    if let Some(value) = script.retry_after.as_deref().and_then(|text| text.parse().ok()) {
        refusal.headers_mut().insert(header::RETRY_AFTER, value);
    }
    Some(refusal)
}

pub(crate) fn page(status: Option<u16>) -> Response {
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let html = "<!doctype html>\n<html><head><title>Welcome</title></head><body>Sign in to the network</body></html>";
    (status, [(header::CONTENT_TYPE, "text/html")], html).into_response()
}

fn play(protocol: Protocol, stage: &Stage, script: Script, question: &Question, request: u64) -> Play {
    let calls = calls(&script, question);
    let answer = if calls.is_empty() {
        Answer::of(&script, question)
    } else {
        Answer::Numbered { after: 0, last: script.lead }
    };
    let sign = if script.negusage { -1 } else { 1 };
    let encoder: Box<dyn Encoder> = match protocol {
        Protocol::OpenAi => {
            Box::new(OpenAi::new(request, &question.model, !script.noindex, script.choices, question.usage))
        }
        Protocol::Anthropic => Box::new(Anthropic::new(request, &question.model)),
    };
    Play {
        figures: Figures {
            prompt: sign * question.words() as i64,
            completion: sign * (answer.len() + script.reasoning) as i64,
            reasoning: sign * script.reasoning as i64,
        },
        rate: script.rate.unwrap_or(stage.rate),
        script,
        answer,
        calls,
        encoder,
    }
}

/// The tools to call now.
fn calls(script: &Script, question: &Question) -> Vec<Call> {
    let wanted = script.toolcall.as_deref().filter(|_| {
        question.rounds() < script.rounds.max(1) && (script.stubborn || !question.refuses_tools())
    });
    let names: Vec<&str> = wanted.into_iter().flat_map(|names| names.split('+')).collect();
    let call = |(place, name): (usize, &&str)| {
        let arguments = question.arguments(name, script.args.as_deref()).to_string();
        Call {
            id: if names[..place].contains(name) { format!("{name}_{place}") } else { (*name).to_owned() },
            name: (*name).to_owned(),
            arguments: if script.badargs { arguments[..arguments.len() - 1].to_owned() } else { arguments },
        }
    };
    names.iter().enumerate().map(call).collect()
}

async fn models(stage: State<Arc<Stage>>, headers: HeaderMap) -> Response {
    let protocol =
        if headers.contains_key("anthropic-version") { Protocol::Anthropic } else { Protocol::OpenAi };
    let key = key_of(&headers);
    if !stage.takes_key(&key) {
        return protocol.refusal(401, &format!("Incorrect API key provided: {key}."));
    }
    let (names, script) = stage.models();
    let script = script.unwrap_or_default();
    sleep_ms(script.hold).await;
    if script.html {
        return page(script.status);
    }
    match (script.status, protocol) {
        (Some(status), _) => protocol.refusal(status, &format!("Fake error {status}")),
        (None, Protocol::OpenAi) => Json(openai::models(&names)).into_response(),
        (None, Protocol::Anthropic) => Json(anthropic::models(&names)).into_response(),
    }
}

pub(crate) fn key_of(headers: &HeaderMap) -> String {
    let header = headers.get("x-api-key").or_else(|| headers.get(header::AUTHORIZATION));
    let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.strip_prefix("Bearer ").unwrap_or(text).to_owned()
}

async fn requests(stage: State<Arc<Stage>>) -> Response {
    Json(stage.record().requests()).into_response()
}

async fn clear(stage: State<Arc<Stage>>) -> Result<StatusCode, Infallible> {
    stage.clear();
    Ok(StatusCode::NO_CONTENT)
}

async fn disconnects(stage: State<Arc<Stage>>) -> Response {
    Json(stage.record().disconnects()).into_response()
}

async fn counts(stage: State<Arc<Stage>>) -> Response {
    Json(stage.record().counts()).into_response()
}
