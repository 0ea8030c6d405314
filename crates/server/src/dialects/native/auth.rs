//! Making an account, signing in and out, and the list of sign-ins. Passwords: `passwords.rs`.

use axum::{
    Extension,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use services::{
    App, Error,
    accounts::{self, Arrival, Device, SignedIn},
    domain::LoginId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::account::{AuthAnswer, LoginRequest, RefreshRequest, RegisterRequest, Session, User};
use crate::http::{
    client::Client,
    cookies::{self, Web},
    csrf,
    extract::{Caller, Json, Path, find_caller, nul_at, read_form},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register_user))
        .routes(routes!(login_user))
        .routes(routes!(refresh_session))
        .routes(routes!(logout_user))
        .routes(routes!(logout_everywhere))
        .routes(routes!(read_auth_me))
        .routes(routes!(list_sessions, end_other_sessions))
        .routes(routes!(end_session))
}

/// Where a sign-in through this API comes from.
pub(super) fn device(client: &Client) -> Device {
    client.device("native")
}

/// The tokens: in cookies for the web app, else in the body.
pub(super) fn answer(status: StatusCode, client: &Client, in_cookies: bool, signed_in: SignedIn) -> Response {
    let mut cookies = HeaderMap::new();
    if in_cookies {
        cookies::set(&mut cookies, client, &signed_in);
    }
    (status, cookies, axum::Json(AuthAnswer::of(signed_in, in_cookies))).into_response()
}

/// 204, and the browser forgets its tokens.
pub(super) fn signed_out(client: &Client) -> Response {
    let mut cookies = HeaderMap::new();
    cookies::clear(&mut cookies, client);
    (StatusCode::NO_CONTENT, cookies).into_response()
}

/// Makes an account and signs in to it
///
/// The first account runs the installation: it is made on the server's own machine, or with the set-up code that the
/// server's log prints.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", security(()),
    request_body = RegisterRequest,
    responses((status = 201, description = "Made and signed in", body = AuthAnswer), super::openapi::Refused),
)]
async fn register_user(
    State(app): State<App>,
    client: Client,
    Web(is_web): Web,
    Json(request): Json<RegisterRequest>,
) -> Result<Response, Problem> {
    let register = accounts::Register {
        username: Some(request.username),
        email: request.email,
        password: request.password,
        full_name: request.full_name,
        setup_code: request.setup_code,
        is_local: client.is_local,
        min_chars: accounts::MIN_CHARS,
        device: device(&client),
    };
    let signed_in = accounts::register(&app, register).await?;
    Ok(answer(StatusCode::CREATED, &client, is_web, signed_in))
}

/// Signs in
///
/// As JSON, or as the form of an OAuth2 password grant.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", security(()),
    request_body(content(
        (LoginRequest = "application/json"),
        (LoginRequest = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "Signed in", body = AuthAnswer), super::openapi::Refused),
)]
async fn login_user(
    State(app): State<App>,
    client: Client,
    Web(is_web): Web,
    Credentials(request): Credentials,
) -> Result<Response, Problem> {
    let filled = |name: &String| !name.is_empty();
    let name = request.email.filter(filled).or(request.username.filter(filled));
    let name = name.ok_or_else(|| Error::invalid("username", "is missing"))?;
    let login = accounts::Login { name, password: request.password, device: device(&client) };
    let signed_in = accounts::login(&app, login).await?;
    Ok(answer(StatusCode::OK, &client, is_web, signed_in))
}

/// A sign-in as JSON or as a form.
struct Credentials(LoginRequest);

impl FromRequest<App> for Credentials {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return Json::from_request(request, app).await.map(|Json(request)| Self(request));
        }
        let form: LoginRequest = read_form(app, request).await?;
        let fields =
            serde_json::json!({ "email": form.email, "username": form.username, "password": form.password });
        match nul_at(&fields) {
            Some(place) => Err(Problem::invalid(place, "may not hold the character U+0000")),
            None => Ok(Self(form)),
        }
    }
}

