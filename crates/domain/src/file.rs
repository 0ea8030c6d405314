//! What a person hands to a model beside words: an image, or a text of any kind.

use serde::{Deserialize, Serialize};

use crate::{FileId, Timestamp, UserId, text_enum};

text_enum! {
    /// What is done with a file.
    pub enum FileKind {
        /// Shown as a picture; goes to models that see.
        Image = "image",
        /// UTF-8 text, also code and data: becomes part of the prompt.
        Text = "text",
    }
}

/// What a message says of a file that goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file.
    pub id: FileId,
    /// What its owner calls it.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its media type, as its content tells: `image/png`, `text/plain` …
    pub media_type: String,
    /// How large it is, in bytes.
    pub bytes: i64,
    /// Of an image: its width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Of an image: its height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What a message says of it.
    pub attachment: Attachment,
    /// Who brought it; none once that account has ended and somebody else's copy of a conversation still uses it.
    pub owner: Option<UserId>,
    /// The SHA-256 of its content, as 64 hex digits: where the content lies.
    pub hash: String,
    /// When it was brought.
    pub created_at: Timestamp,
    /// Whether a message uses it.
    pub is_used: bool,
}
