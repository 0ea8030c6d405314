//! A key that ID tokens are signed with, and the ways in which they are signed wrongly.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use super::Signature;

/// What stands before the 32 random bytes of an Ed25519 key (PKCS #8).
const ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

pub(super) struct Key {
    name: String,
    key: EncodingKey,
}

impl Key {
    pub(super) fn new() -> Self {
        Self { name: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 8]>()), key: some_key() }
    }

    pub(super) fn published(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA).expect("a key that was made here");
        key.common.key_id = Some(self.name.clone());
        json!(key)
    }

    pub(super) fn sign(&self, claims: &Value, how: &Signature) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.name.clone());
        let key = match how {
            Signature::Published => self.key.clone(),
            Signature::Forged => some_key(),
            Signature::Unpublished => {
                header.kid = Some("unpublished".into());
                some_key()
            }
            Signature::None => {
                let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
                return format!("{}.{}.", part(&json!({ "alg": "none", "kid": self.name })), part(claims));
            }
            Signature::Secret(secret) => {
                header.alg = Algorithm::HS256;
                EncodingKey::from_secret(secret.as_bytes())
            }
        };
        jsonwebtoken::encode(&header, claims, &key).expect("claims can be signed")
    }
}

fn some_key() -> EncodingKey {
    let mut der = ED25519.to_vec();
    der.extend(rand::random::<[u8; 32]>());
    EncodingKey::from_ed_der(&der)
}
