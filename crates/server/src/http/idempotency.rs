//! The header `Idempotency-Key`, which makes sending twice sending once.

use axum::http::{HeaderMap, Uri};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::Serialize;
use services::{Error, chat::IdempotencyKey};
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use super::problem::Problem;

/// How the document describes the header.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "a description, never made")]
pub(crate) struct IdempotencyHeader {
    /// Makes sending twice sending once.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]{1,255}$"
    )]
    idempotency_key: String,
}

/// The key of a request, with what it protects.
pub(crate) fn idempotency_key<T: Serialize>(
    headers: &HeaderMap,
    uri: &Uri,
    body: &T,
) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    let Some(key) = key else {
        return Err(Error::invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters").into());
    };
    let body = serde_json::to_vec(body).map_err(Error::internal)?;
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&body));
    Ok(Some(IdempotencyKey { key: key.to_owned(), route: uri.path().to_owned(), body_hash: hash }))
}
