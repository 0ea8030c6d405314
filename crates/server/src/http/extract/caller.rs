//! Who asks: an access token in a header or a cookie, an API key in a header, or a one-use ticket where none of them can
//! be sent.
//!
//! A key is good for its scopes: `read` for requests that change nothing, `write` for all others, and `openai` for the
//! one API that asks for it.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use services::{
    Actor, App, Error,
    accounts::{self, Authenticated},
    domain::Scope,
};

use crate::http::{
    client::Client,
    cookies, csrf,
    problem::{NOBODY, Problem},
    rates,
};

/// Somebody who has signed in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) Actor);

/// The same, with the client API that the login session was made through.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Authenticated);

/// The same for the API of OpenAI's clients, whose keys are others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenAiCaller(pub(crate) Actor);

/// The same for streams, which may also be opened by `?ticket=`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamCaller(pub(crate) Actor);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        find(parts, app).await?.map(Self).ok_or_else(|| Error::Unauthenticated(NOBODY).into())
    }
}

impl FromRequestParts<App> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let scope = scope_of(parts);
        find_known(parts, app, scope).await?.map(Self).ok_or_else(|| Error::Unauthenticated(NOBODY).into())
    }
}

impl FromRequestParts<App> for OpenAiCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let found = find_known(parts, app, Scope::OpenAi).await?;
        found.map(|found| Self(found.actor)).ok_or_else(|| Error::Unauthenticated(NOBODY).into())
    }
}

impl FromRequestParts<App> for StreamCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if parts.method.is_safe()
            && let Some(ticket) = ticket(parts)
        {
            let redeemed = accounts::redeem(app, &ticket).await;
            let user = redeemed.as_ref().ok().map(|found| found.actor.user);
            rates::of_caller(&parts.extensions, app, user).await?;
            return Ok(Self(redeemed?.actor));
        }
        Caller::from_request_parts(parts, app).await.map(|Caller(actor)| Self(actor))
    }
}

/// Who asks; `None` if the request says nothing about it. A cookie that we did not sign is somebody else's.
pub(crate) async fn find(parts: &mut Parts, app: &App) -> Result<Option<Actor>, Problem> {
    let scope = scope_of(parts);
    Ok(find_known(parts, app, scope).await?.map(|found| found.actor))
}

/// What a key must be good for to make a request.
fn scope_of(parts: &Parts) -> Scope {
    if parts.method.is_safe() { Scope::Read } else { Scope::Write }
}

async fn find_known(parts: &mut Parts, app: &App, scope: Scope) -> Result<Option<Authenticated>, Problem> {
    let found = recognize(parts, app, scope).await;
    let user = found.as_ref().ok().and_then(|found| found.as_ref().map(|found| found.actor.user));
    rates::of_caller(&parts.extensions, app, user).await?;
    found
}

async fn recognize(parts: &mut Parts, app: &App, scope: Scope) -> Result<Option<Authenticated>, Problem> {
    if let Some(token) = bearer(&parts.headers) {
        if accounts::is_api_key(token) {
            return Ok(Some(accounts::authenticate_key(app, token, scope).await?));
        }
        return Ok(Some(accounts::authenticate(app, token).await?));
    }
    for token in cookies::access_tokens(&parts.headers) {
        if let Some(found) = accounts::recognize(app, &token).await? {
            let Ok(client) = Client::from_request_parts(parts, app).await;
            csrf::check(app, &client, &parts.method, &parts.headers)?;
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The token of `Authorization: Bearer`. Other schemes are for others, such as a proxy with a password of its own.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn ticket(parts: &Parts) -> Option<String> {
    let mut pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == "ticket").map(|(_, ticket)| ticket.to_owned())
}
