//! Letting people into a conversation, and what somebody sees who was invited.

use axum::{
    Json as Answer,
    extract::{OriginalUri, RawPathParams, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
};
use services::{
    App,
    domain::{ConversationId, InvitationId},
    invitations,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    passwords::preferred_language,
    shares::{address_of, token_in},
    wire::invitation::{Invitation, InvitationView, MadeInvitation, Membership, NewInvitation},
};
use crate::http::{
    client::Client,
    extract::{Caller, Json, Path},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(withdraw_invitation))
        .routes(routes!(read_invitation))
        .routes(routes!(accept_invitation))
}

fn address(app: &App, client: &Client, token: &str) -> String {
    address_of(app, client, &invitations::page(token))
}

/// Invites somebody to a conversation
///
/// With `email` a letter goes there (or into the server's log, if no mail is set up), and the first account that accepts
/// uses the invitation up; the answer is the same whether there is an account with that address or not. Without, it is a
/// link for many, until its time is over or it is withdrawn. At most 50 are good at the same time.
#[utoipa::path(
    post, path = "/conversations/{id}/invitations", tag = "members",
    params(
        ("id" = i64, Path, description = "The conversation"), IdempotencyHeader,
    ),
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation", body = MadeInvitation), super::openapi::Refused),
)]
async fn create_invitation(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<ConversationId>,
    headers: HeaderMap,
    Json(request): Json<NewInvitation>,
) -> Result<(StatusCode, Answer<MadeInvitation>), Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let new = request.into_new(preferred_language(&headers), key);
    let made = invitations::create(&app, &actor, id, new).await?;
    Ok((StatusCode::CREATED, Answer(MadeInvitation::of(made, |token| address(&app, &client, token)))))
}

/// Lists the invitations to a conversation that are good, oldest first
#[utoipa::path(
    get, path = "/conversations/{id}/invitations", tag = "members",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 200, description = "All of them", body = Vec<Invitation>), super::openapi::Refused),
)]
async fn list_invitations(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Answer<Vec<Invitation>>, Problem> {
    let all = invitations::list(&app, &actor, id).await?;
    let word = |one| Invitation::of(one, |token| address(&app, &client, token));
    Ok(Answer(all.into_iter().map(word).collect()))
}

/// Withdraws an invitation
///
/// It lets nobody in any more. Who came in by it stays.
#[utoipa::path(
    delete, path = "/conversations/{id}/invitations/{invitation_id}", tag = "members",
    params(
        ("id" = i64, Path, description = "The conversation"),
        ("invitation_id" = i64, Path, description = "The invitation"),
    ),
    responses((status = 204, description = "It is gone"), super::openapi::Refused),
)]
async fn withdraw_invitation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path((id, invitation)): Path<(ConversationId, InvitationId)>,
) -> Result<StatusCode, Problem> {
    invitations::withdraw(&app, &actor, id, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what an invitation leads to
///
/// One that was used up or withdrawn, whose time is over, or that never was, is 404 alike.
#[utoipa::path(
    get, path = "/invitations/{token}", tag = "members", security(()),
    params(("token" = String, Path, description = "What the link ends with")),
    responses((status = 200, description = "Who invites to what", body = InvitationView), super::openapi::Refused),
)]
async fn read_invitation(
    State(app): State<App>,
    client: Client,
    params: RawPathParams,
) -> Result<Response, Problem> {
    let leads = invitations::read(&app, token_in(&params), client.address).await?;
    let robots = (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    Ok(([robots], Answer(InvitationView::from(leads))).into_response())
}

/// Accepts an invitation
///
/// The caller becomes a member, or gets the invitation's role if that is higher than the one before. Accepting twice is
/// harmless. Not with an API key.
#[utoipa::path(
    post, path = "/invitations/{token}/accept", tag = "members",
    params(("token" = String, Path, description = "What the link ends with")),
    responses((status = 200, description = "The caller is a member", body = Membership), super::openapi::Refused),
)]
async fn accept_invitation(
    State(app): State<App>,
    client: Client,
    Caller(actor): Caller,
    params: RawPathParams,
) -> Result<Answer<Membership>, Problem> {
    let accepted = invitations::accept(&app, &actor, token_in(&params), client.address).await?;
    Ok(Answer(accepted.into()))
}
