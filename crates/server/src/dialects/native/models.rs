//! The models that can be asked.

use axum::{Json, extract::State};
use services::App;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::model::ModelCard;
use crate::http::{extract::Caller, problem::Problem};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_models))
}

/// Lists the models that can be asked
///
/// The list is kept from the last time the providers answered, so it never waits for one.
#[utoipa::path(
    get, path = "/models", tag = "models",
    responses((status = 200, description = "All models", body = Vec<ModelCard>), super::openapi::Refused),
)]
async fn list_models(
    State(app): State<App>,
    Caller(_actor): Caller,
) -> Result<Json<Vec<ModelCard>>, Problem> {
    let default = app.models.default_model();
    let cards = app.models.list().into_iter().map(|card| ModelCard::of(card, default.as_deref()));
    Ok(Json(cards.collect()))
}
