//! A payment gateway that looks like Konnect: version 2 of its API, a page to pay on, and calls to whoever asked for them.
//! It misbehaves on demand.
//!
//! It wants a key in `x-api-key`, takes whole numbers of a currency's smallest unit, and signs nothing.

mod calls;
mod pages;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::serving::{self, Serving};

/// What it does otherwise than well.
#[derive(Debug, Clone, Default)]
pub struct KonnectManners {
    /// What it says otherwise about a payment; null leaves a word out.
    pub says: Map<String, Value>,
    /// Every question about a payment is answered with this status.
    pub status: Option<u16>,
    /// Every question about a payment is answered with this text: a web page, half an answer.
    pub text: Option<String>,
    /// How long it waits with every answer.
    pub waits: Duration,
    /// How often it calls for each payment that is paid on its page; one time unless told otherwise.
    pub calls: Option<u32>,
    /// Whether payments are paid, and it has called, before it answers that they have begun.
    pub is_hasty: bool,
}

/// A payment.
struct Payment {
    asked_for: Value,
    status: &'static str,
    transactions: Vec<Value>,
    /// What is said otherwise about this one; null leaves a word out.
    says: Map<String, Value>,
}

struct Desk {
    origin: String,
    key: Option<String>,
    payments: BTreeMap<String, Payment>,
    manners: KonnectManners,
    /// How often each payment was asked about.
    asked: BTreeMap<String, u32>,
}

type Shared = Arc<Mutex<Desk>>;

/// Such a gateway on a port of its own, in a thread of its own. Dropping it closes the port.
pub struct FakeKonnect {
    desk: Shared,
    _serving: Serving,
}

impl FakeKonnect {
    /// The key that it wants.
    pub const KEY: &str = "6a68a1c0ffee6a68a1c0ffee:canary-of-the-key";
    /// A wallet.
    pub const WALLET: &str = "5f7a209aeb3f76490ac4a3d1";

    /// Starts one.
    pub fn start() -> Self {
        let (listener, address) = serving::bind_any();
        let desk = desk(address, Some(Self::KEY.to_owned()));
        let router = router(Arc::clone(&desk));
        let serving = Serving::start(listener, move |listener| crate::router::serve(listener, router));
        Self { desk, _serving: serving }
    }

    /// What the setting `api_url` is set to.
    pub fn api_url(&self) -> String {
        format!("{}/api/v2", lock(&self.desk).origin)
    }

    /// From now on it behaves so.
    pub fn behave(&self, manners: KonnectManners) {
        lock(&self.desk).manners = manners;
    }

    /// The payments that were asked for, each by its name.
    pub fn payments(&self) -> Vec<(String, Value)> {
        let desk = lock(&self.desk);
        desk.payments.iter().map(|(name, payment)| (name.clone(), payment.asked_for.clone())).collect()
    }

    /// Pays, and calls nobody.
    pub fn pay(&self, name: &str) {
        settle(&self.desk, name, "completed", "success");
    }

    /// Lets an attempt to pay fail, and calls nobody.
    pub fn decline(&self, name: &str) {
        settle(&self.desk, name, "pending", "failed");
    }

    /// From now on it says this of one payment, whatever is true; null leaves the word out.
    pub fn misreport(&self, name: &str, word: &str, value: Value) {
        if let Some(payment) = lock(&self.desk).payments.get_mut(name) {
            payment.says.insert(word.to_owned(), value);
        }
    }

    /// The address that is called about a payment.
    pub fn callback(&self, name: &str) -> Option<String> {
        callback_of(&lock(&self.desk), name)
    }

    /// How often a payment was asked about.
    pub fn asked(&self, name: &str) -> u32 {
        lock(&self.desk).asked.get(name).copied().unwrap_or(0)
    }
}

/// Serves one that takes any key, for people who try.
pub async fn serve_konnect(listener: TcpListener) -> std::io::Result<()> {
    let desk = desk(listener.local_addr()?, None);
    crate::router::serve(listener, router(desk)).await;
    Ok(())
}

fn desk(address: SocketAddr, key: Option<String>) -> Shared {
    Arc::new(Mutex::new(Desk {
        origin: format!("http://{address}"),
        key,
        payments: BTreeMap::new(),
        manners: KonnectManners::default(),
        asked: BTreeMap::new(),
    }))
}

fn router(desk: Shared) -> Router {
    Router::new()
        .route("/api/v2/payments/init-payment", post(init))
        .route("/api/v2/payments/{name}", get(read))
        .route("/pay", get(pages::show).post(pages::decide))
        .route("/_fake/behave", post(behave))
        .with_state(desk)
}

fn is_let_in(desk: &Desk, headers: &HeaderMap) -> bool {
    let given = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    match &desk.key {
        Some(key) => given == Some(key.as_str()),
        None => given.is_some_and(|given| !given.is_empty()),
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "errors": [{ "code": status.as_u16(), "message": why }] }))).into_response()
}

