//! Sharing a conversation by a link, and reading what a link shows.

use axum::{
    Json,
    extract::{OriginalUri, RawPathParams, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use services::{App, conversations, domain::ConversationId};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pages,
    wire::conversation::Conversation,
    wire::share::{ListedShare, Share, ShareStatus, SharedConversation},
};
use crate::http::{
    client::Client,
    extract::{Caller, Path, Query},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(share_conversation, read_share, unshare_conversation))
        .routes(routes!(list_shares))
        .routes(routes!(read_shared))
        .routes(routes!(continue_shared))
}

/// The address of the page that shows what a token opens.
fn address(app: &App, client: &Client, token: &str) -> String {
    address_of(app, client, &format!("/s/{token}"))
}

/// The address of a page as the caller can open it.
pub(super) fn address_of(app: &App, client: &Client, page: &str) -> String {
    if let Some(public) = &app.config.server.public_url {
        return format!("{}{page}", public.trim_end_matches('/'));
    }
    let scheme = if client.is_https { "https" } else { "http" };
    client.host.as_ref().map_or_else(|| page.to_owned(), |host| format!("{scheme}://{host}{page}"))
}

/// Shares the visible branch as it is now
///
/// Everybody with the link may read it, without signing in. Shared again, what is shown is brought up to date and the link
/// stays. Arguments and results of tools, instructions and names of people are not shown. In the trash it is no longer
/// shared.
#[utoipa::path(
    post, path = "/conversations/{id}/share", tag = "sharing",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 200, description = "The link", body = Share), super::openapi::Refused),
)]
async fn share_conversation(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Json<Share>, Problem> {
    let shared = conversations::share(&app, &actor, id).await?;
    Ok(Json(Share::of(shared, |token| address(&app, &client, token))))
}

/// Says whether a conversation is shared, and by which link
#[utoipa::path(
    get, path = "/conversations/{id}/share", tag = "sharing",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 200, description = "How it is shared", body = ShareStatus), super::openapi::Refused),
)]
async fn read_share(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Json<ShareStatus>, Problem> {
    let shared = conversations::share_of(&app, &actor, id).await?;
    Ok(Json(ShareStatus::of(shared, |token| address(&app, &client, token))))
}

/// Ends the link of a conversation at once
///
/// Shared again, the conversation gets another link.
#[utoipa::path(
    delete, path = "/conversations/{id}/share", tag = "sharing",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 204, description = "It is not shared"), super::openapi::Refused),
)]
async fn unshare_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<StatusCode, Problem> {
    conversations::unshare(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which links.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SharesQuery {
    /// How many, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,16}$")]
    cursor: Option<String>,
}

/// Lists the caller's links, the newest conversation first
#[utoipa::path(
    get, path = "/shares", tag = "sharing",
    params(SharesQuery),
    responses(
        (status = 200, description = "A page; the next one is in `Link`", body = Vec<ListedShare>),
        super::openapi::Refused,
    ),
)]
async fn list_shares(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<SharesQuery>,
) -> Result<Response, Problem> {
    let before = query.cursor.as_deref().map(pages::id_cursor).transpose()?.map(ConversationId);
    let page = conversations::shares(&app, &actor, before, pages::limit(query.limit)?).await?;
    Ok(pages::respond(&uri, page, |one| ListedShare::of(one, |token| address(&app, &client, token))))
}

/// The token in the path, as it is: one that is no text is that of no link.
pub(super) fn token_in(params: &RawPathParams) -> &str {
    params.iter().next().map(|(_, token)| token).unwrap_or_default()
}

/// Reads what a link shows
#[utoipa::path(
    get, path = "/shared/{token}", tag = "sharing", security(()),
    params(("token" = String, Path, description = "What the link ends with")),
    responses((status = 200, description = "What was shared", body = SharedConversation), super::openapi::Refused),
)]
async fn read_shared(
    State(app): State<App>,
    client: Client,
    params: RawPathParams,
) -> Result<Response, Problem> {
    let shown = conversations::read_shared(&app, token_in(&params), client.address).await?;
    // Who has the link may read it; a search engine has no business there.
    let robots = (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    Ok(([robots], Json(SharedConversation::from(shown))).into_response())
}

/// Goes on with what a link shows
///
/// What it shows is copied into a new conversation of the caller's own, which can be searched at once.
#[utoipa::path(
    post, path = "/shared/{token}/continue", tag = "sharing",
    params(
        ("token" = String, Path, description = "What the link ends with"),
        IdempotencyHeader,
    ),
    responses((status = 201, description = "The copy", body = Conversation), super::openapi::Refused),
)]
async fn continue_shared(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    params: RawPathParams,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Conversation>), Problem> {
    let key = idempotency_key(&headers, &uri, &())?;
    let made = conversations::take_over(&app, &actor, token_in(&params), client.address, key).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
