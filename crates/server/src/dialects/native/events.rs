//! What concerns the caller, as it happens.

use axum::{extract::State, response::Response};
use futures_util::StreamExt as _;
use serde::Deserialize;
use services::{App, accounts, events};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::news::LiveEvent;
use crate::http::{extract::StreamCaller, problem::Problem, sse};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_events))
}

/// How it is opened where neither header nor cookie can be sent.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the extractor `StreamCaller`; here for the document")]
struct EventsQuery {
    /// A stream ticket.
    ticket: Option<String>,
}

/// Follows what concerns the caller
///
/// One JSON object a `data:` line, from all conversations that the caller is a member of, until the login session ends
/// (`session.ended`) or the server stops. Nothing is replayed and there are no `id:` lines: after every `hello`, which
/// comes first and whenever this reader was too slow, read again what is shown.
#[utoipa::path(
    get, path = "/events", tag = "live",
    params(EventsQuery),
    responses(
        (status = 200, description = "The events", body = LiveEvent, content_type = "text/event-stream"),
        super::openapi::Refused,
    ),
)]
async fn list_events(State(app): State<App>, StreamCaller(actor): StreamCaller) -> Result<Response, Problem> {
    let served = accounts::serve(&app, &actor);
    let lines = events::listen(&app, &actor)?.map(|news| LiveEvent::from(&*news).line());
    Ok(sse::respond_with_farewell(&app, served, lines, LiveEvent::SessionEnded.line()))
}
