//! Who sees a conversation, and as what.

use axum::{Json as Answer, extract::State, http::StatusCode};
use services::{
    App,
    domain::{ConversationId, UserId},
    members,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::member::{Member, MemberChange};
use crate::http::{
    extract::{Caller, Json, Path},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_members)).routes(routes!(update_member, remove_member))
}

/// Lists who sees a conversation
///
/// The owner, then the others as they came.
#[utoipa::path(
    get, path = "/conversations/{id}/members", tag = "members",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 200, description = "All of them", body = Vec<Member>), super::openapi::Refused),
)]
async fn list_members(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Answer<Vec<Member>>, Problem> {
    let all = members::list(&app, &actor, id).await?;
    Ok(Answer(all.into_iter().map(Member::from).collect()))
}

/// Gives a member another role
///
/// The owner may, to anybody else. `409` with the code `owner_stays` for the owner.
#[utoipa::path(
    patch, path = "/conversations/{id}/members/{user_id}", tag = "members",
    params(
        ("id" = i64, Path, description = "The conversation"),
        ("user_id" = i64, Path, description = "The member"),
    ),
    request_body = MemberChange,
    responses((status = 200, description = "The member", body = Member), super::openapi::Refused),
)]
async fn update_member(
    State(app): State<App>,
    Caller(actor): Caller,
    Path((id, member)): Path<(ConversationId, UserId)>,
    Json(request): Json<MemberChange>,
) -> Result<Answer<Member>, Problem> {
    let changed = members::change(&app, &actor, id, member, request.role.into()).await?;
    Ok(Answer(changed.into()))
}

/// Puts somebody out of a conversation, or leaves it
///
/// The owner may put out anybody else, and every other member may leave. What the person reads of the conversation ends at
/// once, streams included, and invitations from before let somebody who was put out in no more. The owner cannot leave:
/// `409` with the code `owner_stays`.
#[utoipa::path(
    delete, path = "/conversations/{id}/members/{user_id}", tag = "members",
    params(
        ("id" = i64, Path, description = "The conversation"),
        ("user_id" = i64, Path, description = "The member, or the caller"),
    ),
    responses((status = 204, description = "No member any more"), super::openapi::Refused),
)]
async fn remove_member(
    State(app): State<App>,
    Caller(actor): Caller,
    Path((id, member)): Path<(ConversationId, UserId)>,
) -> Result<StatusCode, Problem> {
    members::remove(&app, &actor, id, member).await?;
    Ok(StatusCode::NO_CONTENT)
}
