//! What payment gateways call. Whatever it says only makes us ask the gateway; the answer tells a stranger nothing.

use axum::{
    Json,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    App,
    billing::{self, Callback},
};

use crate::http::{problem::Problem, routes::Routes};

/// Paths under these are never pages of the web app.
pub(crate) const PREFIXES: [&str; 1] = ["/webhooks"];

/// The most of a body that is looked at, in bytes.
const BODY_BYTES: usize = 16 * 1024;

pub(crate) fn routes() -> Routes {
    Routes::default().get("/webhooks/konnect", konnect).post("/webhooks/konnect", konnect)
}

/// What Konnect calls: `GET` with `payment_ref` in the address, beside what we put there.
async fn konnect(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    take(&app, request, false).await
}

/// What a callback says, in the spellings that were seen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Words {
    #[serde(alias = "paymentRef")]
    payment_ref: Option<String>,
    #[serde(alias = "orderId")]
    order: Option<String>,
    token: Option<String>,
}

/// Takes a callback of Konnect. A browser is sent on to the page that shows what came of the order.
pub(crate) async fn take(app: &App, request: Request, may_lack_token: bool) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let asked = Query::<Words>::try_from_uri(&parts.uri).map(|Query(words)| words).unwrap_or_default();
    let told = words_of(body).await;
    let callback = Callback {
        gateway: "konnect".into(),
        payment_ref: asked.payment_ref.or(told.payment_ref),
        order: asked.order.or(told.order),
        token: asked.token,
        may_lack_token,
    };
    let called = billing::called(app, callback).await?;
    if is_browser(&parts.headers) {
        let page = billing::return_page(called.order.as_deref());
        let location = HeaderValue::from_str(&page).map_err(|_| Problem::internal())?;
        let unkept = HeaderValue::from_static("no-store");
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::CACHE_CONTROL, unkept)])
            .into_response());
    }
    Ok(Json(json!({ "success": true })).into_response())
}

/// What a body of JSON says; nothing, if it is none.
async fn words_of(body: Body) -> Words {
    let Ok(bytes) = axum::body::to_bytes(body, BODY_BYTES).await else { return Words::default() };
    let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let word = |names: [&str; 2]| names.iter().find_map(|name| said[*name].as_str()).map(str::to_owned);
    Words { payment_ref: word(["payment_ref", "paymentRef"]), order: word(["order", "orderId"]), token: None }
}

fn is_browser(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| {
        accept.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == "text/html")
    })
}
