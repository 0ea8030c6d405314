//! An answer as it grows: as lines of JSON, or as server-sent events.

use axum::{
    Json as Said,
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    Actor, App, Error, accounts,
    chat::{self, Ask, Options, Sent, Watch},
    conversations,
    domain::{ConversationId, Event, EventKind, State as Ending},
};

use super::wire::{PromptRequest, session_id};
use crate::http::{
    client::Client,
    csrf,
    extract::{Caller, Json, Path, Query, StreamCaller},
    problem::Problem,
    sse,
};

/// What somebody hears who listens where nothing is being written.
const SILENCE: [&str; 3] = ["Nothing is being ", "written here. ", "Send a prompt to see an answer."];

async fn say(app: &App, actor: &Actor, conversation: ConversationId, text: String) -> Result<Sent, Error> {
    conversations::kept(app, actor, conversation).await?;
    let say = Ask::Say { text, conversation: Some(conversation), parent: None, files: Vec::new() };
    chat::send(app, actor, say, Options::default()).await
}

/// A refusal of the one endpoint that has words of its own.
fn refused(status: StatusCode, error: &str) -> Response {
    (status, Said(json!({ "error": error }))).into_response()
}

pub(super) async fn lines(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<PromptRequest>,
) -> Result<Response, Problem> {
    if request.session_id.is_empty() || request.prompt.is_empty() {
        return Ok(refused(StatusCode::BAD_REQUEST, "sessionId and prompt are required"));
    }
    let said = match session_id(&request.session_id) {
        Ok(conversation) => say(&app, &actor, conversation, request.prompt).await,
        Err(error) => Err(error),
    };
    let sent = match said {
        Ok(sent) => sent,
        Err(Error::NotFound(_)) => return Ok(refused(StatusCode::NOT_FOUND, "Session not found")),
        Err(error) => return Err(error.into()),
    };
    let mut told = Told::default();
    let lines = sent.events.map(move |event| told.line(event)).filter_map(std::future::ready);
    Ok(sse::respond_in(&app, accounts::serve(&app, &actor), lines, sse::NDJSON))
}

/// What was told of an answer, so that nothing is told twice.
#[derive(Default)]
struct Told {
    text: String,
    failed: bool,
}

impl Told {
    /// What is new in an event.
    fn more(&mut self, kind: EventKind) -> More {
        let text = match kind {
            EventKind::Chunk(text) => text,
            EventKind::Snapshot(message) => {
                let all = message.parts.text();
                all.strip_prefix(self.text.as_str()).unwrap_or_default().to_owned()
            }
            EventKind::Error(_) => {
                self.failed = true;
                return More::Failure;
            }
            EventKind::Done { state: Ending::Interrupted, .. } if !self.failed => return More::Failure,
            EventKind::Done { message_id, .. } if !self.failed => return More::End(message_id.to_string()),
            _ => return More::Nothing,
        };
        self.text.push_str(&text);
        if text.is_empty() { More::Nothing } else { More::Text(text) }
    }

    fn line(&mut self, event: Event) -> Option<String> {
        let said = match self.more(event.kind) {
            More::Nothing => return None,
            More::Text(text) => json!({ "delta": text }),
            More::Failure => json!({ "error": "stream_error" }),
            More::End(message) => json!({ "done": true, "messageId": message }),
        };
        Some(format!("{said}\n"))
    }

    fn event(&mut self, event: Event, message: &mut String) -> Option<String> {
        let seq = event.seq;
        if let EventKind::Start { message_id, .. } = &event.kind {
            *message = message_id.to_string();
        }
        let said = match self.more(event.kind) {
            More::Nothing => return None,
            More::Text(text) => json!({ "type": "chunk", "delta": text, "messageId": message }),
            More::Failure => json!({ "type": "error", "error": "stream_error", "messageId": message }),
            More::End(id) => done(&id),
        };
        Some(format!("id: {seq}\ndata: {said}\n\n"))
    }
}

enum More {
    Nothing,
    Text(String),
    Failure,
    End(String),
}

fn done(message: &str) -> Value {
    json!({ "type": "done", "done": true, "messageId": message })
}

/// What a listener may ask for: something to say first.
#[derive(Debug, Deserialize)]
pub(super) struct Prompt {
    prompt: Option<String>,
}

pub(super) async fn events(
    State(app): State<App>,
    client: Client,
    StreamCaller(actor): StreamCaller,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Prompt>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = conversations::kept(&app, &actor, id).await?;
    let events = if let Some(prompt) = asked.prompt.filter(|prompt| !prompt.is_empty()) {
        // It changes something although it is a GET: a page of another site must not bring it about.
        if !headers.contains_key(header::AUTHORIZATION) {
            csrf::check(&app, &client, &Method::POST, &headers)?;
        }
        accounts::needs_read_and_write(&actor)?;
        Some(say(&app, &actor, id, prompt).await?.events)
    } else if let Some(turn) = found.running_turn_id {
        match chat::watch(&app, &actor, turn, 0).await? {
            Watch::Events(events) => Some(events),
            Watch::Over => None,
        }
    } else {
        None
    };
    let served = accounts::serve(&app, &actor);
    let Some(events) = events else {
        let chunks = SILENCE.iter().map(|text| json!({ "type": "chunk", "delta": text, "messageId": "" }));
        let all = chunks.chain([done("")]).enumerate();
        let lines: Vec<String> =
            all.map(|(number, said)| format!("id: {}\ndata: {said}\n\n", number + 1)).collect();
        return Ok(sse::respond(&app, served, stream::iter(lines)));
    };
    let (mut told, mut message) = (Told::default(), String::new());
    let lines = events.map(move |event| told.event(event, &mut message)).filter_map(std::future::ready);
    Ok(sse::respond(&app, served, lines))
}
