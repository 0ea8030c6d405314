//! Conversations: lists, reading, changing, the trash, export.

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use services::{
    App,
    conversations::{self, Branch, Change, Shelf, Which},
    domain::{ConversationId, GroupId, MessageId},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pages,
    wire::{
        conversation::{Conversation, ConversationChange, ConversationDetail, NewConversation},
        message::Message,
    },
};
use crate::http::{
    extract::{Caller, Json, Path, Query},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_conversations, create_conversation))
        .routes(routes!(get_conversation, update_conversation, delete_conversation))
        .routes(routes!(rename_conversation))
        .routes(routes!(restore_conversation))
        .routes(routes!(list_messages))
        .routes(routes!(export_conversation_json))
        .routes(routes!(export_conversation_markdown))
}

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// How many, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,16}-[0-9]{1,16}$")]
    cursor: Option<String>,
    /// True: the trash, instead of what is not there; the other filters narrow it.
    #[serde(default)]
    deleted: bool,
    /// True: what is archived, instead of what is not; in the trash: only that.
    #[serde(default)]
    archived: bool,
    /// True: only the caller's favourites.
    #[serde(default)]
    favorite: bool,
    /// Only what is in this group of the caller's.
    group: Option<i64>,
}

impl ListQuery {
    /// The list that is asked for.
    fn shelf(&self) -> Shelf {
        let (archived, favorite, group) = (self.archived, self.favorite, self.group.map(GroupId));
        let which = match (group, favorite) {
            (None, false) => Which::All,
            (None, true) => Which::Favorites,
            (Some(group), false) => Which::Group(group),
            (Some(group), true) => Which::FavoritesOf(group),
        };
        match (self.deleted, which, archived) {
            (false, which, archived) => Shelf::Kept { which, archived },
            (true, Which::All, false) => Shelf::Trash,
            (true, ..) => Shelf::Marked { archived, favorite, group },
        }
    }
}

/// Lists conversations, newest activity first
///
/// Without those that are archived or in the trash, unless these are asked for.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations",
    params(ListQuery),
    responses(
        (status = 200, description = "A page; the next one is in `Link`", body = Vec<Conversation>),
        super::openapi::Refused,
    ),
)]
async fn list_conversations(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let shelf = query.shelf();
    let limit = pages::limit(query.limit)?;
    let page = conversations::list(&app, &actor, shelf, query.cursor.as_deref(), limit).await?;
    Ok(pages::respond(&uri, page, Conversation::from))
}

/// Makes a conversation
#[utoipa::path(
    post, path = "/conversations", tag = "conversations",
    params(IdempotencyHeader),
    request_body = NewConversation,
    responses((status = 201, description = "The conversation", body = Conversation), super::openapi::Refused),
)]
async fn create_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Json(request): Json<NewConversation>,
) -> Result<(StatusCode, axum::Json<Conversation>), Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let made = conversations::create(&app, &actor, request.into_new(key)).await?;
    Ok((StatusCode::CREATED, axum::Json(made.into())))
}

/// How much of a conversation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DetailQuery {
    /// How many of the newest messages come with it, 0 to 200.
    #[param(minimum = 0, maximum = 200, default = 50)]
    messages: Option<i64>,
}

/// Reads a conversation with the newest page of its visible branch
#[utoipa::path(
    get, path = "/conversations/{id}", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation"), DetailQuery),
    responses((status = 200, description = "The conversation", body = ConversationDetail), super::openapi::Refused),
)]
async fn get_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Query(query): Query<DetailQuery>,
) -> Result<axum::Json<ConversationDetail>, Problem> {
    let limit = pages::limit_or_none("messages", query.messages)?;
    let conversation = conversations::find(&app, &actor, id).await?;
    let mut messages = Vec::new();
    if let Some(limit) = limit {
        let branch = Branch { leaf: conversation.active_message_id, limit };
        let page = conversations::branch(&app, &actor, id, branch).await?;
        messages = page.items.into_iter().map(Message::from).collect();
    }
    Ok(axum::Json(ConversationDetail { conversation: conversation.into(), messages, notes: None }))
}

