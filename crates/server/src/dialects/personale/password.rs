//! Another password.

use axum::{Json as Said, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{App, Error, accounts};

use crate::http::{
    client::Client,
    extract::{Caller, Json},
    problem::Problem,
};

/// The fewest characters that this API's clients know.
const MIN_CHARS: usize = 6;

/// The old and the new one, in either spelling.
#[derive(Debug, Deserialize)]
pub(super) struct PasswordRequest {
    #[serde(default, alias = "currentPassword")]
    current_password: String,
    #[serde(default, alias = "newPassword")]
    new_password: String,
}

/// All other sessions end; this one goes on with the token that it has.
pub(super) async fn change(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Json(request): Json<PasswordRequest>,
) -> Result<Said<Value>, Problem> {
    let device = client.device("personale");
    let (current, new) = (&request.current_password, &request.new_password);
    if new.chars().count() < MIN_CHARS {
        let text = "La nuova password deve avere almeno 6 caratteri";
        return Err(Problem::said(StatusCode::BAD_REQUEST, text));
    }
    match accounts::change_password(&app, &actor, current, new, MIN_CHARS, &device).await {
        Ok(_) => Ok(Said(json!({ "ok": true, "success": true, "message": "Password aggiornata" }))),
        Err(Error::WrongPassword { .. }) => {
            let text = "Password attuale non corretta";
            Err(Problem::said(StatusCode::UNAUTHORIZED, text))
        }
        Err(error) => Err(error.into()),
    }
}
