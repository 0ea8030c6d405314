//! Thousands of random things that happen to orders, with crashes in between, against a model that is a few lines long.

use std::collections::BTreeMap;

use domain::{Order, OrderState, Subscription, SubscriptionStatus, Terms, UserId, time::DAY_MS};
use futures_util::future::join_all;
use services::{
    Actor,
    billing::{self, Checkout, Resumed},
    faults::Point,
    testing::{On, ask_unclaimed, reconcile},
};

use super::Shop;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Where a credit may fail.
const POINTS: [Point; 4] =
    [Point::PaymentAskFails, Point::LedgerFails, Point::PlanFails, Point::CreditAnswerIsLost];

/// Something that has the gateway asked. Two of them can happen at once.
enum Asking {
    Callback {
        at: usize,
        is_forged: bool,
        is_mixed_up: bool,
    },
    Look(usize),
    /// Past the pause between two questions.
    AtOnce(usize),
    Reconcile,
}

impl Asking {
    fn roll(dice: &mut Dice, open: usize) -> Self {
        let at = dice.below(open as u64) as usize;
        match dice.below(8) {
            0..4 => {
                let wrong = dice.below(4);
                Self::Callback { at, is_forged: wrong == 0, is_mixed_up: wrong == 1 }
            }
            4 => Self::Look(at),
            5..7 => Self::AtOnce(at),
            _ => Self::Reconcile,
        }
    }

    /// Fail points fail it: what came of it is seen in the books.
    async fn run(self, shop: &Shop, open: &[Checkout], who: &Actor) {
        match self {
            Self::Callback { at, is_forged, is_mixed_up } => {
                let mut callback = shop.callback(&open[at]);
                if is_forged {
                    callback.token = Some("forged".into());
                }
                if is_mixed_up {
                    callback.payment_ref = open[0].order.payment_ref.clone();
                }
                let _ = shop.called(callback).await;
            }
            Self::Look(at) => drop(billing::payment(shop.app(), who, &open[at].order.public_id).await),
            Self::AtOnce(at) => {
                let order = &open[at].order;
                let _ = ask_unclaimed(shop.app(), order, order.payment_ref.as_deref().unwrap()).await;
            }
            Self::Reconcile => _ = reconcile(shop.app()).await,
        }
    }
}

#[derive(Default)]
struct Model {
    /// By the account: what it has.
    has: BTreeMap<UserId, (Subscription, Terms)>,
    paid: Vec<Order>,
}

impl Model {
    fn pay(&mut self, order: Order) {
        let (who, now) = (order.user_id.unwrap(), order.paid_at.unwrap());
        let terms = Terms {
            plan: order.plan.clone(),
            plan_name: order.plan_name.clone(),
            price: order.price,
            messages_per_month: order.messages_per_month,
            period_days: order.period_days,
        };
        let period = order.period_days * DAY_MS;
        let before = self.has.remove(&who).filter(|(had, _)| had.ends_at > now);
        let (started_at, left) = match &before {
            None => (now, 0),
            Some((had, then)) => {
                let left = had.ends_at.ms_since(now);
                // The two plans cost 30 and 60.
                let worth =
                    if had.plan == order.plan { left } else { left * then.price.units / order.price.units };
                (had.started_at, worth)
            }
        };
        let status = SubscriptionStatus::Active;
        let ends_at = now.plus_ms(left + period);
        let has = Subscription { user_id: who, plan: order.plan.clone(), status, started_at, ends_at };
        self.has.insert(who, (has, terms));
        self.paid.push(order);
    }

    /// Those that were credited in one step came in some order: there is one that leads to what is kept.
    fn pay_in_some_order(
        &mut self,
        who: UserId,
        orders: &mut Vec<Order>,
        kept: Option<&Subscription>,
    ) -> bool {
        if orders.is_empty() {
            return self.has.get(&who).map(|(has, _)| has) == kept;
        }
        for n in 0..orders.len() {
            let (next, had) = (orders.remove(n), self.has.get(&who).cloned());
            self.pay(next.clone());
            if self.pay_in_some_order(who, orders, kept) {
                return true;
            }
            self.paid.pop();
            self.has.remove(&who);
            self.has.extend(had.map(|had| (who, had)));
            orders.insert(n, next);
        }
        false
    }
}

