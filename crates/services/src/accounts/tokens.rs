//! The two kinds of token: an access token that says who and through which session, and a refresh token that says
//! nothing but is worth the next pair.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{LoginId, Timestamp, User, UserId, time::SECOND_MS};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::keys::Keys;
use crate::{Error, Result};

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 5;
/// The one type of token that is signed.
const ACCESS: &str = "access";
/// Longer than any token of ours.
const MAX_LENGTH: usize = 4096;

/// What an access token says. Clients read the spellings that they know.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: LoginId,
    r#gen: i64,
    jti: String,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing)]
    nbf: Option<i64>,
    r#type: String,
    dialect: String,
    /// As 24 hex digits.
    #[serde(rename = "userId")]
    hex_id: String,
    user_id: UserId,
    username: String,
}

/// What an access token that we signed says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) user: UserId,
    pub(super) login: LoginId,
    pub(super) generation: i64,
    /// Whether its time has come and not gone.
    pub(super) is_current: bool,
}

/// An access token for a login session.
pub(super) struct Grant<'a> {
    pub(super) user: &'a User,
    pub(super) login: LoginId,
    pub(super) generation: i64,
    pub(super) dialect: &'a str,
    pub(super) now: Timestamp,
    pub(super) seconds: i64,
}

impl Grant<'_> {
    pub(super) fn sign(&self, keys: &Keys) -> Result<String> {
        let id = self.user.id;
        let issued_at = self.now.0.div_euclid(SECOND_MS);
        let claims = Claims {
            sub: id.to_string(),
            sid: self.login,
            r#gen: self.generation,
            jti: hex(&rand::random::<[u8; 16]>()),
            iat: issued_at,
            exp: issued_at + self.seconds,
            nbf: None,
            r#type: ACCESS.to_owned(),
            dialect: self.dialect.to_owned(),
            hex_id: format!("{:024x}", id.0),
            user_id: id,
            username: self.user.username.clone(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &keys.sign).map_err(Error::internal)
    }
}

/// Reads an access token; `None` if we did not sign it as one.
pub(super) fn read_access(keys: &Keys, token: &str, now: Timestamp) -> Option<Access> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let mut validation = Validation::new(Algorithm::HS256);
    // The times are compared with the clock of the app, below.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &keys.check, &validation).ok()?.claims;
    if claims.r#type != ACCESS || claims.sub != claims.user_id.to_string() {
        return None;
    }
    let now = now.0.div_euclid(SECOND_MS);
    Some(Access {
        user: claims.user_id,
        login: claims.sid,
        generation: claims.r#gen,
        is_current: now < claims.exp + LEEWAY && claims.nbf.is_none_or(|from| from <= now + LEEWAY),
    })
}

/// A refresh token: the session that it belongs to and 256 bits that nobody can guess.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Refresh {
    pub(super) login: LoginId,
    secret: [u8; 32],
}

impl Refresh {
    /// The first of a family.
    pub(super) fn new(login: LoginId) -> Self {
        Self { login, secret: rand::random() }
    }

    /// The one that follows.
    pub(super) fn successor(&self, keys: &Keys) -> Self {
        Self { login: self.login, secret: keys.successor(&self.bytes()) }
    }

    /// As it is stored.
    pub(super) fn hash(&self) -> String {
        hex(&hash(&self.bytes()))
    }

    /// As the client keeps it.
    pub(super) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// Reads what a client kept.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 40] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (login, secret) = bytes.split_first_chunk::<8>()?;
        Some(Self { login: LoginId(i64::from_be_bytes(*login)), secret: secret.try_into().ok()? })
    }

    fn bytes(&self) -> [u8; 40] {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&self.login.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.secret);
        bytes
    }
}

