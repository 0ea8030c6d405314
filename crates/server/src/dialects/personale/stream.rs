//! Saying something, and the answer as it grows.

use axum::{extract::State, response::Response};
use futures_util::StreamExt as _;
use services::{
    App, Error, accounts,
    chat::{self, Options},
    conversations,
    domain::ConversationId,
};

use super::wire::{StreamRequest, Told};
use crate::http::{
    extract::{Caller, Json},
    leaving::stop_on_leaving,
    problem::Problem,
    sse,
};

/// What its server asked with.
const TEMPERATURE: f64 = 0.3;

pub(super) async fn create(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<StreamRequest>,
) -> Result<Response, Problem> {
    let Some((text, before)) = request.question() else {
        return Err(Problem::invalid("/messages", "must hold a message of the user"));
    };
    let conversation: ConversationId =
        request.session_id.parse().map_err(|()| Error::NotFound("conversation"))?;
    conversations::kept(&app, &actor, conversation).await?;
    let ask = chat::say_or_again(&app, &actor, conversation, text, before).await?;
    let options = Options {
        model: app.models.offered(Some(request.model)),
        temperature: Some(request.temperature.unwrap_or(TEMPERATURE)),
        ..Options::default()
    };
    let sent = chat::send(&app, &actor, ask, options).await?;
    let mut told = Told::default();
    let lines = stop_on_leaving(&app, sent).map(move |event| told.lines(event));
    let served = accounts::serve(&app, &actor);
    Ok(sse::respond(&app, served, lines.filter(|line| std::future::ready(!line.is_empty()))))
}