async fn run(on: On, seed: u64, steps: u64) {
    let mut shop = Shop::start(on, |config| config.billing.orders_per_hour = 0).await;
    let (mut dice, mut model) = (Dice(seed), Model::default());
    let mut open: Vec<Checkout> = Vec::new();
    let mut wanted: Vec<String> = Vec::new();
    let mut fired = [0; POINTS.len()];
    for step in 0..steps {
        if step % 1_000 == 999 {
            count_fired(&shop, &mut fired);
            shop = shop.restarted(|_| ()).await;
        }
        let app = shop.app();
        let people = [shop.world.alice, shop.world.bob];
        let who = people[dice.below(2) as usize];
        app.clock().advance_ms(i64::try_from(dice.below(8_000)).unwrap());
        if dice.below(4) == 0 {
            app.faults.set(POINTS[dice.below(4) as usize], 1);
        }
        if !open.is_empty() && dice.below(4) == 0 {
            let two = [Asking::roll(&mut dice, open.len()), Asking::roll(&mut dice, open.len())];
            join_all(two.map(|one| one.run(&shop, &open, &who))).await;
            settle(&shop, &mut open, &mut model).await;
            continue;
        }
        let some = (!open.is_empty()).then(|| dice.below(open.len() as u64) as usize);
        match (dice.below(20), some) {
            (0..3, _) if open.len() < 8 => {
                let plan = ["basic", "premium"][dice.below(2) as usize];
                if let Ok(begun) = billing::checkout(app, &who, plan, None).await {
                    open.push(begun);
                }
            }
            (3..6, Some(n)) => {
                shop.pay(&open[n]);
                wanted.push(open[n].order.public_id.clone());
            }
            (6..8, Some(n)) => shop.gateway.decline(open[n].order.payment_ref.as_deref().unwrap()),
            (8..16, Some(_)) => Asking::roll(&mut dice, open.len()).run(&shop, &open, &who).await,
            (16, _) => {
                let is_running = model.has.get(&who.user).is_some_and(|(has, _)| {
                    has.ends_at > app.now() && has.status == SubscriptionStatus::Active
                });
                let done = billing::cancel(app, &who).await;
                assert_eq!(done.is_ok(), is_running, "step {step}");
                if let (Some((has, _)), true) = (model.has.get_mut(&who.user), is_running) {
                    has.status = SubscriptionStatus::Canceled;
                }
            }
            (17, _) => {
                if let Ok((now_has, Resumed::Active)) = billing::reactivate(app, &who).await {
                    let (has, _) = model.has.get_mut(&who.user).unwrap();
                    assert_eq!(has.status, SubscriptionStatus::Canceled);
                    has.status = SubscriptionStatus::Active;
                    assert_eq!(*has, now_has);
                }
            }
            _ => _ = reconcile(app).await,
        }
        settle(&shop, &mut open, &mut model).await;
    }
    count_fired(&shop, &mut fired);
    for point in POINTS {
        shop.app().faults.set(point, 0);
    }
    assert!(fired.iter().all(|times| *times > steps / 200), "{POINTS:?} {fired:?}");
    for _ in 0..5 {
        shop.app().clock().advance_ms(61 * 60_000);
        while reconcile(shop.app()).await > 0 {
            settle(&shop, &mut open, &mut model).await;
        }
    }
    wanted.sort();
    wanted.dedup();
    let mut credited: Vec<_> = model.paid.iter().map(|order| order.public_id.clone()).collect();
    credited.sort();
    assert_eq!(credited, wanted, "all that was paid is credited, and nothing else, and once");
    assert!(credited.len() as u64 > steps / 50, "{}", credited.len());
    let units = model.paid.iter().map(|order| order.price.units).sum();
    shop.books(i64::try_from(credited.len()).unwrap(), units).await;
}

/// Adds how often each fail point has failed since the start.
fn count_fired(shop: &Shop, fired: &mut [u64; POINTS.len()]) {
    for (sum, point) in fired.iter_mut().zip(POINTS) {
        *sum += shop.app().faults.fired(point);
    }
}

/// Tells the model what was credited, and compares.
async fn settle(shop: &Shop, open: &mut Vec<Checkout>, model: &mut Model) {
    let mut credited = Vec::new();
    let mut still = Vec::new();
    for begun in open.drain(..) {
        let kept = shop.kept(&begun).await;
        if kept.state == OrderState::Paid { credited.push(kept) } else { still.push(begun) }
    }
    *open = still;
    for who in [shop.world.alice.user, shop.world.bob.user] {
        let kept = store::subscriptions::find(&shop.app().db, who).await.unwrap();
        let mut mine: Vec<_> = credited.iter().filter(|order| order.user_id == Some(who)).cloned().collect();
        assert!(model.pay_in_some_order(who, &mut mine, kept.as_ref()), "{kept:?} {:?}", model.has.get(&who));
    }
}

#[tokio::test]
async fn the_books_and_the_plans_are_right_after_thousands_of_random_steps() {
    #[expect(clippy::disallowed_methods, reason = "a test that can take long asks whether it may")]
    let is_full = std::env::var("COLLOQUY_TEST_FULL").is_ok_and(|value| value == "1");
    let steps = if is_full { 10_000 } else { 1_500 };
    run(On::Sqlite, 1, steps).await;
    run(On::Postgres, 2, steps).await;
}
