//! The models that can be asked.

use axum::{
    Json,
    extract::{RawPathParams, State},
    http::StatusCode,
};
use serde_json::{Value, json};
use services::{App, domain::ModelCard};

use super::NO_MODEL;
use crate::http::{extract::OpenAiCaller, problem::Problem};

/// A model. When it was made is known to nobody here.
fn model(card: &ModelCard) -> Value {
    json!({ "id": card.id, "object": "model", "created": 0, "owned_by": card.provider })
}

pub(super) fn not_offered(name: &str) -> Problem {
    let detail = format!("The model `{name}` is not offered here. GET /v1/models lists what is.");
    Problem::new(StatusCode::NOT_FOUND, NO_MODEL, detail)
}

/// Those that chat, then those that make vectors of texts.
fn all(app: &App) -> impl Iterator<Item = ModelCard> {
    app.models.list().into_iter().chain(app.models.of_embeddings())
}

pub(super) async fn list(State(app): State<App>, OpenAiCaller(_actor): OpenAiCaller) -> Json<Value> {
    let data: Vec<Value> = all(&app).map(|card| model(&card)).collect();
    Json(json!({ "object": "list", "data": data }))
}

pub(super) async fn find(
    State(app): State<App>,
    OpenAiCaller(_actor): OpenAiCaller,
    params: RawPathParams,
) -> Result<Json<Value>, Problem> {
    let id = params.iter().next().map(|(_, id)| id).unwrap_or_default();
    all(&app).find(|card| card.id == id).map(|card| Json(model(&card))).ok_or_else(|| not_offered(id))
}