/// The hash under which a secret is kept.
pub(crate) fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Two hex digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn keys() -> Keys {
        let mut config = Config::default();
        config.auth.secret = Some("0123456789abcdefghijklmnopqrstuvwxyz".into());
        Keys::open(&config).unwrap()
    }

    fn ada() -> User {
        User {
            id: UserId(42),
            username: "ada".into(),
            email: "ada@x.tn".into(),
            full_name: None,
            role: domain::UserRole::User,
            is_active: true,
            is_verified: false,
            created_at: Timestamp(0),
            last_login: None,
            preferences: "{}".into(),
        }
    }

    fn token(keys: &Keys, now: Timestamp) -> String {
        let grant =
            Grant { user: &ada(), login: LoginId(7), generation: 3, dialect: "native", now, seconds: 60 };
        grant.sign(keys).unwrap()
    }

    #[test]
    fn an_access_token_says_who_and_until_when() {
        let keys = keys();
        let now = Timestamp(1_800_000_000_000);
        let read = |later_ms| read_access(&keys, &token(&keys, now), now.plus_ms(later_ms)).unwrap();
        assert_eq!(read(0), Access { user: UserId(42), login: LoginId(7), generation: 3, is_current: true });
        assert!(read(64_000).is_current && !read(66_000).is_current);
    }

    #[test]
    fn a_token_that_we_did_not_sign_says_nothing() {
        let keys = keys();
        let now = Timestamp(1_800_000_000_000);
        let good = token(&keys, now);
        let (head, signature) = good.rsplit_once('.').unwrap();
        let payload = head.split_once('.').unwrap().1;
        let header = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let other = EncodingKey::from_secret(b"another-key-another-key-another-key");
        let claims = |json: serde_json::Value| {
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &json, &keys.sign).unwrap()
        };
        let refused = [
            format!("{}.{payload}.", header(r#"{"alg":"none"}"#)),
            format!("{}.{payload}.{signature}", header(r#"{"alg":"none"}"#)),
            format!("{}.{payload}.{signature}", header(r#"{"alg":"nOnE"}"#)),
            format!("{}.{payload}.{signature}", header(r#"{"alg":"RS256"}"#)),
            format!("{}.{payload}.{signature}", header(r#"{"alg":"HS256","kid":"../../dev/null"}"#)),
            format!("{head}."),
            head.to_owned(),
            format!("{head}.{}", URL_SAFE_NO_PAD.encode([0; 32])),
            jsonwebtoken::encode(&Header::new(Algorithm::HS512), &serde_json::json!({}), &keys.sign).unwrap(),
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &serde_json::json!({"sub": "42"}), &other)
                .unwrap(),
            claims(serde_json::json!({"sub": "42", "exp": 9_999_999_999_i64, "type": "access"})),
            claims(
                serde_json::json!({"sub": "42", "sid": 7, "gen": 1, "jti": "", "iat": 0, "exp": 9_999_999_999_i64,
                "type": "refresh", "dialect": "native", "userId": "", "user_id": 42, "username": ""}),
            ),
            claims(
                serde_json::json!({"sub": "42", "sid": 7, "gen": 1, "jti": "", "iat": 0, "exp": 9_999_999_999_i64,
                "aud": "other", "type": "access", "dialect": "native", "userId": "", "user_id": 42, "username": ""}),
            ),
            "x".repeat(1 << 20),
        ];
        for token in refused {
            assert_eq!(read_access(&keys, &token, now), None, "{}", &token[..token.len().min(200)]);
        }
    }

    use jsonwebtoken::EncodingKey;

    #[test]
    fn a_refresh_token_is_read_as_it_was_written() {
        let first = Refresh::new(LoginId(7));
        let read = Refresh::parse(&first.text()).unwrap();
        assert_eq!((read.login, read.hash()), (LoginId(7), first.hash()));
        let next = first.successor(&keys());
        assert_eq!(next.text(), read.successor(&keys()).text());
        assert_ne!(next.hash(), first.hash());
        for bad in ["", "x", &first.text()[1..], &format!("{}A", first.text())] {
            assert!(Refresh::parse(bad).is_none());
        }
    }
}
