//! The same for several conversations at once.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use services::{
    App, Error,
    conversations::{self, ToAll},
    domain::{ConversationId, GroupId},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::conversation::Conversation;
use crate::http::{
    extract::{Caller, Json},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(change_conversations))
}

/// What is done to all of them.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BulkAction {
    Archive,
    Unarchive,
    Favorite,
    Unfavorite,
    /// Into the trash.
    Delete,
    /// Out of the trash.
    Restore,
    /// Into the group `group_id`, or out of all groups.
    Move,
}

/// Several conversations, and what is done to them.
#[derive(Debug, Deserialize, ToSchema)]
struct BulkChange {
    /// 1 to 100 of them.
    #[schema(min_items = 1, max_items = 100)]
    ids: Vec<i64>,
    action: BulkAction,
    /// For `move`: one of the caller's groups; null takes them out of any.
    group_id: Option<i64>,
}

impl BulkChange {
    fn to_all(&self) -> Result<ToAll, Error> {
        let what = match self.action {
            BulkAction::Move => return Ok(ToAll::Move(self.group_id.map(GroupId))),
            BulkAction::Archive => ToAll::Archive(true),
            BulkAction::Unarchive => ToAll::Archive(false),
            BulkAction::Favorite => ToAll::Favorite(true),
            BulkAction::Unfavorite => ToAll::Favorite(false),
            BulkAction::Delete => ToAll::Delete,
            BulkAction::Restore => ToAll::Restore,
        };
        match self.group_id {
            None => Ok(what),
            Some(_) => Err(Error::invalid("group_id", "goes with the action `move` alone")),
        }
    }
}

/// Changes several conversations: all of them, or none
///
/// Answers with the conversations as they are then, oldest first. If one of them is not the caller's, nothing is changed.
#[utoipa::path(
    post, path = "/conversations/bulk", tag = "conversations",
    request_body = BulkChange,
    responses(
        (status = 200, description = "The conversations", body = Vec<Conversation>),
        super::openapi::Refused,
    ),
)]
async fn change_conversations(
    State(app): State<App>,
    Caller(actor): Caller,
    Json(request): Json<BulkChange>,
) -> Result<Answer<Vec<Conversation>>, Problem> {
    let what = request.to_all()?;
    let ids: Vec<_> = request.ids.into_iter().map(ConversationId).collect();
    let changed = conversations::change_all(&app, &actor, &ids, what).await?;
    Ok(Answer(changed.into_iter().map(Conversation::from).collect()))
}