/// Gets the next pair of tokens
///
/// A refresh token is used once. If the answer was lost, the same token may be sent again; once anything newer was
/// used, it ends the login session. Without a body the token of the cookie is used.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", security(()),
    request_body(content = Option<RefreshRequest>),
    responses((status = 200, description = "The next pair", body = AuthAnswer), super::openapi::Refused),
)]
async fn refresh_session(
    State(app): State<App>,
    client: Client,
    Web(is_web): Web,
    Extension(arrived): Extension<Arrival>,
    headers: HeaderMap,
    body: Option<Json<RefreshRequest>>,
) -> Result<Response, Problem> {
    if let Some(token) = body.and_then(|Json(request)| request.refresh_token) {
        let signed_in = accounts::refresh(&app, &token, arrived, &device(&client)).await?;
        return Ok(answer(StatusCode::OK, &client, is_web, signed_in));
    }
    csrf::check(&app, &client, &axum::http::Method::POST, &headers)?;
    let mut refused = Error::Unauthenticated("There is no refresh token: send it, or sign in.");
    for token in cookies::refresh_tokens(&headers) {
        match accounts::refresh(&app, &token, arrived, &device(&client)).await {
            // What came in a cookie stays in cookies, where no script sees it.
            Ok(signed_in) => return Ok(answer(StatusCode::OK, &client, true, signed_in)),
            Err(error @ Error::Unauthenticated(_)) => refused = error,
            Err(error) => return Err(error.into()),
        }
    }
    Err(refused.into())
}

/// Signs out
///
/// Ends the login session that the request belongs to, by its access token or its refresh token, and forgets the
/// cookies. Signing out twice is no fault.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth", security((), ("bearer" = []), ("cookie" = [])),
    request_body(content = Option<RefreshRequest>),
    responses((status = 204, description = "Signed out"), super::openapi::Refused),
)]
async fn logout_user(
    State(app): State<App>,
    client: Client,
    Web(_is_web): Web,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    match find_caller(&mut parts, &app).await {
        Ok(Some(actor)) => accounts::logout(&app, &actor).await?,
        Err(problem) if problem.status != StatusCode::UNAUTHORIZED => return Err(problem),
        Ok(None) | Err(_) => {}
    }
    let cookies = cookies::refresh_tokens(&parts.headers);
    if !cookies.is_empty() {
        csrf::check(&app, &client, &parts.method, &parts.headers)?;
    }
    let body = Option::<Json<RefreshRequest>>::from_request(Request::from_parts(parts, body), &app).await?;
    for token in body.and_then(|Json(request)| request.refresh_token).into_iter().chain(cookies) {
        accounts::logout_by_refresh(&app, &token).await?;
    }
    Ok(signed_out(&client))
}

/// Signs out everywhere, here too
#[utoipa::path(
    post, path = "/auth/logout-all", tag = "auth",
    responses((status = 204, description = "All login sessions have ended"), super::openapi::Refused),
)]
async fn logout_everywhere(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
) -> Result<Response, Problem> {
    accounts::logout_all(&app, &actor).await?;
    Ok(signed_out(&client))
}

/// Reads the account that asks
#[utoipa::path(
    get, path = "/auth/me", tag = "auth",
    responses((status = 200, description = "The account", body = User), super::openapi::Refused),
)]
async fn read_auth_me(State(app): State<App>, Caller(actor): Caller) -> Result<axum::Json<User>, Problem> {
    Ok(axum::Json(accounts::me(&app, &actor).await?.into()))
}

/// Lists where the account is signed in, the session used last first
#[utoipa::path(
    get, path = "/auth/sessions", tag = "auth",
    responses((status = 200, description = "The login sessions", body = Vec<Session>), super::openapi::Refused),
)]
async fn list_sessions(
    State(app): State<App>,
    Caller(actor): Caller,
) -> Result<axum::Json<Vec<Session>>, Problem> {
    let sessions = accounts::logins(&app, &actor).await?;
    Ok(axum::Json(sessions.into_iter().map(|session| Session::of(session, actor.login)).collect()))
}

/// Ends all login sessions but this one
#[utoipa::path(
    delete, path = "/auth/sessions", tag = "auth",
    responses((status = 204, description = "The others have ended"), super::openapi::Refused),
)]
async fn end_other_sessions(State(app): State<App>, Caller(actor): Caller) -> Result<StatusCode, Problem> {
    accounts::end_others(&app, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one login session
#[utoipa::path(
    delete, path = "/auth/sessions/{id}", tag = "auth",
    params(("id" = i64, Path, description = "The login session")),
    responses((status = 204, description = "It has ended"), super::openapi::Refused),
)]
async fn end_session(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(login): Path<LoginId>,
) -> Result<StatusCode, Problem> {
    accounts::end_login(&app, &actor, login).await?;
    Ok(StatusCode::NO_CONTENT)
}
