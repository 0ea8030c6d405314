//! Files that go with messages: bringing them, reading them, taking them back.

use axum::{
    Json,
    body::Body,
    extract::{DefaultBodyLimit, RawPathParams, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use services::{
    App, Error,
    domain::{FileId, FileKind},
    files::{self, Content},
};
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire::file::File;
use crate::http::{
    disposition,
    extract::{Caller, Path},
    problem::Problem,
    upload,
};

/// How much is read at once.
const PIECE_BYTES: usize = 64 * 1024;
/// A content never changes: what was read once is good for ever, for the one who may read it.
const FOREVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// A link may end: it is asked again each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Opened by itself, it can do nothing.
const HARMLESS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

pub(super) fn router() -> OpenApiRouter<App> {
    let taking = OpenApiRouter::new().routes(routes!(upload_file)).layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .merge(taking)
        .routes(routes!(read_file, discard_file))
        .routes(routes!(read_file_content))
        .routes(routes!(read_shared_file))
}

/// A file to be kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: it is read piece by piece")]
struct UploadForm {
    /// An image (PNG, JPEG, GIF, WebP) or a text in UTF-8, with its name; not an empty one.
    #[schema(value_type = String, min_length = 1)]
    file: Vec<u8>,
}

/// Brings a file
///
/// What it is, its content tells, not its name: an image (PNG, JPEG, GIF, WebP), or a text in UTF-8 of any kind, such as
/// code, Markdown, CSV, JSON and SVG. Send its id in `attachments` of a message; one that is never sent goes after a day.
/// `GET /api/v1/instance` says how large it may be.
#[utoipa::path(
    post, path = "/files", tag = "files",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The file", body = File), super::openapi::Refused),
)]
async fn upload_file(
    State(app): State<App>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<File>), Problem> {
    let file = upload::receive(&app, &actor, request).await?;
    Ok((StatusCode::CREATED, Json(file.into())))
}

/// Reads what is known of a file
#[utoipa::path(
    get, path = "/files/{id}", tag = "files",
    params(("id" = i64, Path, description = "The file")),
    responses((status = 200, description = "The file", body = File), super::openapi::Refused),
)]
async fn read_file(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<FileId>,
) -> Result<Json<File>, Problem> {
    Ok(Json(files::find(&app, &actor, id).await?.into()))
}

/// Takes a file back that was never sent
///
/// One that belongs to a message stays as long as the message does: 409.
#[utoipa::path(
    delete, path = "/files/{id}", tag = "files",
    params(("id" = i64, Path, description = "The file")),
    responses((status = 204, description = "It is gone"), super::openapi::Refused),
)]
async fn discard_file(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<FileId>,
) -> Result<StatusCode, Problem> {
    files::discard(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what a file holds
///
/// An image is shown by browsers, everything else is a download of plain text. It never changes.
#[utoipa::path(
    get, path = "/files/{id}/content", tag = "files",
    params(("id" = i64, Path, description = "The file")),
    responses(
        (status = 200, description = "What it holds", content(
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/gif"),
            (Vec<u8> = "image/webp"),
            (String = "text/plain"),
        )),
        (status = 304, description = "It is what `If-None-Match` names"),
        super::openapi::Refused,
    ),
)]
async fn read_file_content(
    State(app): State<App>,
    Caller(actor): Caller,
    Path(id): Path<FileId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(serve(files::read(&app, &actor, id).await?, &headers, FOREVER))
}

/// Reads what a file of a shared conversation holds
///
/// The link's token is the only way to it without signing in; it ends with the link.
#[utoipa::path(
    get, path = "/shared/{token}/files/{id}", tag = "sharing", security(()),
    params(
        ("token" = String, Path, description = "What the link ends with"),
        ("id" = i64, Path, description = "The file"),
    ),
    responses(
        (status = 200, description = "What it holds", content(
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/gif"),
            (Vec<u8> = "image/webp"),
            (String = "text/plain"),
        )),
        (status = 304, description = "It is what `If-None-Match` names"),
        super::openapi::Refused,
    ),
)]
async fn read_shared_file(
    State(app): State<App>,
    params: RawPathParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = params.iter().map(|(_, text)| text);
    let token = params.next().unwrap_or_default();
    let id: Option<FileId> = params.next().and_then(|text| text.parse().ok());
    let id = id.ok_or(Error::NotFound("file"))?;
    let mut response = serve(files::read_shared(&app, token, id).await?, &headers, ASK_AGAIN);
    let robots = (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response.headers_mut().insert(robots.0, robots.1);
    Ok(response)
}

/// What a file holds, or 304 if the client has it.
fn serve(content: Content, asked: &HeaderMap, cache: HeaderValue) -> Response {
    let Content { file, reader } = content;
    let etag = format!("\"{}\"", &file.hash[..32]);
    let names = |value: &HeaderValue| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').any(|one| one.trim().trim_start_matches("W/") == etag))
    };
    let mut response = if asked.get_all(header::IF_NONE_MATCH).iter().any(names) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from_stream(ReaderStream::with_capacity(reader, PIECE_BYTES)).into_response()
    };
    let is_whole = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::CONTENT_SECURITY_POLICY, HARMLESS);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if !is_whole {
        return response;
    }
    let (media_type, how) = match file.attachment.kind {
        FileKind::Image => (HeaderValue::from_str(&file.attachment.media_type).ok(), "inline"),
        FileKind::Text => (Some(HeaderValue::from_static("text/plain; charset=utf-8")), "attachment"),
    };
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.attachment.bytes));
    headers.insert(header::CONTENT_DISPOSITION, disposition::of(how, &file.attachment.name));
    response
}
