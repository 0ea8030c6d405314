//! Parameters: ids in the path, options in the query.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use services::{
    Error,
    domain::{
        ApiKeyId, ConversationId, FileId, GroupId, IdentityId, InvitationId, LoginId, MessageId, NoteId,
        TurnId, UserId,
    },
};

use crate::http::problem::Problem;

/// The id in the path, or the two of them, in any of their spellings. What is no id names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<T>(pub(crate) T);

/// The options in the query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<T>(pub(crate) T);

/// An id that a path can hold.
pub(crate) trait Named: std::str::FromStr {
    /// What it is the id of.
    const NOUN: &'static str;
}

impl Named for ConversationId {
    const NOUN: &'static str = "conversation";
}
impl Named for MessageId {
    const NOUN: &'static str = "message";
}
impl Named for GroupId {
    const NOUN: &'static str = "group";
}
impl Named for FileId {
    const NOUN: &'static str = "file";
}
impl Named for TurnId {
    const NOUN: &'static str = "turn";
}
impl Named for ApiKeyId {
    const NOUN: &'static str = "API key";
}
impl Named for InvitationId {
    const NOUN: &'static str = "invitation";
}
impl Named for NoteId {
    const NOUN: &'static str = "note";
}
impl Named for UserId {
    const NOUN: &'static str = "user";
}
impl Named for IdentityId {
    const NOUN: &'static str = "linked account";
}
impl Named for LoginId {
    const NOUN: &'static str = "login session";
}

impl<T: Named, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let id =
            params.as_ref().and_then(|params| params.iter().next()).and_then(|(_, text)| text.parse().ok());
        id.map(Self).ok_or_else(|| Error::NotFound(T::NOUN).into())
    }
}

impl<A: Named, B: Named, S: Send + Sync> FromRequestParts<S> for Path<(A, B)> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let mut texts = params.iter().flat_map(|params| params.iter()).map(|(_, text)| text);
        let first = texts.next().and_then(|text| text.parse().ok()).ok_or(Error::NotFound(A::NOUN))?;
        let second = texts.next().and_then(|text| text.parse().ok()).ok_or(Error::NotFound(B::NOUN))?;
        Ok(Self((first, second)))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(Problem::invalid("", "The query may not hold the character U+0000"));
        }
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => {
                // "Failed to deserialize query string: limit: invalid digit found in string"
                let text = rejection.body_text();
                let text = text.split_once(": ").map_or(text.as_str(), |(_, text)| text);
                Err(match text.split_once(": ") {
                    Some((name, message)) => Problem::invalid(name, format!("cannot be read: {message}")),
                    None => Problem::invalid("", format!("The query cannot be read: {text}")),
                })
            }
        }
    }
}
