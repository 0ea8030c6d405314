//! Signing in with Google.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use services::{App, Error, accounts::Outcome};

use super::auth::answer;
use crate::http::{
    away::{self, Return},
    client::Client,
    extract::Query,
    problem::Problem,
};

/// What the settings call it.
const GOOGLE: &str = "google";
/// Where Google sends people back to, if the settings name no other address.
pub(super) const CALLBACK: &str = "/auth/google/callback";

pub(super) async fn leave(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let begin = away::begin(&client, &headers, GOOGLE, CALLBACK.to_owned(), None);
    away::leave(&app, &client, begin).await
}

pub(super) async fn arrive(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Query(came): Query<Return>,
) -> Result<Response, Problem> {
    if is_browser(&headers) {
        return away::arrive(&app, &client, &headers, GOOGLE, came).await;
    }
    let arrived = away::finish(&app, &client, &headers, GOOGLE, came, "nest").await?;
    match arrived.outcome? {
        Outcome::SignedIn(signed_in) => Ok(axum::Json(answer(&signed_in)).into_response()),
        Outcome::Linked => Ok(axum::Json(serde_json::json!({ "linked": true })).into_response()),
        Outcome::PasswordNeeded => Err(link_needed().into()),
    }
}

fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("text/html")
}

fn link_needed() -> Error {
    Error::conflict(
        "link_needed",
        "An account has this e-mail address. Sign in with its password, and link Google in the settings of the web app.",
    )
}
