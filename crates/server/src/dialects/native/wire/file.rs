//! A file on the wire.

use serde::Serialize;
use services::domain;
use utoipa::ToSchema;

use super::rfc3339;

/// What is done with a file.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileKind {
    /// Shown as a picture; goes to models that see.
    Image,
    /// UTF-8 text, also code and data: becomes part of the prompt.
    Text,
}

impl From<domain::FileKind> for FileKind {
    fn from(kind: domain::FileKind) -> Self {
        match kind {
            domain::FileKind::Image => Self::Image,
            domain::FileKind::Text => Self::Text,
        }
    }
}

/// A file that goes with a message. `GET /api/v1/files/{id}/content` is what it holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Attachment {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: FileKind,
    /// As its content tells: `image/png`, `image/jpeg`, `image/gif`, `image/webp` or `text/plain`.
    pub(crate) media_type: String,
    /// In bytes.
    pub(crate) size: i64,
    /// Of an image: in pixels.
    #[schema(required = true)]
    pub(crate) width: Option<i64>,
    /// Of an image: in pixels.
    #[schema(required = true)]
    pub(crate) height: Option<i64>,
}

impl From<domain::Attachment> for Attachment {
    fn from(file: domain::Attachment) -> Self {
        let domain::Attachment { id, name, kind, media_type, bytes, width, height } = file;
        Self { id: id.0, name, kind: kind.into(), media_type, size: bytes, width, height }
    }
}

/// A file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct File {
    #[serde(flatten)]
    attachment: Attachment,
    #[schema(format = DateTime)]
    created_at: String,
    /// A message uses it: it stays as long as the message does. One that is never sent goes after a day.
    used: bool,
}

impl From<domain::File> for File {
    fn from(file: domain::File) -> Self {
        Self { created_at: rfc3339(file.created_at), used: file.is_used, attachment: file.attachment.into() }
    }
}

/// What can be sent.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct FileLimits {
    /// The largest image, in bytes.
    #[schema(value_type = i64)]
    image_bytes: u64,
    /// The largest text, in bytes.
    #[schema(value_type = i64)]
    text_bytes: u64,
    /// How many files may go with one message.
    #[schema(value_type = i64)]
    per_message: usize,
}

impl From<&services::config::Files> for FileLimits {
    fn from(files: &services::config::Files) -> Self {
        Self { image_bytes: files.image_bytes, text_bytes: files.text_bytes, per_message: files.per_message }
    }
}
