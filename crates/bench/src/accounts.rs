//! The people who ask, and what they send.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::http::{Connection, request};

/// Somebody who has an account.
#[derive(Clone)]
pub(crate) struct Account {
    /// The account's id.
    pub(crate) id: i64,
    authorization: String,
}

impl Account {
    /// Makes one.
    pub(crate) async fn register(server: SocketAddr, name: &str) -> Result<Self> {
        let body = json!({ "username": name, "email": format!("{name}@example.org"), "password": "correct horse battery" });
        let asked = request("POST", "/api/v1/auth/register", &[], &body.to_string());
        let (status, answer) = Connection::open(server).await?.ask(&asked).await?;
        if status != 201 {
            bail!("cannot register: {status} {}", String::from_utf8_lossy(&answer));
        }
        let answer: Value = serde_json::from_slice(&answer)?;
        let token = answer["access_token"].as_str().context("no token")?;
        Ok(Self { id: answer["id"].as_i64().context("no id")?, authorization: format!("Bearer {token}") })
    }

    /// A message that begins a conversation, sent as our own clients send it: with a key against sending twice.
    pub(crate) fn chat(&self, message: &str, key: u64) -> Vec<u8> {
        let body = json!({ "message": message }).to_string();
        let key = format!("bench-{key}");
        request(
            "POST",
            "/api/v1/chat",
            &[("Authorization", &self.authorization), ("Idempotency-Key", &key)],
            &body,
        )
    }

    /// What a socket says in its handshake.
    pub(crate) fn handshake(&self) -> Value {
        json!({ "token": self.authorization.trim_start_matches("Bearer ") })
    }

    /// Makes an empty conversation, in the words of the API whose sockets are measured.
    pub(crate) async fn conversation(&self, server: SocketAddr) -> Result<String> {
        let headers = [("Authorization", self.authorization.as_str())];
        let asked = request("POST", "/api/chat/conversations", &headers, "{}");
        let (status, answer) = Connection::open(server).await?.ask(&asked).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let id = answer["data"]["conversation"]["_id"].as_str();
        Ok(id.with_context(|| format!("no conversation: {status}"))?.to_owned())
    }

    /// A read.
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        request("GET", path, &[("Authorization", &self.authorization)], "")
    }
}

/// The same message, straight to the provider.
pub(crate) fn bare(message: &str) -> Vec<u8> {
    let body = json!({
        "model": "fake-1",
        "stream": true,
        "stream_options": { "include_usage": true },
        "messages": [{ "role": "user", "content": message }],
    });
    request("POST", "/v1/chat/completions", &[], &body.to_string())
}
