//! A service whose accounts sign in elsewhere, by OpenID Connect: it lets everybody in as the person that it was told, and
//! misbehaves on demand.
//!
//! It demands PKCE with S256, takes a code once, and signs with Ed25519.

mod keys;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keys::Key;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::serving::{self, Serving};

/// How an ID token is signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Signature {
    /// With the published key.
    #[default]
    Published,
    /// With another key, under the name of the published one.
    Forged,
    /// With a key of a name that is not published.
    Unpublished,
    /// Not at all: `alg` is `none`.
    None,
    /// With the client's secret.
    Secret(String),
}

/// What it does otherwise than well.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// What the ID token says otherwise; null leaves a claim out.
    pub claims: Map<String, Value>,
    /// How the ID token is signed.
    pub signature: Signature,
    /// What it says otherwise about itself.
    pub about: Map<String, Value>,
    /// What it says otherwise when it sends people back; null leaves a word out.
    pub callback: Map<String, Value>,
    /// The person is told by the userinfo endpoint alone.
    pub tells_later: bool,
    /// How long it waits with every answer.
    pub waits: Duration,
    /// Every question is answered with this status.
    pub status: Option<u16>,
}

/// A way that began here.
struct Begun {
    nonce: Value,
    challenge: String,
    redirect_uri: String,
    client: String,
    person: Value,
}

struct Desk {
    origin: String,
    person: Value,
    manners: Manners,
    key: Key,
    codes: HashMap<String, Begun>,
    asked: VecDeque<String>,
}

type Shared = Arc<Mutex<Desk>>;

/// Such a service on a port of its own, in a thread of its own. Dropping it closes the port.
pub struct FakeOidc {
    origin: String,
    desk: Shared,
    _serving: Serving,
}

impl FakeOidc {
    /// Starts one at which everybody is Ada.
    pub fn start() -> Self {
        let (listener, address) = serving::bind_any();
        let origin = format!("http://{address}");
        let desk = Arc::new(Mutex::new(Desk {
            origin: origin.clone(),
            person: json!({
                "sub": "ada-1", "email": "ada@example.org", "email_verified": true, "name": "Ada Lovelace",
            }),
            manners: Manners::default(),
            key: Key::new(),
            codes: HashMap::new(),
            asked: VecDeque::new(),
        }));
        let router = router(Arc::clone(&desk));
        let serving = Serving::start(listener, move |listener| crate::router::serve(listener, router));
        Self { origin, desk, _serving: serving }
    }

    /// What the setting `issuer` is set to.
    pub fn issuer(&self) -> String {
        self.origin.clone()
    }

    /// From now on everybody is this person: `sub`, `email`, `email_verified`, `name` …
    pub fn set_person(&self, person: Value) {
        lock(&self.desk).person = person;
    }

    /// From now on it behaves so.
    pub fn behave(&self, manners: Manners) {
        lock(&self.desk).manners = manners;
    }

    /// From now on it signs with another key, and publishes that one alone.
    pub fn change_key(&self) {
        lock(&self.desk).key = Key::new();
    }

    /// The paths that were asked for since this was called, oldest first.
    pub fn take_asked(&self) -> Vec<String> {
        lock(&self.desk).asked.drain(..).collect()
    }
}

fn router(desk: Shared) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(about))
        .route("/jwks", get(key_set))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), surround))
        .with_state(desk)
}

async fn surround(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    let manners = {
        let mut desk = lock(&desk);
        desk.asked.push_back(request.uri().path().to_owned());
        desk.manners.clone()
    };
    tokio::time::sleep(manners.waits).await;
    match manners.status.and_then(|status| StatusCode::from_u16(status).ok()) {
        Some(status) => status.into_response(),
        None => next.run(request).await,
    }
}

async fn about(State(desk): State<Shared>) -> Json<Value> {
    let desk = lock(&desk);
    let at = |path: &str| json!(format!("{}{path}", desk.origin));
    let mut said = json!({
        "issuer": at(""),
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    change(&mut said, &desk.manners.about);
    Json(said)
}

async fn key_set(State(desk): State<Shared>) -> Json<Value> {
    Json(json!({ "keys": [{ "kty": "unknown" }, lock(&desk).key.published()] }))
}

type Words = HashMap<String, String>;

async fn authorize(State(desk): State<Shared>, Query(words): Query<Words>) -> Response {
    let mut desk = lock(&desk);
    let word = |name: &str| words.get(name).cloned().unwrap_or_default();
    if word("code_challenge_method") != "S256" || word("code_challenge").is_empty() {
        return (StatusCode::BAD_REQUEST, "PKCE with S256 is required").into_response();
    }
    let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
    let begun = Begun {
        nonce: words.get("nonce").map_or(Value::Null, |nonce| json!(nonce)),
        challenge: word("code_challenge"),
        redirect_uri: word("redirect_uri"),
        client: word("client_id"),
        person: desk.person.clone(),
    };
    let to = begun.redirect_uri.clone();
    desk.codes.insert(code.clone(), begun);
    let mut said = json!({ "code": code, "state": word("state"), "iss": desk.origin });
    change(&mut said, &desk.manners.callback);
    let said: Vec<String> = said
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    (StatusCode::FOUND, [(header::LOCATION, format!("{to}?{}", said.join("&")))]).into_response()
}

async fn token(State(desk): State<Shared>, headers: HeaderMap, Form(words): Form<Words>) -> Response {
    let mut desk = lock(&desk);
    let word = |name: &str| words.get(name).cloned().unwrap_or_default();
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    let Some(begun) = desk.codes.remove(&word("code")) else { return refused("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(word("code_verifier")));
    if challenge != begun.challenge || word("redirect_uri") != begun.redirect_uri {
        return refused("invalid_grant");
    }
    if !headers.contains_key(header::AUTHORIZATION) && word("client_id") != begun.client {
        return refused("invalid_client");
    }
    let access_token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
    let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let half = &Sha512::digest(&access_token)[..32];
    let mut claims = json!({
        "iss": desk.origin, "aud": begun.client, "nonce": begun.nonce, "iat": now, "exp": now + 300,
        "at_hash": URL_SAFE_NO_PAD.encode(half), "sub": begun.person["sub"],
    });
    if !desk.manners.tells_later
        && let Some(person) = begun.person.as_object()
    {
        change(&mut claims, person);
    }
    change(&mut claims, &desk.manners.claims);
    let id_token = desk.key.sign(&claims, &desk.manners.signature);
    Json(json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 60, "id_token": id_token }))
        .into_response()
}

async fn userinfo(State(desk): State<Shared>) -> Json<Value> {
    Json(lock(&desk).person.clone())
}

/// Puts what is otherwise in its place; null takes it away.
fn change(said: &mut Value, otherwise: &Map<String, Value>) {
    let Some(said) = said.as_object_mut() else { return };
    for (name, value) in otherwise {
        if value.is_null() {
            said.remove(name);
        } else {
            said.insert(name.clone(), value.clone());
        }
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
