//! Notes that members write beside a conversation.

use axum::{
    Json as Answer,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use services::{
    App,
    domain::{ConversationId, NoteId},
    notes,
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pages,
    wire::note::{NewNote, Note},
};
use crate::http::{
    extract::{Caller, Json, Path, Query},
    idempotency::{IdempotencyHeader, idempotency_key},
    problem::Problem,
};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_notes, create_note)).routes(routes!(delete_note))
}

/// Which notes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NotesQuery {
    /// How many, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// Where the last page ended.
    #[param(pattern = "^[0-9]{1,16}$")]
    cursor: Option<String>,
}

/// Lists the notes of a conversation, oldest first
#[utoipa::path(
    get, path = "/conversations/{id}/notes", tag = "notes",
    params(("id" = i64, Path, description = "The conversation"), NotesQuery),
    responses(
        (status = 200, description = "A page; the next one is in `Link`", body = Vec<Note>),
        super::openapi::Refused,
    ),
)]
async fn list_notes(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<ConversationId>,
    Query(query): Query<NotesQuery>,
) -> Result<Response, Problem> {
    let limit = pages::limit(query.limit)?;
    let after = query.cursor.as_deref().map(pages::id_cursor).transpose()?.map(NoteId);
    let page = notes::list(&app, &actor, id, after, limit).await?;
    Ok(pages::respond(&uri, page, Note::from))
}

/// Writes a note
///
/// For the members of the conversation; no model reads it, and no link shows it. Viewers may not. It goes with its message.
#[utoipa::path(
    post, path = "/conversations/{id}/notes", tag = "notes",
    params(
        ("id" = i64, Path, description = "The conversation"), IdempotencyHeader,
    ),
    request_body = NewNote,
    responses((status = 201, description = "The note", body = Note), super::openapi::Refused),
)]
async fn create_note(
    State(app): State<App>,
    Caller(actor): Caller,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<ConversationId>,
    headers: HeaderMap,
    Json(request): Json<NewNote>,
) -> Result<(StatusCode, Answer<Note>), Problem> {
    let key = idempotency_key(&headers, &uri, &request)?;
    let made = notes::create(&app, &actor, id, request.into_new(key)).await?;
    Ok((StatusCode::CREATED, Answer(made.into())))
}

/// Deletes a note
///
/// Its author may, and the owner of the conversation.
#[utoipa::path(
    delete, path = "/notes/{id}", tag = "notes",
    params(("id" = i64, Path, description = "The note")),
    responses((status = 204, description = "It is gone"), super::openapi::Refused),
)]
async fn delete_note(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<NoteId>,
) -> Result<StatusCode, Problem> {
    notes::delete(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
