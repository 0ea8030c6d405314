//! Buying a plan, through the native API and through that of seed 002's client.

use std::time::Duration;

use fakes::{FakeKonnect, KonnectManners};
use reqwest::Method;
use serde_json::{Value, json};
use services::{Config, testing::BOTH};

use crate::support::{Answer, Client, TestServer};

/// Longer than the gap between two questions to the gateway.
const LATER_MS: i64 = 11_000;

struct Shop {
    server: TestServer,
    gateway: FakeKonnect,
}

async fn on_both(test: impl AsyncFn(Shop)) {
    for on in BOTH {
        let gateway = FakeKonnect::start();
        let settings = |config: &mut Config| {
            config.billing.konnect.api_key = Some(FakeKonnect::KEY.into());
            config.billing.konnect.wallet_id = FakeKonnect::WALLET.into();
            config.billing.konnect.api_url = gateway.api_url();
        };
        let server = TestServer::start_on(on, settings).await;
        server.app.installation.listens_on(server.address);
        test(Shop { server, gateway }).await;
    }
}

impl Shop {
    /// What the payer does on the gateway's page.
    async fn decide(&self, page: &str, outcome: &str) -> Answer {
        let (address, reference) = page.split_once('?').unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test calls its own gateway")]
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let body = format!("{reference}&outcome={outcome}");
        let request =
            browser.post(address).header("content-type", "application/x-www-form-urlencoded").body(body);
        Answer::read(request.send().await.unwrap()).await
    }

    /// The name that the gateway gave to the last payment.
    fn reference(page: &str) -> String {
        page.rsplit_once('=').unwrap().1.to_owned()
    }

    /// The path that the gateway calls about a payment.
    fn callback(&self, reference: &str) -> String {
        let address = self.gateway.callback(reference).unwrap();
        address.strip_prefix(&format!("http://{}", self.server.address)).unwrap().to_owned()
    }

    fn later(&self) {
        self.server.app.clock().advance_ms(LATER_MS);
    }
}

async fn begin(client: &Client, plan: &str) -> (String, String) {
    let begun = client.post("/api/v1/billing/checkout", json!({ "plan": plan })).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    let text = |name: &str| begun.json[name].as_str().unwrap().to_owned();
    (text("order"), text("payment_url"))
}

