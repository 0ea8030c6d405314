//! `/api/auth/register`, `login`, `logout` and `me`, which the seeds 000, 002 and 004 all claim: one answer that holds
//! what each of their clients reads.
//!
//! Which client it is shows in what it sends: seed 004's repeats the password or says a full name when it registers, and
//! signs in by `username`.
//!
//! # Known quirks
//!
//! * Sign-up answers 201 also to seed 000's clients, which knew 200; browsers test for 2xx.
//! * Signing out without a token is 200, where seed 004 answered 401.

use axum::{
    Json as Said,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    App, Error,
    accounts::{self, Device, SignedIn},
    plans, stats,
};

use super::{
    person::{NUMBERED, person},
    words,
};
use crate::http::{
    client::Client,
    cookies, csrf,
    extract::{Json, Known, find_caller},
    problem::Problem,
    routes::Routes,
    time::rfc3339,
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/api/auth/register", register)
        .post("/api/auth/login", login)
        .post("/api/auth/logout", logout)
        .get("/api/auth/me", me)
}

/// How long a token is good for whose client knows no refresh, in seconds.
const WEEK: i64 = 7 * 24 * 3600;
/// How many sessions an account has at most through seed 004's sign-in.
const MOST_SESSIONS: i64 = 5;
/// The fewest characters of a password that the clients of the seeds 000 and 002 know.
const OLDER_MIN_CHARS: usize = 6;

/// Somebody wants an account, in the words of any of the three.
#[derive(Debug, Deserialize)]
struct Register {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    username: Option<String>,
    full_name: Option<String>,
    confirm_password: Option<String>,
    setup_code: Option<String>,
}

/// Somebody wants in, in the words of any of the three.
#[derive(Debug, Deserialize)]
struct Login {
    email: Option<String>,
    username: Option<String>,
    #[serde(default)]
    password: String,
    remember_me: Option<bool>,
}

/// A refusal as both families of clients say it.
struct Refused {
    status: StatusCode,
    detail: Value,
    error: String,
}

impl Refused {
    fn said(status: StatusCode, detail: &str, error: &str) -> Response {
        Self { status, detail: json!(detail), error: error.to_owned() }.into_response()
    }
}

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Said(words::body(self.status, &self.detail, &self.error))).into_response()
    }
}

fn device(client: &Client, dialect: &'static str, access_seconds: Option<i64>) -> Device {
    let most_sessions = (dialect == NUMBERED).then_some(MOST_SESSIONS);
    Device { access_seconds, most_sessions, ..client.device(dialect) }
}

/// The account and its tokens, in every spelling and in every place.
async fn signed_in(
    app: &App,
    status: StatusCode,
    client: &Client,
    dialect: &'static str,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    let stats = stats::of(app, signed_in.user.id).await?;
    let usage = plans::usage(app, signed_in.user.id, signed_in.user.role).await?;
    let user = person(&signed_in.user, &stats, &usage, dialect);
    let token = &signed_in.access_token;
    let mut answer = json!({
        "success": true,
        "user": user,
        "token": token,
        "access_token": token,
        "refresh_token": signed_in.refresh_token,
        "token_type": "bearer",
        "expires_in": signed_in.expires_in,
        "data": { "user": user, "token": token },
    });
    // One edition of seed 000 answered with the account alone.
    for name in ["id", "email", "createdAt"] {
        answer[name] = user[name].clone();
    }
    let mut headers = HeaderMap::new();
    if dialect != NUMBERED {
        cookies::set_older(&mut headers, client, &signed_in, app.config.auth.script_cookie);
    }
    Ok((status, headers, Said(answer)).into_response())
}

async fn register(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(request): Json<Register>,
) -> Result<Response, Problem> {
    let is_strict = request.confirm_password.is_some() || request.full_name.is_some();
    if !is_strict {
        csrf::check(&app, &client, &Method::POST, &headers)?;
    }
    if let Some(wrong) = if is_strict { strictly_wrong(&request) } else { simply_wrong(&request) } {
        return Ok(wrong);
    }
    let dialect = if is_strict {
        NUMBERED
    } else if request.username.is_some() {
        "express"
    } else {
        "personale"
    };
    let access_seconds = (!is_strict).then_some(WEEK);
    let register = accounts::Register {
        username: request.username,
        email: request.email,
        password: request.password,
        full_name: request.full_name,
        setup_code: request.setup_code,
        is_local: client.is_local,
        min_chars: if is_strict { accounts::MIN_CHARS } else { OLDER_MIN_CHARS },
        device: device(&client, dialect, access_seconds),
    };
    match accounts::register(&app, register).await {
        Ok(made) => signed_in(&app, StatusCode::CREATED, &client, dialect, made).await,
        Err(error) => match refused_sign_up(&error, is_strict) {
            Some(refused) => Ok(refused),
            None => Err(error.into()),
        },
    }
}

