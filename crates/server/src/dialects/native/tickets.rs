//! Tickets for streams where neither a header nor a cookie can be sent.

use axum::{Json, extract::State};
use services::{App, accounts};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::account::StreamTicket;
use crate::http::{extract::Caller, problem::Problem};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_stream_ticket))
}

/// Gets a ticket that opens one stream
///
/// Good for a few seconds and one connection, as `?ticket=`.
#[utoipa::path(
    post, path = "/auth/stream-ticket", tag = "auth",
    responses((status = 200, description = "The ticket", body = StreamTicket), super::openapi::Refused),
)]
async fn create_stream_ticket(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<Json<StreamTicket>, Problem> {
    Ok(Json(accounts::ticket(&app, &actor)?.into()))
}