async fn state(client: &Client, order: &str) -> Value {
    let found = client.get(&format!("/api/v1/billing/payments/{order}")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    found.json["state"].clone()
}

#[tokio::test]
async fn a_plan_is_bought_cancelled_and_taken_back() {
    on_both(async |shop| {
        let nobody = shop.server.anonymous();
        let ada = shop.server.user("ada").await;
        let plans = nobody.get("/api/v1/plans").await.json;
        let told: Vec<_> = plans
            .as_array()
            .unwrap()
            .iter()
            .map(|plan| {
                (plan["id"].as_str().unwrap(), plan["price"]["amount"].as_i64().unwrap(), &plan["can_buy"])
            })
            .collect();
        assert_eq!(
            told,
            [("free", 0, &json!(false)), ("basic", 30_000, &json!(true)), ("premium", 60_000, &json!(true))]
        );
        let price = json!({ "amount": 30_000, "currency": "TND", "exponent": 3, "text": "30" });
        assert_eq!(plans[1]["price"], price);

        let none = ada.get("/api/v1/billing/subscription").await.json;
        assert_eq!(
            (&none["plan"], &none["status"], &none["ends_at"]),
            (&json!("free"), &json!("none"), &Value::Null)
        );
        let (order, page) = begin(&ada, "basic").await;
        assert_eq!(state(&ada, &order).await, "open");
        shop.later();
        let paid = shop.decide(&page, "paid").await;
        let back = paid.headers["location"].to_str().unwrap();
        assert_eq!(back, format!("http://{}/billing/return?order={order}", shop.server.address));
        assert_eq!(state(&ada, &order).await, "paid", "the gateway has called");
        let bought = ada.get("/api/v1/billing/subscription").await.json;
        assert_eq!((&bought["plan"], &bought["status"]), (&json!("basic"), &json!("active")));
        let invoices = ada.get("/api/v1/billing/invoices").await.json;
        assert_eq!((invoices.as_array().unwrap().len(), &invoices[0]["price"]), (1, &price));

        let cancelled = ada.send(Method::POST, "/api/v1/billing/cancel", None).await;
        assert_eq!((cancelled.status, &cancelled.json["status"]), (200, &json!("canceled")));
        let again = ada.send(Method::POST, "/api/v1/billing/cancel", None).await;
        assert_eq!(again.refusal(), (409, "no_subscription"));
        let kept = ada.send(Method::POST, "/api/v1/billing/reactivate", None).await;
        assert_eq!((kept.status, &kept.json["status"]), (200, &json!("active")));
        ada.send(Method::POST, "/api/v1/billing/cancel", None).await;
        shop.server.app.clock().advance_ms(31 * 24 * 3_600_000);
        let ada = shop.server.login("ada").await;
        let over = ada.send(Method::POST, "/api/v1/billing/reactivate", None).await;
        assert_eq!(over.refusal(), (409, "needs_payment"));
    })
    .await;
}

#[tokio::test]
async fn the_same_key_begins_one_order() {
    on_both(async |shop| {
        let (ada, bob) = (shop.server.user("ada").await, shop.server.user("bob").await);
        let buy = async |client: &Client, key: &str, plan: &str| {
            let request = client.request(Method::POST, "/api/v1/billing/checkout");
            let request = request.header("idempotency-key", key).json(&json!({ "plan": plan }));
            Answer::read(request.send().await.unwrap()).await
        };
        // They come while the gateway thinks.
        let waits = Duration::from_millis(200);
        shop.gateway.behave(KonnectManners { waits, ..KonnectManners::default() });
        let all = futures_util::future::join_all((0..8).map(|_| buy(&ada, "k", "basic"))).await;
        for one in &all {
            assert_eq!((one.status, &one.json), (201, &all[0].json), "{}", one.text);
        }
        assert_eq!(shop.gateway.payments().len(), 1);
        assert_eq!(buy(&ada, "k", "premium").await.refusal(), (409, "unfit"), "another body");
        assert_ne!(buy(&ada, "l", "basic").await.json["order"], all[0].json["order"]);
        assert_ne!(buy(&bob, "k", "basic").await.json["order"], all[0].json["order"], "keys are one's own");
        assert_eq!(shop.gateway.payments().len(), 3);

        // What could not be begun is begun by the repeat.
        shop.gateway.behave(KonnectManners { status: Some(500), ..KonnectManners::default() });
        let failed = buy(&bob, "m", "basic").await;
        assert_eq!(failed.refusal(), (503, "gateway_unreachable"));
        shop.gateway.behave(KonnectManners::default());
        let begun = buy(&bob, "m", "basic").await;
        assert_eq!(begun.status, 201, "{}", begun.text);
        assert_eq!(buy(&bob, "m", "basic").await.json, begun.json);
    })
    .await;
}

#[tokio::test]
async fn a_payment_is_its_accounts_alone() {
    on_both(async |shop| {
        let (ada, bob) = (shop.server.user("ada").await, shop.server.user("bob").await);
        let (order, _) = begin(&ada, "basic").await;
        let (theirs, none) = (
            bob.get(&format!("/api/v1/billing/payments/{order}")).await,
            bob.get("/api/v1/billing/payments/sub_1").await,
        );
        assert_eq!(theirs.refusal(), (404, "not_found"));
        assert_eq!(theirs.sameness(), none.sameness());
        let denied = bob.get(&format!("/api/subscription/payment-status/{order}")).await;
        assert_eq!((denied.status, &denied.json["error"]), (403, &json!("Access denied.")));
        assert_eq!(bob.get("/api/v1/billing/invoices").await.json, json!([]));
        let nobody = shop.server.anonymous().get(&format!("/api/v1/billing/payments/{order}")).await;
        assert_eq!(nobody.status, 401);
    })
    .await;
}

#[tokio::test]
async fn a_callback_that_is_faster_than_the_answer_credits_once() {
    on_both(async |shop| {
        let ada = shop.server.user("ada").await;
        shop.gateway.behave(KonnectManners { is_hasty: true, calls: Some(3), ..KonnectManners::default() });
        let (order, page) = begin(&ada, "premium").await;
        assert_eq!(state(&ada, &order).await, "paid");
        assert_eq!(shop.gateway.asked(&Shop::reference(&page)), 1);
        assert_eq!(ada.get("/api/v1/billing/invoices").await.json.as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_callback_tells_a_stranger_nothing_and_is_never_believed() {
    on_both(async |shop| {
        let (ada, nobody) = (shop.server.user("ada").await, shop.server.anonymous());
        let (order, page) = begin(&ada, "basic").await;
        let reference = Shop::reference(&page);
        let truth = shop.callback(&reference);
        let long = "x".repeat(5_000);
        for path in [
            truth.clone(),
            truth.replace("token=", "token=0"),
            format!("/webhooks/konnect?payment_ref={reference}"),
            format!("/webhooks/konnect?payment_ref={long}"),
            "/webhooks/konnect?payment_ref=%27%20OR%201%3D1%20--".into(),
            "/webhooks/konnect?payment_ref=a&payment_ref=b".into(),
            "/webhooks/konnect".into(),
        ] {
            let answer = nobody.get(&path).await;
            assert_eq!((answer.status, answer.json), (200, json!({ "success": true })), "{path}");
        }
        // It says that it was paid, in every form, and it was not.
        let said = json!({ "orderId": order, "payment_ref": reference, "status": "SUCCESS", "amount": 30,
                           "currency": "TND", "signature": "0".repeat(64) });
        for path in ["/webhooks/konnect", "/api/subscription/webhook", truth.as_str()] {
            assert_eq!(nobody.post(path, said.clone()).await.status, 200, "{path}");
        }
        let large = json!({ "payment_ref": "y".repeat(100_000) });
        assert_eq!(nobody.post("/webhooks/konnect", large).await.status, 200);
        shop.later();
        assert_eq!(state(&ada, &order).await, "open");
        assert!(shop.gateway.asked(&reference) <= 2);

        // A payer's browser lands inside our own origin.
        let request =
            nobody.request(Method::GET, &truth).header("accept", "text/html,application/xhtml+xml;q=0.9");
        #[expect(clippy::disallowed_methods, reason = "a test calls its own server")]
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let landed = browser.execute(request.build().unwrap()).await.unwrap();
        assert_eq!(landed.status(), 303);
        assert_eq!(landed.headers()["location"], format!("/billing/return?order={order}"));
        assert!(landed.headers().get("set-cookie").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_gateway_in_trouble_is_no_end_of_a_payment() {
    on_both(async |shop| {
        let ada = shop.server.user("ada").await;
        let (order, page) = begin(&ada, "basic").await;
        shop.gateway.pay(&Shop::reference(&page));
        shop.gateway.behave(KonnectManners { status: Some(500), ..KonnectManners::default() });
        shop.later();
        assert_eq!(state(&ada, &order).await, "open");
        shop.gateway.behave(KonnectManners::default());
        // Nobody looks and nobody calls: it is asked again in the background.
        shop.server.app.clock().advance_ms(5 * 60_000);
        let credited = async {
            while ada.get("/api/v1/billing/invoices").await.json == json!([]) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), credited).await.expect("it is credited");
    })
    .await;
}

#[tokio::test]
async fn seed_002s_client_buys_a_plan() {
    on_both(async |shop| {
        let ada = shop.server.user("ada").await;
        let plans = ada.get("/api/subscription/plans").await.json;
        assert_eq!(plans["plans"]["basic"]["price"], 30);
        assert_eq!(plans["plans"]["premium"]["messagesPerMonth"], 1_000);
        assert_eq!(plans["data"][0]["id"], "free");
        let wrong = ada.post("/api/subscription/create-checkout-session", json!({ "plan": "gold" })).await;
        assert_eq!((wrong.status, &wrong.json["error"]), (400, &json!("Invalid plan selected.")));

        let begun = ada.post("/api/subscription/create-checkout-session", json!({ "plan": "basic" })).await;
        assert_eq!((begun.status, &begun.json["success"]), (200, &json!(true)), "{}", begun.text);
        let (order, page) =
            (begun.json["orderId"].as_str().unwrap(), begun.json["paymentUrl"].as_str().unwrap());
        assert_eq!(begun.json["data"]["checkoutUrl"], page);
        let status = async || ada.get(&format!("/api/subscription/payment-status/{order}")).await.json;
        let waiting = status().await;
        assert_eq!(
            (&waiting["status"], &waiting["subscription"]["status"]),
            (&json!("PENDING"), &json!("pending"))
        );
        shop.gateway.pay(&Shop::reference(page));
        shop.later();
        // The real call of the gateway, at the address of that API, which has no token.
        let called = format!("/api/subscription/webhook?payment_ref={}", Shop::reference(page));
        assert_eq!(shop.server.anonymous().get(&called).await.json, json!({ "success": true }));
        let paid = status().await;
        assert_eq!(paid["status"], "SUCCESS");
        let subscription = &paid["subscription"];
        assert_eq!(
            (&subscription["plan"], &subscription["status"], &subscription["lastPaymentAmount"]),
            (&json!("basic"), &json!("active"), &json!(30))
        );
        assert_eq!(subscription["konnectOrderId"], order);
        let told = ada.get("/api/subscription/status").await.json;
        assert_eq!(told["limits"], json!({ "free": 20, "basic": 100, "premium": 1_000 }));
        assert_eq!(told["data"]["subscription"]["lastPaymentCurrency"], "TND");
        let profile = ada.get("/api/auth/profile").await.json;
        assert_eq!(profile["user"]["subscription"]["plan"], "basic");
        assert_eq!(ada.get("/api/auth/me").await.json["subscription"]["plan"], "basic");

        let cancelled = ada.post("/api/subscription/cancel", json!({})).await.json;
        let message = "Subscription will be canceled at the end of the current period.";
        assert_eq!(
            (&cancelled["message"], &cancelled["currentPeriodEnd"]),
            (&json!(message), &subscription["currentPeriodEnd"])
        );
        let again = ada.post("/api/subscription/cancel", json!({})).await;
        assert_eq!((again.status, &again.json["error"]), (400, &json!("No active subscription to cancel.")));
        let kept = ada.post("/api/subscription/reactivate", json!({})).await.json;
        assert_eq!(kept["requiresNewPayment"], false);
        ada.post("/api/subscription/cancel", json!({})).await;
        shop.server.app.clock().advance_ms(31 * 24 * 3_600_000);
        let ada = shop.server.login("ada").await;
        let over = ada.post("/api/subscription/reactivate", json!({})).await.json;
        assert_eq!((&over["success"], &over["requiresNewPayment"]), (&json!(true), &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn without_a_gateway_nothing_is_bought_and_nobody_is_believed() {
    let server = TestServer::start().await;
    let (ada, nobody) = (server.user("ada").await, server.anonymous());
    assert!(
        nobody
            .get("/api/v1/plans")
            .await
            .json
            .as_array()
            .unwrap()
            .iter()
            .all(|plan| plan["can_buy"] == false)
    );
    let refused = ada.post("/api/v1/billing/checkout", json!({ "plan": "basic" })).await;
    assert_eq!(refused.refusal(), (409, "payments_off"));
    for path in ["/webhooks/konnect", "/api/subscription/webhook"] {
        assert_eq!(nobody.get(&format!("{path}?payment_ref=a")).await.status, 404, "{path}");
        assert_eq!(
            nobody.post(path, json!({ "orderId": "a", "status": "SUCCESS" })).await.status,
            404,
            "{path}"
        );
    }
    let other = nobody.get("/webhooks/other").await;
    assert_eq!(other.refusal(), (404, "no_such_path"));
}
