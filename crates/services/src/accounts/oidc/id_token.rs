//! An ID token: what a service signed about who came.
//!
//! Signed by a key of the service, of a kind that only the service can sign with; made by it, for us, for this very try,
//! and not long ago.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Timestamp, time::SECOND_MS};
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation,
    jwk::{Jwk, PublicKeyUse},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{super::tokens, person::Person};

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 60;
/// The longest token that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// The longest subject.
const SUBJECT_BYTES: usize = 255;

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// None of the keys is the one that it names.
    #[error("its ID token is signed with a key that it does not publish")]
    NoSuchKey,
    /// Something else.
    #[error("its ID token {0}")]
    Because(&'static str),
}

/// What a token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    #[serde(flatten)]
    pub(super) person: Person,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What the token says, if it can be believed.
pub(super) fn check(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Refused> {
    let because = |why| Err(Refused::Because(why));
    if token.len() > MAX_BYTES {
        return because("is too long");
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Because("cannot be read"))?;
    if matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) {
        return because("is signed in a way that anybody with the client's secret can");
    }
    let key = key_of(&header, keys).ok_or(Refused::NoSuchKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Refused::NoSuchKey)?;
    let mut validation = Validation::new(header.alg);
    // What it says is compared below, with the clock of the app.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .map_err(|_| Refused::Because("has no good signature or lacks what it must say"))?
        .claims;

    let audience = claims.aud.list();
    let is_ours = |id: &String| id == expected.client_id;
    let now = expected.now.0.div_euclid(SECOND_MS);
    if claims.iss != expected.issuer {
        return because("is another service's");
    }
    if !audience.iter().any(is_ours) || !claims.azp.as_ref().is_none_or(is_ours) {
        return because("was made for another client");
    }
    if audience.len() > 1 && claims.azp.is_none() {
        return because("does not say for which of several clients it was made");
    }
    if claims.exp <= now - LEEWAY {
        return because("has expired");
    }
    if claims.iat > now + LEEWAY || claims.nbf.is_some_and(|from| from > now + LEEWAY) {
        return because("comes from the future");
    }
    // Compared as hashes, so that the time tells nothing.
    let hashed = |text: &str| tokens::hash(text.as_bytes());
    if claims.nonce.as_deref().is_none_or(|nonce| hashed(nonce) != hashed(expected.nonce)) {
        return because("was made for another try");
    }
    if let (Some(hash), Some(token)) = (&claims.at_hash, expected.access_token)
        && *hash != half_hash(header.alg, token)
    {
        return because("belongs to another access token");
    }
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_BYTES || claims.sub.contains(char::is_control) {
        return because("does not say who somebody is");
    }
    Ok(claims)
}

/// The key that a token says it is signed with, or the only one that it can be signed with.
fn key_of<'a>(header: &Header, keys: &'a [Jwk]) -> Option<&'a Jwk> {
    let mut fitting = keys.iter().filter(|key| {
        let common = &key.common;
        common.public_key_use.as_ref().is_none_or(|is_for| *is_for == PublicKeyUse::Signature)
            && common
                .key_algorithm
                .is_none_or(|algorithm| algorithm.to_string() == format!("{:?}", header.alg))
            && header.kid.as_ref().is_none_or(|kid| common.key_id.as_ref() == Some(kid))
    });
    let first = fitting.next()?;
    if header.kid.is_none() && fitting.next().is_some() { None } else { Some(first) }
}

/// The left half of the hash that goes with an algorithm, as `at_hash` writes it.
fn half_hash(algorithm: Algorithm, token: &str) -> String {
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    match algorithm {
        Algorithm::ES384 | Algorithm::RS384 | Algorithm::PS384 => half(&Sha384::digest(token)),
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => half(&Sha512::digest(token)),
        _ => half(&Sha256::digest(token)),
    }
}
