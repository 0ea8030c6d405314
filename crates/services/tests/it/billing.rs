//! Plans that are paid for, against a gateway that speaks Konnect's protocol.

mod asking;
mod logs;
mod model;

use domain::{Currency, Order, OrderState, Subscription, SubscriptionStatus, time::DAY_MS};
use fakes::{FakeKonnect, KonnectManners};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use services::{
    Actor, App, Config, Error, Result,
    billing::{self, Callback, Checkout, Resumed},
    faults::Point,
    plans,
    testing::{BOTH, On, ask_unclaimed, reconcile},
};

use crate::support::World;

/// Longer than the gap between two questions.
const LATER_MS: i64 = 11_000;

struct Shop {
    world: World,
    gateway: FakeKonnect,
}

async fn on_both(test: impl AsyncFn(Shop)) {
    for on in BOTH {
        test(Shop::start(on, |_| ()).await).await;
    }
}

impl Shop {
    async fn start(on: On, change: impl FnOnce(&mut Config)) -> Self {
        let gateway = FakeKonnect::start();
        let provider = fakes::Fake::start().await;
        let mut config = crate::support::config_for(&provider);
        config.server.public_url = Some("http://127.0.0.1:1".into());
        config.billing.konnect.api_key = Some(FakeKonnect::KEY.into());
        config.billing.konnect.wallet_id = FakeKonnect::WALLET.into();
        config.billing.konnect.api_url = gateway.api_url();
        change(&mut config);
        let shop = Self { world: World::with(on, config, provider).await, gateway };
        shop.app().faults.set(Point::ReconcilerSleeps, u32::MAX);
        shop
    }

    /// Stops the app and starts it again with other settings.
    async fn restarted(self, change: impl FnOnce(&mut Config)) -> Self {
        let Self { world: World { mut test, fake, alice, bob }, gateway } = self;
        change(&mut test.config);
        let shop = Self { world: World { test: test.restart().await, fake, alice, bob }, gateway };
        shop.app().faults.set(Point::ReconcilerSleeps, u32::MAX);
        shop
    }

    fn app(&self) -> &App {
        self.world.app()
    }

    fn alice(&self) -> Actor {
        self.world.alice
    }

    fn later(&self) {
        self.app().clock().advance_ms(LATER_MS);
    }

    async fn order(&self, plan: &str) -> Checkout {
        billing::checkout(self.app(), &self.alice(), plan, None).await.unwrap()
    }

    /// What the gateway would call about an order.
    fn callback(&self, begun: &Checkout) -> Callback {
        let name = begun.order.payment_ref.as_deref().unwrap();
        let address = self.gateway.callback(name).unwrap();
        let query = address.split_once('?').unwrap().1;
        let word = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        Callback {
            gateway: "konnect".into(),
            payment_ref: word("payment_ref"),
            order: word("order"),
            token: word("token"),
            may_lack_token: false,
        }
    }

    fn pay(&self, begun: &Checkout) {
        self.gateway.pay(begun.order.payment_ref.as_deref().unwrap());
    }

    async fn called(&self, callback: Callback) -> Result<billing::Called> {
        billing::called(self.app(), callback).await
    }

    async fn state(&self, begun: &Checkout) -> OrderState {
        self.kept(begun).await.state
    }

    async fn kept(&self, begun: &Checkout) -> Order {
        store::orders::by_public_id(&self.app().db, &begun.order.public_id).await.unwrap().unwrap()
    }

    async fn bought(&self) -> Option<Subscription> {
        store::subscriptions::find(&self.app().db, self.alice().user).await.unwrap()
    }

    /// The books: so many payments, of which each account has what it must.
    async fn books(&self, payments: i64, units: i64) {
        let db = &self.app().db;
        assert_eq!(store::ledger::count(db).await.unwrap(), payments);
        assert_eq!(store::ledger::unbalanced(db).await.unwrap(), 0);
        let balances = store::ledger::balances(db).await.unwrap();
        let on = |account: &str| {
            balances
                .iter()
                .filter(|(name, ..)| name.starts_with(account))
                .map(|(.., units)| units)
                .sum::<i64>()
        };
        assert_eq!((on("gateway:konnect"), on("revenue"), on("customer:")), (units, -units, 0));
    }
}

fn says(word: &str, value: Value) -> KonnectManners {
    KonnectManners { says: Map::from_iter([(word.to_owned(), value)]), ..KonnectManners::default() }
}

