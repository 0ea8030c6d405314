//! Accounts, by e-mail address alone.

use axum::{
    Extension, Json as Said,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    App, Error,
    accounts::{self, Arrival, Device, SignedIn},
    domain::User,
};

use crate::http::{
    client::Client,
    extract::{Caller, Json},
    problem::Problem,
    time::rfc3339,
};

/// The fewest characters of a password that this API's clients know.
const MIN_CHARS: usize = 6;

/// Who wants in, or wants an account.
#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
    name: Option<String>,
    setup_code: Option<String>,
}

fn device(client: &Client) -> Device {
    client.device("nest")
}

fn person(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "userId": user.id.to_string(),
        "email": user.email,
        "name": user.full_name.as_ref().unwrap_or(&user.username),
        "createdAt": rfc3339(user.created_at),
    })
}

/// The tokens in both spellings, and whose they are.
pub(super) fn answer(signed_in: &SignedIn) -> Value {
    let (access, refresh) = (&signed_in.access_token, &signed_in.refresh_token);
    json!({
        "accessToken": access,
        "refreshToken": refresh,
        "access_token": access,
        "refresh_token": refresh,
        "token": access,
        "user": person(&signed_in.user),
    })
}

pub(super) async fn register(
    State(app): State<App>,
    client: Client,
    Json(request): Json<Credentials>,
) -> Result<(StatusCode, Said<Value>), Problem> {
    let register = accounts::Register {
        username: None,
        email: request.email,
        password: request.password,
        full_name: request.name,
        setup_code: request.setup_code,
        is_local: client.is_local,
        min_chars: MIN_CHARS,
        device: device(&client),
    };
    let made = accounts::register(&app, register).await?;
    Ok((StatusCode::CREATED, Said(answer(&made))))
}

pub(super) async fn login(
    State(app): State<App>,
    client: Client,
    Json(request): Json<Credentials>,
) -> Result<(StatusCode, Said<Value>), Problem> {
    let login = accounts::Login { name: request.email, password: request.password, device: device(&client) };
    match accounts::login(&app, login).await {
        Ok(signed_in) => Ok((StatusCode::CREATED, Said(answer(&signed_in)))),
        Err(Error::Unauthenticated(_)) => Err(Problem::said(StatusCode::UNAUTHORIZED, "Invalid credentials")),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn refresh(
    State(app): State<App>,
    client: Client,
    Extension(arrived): Extension<Arrival>,
    headers: HeaderMap,
) -> Result<(StatusCode, Said<Value>), Problem> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = token.split_once(' ').map_or(token, |(_, token)| token.trim());
    let next = accounts::refresh(&app, token, arrived, &device(&client)).await?;
    Ok((StatusCode::CREATED, Said(answer(&next))))
}

pub(super) async fn me(State(app): State<App>, Caller(actor): Caller) -> Result<Said<Value>, Problem> {
    Ok(Said(person(&accounts::me(&app, &actor).await?)))
}
