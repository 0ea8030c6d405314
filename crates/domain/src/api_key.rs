//! A key by which a program asks in an account's name.

use crate::{ApiKeyId, Timestamp};

/// The longest name, in characters.
pub const NAME_CHARS: usize = 100;

crate::text_enum! {
    /// What a key is good for.
    pub enum Scope {
        /// The API that OpenAI's clients speak, under `/v1`.
        OpenAi = "openai",
        /// Reading by the other APIs.
        Read = "read",
        /// Changing and sending by the other APIs.
        Write = "write",
    }
}

/// A key, as its owner sees it. The key itself is shown once and kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: String,
    /// How it begins, so that its owner knows it again.
    pub prefix: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is good for nothing, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}
