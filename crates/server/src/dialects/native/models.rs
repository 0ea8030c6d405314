//! The models that can be asked.

use axum::{Json, extract::State};
use services::{App, plans};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::model::ModelCard;
use crate::http::{extract::Caller, problem::Problem};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_models))
}

/// Lists the models that can be asked
///
/// The list is kept from the last time the providers answered, so it never waits for one. Those that the caller's plan
/// does not include are listed, and not `allowed`.
#[utoipa::path(
    get, path = "/models", tag = "models",
    responses((status = 200, description = "All models", body = Vec<ModelCard>), super::openapi::Refused),
)]
async fn list_models(State(app): State<App>, Caller(actor): Caller) -> Result<Json<Vec<ModelCard>>, Problem> {
    let grant = plans::of(&app, &actor).await?;
    let default = app.models.default_for(&grant);
    let cards = app.models.list().into_iter().map(|card| ModelCard::of(card, default.as_deref(), &grant));
    Ok(Json(cards.collect()))
}