/// What the clients of the seeds 000 and 002 are told.
fn simply_wrong(request: &Register) -> Option<Response> {
    if request.email.is_empty() || request.password.is_empty() {
        let text = "All fields are required.";
        return Some(Refused::said(StatusCode::BAD_REQUEST, text, text));
    }
    if request.password.chars().count() < OLDER_MIN_CHARS {
        let text = "Password must be at least 6 characters long.";
        return Some(Refused::said(StatusCode::BAD_REQUEST, text, text));
    }
    None
}

/// What seed 004 asks of an account.
fn strictly_wrong(request: &Register) -> Option<Response> {
    let (name, password) = (request.username.as_deref().unwrap_or_default(), &request.password);
    let has = |is: fn(char) -> bool| password.contains(is);
    let wrong = if name.chars().count() < 3 || !name.chars().all(char::is_alphanumeric) {
        ("username", "Username must have at least 3 letters and digits, and nothing else")
    } else if request.confirm_password.as_ref() != Some(password) {
        ("confirm_password", "Passwords do not match")
    } else if password.chars().count() < accounts::MIN_CHARS {
        ("password", "Password must be at least 8 characters long")
    } else if !has(char::is_uppercase) || !has(char::is_lowercase) || !has(char::is_numeric) {
        ("password", "Password must contain an upper-case letter, a lower-case letter and a digit")
    } else {
        return None;
    };
    Some(Problem::invalid(format!("/{}", wrong.0), wrong.1).into_response())
}

fn refused_sign_up(error: &Error, is_strict: bool) -> Option<Response> {
    let Error::Conflict { .. } = error else {
        let Error::Invalid { .. } = error else { return None };
        let text = error.to_string();
        return (!is_strict).then(|| Refused::said(StatusCode::BAD_REQUEST, &text, &text));
    };
    let detail = match (error.code() == "email_taken", is_strict) {
        (true, true) => "Email already registered",
        (false, true) => "Username already registered",
        (true, false) => "Email già registrata",
        (false, false) => "Nome utente già registrato",
    };
    Some(Refused::said(StatusCode::BAD_REQUEST, detail, "User with this email or username already exists."))
}

async fn login(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Json(request): Json<Login>,
) -> Result<Response, Problem> {
    let filled = |name: Option<String>| name.filter(|name| !name.is_empty());
    let (email, username) = (filled(request.email), filled(request.username));
    let is_numbered = email.is_none() && username.is_some();
    if !is_numbered {
        csrf::check(&app, &client, &Method::POST, &headers)?;
    }
    let Some(name) = email.or(username).filter(|_| !request.password.is_empty()) else {
        let text = "Email and password are required.";
        return Ok(Refused::said(StatusCode::BAD_REQUEST, text, text));
    };
    let dialect = if is_numbered { NUMBERED } else { "personale" };
    let is_long = !is_numbered || request.remember_me == Some(true);
    let device = device(&client, dialect, is_long.then_some(WEEK));
    match accounts::login(&app, accounts::Login { name, password: request.password, device }).await {
        Ok(found) => signed_in(&app, StatusCode::OK, &client, dialect, found).await,
        Err(Error::Unauthenticated(_)) => Ok(if is_numbered {
            let text = "Invalid username or password";
            Refused::said(StatusCode::UNAUTHORIZED, text, text)
        } else {
            Refused::said(StatusCode::UNAUTHORIZED, "Credenziali non valide", "Invalid email or password.")
        }),
        Err(error) if error.code() == "account_deactivated" => Ok(if is_numbered {
            Refused::said(StatusCode::BAD_REQUEST, "Inactive user account", "Account is deactivated.")
        } else {
            Refused::said(StatusCode::UNAUTHORIZED, "Account is deactivated.", "Account is deactivated.")
        }),
        Err(error) => Err(error.into()),
    }
}

async fn logout(State(app): State<App>, client: Client, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    match find_caller(&mut parts, &app).await {
        Ok(Some(actor)) => accounts::logout(&app, &actor).await?,
        Err(problem) if problem.status != StatusCode::UNAUTHORIZED => return Err(problem),
        Ok(None) | Err(_) => {}
    }
    let mut headers = HeaderMap::new();
    cookies::clear_older(&mut headers, &client);
    let answer = json!({
        "ok": true,
        "success": true,
        "message": "Successfully logged out",
        "logged_out_at": rfc3339(app.now()),
    });
    Ok((headers, Said(answer)).into_response())
}

async fn me(State(app): State<App>, Known(known): Known) -> Result<Said<Value>, Problem> {
    let user = accounts::me(&app, &known.actor).await?;
    let stats = stats::read(&app, &known.actor).await?;
    let usage = plans::usage(&app, user.id, user.role).await?;
    Ok(Said(person(&user, &stats, &usage, &known.dialect)))
}
