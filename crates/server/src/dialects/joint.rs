//! The few paths that several client APIs claim.

mod auth;
mod person;
pub(crate) mod plan;
pub(crate) mod words;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse as _, response::Response};
use serde::Serialize;
use services::{App, installation};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::http::{problem::Problem, routes::Routes, time::rfc3339};

/// What is said of the paths that several APIs share.
pub(crate) const DOCUMENT: &str = include_str!("joint/openapi.json");

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read_health)).routes(routes!(read_readiness))
}

/// The paths of the older clients, which the document of the native API does not describe.
pub(crate) fn older() -> Routes {
    auth::routes().in_words(words::words)
}

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
struct HealthAnswer {
    /// `OK`, or `ERROR` while the database cannot be reached.
    status: &'static str,
    /// The same as yes or no.
    ok: bool,
    /// What answers.
    service: &'static str,
    /// This moment.
    #[schema(format = DateTime)]
    timestamp: String,
    /// How long the process has been running, in seconds.
    uptime: f64,
    /// Always `production`.
    environment: &'static str,
    /// The version of the server.
    version: &'static str,
    /// What the process uses.
    memory: Memory,
    /// `connected` or `disconnected`.
    database: &'static str,
}

/// What the process uses.
#[derive(Debug, Serialize, ToSchema)]
struct Memory {
    /// Bytes of memory, if the system tells.
    rss: Option<u64>,
}

/// Whether requests can be answered.
#[derive(Debug, Serialize, ToSchema)]
struct ReadinessAnswer {
    /// Always `ready`.
    status: &'static str,
}

/// Says that the process lives
///
/// 503 while the database cannot be reached.
#[utoipa::path(
    get, path = "/health", tag = "ops", security(()),
    responses(
        (status = 200, description = "It lives", body = HealthAnswer),
        (status = 503, description = "The database cannot be reached", body = HealthAnswer),
    ),
)]
async fn read_health(State(app): State<App>) -> Response {
    let database = installation::health(&app).await.database;
    let answer = HealthAnswer {
        status: if database { "OK" } else { "ERROR" },
        ok: database,
        service: "colloquy",
        timestamp: rfc3339(app.now()),
        uptime: app.uptime().as_millis() as f64 / 1000.0,
        environment: "production",
        version: env!("CARGO_PKG_VERSION"),
        memory: Memory { rss: installation::resident_bytes() },
        database: if database { "connected" } else { "disconnected" },
    };
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(answer)).into_response()
}

/// Says whether requests can be answered
#[utoipa::path(
    get, path = "/ready", tag = "ops", security(()),
    responses(
        (status = 200, description = "They can", body = ReadinessAnswer),
        (status = 503, description = "The database cannot be reached, or the process is about to stop",
         body = crate::http::problem::ProblemDetails, content_type = "application/problem+json"),
    ),
)]
async fn read_readiness(State(app): State<App>) -> Result<Json<ReadinessAnswer>, Problem> {
    let health = installation::health(&app).await;
    if !health.database {
        return Err(Problem::unavailable("database_unavailable", "The database cannot be reached."));
    }
    if health.is_stopping {
        return Err(Problem::unavailable("stopping", "The server is about to stop."));
    }
    Ok(Json(ReadinessAnswer { status: "ready" }))
}