async fn init(State(desk): State<Shared>, headers: HeaderMap, Json(asked_for): Json<Value>) -> Response {
    let manners = lock(&desk).manners.clone();
    tokio::time::sleep(manners.waits).await;
    let begun = {
        let mut desk = lock(&desk);
        if !is_let_in(&desk, &headers) {
            return refuse(StatusCode::UNAUTHORIZED, "wrong key");
        }
        let is_whole = asked_for["amount"].as_i64().is_some_and(|amount| amount > 0);
        let is_known = ["TND", "EUR", "USD"].contains(&asked_for["token"].as_str().unwrap_or("TND"));
        if !is_whole || !is_known || asked_for["receiverWalletId"].as_str().is_none_or(str::is_empty) {
            return refuse(StatusCode::BAD_REQUEST, "a wallet, a currency and a whole amount are needed");
        }
        let name = format!("{:024x}", rand::random::<u128>() >> 32);
        desk.payments.insert(
            name.clone(),
            Payment { asked_for, status: "pending", transactions: Vec::new(), says: Map::new() },
        );
        let pay_url = format!("{}/pay?payment_ref={name}", desk.origin);
        (name, pay_url)
    };
    let (name, pay_url) = begun;
    if manners.is_hasty {
        settle(&desk, &name, "completed", "success");
        call(&desk, &name).await;
    }
    if let Some(status) = manners.status.and_then(|status| StatusCode::from_u16(status).ok()) {
        return refuse(status, "told to refuse");
    }
    Json(json!({ "payUrl": pay_url, "paymentRef": name })).into_response()
}

async fn read(State(desk): State<Shared>, headers: HeaderMap, Path(name): Path<String>) -> Response {
    let manners = {
        let mut desk = lock(&desk);
        *desk.asked.entry(name.clone()).or_default() += 1;
        desk.manners.clone()
    };
    tokio::time::sleep(manners.waits).await;
    if let Some(status) = manners.status.and_then(|status| StatusCode::from_u16(status).ok()) {
        return refuse(status, "told to refuse");
    }
    if let Some(text) = manners.text {
        return ([(header::CONTENT_TYPE, "text/html")], text).into_response();
    }
    let desk = lock(&desk);
    if !is_let_in(&desk, &headers) {
        return refuse(StatusCode::UNAUTHORIZED, "wrong key");
    }
    let Some(payment) = desk.payments.get(&name) else {
        return refuse(StatusCode::NOT_FOUND, "no such payment");
    };
    Json(json!({ "payment": told(&name, payment, &desk) })).into_response()
}

/// What is said of a payment.
fn told(name: &str, payment: &Payment, desk: &Desk) -> Value {
    let asked_for = &payment.asked_for;
    let amount = asked_for["amount"].clone();
    let is_paid = payment.status == "completed";
    let mut said = json!({
        "id": name,
        "status": payment.status,
        "amountDue": if is_paid { json!(0) } else { amount.clone() },
        "reachedAmount": if is_paid { amount.clone() } else { json!(0) },
        "amount": amount,
        "token": asked_for.get("token").cloned().unwrap_or_else(|| json!("TND")),
        "shortId": &name[..6],
        "link": format!("{}/pay?payment_ref={name}", desk.origin),
        "webhook": asked_for["webhook"],
        "successUrl": asked_for["successUrl"],
        "failUrl": asked_for["failUrl"],
        "orderId": asked_for["orderId"],
        "type": asked_for.get("type").cloned().unwrap_or_else(|| json!("immediate")),
        "details": asked_for["description"],
        "acceptedPaymentMethods": asked_for["acceptedPaymentMethods"],
        "receiverWallet": { "id": asked_for["receiverWalletId"] },
        "transactions": payment.transactions,
    });
    if let Some(said) = said.as_object_mut() {
        for (word, value) in desk.manners.says.iter().chain(&payment.says) {
            if value.is_null() {
                said.remove(word);
            } else {
                said.insert(word.clone(), value.clone());
            }
        }
    }
    said
}

/// From now on it behaves so: the members of [`KonnectManners`] that a person may want to try.
async fn behave(State(desk): State<Shared>, Json(wanted): Json<Value>) -> StatusCode {
    lock(&desk).manners = KonnectManners {
        says: wanted["says"].as_object().cloned().unwrap_or_default(),
        status: wanted["status"].as_u64().and_then(|status| u16::try_from(status).ok()),
        text: wanted["text"].as_str().map(str::to_owned),
        waits: Duration::from_millis(wanted["waits_ms"].as_u64().unwrap_or(0)),
        calls: wanted["calls"].as_u64().and_then(|calls| u32::try_from(calls).ok()),
        is_hasty: wanted["is_hasty"].as_bool().unwrap_or(false),
    };
    StatusCode::NO_CONTENT
}

fn settle(desk: &Shared, name: &str, status: &'static str, attempt: &str) {
    if let Some(payment) = lock(desk).payments.get_mut(name) {
        payment.transactions.push(json!({ "status": attempt }));
        if payment.status != "completed" {
            payment.status = status;
        }
    }
}

fn callback_of(desk: &Desk, name: &str) -> Option<String> {
    let webhook = desk.payments.get(name)?.asked_for["webhook"].as_str()?.to_owned();
    let sign = if webhook.contains('?') { '&' } else { '?' };
    Some(format!("{webhook}{sign}payment_ref={name}"))
}

/// Calls about a payment as often as its manners say.
async fn call(desk: &Shared, name: &str) {
    let (address, times) = {
        let desk = lock(desk);
        (callback_of(&desk, name), desk.manners.calls.unwrap_or(1))
    };
    let Some(address) = address else { return };
    for _ in 0..times {
        // Who does not answer is not called again: the payment can be asked about.
        let _ = calls::get(&address).await;
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
