//! Following a turn, from any place in its log, and stopping it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use services::{
    App, accounts,
    chat::{self, Watch},
    domain::TurnId,
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::event;
use crate::http::{
    extract::{Caller, Path, Query, StreamCaller},
    problem::Problem,
    sse,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_turn_events)).routes(routes!(stop_turn))
}

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// What was seen last: `<turn>:<seq>` or `<seq>`. The header `Last-Event-ID` wins.
    after: Option<String>,
    /// A stream ticket, where neither header nor cookie can be sent.
    #[expect(dead_code, reason = "read by the extractor `StreamCaller`; here for the document")]
    ticket: Option<String>,
}

/// Follows a turn
///
/// Every event after the cursor, once and in order, then `data: [DONE]`. If the log no longer reaches back there, a
/// `snapshot` comes first, which replaces what the reader holds. 204: there is nothing more to see.
#[utoipa::path(
    get, path = "/turns/{id}/events", tag = "chat",
    params(
        ("id" = i64, Path, description = "The turn"),
        ("Last-Event-ID" = Option<String>, Header, description = "What was seen last"),
        EventsQuery,
    ),
    responses(
        (status = 200, description = "The events", body = event::TurnEvent, content_type = "text/event-stream"),
        (status = 204, description = "Nothing follows the cursor"),
        super::openapi::Refused,
    ),
)]
async fn list_turn_events(
    State(app): State<App>,
    StreamCaller(actor): StreamCaller,
    Path(turn): Path<TurnId>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = last.or(query.after.as_deref()).map_or(0, |text| event::cursor(text, turn));
    let served = accounts::serve(&app, &actor);
    match chat::watch(&app, &actor, turn, after).await? {
        Watch::Over => Ok(StatusCode::NO_CONTENT.into_response()),
        Watch::Events(events) => {
            let mut telling = event::Telling::of(turn);
            let lines = events.map(move |event| telling.lines(event));
            Ok(sse::respond(&app, served, lines.chain(stream::iter([event::END.to_owned()]))))
        }
    }
}

/// Stops a turn, running or waiting
///
/// What was said so far is kept. A settled turn stays as it is.
#[utoipa::path(
    post, path = "/turns/{id}/stop", tag = "chat",
    params(("id" = i64, Path, description = "The turn")),
    responses((status = 204, description = "It ends"), super::openapi::Refused),
)]
async fn stop_turn(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(turn): Path<TurnId>,
) -> Result<StatusCode, Problem> {
    chat::stop::stop(&app, &actor, turn).await?;
    Ok(StatusCode::NO_CONTENT)
}
