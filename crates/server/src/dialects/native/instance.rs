//! What anybody may know about the installation, before signing in.

use axum::{Json, extract::State};
use services::{App, installation};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::account::Instance;
use crate::http::{client::Client, problem::Problem};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_instance))
}

/// Says what the installation is called and how to get in
#[utoipa::path(
    get, path = "/instance", tag = "instance", security(()),
    responses((status = 200, description = "What anybody may know", body = Instance), super::openapi::Refused),
)]
async fn read_instance(State(app): State<App>, client: Client) -> Result<Json<Instance>, Problem> {
    let instance = installation::instance(&app, client.is_local).await?;
    Ok(Json(Instance::of(instance, &app.config.files)))
}