/// Changes a conversation, and the caller's own marks of it
#[utoipa::path(
    patch, path = "/conversations/{id}", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation")),
    request_body = ConversationChange,
    responses((status = 200, description = "The conversation", body = Conversation), super::openapi::Refused),
)]
async fn update_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Json(request): Json<ConversationChange>,
) -> Result<axum::Json<Conversation>, Problem> {
    let changed = conversations::change(&app, &actor, id, request.into_change()).await?;
    Ok(axum::Json(changed.into()))
}

/// How a conversation is deleted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeleteQuery {
    /// True: for good, not to the trash.
    #[serde(default)]
    permanent: bool,
}

/// Moves a conversation to the trash, or ends it for good
///
/// From the trash it can be restored for 30 days. Running answers are stopped.
#[utoipa::path(
    delete, path = "/conversations/{id}", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation"), DeleteQuery),
    responses((status = 204, description = "It is gone"), super::openapi::Refused),
)]
async fn delete_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Query(query): Query<DeleteQuery>,
) -> Result<StatusCode, Problem> {
    if query.permanent {
        conversations::end(&app, &actor, id).await?;
    } else {
        conversations::delete(&app, &actor, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a conversation out of the trash
#[utoipa::path(
    post, path = "/conversations/{id}/restore", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation", body = Conversation), super::openapi::Refused),
)]
async fn restore_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<axum::Json<Conversation>, Problem> {
    Ok(axum::Json(conversations::restore(&app, &actor, id).await?.into()))
}

/// What a conversation is called.
#[derive(Debug, Default, Deserialize, ToSchema)]
struct Title {
    /// 1 to 200 characters.
    #[schema(required = true, nullable = false, min_length = 1, max_length = 200)]
    title: Option<String>,
}

/// Gives a conversation a title
///
/// The title comes as JSON, or as `?title=` from clients that send no body.
#[utoipa::path(
    put, path = "/conversations/{id}/title", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation")),
    request_body = Title,
    responses((status = 200, description = "The conversation", body = Conversation), super::openapi::Refused),
)]
async fn rename_conversation(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    Query(query): Query<Title>,
    body: Option<Json<Title>>,
) -> Result<axum::Json<Conversation>, Problem> {
    let title = body.and_then(|Json(body)| body.title).or(query.title).unwrap_or_default();
    let change = Change { title: Some(title), ..Change::default() };
    Ok(axum::Json(conversations::change(&app, &actor, id, change).await?.into()))
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// How many, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,16}$")]
    cursor: Option<String>,
    /// True: all branches, from the oldest message on.
    #[serde(default)]
    tree: bool,
}

/// Lists what was said, oldest first
///
/// The newest page of the visible branch; the next page lies further up. With `?tree=true` all branches, and the next
/// page holds what was said later.
#[utoipa::path(
    get, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation"), MessagesQuery),
    responses(
        (status = 200, description = "A page; the next one is in `Link`", body = Vec<Message>),
        super::openapi::Refused,
    ),
)]
async fn list_messages(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<MessagesQuery>,
) -> Result<Response, Problem> {
    let limit = pages::limit(query.limit)?;
    let cursor = query.cursor.as_deref().map(pages::id_cursor).transpose()?.map(MessageId);
    let page = if query.tree {
        conversations::tree(&app, &actor, id, cursor, limit).await?
    } else {
        conversations::branch(&app, &actor, id, Branch { leaf: cursor, limit }).await?
    };
    Ok(pages::respond(&uri, page, Message::from))
}

/// Downloads a conversation as JSON, all branches
#[utoipa::path(
    get, path = "/conversations/{id}/export.json", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation")),
    responses((status = 200, description = "All of it", body = ConversationDetail), super::openapi::Refused),
)]
async fn export_conversation_json(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Response, Problem> {
    let export = conversations::export(&app, &actor, id).await?;
    let name = [(header::CONTENT_DISPOSITION, format!("attachment; filename=\"conversation-{id}.json\""))];
    Ok((name, axum::Json(ConversationDetail::from(export))).into_response())
}

/// Downloads the visible branch as Markdown
#[utoipa::path(
    get, path = "/conversations/{id}/export.md", tag = "conversations",
    params(("id" = i64, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The visible branch", body = String, content_type = "text/markdown"),
        super::openapi::Refused,
    ),
)]
async fn export_conversation_markdown(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<ConversationId>,
) -> Result<Response, Problem> {
    let export = conversations::export(&app, &actor, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"conversation-{id}.md\"")),
    ];
    Ok((headers, export.markdown()).into_response())
}
