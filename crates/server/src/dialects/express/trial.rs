//! Whether a model answers. Its own server told everybody; here it costs an administrator's time and money.

use axum::{
    Json as Said,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use services::{App, Error, trial::trial};

use crate::http::{extract::Caller, problem::Problem};

pub(super) async fn read(State(app): State<App>, Caller(actor): Caller) -> Result<Response, Problem> {
    match trial(&app, &actor).await {
        Ok(output) => {
            let message = "OpenAI test completed successfully";
            Ok(Said(json!({ "success": true, "output": output, "message": message })).into_response())
        }
        Err(Error::Unavailable { message, .. }) => {
            let said = json!({ "success": false, "error": message });
            Ok((StatusCode::INTERNAL_SERVER_ERROR, Said(said)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