#[tokio::test]
async fn what_is_asked_of_the_gateway_is_what_was_ordered() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        let (name, asked_for) = shop.gateway.payments().pop().unwrap();
        assert_eq!(begun.order.payment_ref.as_deref(), Some(name.as_str()));
        assert!(begun.pay_url.contains(&name));
        for (word, value) in [
            ("amount", json!(30_000)),
            ("token", json!("TND")),
            ("type", json!("immediate")),
            ("silentWebhook", json!(true)),
            ("receiverWalletId", json!(FakeKonnect::WALLET)),
            ("orderId", json!(begun.order.public_id)),
        ] {
            assert_eq!(asked_for[word], value, "{word}");
        }
        let random = begun.order.public_id.rsplit('_').next().unwrap();
        assert_eq!(random.len(), 32, "128 bits that nobody can guess");
        assert!(begun.order.public_id.starts_with("sub_"));
        assert!(!asked_for.to_string().contains("user1"), "no name and no address of the payer");
        assert_eq!(shop.state(&begun).await, OrderState::Open);
        assert_eq!(shop.bought().await, None, "nothing is given before it is paid");
    })
    .await;
}

#[tokio::test]
async fn a_payment_is_credited_once_however_often_and_by_whomever_it_is_called() {
    on_both(async |shop| {
        let (first, second) = (shop.order("basic").await, shop.order("premium").await);
        shop.pay(&first);
        let truth = shop.callback(&first);
        let forgeries = [
            Callback { token: None, ..truth.clone() },
            Callback { token: Some("0".repeat(64)), ..truth.clone() },
            Callback { token: shop.callback(&second).token, ..truth.clone() },
            Callback { order: Some("' OR 1=1 --".into()), payment_ref: None, ..truth.clone() },
            Callback { payment_ref: Some("f".repeat(10_000)), order: None, ..truth.clone() },
            // Somebody else's payment for this order, and this payment for another one.
            Callback { payment_ref: second.order.payment_ref.clone(), ..truth.clone() },
            Callback { payment_ref: truth.payment_ref.clone(), ..shop.callback(&second) },
        ];
        let calls = (0..100).flat_map(|n| [truth.clone(), forgeries[n % forgeries.len()].clone()]);
        let polls = (0..20).map(|_| billing::payment(shop.app(), &shop.world.alice, &first.order.public_id));
        let (called, polled) =
            tokio::join!(join_all(calls.map(|callback| shop.called(callback))), join_all(polls));
        assert!(called.iter().all(Result::is_ok) && polled.iter().all(Result::is_ok));
        // What came while the one question was on its way is not asked again before its time.
        shop.later();
        reconcile(shop.app()).await;
        shop.called(truth).await.unwrap();

        assert_eq!(
            (shop.state(&first).await, shop.state(&second).await),
            (OrderState::Paid, OrderState::Open)
        );
        assert_eq!(shop.gateway.asked(first.order.payment_ref.as_deref().unwrap()), 1);
        assert_eq!(shop.bought().await.unwrap().plan, "basic");
        shop.books(1, 30_000).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_credits_at_once_one_counts_and_what_is_wrong_beside_them_pays_nothing() {
    Box::pin(on_both(async |shop| {
        let name = |begun: &Checkout| begun.order.payment_ref.clone().unwrap();
        let (paid, unpaid) = (shop.order("basic").await, shop.order("premium").await);
        shop.pay(&paid);
        let mut wrong = Vec::new();
        for (word, value) in [
            ("amount", json!(59_999)),
            ("reachedAmount", json!(1)),
            ("token", json!("EUR")),
            ("receiverWallet", json!({ "id": "0" })),
            ("orderId", json!(paid.order.public_id)),
        ] {
            let begun = shop.order("premium").await;
            shop.pay(&begun);
            shop.gateway.misreport(&name(&begun), word, value);
            wrong.push(begun);
        }
        // All answers come at once, so that all credits do.
        let waits = std::time::Duration::from_millis(150);
        shop.gateway.behave(KonnectManners { waits, ..KonnectManners::default() });
        let ask = |order: Order, name: String| {
            let app = shop.app().clone();
            async move { ask_unclaimed(&app, &order, &name).await }
        };
        let asking = (0..100_usize).flat_map(|n| {
            let forged = match n % 3 {
                0 => (unpaid.order.clone(), name(&paid)),
                1 => (unpaid.order.clone(), "f".repeat(24)),
                _ => (paid.order.clone(), name(&wrong[0])),
            };
            let begun = &wrong[n % wrong.len()];
            let all = [(paid.order.clone(), name(&paid)), forged, (begun.order.clone(), name(begun))];
            all.map(|(order, name)| ask(order, name))
        });
        for done in join_all(asking).await {
            done.unwrap();
        }

        assert!(shop.gateway.asked(&name(&paid)) >= 100, "nobody was held back");
        assert_eq!(shop.state(&paid).await, OrderState::Paid);
        for begun in wrong.iter().chain([&unpaid]) {
            assert_ne!(shop.state(begun).await, OrderState::Paid);
        }
        let bought = shop.bought().await.unwrap();
        let left = bought.ends_at.ms_since(shop.app().now());
        assert!(bought.plan == "basic" && left > 29 * DAY_MS && left <= 30 * DAY_MS, "one period: {left}");
        shop.books(1, 30_000).await;
    }))
    .await;
}

#[tokio::test]
async fn a_payment_that_differs_from_the_order_pays_nothing() {
    on_both(async |shop| {
        let other = shop.order("premium").await;
        let begun = shop.order("basic").await;
        shop.pay(&begun);
        let callback = shop.callback(&begun);
        for (word, value) in [
            ("amount", json!(29_999)),
            ("amount", json!(0)),
            ("amount", json!(-30_000)),
            ("amount", json!("30000")),
            ("amount", json!(30_000.0)),
            ("amount", Value::Null),
            ("reachedAmount", json!(1)),
            ("reachedAmount", json!("30000")),
            ("amountDue", json!(1)),
            ("type", json!("partial")),
            ("token", json!("EUR")),
            ("token", json!("USD")),
            ("receiverWallet", json!({ "id": "000000000000000000000000" })),
            ("orderId", json!(other.order.public_id)),
            ("orderId", Value::Null),
            ("id", json!(other.order.payment_ref)),
            ("status", json!("pending")),
            ("status", json!("COMPLETED")),
            ("status", Value::Null),
        ] {
            shop.gateway.behave(says(word, value.clone()));
            shop.later();
            shop.called(callback.clone()).await.unwrap();
            assert_ne!(shop.state(&begun).await, OrderState::Paid, "{word} {value}");
            shop.books(0, 0).await;
        }
        assert_eq!(shop.bought().await, None);
        // More was asked for than came: what came is in the books.
        let more = Map::from_iter([
            ("amount".to_owned(), json!(31_000)),
            ("reachedAmount".to_owned(), json!(30_500)),
        ]);
        shop.gateway.behave(KonnectManners { says: more, ..KonnectManners::default() });
        shop.later();
        shop.called(callback).await.unwrap();
        assert_eq!(shop.state(&begun).await, OrderState::Paid, "more is enough");
        let balances = store::ledger::balances(&shop.app().db).await.unwrap();
        let customer = format!("customer:{}", shop.alice().user);
        assert!(balances.contains(&(customer, Currency::Tnd, -500)), "{balances:?}");
        assert_eq!(store::ledger::unbalanced(&shop.app().db).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_payment_to_the_wallet_of_its_order_is_taken_after_the_settings_name_another() {
    Box::pin(on_both(async |shop| {
        let (begun, stray) = (shop.order("basic").await, shop.order("basic").await);
        let other = "00000000000000000000000a";
        let shop = shop.restarted(|config| config.billing.konnect.wallet_id = other.into()).await;
        shop.pay(&stray);
        shop.gateway.behave(says("receiverWallet", json!({ "id": other })));
        shop.called(shop.callback(&stray)).await.unwrap();
        assert_ne!(shop.state(&stray).await, OrderState::Paid, "it was ordered from the first wallet");
        shop.gateway.behave(KonnectManners::default());
        shop.pay(&begun);
        shop.called(shop.callback(&begun)).await.unwrap();
        assert_eq!(shop.state(&begun).await, OrderState::Paid);
        let next = shop.order("basic").await;
        assert_eq!(shop.kept(&next).await.wallet.as_deref(), Some(other));
        shop.books(1, 30_000).await;
    }))
    .await;
}

#[tokio::test]
async fn a_declined_card_is_said_and_another_one_pays() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        shop.gateway.decline(begun.order.payment_ref.as_deref().unwrap());
        let seen = billing::payment(shop.app(), &shop.world.alice, &begun.order.public_id).await.unwrap();
        assert_eq!(seen.state, OrderState::Failed);
        shop.pay(&begun);
        shop.later();
        let seen = billing::payment(shop.app(), &shop.world.alice, &begun.order.public_id).await.unwrap();
        assert_eq!(seen.state, OrderState::Paid);
        let foreign = billing::payment(shop.app(), &shop.world.bob, &begun.order.public_id).await;
        assert!(matches!(foreign, Err(Error::NotFound(_))));
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_cannot_be_begun_is_said_and_forgotten() {
    on_both(async |shop| {
        shop.gateway.behave(KonnectManners { status: Some(401), ..KonnectManners::default() });
        let refused = billing::checkout(shop.app(), &shop.world.alice, "basic", None).await.unwrap_err();
        assert_eq!(refused.code(), "gateway_unreachable");
        assert!(!refused.to_string().contains("canary"));
        shop.app().clock().advance_ms(DAY_MS);
        assert_eq!(reconcile(shop.app()).await, 0);
        for _ in 0..9 {
            billing::checkout(shop.app(), &shop.world.alice, "basic", None).await.unwrap_err();
        }
        let refused = billing::checkout(shop.app(), &shop.world.alice, "basic", None).await.unwrap_err();
        assert_eq!(refused.code(), "rate_limited");
        for plan in ["free", "gold", ""] {
            let refused = billing::checkout(shop.app(), &shop.world.alice, plan, None).await.unwrap_err();
            assert!(matches!(refused, Error::Unfit { field: "plan", .. }));
        }
    })
    .await;
}

#[tokio::test]
async fn ten_orders_of_an_account_may_wait_to_be_paid() {
    for on in BOTH {
        let shop = Shop::start(on, |config| config.billing.orders_per_hour = 0).await;
        let begin = async |who: &Actor| billing::checkout(shop.app(), who, "basic", None).await;
        let begun = join_all((0..8).map(|_| begin(&shop.world.alice))).await;
        let paid = begun.into_iter().map(Result::unwrap).next().unwrap();
        shop.gateway.behave(KonnectManners { status: Some(500), ..KonnectManners::default() });
        begin(&shop.world.alice).await.unwrap_err();
        shop.gateway.behave(KonnectManners::default());
        let more = join_all((0..5).map(|_| begin(&shop.world.alice))).await;
        let refused: Vec<_> = more.iter().filter_map(|done| done.as_ref().err().map(Error::code)).collect();
        assert_eq!(refused, ["too_many_orders"; 3], "one that could not be begun does not count");
        begin(&shop.world.bob).await.unwrap();

        shop.pay(&paid);
        shop.called(shop.callback(&paid)).await.unwrap();
        begin(&shop.world.alice).await.unwrap();
        assert_eq!(begin(&shop.world.alice).await.unwrap_err().code(), "too_many_orders");
        shop.app().clock().advance_ms(61 * 60_000);
        begin(&shop.world.alice).await.unwrap();
    }
}

#[tokio::test]
async fn without_an_account_at_a_gateway_nothing_is_bought_and_nothing_believed() {
    for (key, wallet) in [(None, "wallet"), (Some(""), "wallet"), (Some("key"), ""), (None, "")] {
        let shop = Shop::start(On::Sqlite, |config| {
            config.billing.konnect.api_key = key.map(Into::into);
            config.billing.konnect.wallet_id = wallet.into();
        })
        .await;
        assert!(!shop.app().billing.is_open());
        let refused = billing::checkout(shop.app(), &shop.world.alice, "basic", None).await.unwrap_err();
        assert_eq!(refused.code(), "payments_off");
        let callback = Callback { gateway: "konnect".into(), ..Callback::default() };
        assert!(matches!(shop.called(callback).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn a_crash_anywhere_leaves_all_or_nothing_and_is_made_good() {
    on_both(async |shop| {
        for (n, point) in (1..).zip([
            Point::PaymentAskFails,
            Point::LedgerFails,
            Point::PlanFails,
            Point::CreditAnswerIsLost,
        ]) {
            let begun = shop.order("basic").await;
            shop.pay(&begun);
            shop.app().faults.set(point, 1);
            shop.later();
            assert!(shop.called(shop.callback(&begun)).await.is_err(), "{point:?}");
            let is_done = point == Point::CreditAnswerIsLost;
            let expected = if is_done { OrderState::Paid } else { OrderState::Open };
            assert_eq!(shop.state(&begun).await, expected, "{point:?}");
            shop.later();
            shop.called(shop.callback(&begun)).await.unwrap();
            assert_eq!(shop.state(&begun).await, OrderState::Paid, "{point:?}");
            shop.books(n, n * 30_000).await;
        }
        let left = shop.bought().await.unwrap().ends_at.ms_since(shop.app().now());
        assert!((left - 120 * DAY_MS).abs() < 5 * 60_000, "four periods, one after another");
    })
    .await;
}

#[tokio::test]
async fn what_was_ordered_is_given_whatever_the_plan_is_by_then() {
    Box::pin(on_both(async |shop| {
        let begun = shop.order("basic").await;
        let changed = |config: &mut Config| {
            let basic = config.billing.plans.get_mut("basic").unwrap();
            (basic.price, basic.messages_per_month, basic.name) = ("99".into(), 7, Some("Other".into()));
        };
        let shop = shop.restarted(changed).await;
        shop.pay(&begun);
        shop.called(shop.callback(&begun)).await.unwrap();
        let plan = plans::of(shop.app(), &shop.world.alice).await.unwrap().plan;
        assert_eq!(
            (plan.name.as_str(), plan.messages_per_month, plan.price.units),
            ("Basic", Some(100), 30_000)
        );

        let shop = shop.restarted(|config| drop(config.billing.plans.remove("basic"))).await;
        let plan = plans::of(shop.app(), &shop.world.alice).await.unwrap().plan;
        assert_eq!((plan.id.as_str(), plan.messages_per_month), ("basic", Some(100)));
        shop.app().clock().advance_ms(31 * DAY_MS);
        assert_eq!(plans::of(shop.app(), &shop.world.alice).await.unwrap().plan.id, "free");
    }))
    .await;
}

#[tokio::test]
async fn a_cancelled_plan_is_good_until_its_end_and_can_be_taken_back_until_then() {
    on_both(async |shop| {
        let alice = shop.alice();
        let cancel = async || billing::cancel(shop.app(), &alice).await;
        let resume = async || billing::reactivate(shop.app(), &alice).await;
        assert_eq!(cancel().await.unwrap_err().code(), "no_subscription");
        assert_eq!(resume().await.unwrap_err().code(), "nothing_canceled");
        let begun = shop.order("premium").await;
        shop.pay(&begun);
        shop.called(shop.callback(&begun)).await.unwrap();
        let bought = shop.bought().await.unwrap();
        assert_eq!(resume().await.unwrap_err().code(), "nothing_canceled");
        assert_eq!(
            cancel().await.unwrap(),
            Subscription { status: SubscriptionStatus::Canceled, ..bought.clone() }
        );
        assert_eq!(cancel().await.unwrap_err().code(), "no_subscription");
        assert_eq!(plans::of(shop.app(), &alice).await.unwrap().plan.id, "premium");
        assert_eq!(resume().await.unwrap(), (bought.clone(), Resumed::Active));
        cancel().await.unwrap();
        shop.app().clock().advance_ms(31 * DAY_MS);
        assert_eq!(plans::of(shop.app(), &alice).await.unwrap().plan.id, "free");
        assert_eq!(resume().await.unwrap().1, Resumed::Over);
        let seen = billing::overview(shop.app(), &alice).await.unwrap();
        assert!(!seen.is_running && seen.last_paid.is_some());
        assert_eq!(billing::invoices(shop.app(), &alice).await.unwrap().len(), 1);
        assert_eq!(billing::invoices(shop.app(), &shop.world.bob).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn money_for_an_account_that_is_gone_stays_in_the_books() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        let who = shop.alice().user;
        let ended: store::Result<bool> = shop
            .app()
            .db
            .write(async move |tx| store::users::end(tx, who, "", domain::Timestamp(1)).await)
            .await;
        assert!(ended.unwrap());
        services::testing::sweep(shop.app()).await;
        shop.pay(&begun);
        shop.called(shop.callback(&begun)).await.unwrap();
        assert_eq!(shop.state(&begun).await, OrderState::Paid);
        let balances = store::ledger::balances(&shop.app().db).await.unwrap();
        assert_eq!(balances.iter().map(|(.., units)| units).sum::<i64>(), 0);
        assert!(balances.iter().any(|(account, _, units)| account == "customer:gone" && *units == -30_000));
    })
    .await;
}
