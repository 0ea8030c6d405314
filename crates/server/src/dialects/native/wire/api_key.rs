//! An API key on the wire.

use serde::{Deserialize, Serialize};
use services::{
    accounts::{MadeKey, NewKey},
    domain::{self, Scope, Timestamp},
};
use utoipa::ToSchema;

use super::rfc3339;
use crate::http::problem::Problem;

/// What a key is good for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyScope {
    /// The API that OpenAI's clients speak, under `/v1`.
    #[serde(rename = "openai")]
    OpenAi,
    /// Reading by the other APIs.
    Read,
    /// Changing and sending by the other APIs. What one sends may be answered with what is stored.
    Write,
}

impl From<Scope> for KeyScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::OpenAi => Self::OpenAi,
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
        }
    }
}

impl From<KeyScope> for Scope {
    fn from(scope: KeyScope) -> Self {
        match scope {
            KeyScope::OpenAi => Self::OpenAi,
            KeyScope::Read => Self::Read,
            KeyScope::Write => Self::Write,
        }
    }
}

/// A key by which a program asks in the account's name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKey {
    id: i64,
    name: String,
    /// How the key begins.
    prefix: String,
    /// What it is good for.
    scopes: Vec<KeyScope>,
    #[schema(format = DateTime)]
    created_at: String,
    /// From when on it is good for nothing.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, to the minute.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
}

impl From<domain::ApiKey> for ApiKey {
    fn from(key: domain::ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.into_iter().map(KeyScope::from).collect(),
            created_at: rfc3339(key.created_at),
            expires_at: key.expires_at.map(rfc3339),
            last_used_at: key.last_used_at.map(rfc3339),
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    #[serde(flatten)]
    about: ApiKey,
    /// The key itself: it is shown this once.
    key: String,
}

impl From<MadeKey> for CreatedApiKey {
    fn from(made: MadeKey) -> Self {
        Self { about: made.about.into(), key: made.key }
    }
}

/// What a new key should be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewApiKey {
    /// The account's password.
    #[schema(format = Password)]
    current_password: String,
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it is good for.
    #[serde(default = "only_openai")]
    #[schema(default = json!(["openai"]), min_items = 1)]
    scopes: Vec<KeyScope>,
    /// From when on it is good for nothing; without it, it is good until it is revoked.
    #[schema(
        format = DateTime,
        pattern = r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])$"
    )]
    expires_at: Option<String>,
}

fn only_openai() -> Vec<KeyScope> {
    vec![KeyScope::OpenAi]
}

impl NewApiKey {
    pub(crate) fn read(self) -> Result<NewKey, Problem> {
        let expires_at = self.expires_at.map(|text| moment(&text)).transpose()?;
        Ok(NewKey {
            current_password: self.current_password,
            name: self.name,
            scopes: self.scopes.into_iter().map(Scope::from).collect(),
            expires_at,
        })
    }
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(|at| Timestamp(at.as_millisecond()))
        .map_err(|_| Problem::invalid("/expires_at", "must be a time such as 2030-01-31T12:00:00Z"))
}
