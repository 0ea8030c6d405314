//! A month's messages: never overrun, given back where nothing came of them.

use std::{collections::BTreeMap, time::Duration};

use domain::{LoginId, Role, State, SubscriptionStatus, Timestamp, UserRole};
use fakes::Fake;
use futures_util::StreamExt as _;
use services::{
    Actor, Config, Error, Result,
    chat::{self, Ask, Brought, ChatMessage, IdempotencyKey, Options, Sent},
    config::PlanSettings,
    faults::Point,
    plans::{self, Month},
    testing::{BOTH, set_paid},
};

use crate::support::{World, begun, config_for, finish, say, tokens, within};

/// Plans of so many messages: `free` for whoever has paid nothing, and `large`.
fn plans_of(free: u32, large: u32) -> impl Fn(&mut Config) {
    move |config| {
        let of = |messages_per_month| PlanSettings { messages_per_month, ..PlanSettings::default() };
        config.billing.enforced = true;
        config.billing.plans = BTreeMap::from([("free".into(), of(free)), ("large".into(), of(large))]);
    }
}

async fn on_both(change: impl Fn(&mut Config), test: impl AsyncFn(World)) {
    for on in BOTH {
        let fake = Fake::start().await;
        let mut config = config_for(&fake);
        change(&mut config);
        test(World::with(on, config, fake).await).await;
    }
}

async fn try_send(world: &World, ask: Ask) -> Result<Sent> {
    chat::send(world.app(), &world.alice, ask, Options::default()).await
}

async fn used(world: &World) -> i64 {
    let alice = &world.alice;
    plans::usage(world.app(), alice.user, alice.role).await.unwrap().used
}

fn is_exhausted<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::QuotaExhausted { .. }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_sends_at_once_one_takes_the_last_message() {
    on_both(plans_of(3, 0), async |world| {
        let mut first = world.say("[tokens=1]").await;
        let talk = begun(&mut first).await.conversation;
        finish(first).await;
        finish(world.say_in(talk, "[tokens=1]").await).await;
        let asked = world.fake.requests().len();

        // Into new conversations and into one that is there.
        let sends = (0..100).map(|n| {
            let ask = say("[tokens=1]", (n % 2 == 0).then_some(talk));
            try_send(&world, ask)
        });
        let sent = futures_util::future::join_all(sends).await;

        assert_eq!(sent.iter().filter(|one| is_exhausted(one)).count(), 99);
        for one in sent {
            match one {
                Ok(sent) => assert_eq!(finish(sent).await, (tokens(1), State::Completed)),
                Err(Error::QuotaExhausted { used, limit, plan, resets_at, retry_after }) => {
                    assert_eq!((used, limit, plan.as_str()), (3, 3, "free"));
                    let next = Month::of(world.app().now()).next().start();
                    assert_eq!(resets_at, next);
                    let left =
                        Duration::from_millis(u64::try_from(next.ms_since(world.app().now())).unwrap());
                    assert!(retry_after.abs_diff(left) < Duration::from_mins(1), "{retry_after:?}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        world.app().idle().await;
        assert_eq!((used(&world).await, world.fake.requests().len()), (3, asked + 1));
    })
    .await;
}

#[tokio::test]
async fn every_way_to_be_answered_is_a_message() {
    on_both(plans_of(4, 0), async |world| {
        let mut sent = world.say("[tokens=3 cut=1 times=1]").await;
        let one = begun(&mut sent).await;
        assert_eq!(finish(sent).await.1, State::Failed);
        let asks = [
            Ask::Continue { message: one.answer },
            Ask::Regenerate { message: one.answer },
            Ask::Edit { message: one.question, text: "[tokens=1]".into(), files: None },
        ];
        for (n, ask) in asks.into_iter().enumerate() {
            assert_eq!(used(&world).await, i64::try_from(n).unwrap() + 1);
            finish(try_send(&world, ask).await.unwrap()).await;
        }
        for ask in [
            Ask::Continue { message: one.answer },
            Ask::Regenerate { message: one.answer },
            Ask::Edit { message: one.question, text: "x".into(), files: None },
            say("x", Some(one.conversation)),
            say("x", None),
        ] {
            assert!(is_exhausted(&try_send(&world, ask.clone()).await), "{ask:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_ends_before_its_first_word_is_given_back_once() {
    on_both(plans_of(20, 0), async |world| {
        let mut sent = world.say("[tokens=2]").await;
        let talk = begun(&mut sent).await.conversation;
        finish(sent).await;
        assert_eq!(used(&world).await, 1);

        // Refused by the provider; with a settle that fails twice first.
        world.app().faults.set(Point::SettleFails, 2);
        assert_eq!(finish(world.say_in(talk, "[status=500]").await).await.1, State::Failed);
        assert_eq!(used(&world).await, 1);
        assert_eq!(finish(world.say("[tokens=3 cut=0]").await).await.1, State::Failed);
        assert_eq!(used(&world).await, 1);
        // The runner panics.
        world.app().faults.set(Point::AnswerPanics, 1);
        assert_eq!(finish(world.say_in(talk, "x").await).await.1, State::Failed);
        assert_eq!(used(&world).await, 1);
        // Stopped while it waits. One that is stopped while the provider says nothing has been asked for, and counts.
        let mut hangs = world.say_in(talk, "[tokens=3 hang=0]").await;
        let (hanging, mut waits) = (begun(&mut hangs).await, world.say_in(talk, "x").await);
        let waiting = begun(&mut waits).await;
        assert_eq!(used(&world).await, 3);
        for (sent, turn) in [(waits, waiting.turn), (hangs, hanging.turn)] {
            chat::stop::stop(world.app(), &world.alice, turn).await.unwrap();
            assert_eq!(finish(sent).await, (String::new(), State::Stopped));
        }
        assert_eq!(used(&world).await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_said_a_word_stays_counted_however_it_ends() {
    on_both(plans_of(20, 0), async |world| {
        assert_eq!(finish(world.say("[tokens=9 cut=1]").await).await.1, State::Failed);
        assert_eq!(used(&world).await, 1);
        let mut hangs = world.say("[tokens=9 hang=1]").await;
        let hanging = begun(&mut hangs).await;
        assert!(hangs.events.next().await.is_some(), "the first word");
        chat::stop::stop(world.app(), &world.alice, hanging.turn).await.unwrap();
        assert_eq!(finish(hangs).await.1, State::Stopped);
        assert_eq!(used(&world).await, 2);
        // It thought, and said no word.
        assert_eq!(finish(world.say("[tokens=9 reasoning=3 cut=0]").await).await.1, State::Failed);
        assert_eq!(used(&world).await, 3);
        // What is kept of an answer that goes on was said before.
        let going_on = try_send(&world, Ask::Continue { message: hanging.answer });
        world.app().faults.set(Point::AnswerPanics, 1);
        assert_eq!(finish(going_on.await.unwrap()).await.1, State::Failed);
        assert_eq!(used(&world).await, 3);
    })
    .await;
}

#[tokio::test]
async fn what_loses_its_runner_or_its_server_is_given_back() {
    for on in BOTH {
        let fake = Fake::start().await;
        let mut config = config_for(&fake);
        plans_of(2, 0)(&mut config);
        let mut world = World::with(on, config, fake).await;
        world.app().faults.set(Point::AnswerVanishes, 1);
        let _ = try_send(&world, say("x", None)).await;
        within(Duration::from_secs(3), "the net gives it back", async || used(&world).await == 0).await;

        let mut sent = world.say("[tokens=9 hang=2]").await;
        let one = begun(&mut sent).await;
        world.say_in(one.conversation, "x").await;
        within(Duration::from_secs(3), "some words are stored", async || {
            !world.message(one.answer).await.parts.is_empty()
        })
        .await;
        assert_eq!(used(&world).await, 2);
        assert!(is_exhausted(&try_send(&world, say("x", None)).await));
        // Nobody is left to settle them: what the next start finds was begun in an epoch that is over.
        world.app().faults.set(Point::SettleFails, 1_000);
        drop(sent);
        world.test = world.test.restart().await;
        assert_eq!(used(&world).await, 0);
        assert_eq!(world.message(one.answer).await.state, State::Interrupted);
        finish(world.say_in(one.conversation, "[tokens=1]").await).await;
        assert_eq!(used(&world).await, 1);
    }
}

#[tokio::test]
async fn a_message_is_of_the_month_that_it_was_sent_in() {
    on_both(plans_of(2, 0), async |world| {
        let clock = world.app().clock().clone();
        let next = Month::of(world.app().now()).next();
        clock.advance_ms(next.start().ms_since(world.app().now()) - 60_000);
        let before = Month::of(world.app().now());
        assert_eq!(before.next(), next);
        let mut sent = world.say("[tokens=1 hang=0]").await;
        let hanging = begun(&mut sent).await;
        let mut waits = world.say_in(hanging.conversation, "x").await;
        let waiting = begun(&mut waits).await;
        assert!(is_exhausted(&try_send(&world, say("x", None)).await));

        // Midnight passes while one is answered and the other waits.
        clock.advance_ms(60_000);
        assert_eq!(used(&world).await, 0);
        finish(world.say("[tokens=1]").await).await;
        assert_eq!(used(&world).await, 1);
        for (sent, turn) in [(waits, waiting.turn), (sent, hanging.turn)] {
            chat::stop::stop(world.app(), &world.alice, turn).await.unwrap();
            finish(sent).await;
        }
        let of = async |month: Month| {
            store::quotas::used(&world.app().db, world.alice.user, month.0).await.unwrap()
        };
        assert_eq!((of(before).await, of(next).await), (1, 1));
    })
    .await;
}

async fn pay(world: &World, plan: &str, ends_at: Timestamp) {
    set_paid(world.app(), world.alice.user.0, plan, SubscriptionStatus::Active, ends_at).await;
}

#[tokio::test]
async fn a_plan_holds_from_the_next_send_on() {
    on_both(plans_of(1, 3), async |world| {
        let next = async || try_send(&world, say("[tokens=1]", None)).await;
        finish(next().await.unwrap()).await;
        assert!(is_exhausted(&next().await));
        let tomorrow = world.app().now().plus_ms(24 * 3_600_000);
        pay(&world, "large", tomorrow).await;
        finish(next().await.unwrap()).await;
        finish(next().await.unwrap()).await;
        assert!(is_exhausted(&next().await));

        // What was paid for is over: the default plan, of which more is used than it has.
        pay(&world, "large", world.app().now()).await;
        let Err(Error::QuotaExhausted { used, limit, plan, .. }) = next().await else {
            panic!("it was taken")
        };
        assert_eq!((used, limit, plan.as_str()), (3, 1, "free"));
    })
    .await;
}

#[tokio::test]
async fn the_same_send_is_counted_once_and_joined_when_nothing_is_left() {
    on_both(plans_of(1, 0), async |world| {
        let send = || {
            let key =
                IdempotencyKey { key: "one".into(), route: "/api/v1/chat".into(), body_hash: "h".into() };
            let options = Options { key: Some(key), ..Options::default() };
            chat::send(world.app(), &world.alice, say("[tokens=2]", None), options)
        };
        let sent = futures_util::future::join_all((0..50).map(|_| send())).await;
        let turns: Vec<_> = sent.iter().map(|one| one.as_ref().unwrap().turn).collect();
        assert!(turns.iter().all(|turn| *turn == turns[0]));
        for one in sent {
            assert_eq!(finish(one.unwrap()).await.0, tokens(2));
        }
        assert_eq!(used(&world).await, 1);
        assert!(is_exhausted(&try_send(&world, say("x", None)).await));
        assert_eq!(send().await.unwrap().turn, turns[0]);
    })
    .await;
}

#[tokio::test]
async fn who_is_not_limited_is_counted_and_never_refused() {
    on_both(plans_of(1, 0), async |mut world| {
        world.alice = Actor { role: UserRole::Admin, login: LoginId(9), ..world.alice };
        for n in 1..=3 {
            finish(world.say("[tokens=1]").await).await;
            assert_eq!(used(&world).await, n);
        }
        let usage = plans::usage(world.app(), world.alice.user, world.alice.role).await.unwrap();
        assert_eq!((usage.grant.messages_per_month(), usage.remaining()), (None, None));
    })
    .await;
    let off = |config: &mut Config| {
        plans_of(1, 0)(config);
        config.billing.enforced = false;
    };
    on_both(off, async |world| {
        for n in 1..=3 {
            finish(world.say("[tokens=1]").await).await;
            assert_eq!(used(&world).await, n);
        }
    })
    .await;
}

#[tokio::test]
async fn a_model_outside_the_plan_neither_answers_nor_is_chosen() {
    let only_small = |config: &mut Config| {
        let free = PlanSettings { models: vec!["nothing-*".into()], ..PlanSettings::default() };
        config.billing.enforced = true;
        config.billing.plans = BTreeMap::from([("free".into(), free)]);
    };
    on_both(only_small, async |world| {
        for model in [None, Some("fake".to_owned()), Some("fake/fake".to_owned())] {
            let options = Options { model, ..Options::default() };
            let sent = chat::send(world.app(), &world.alice, say("x", None), options).await;
            assert!(matches!(sent, Err(Error::Forbidden { code: "model_not_in_plan", .. })));
        }
        assert_eq!(used(&world).await, 0);
        let admin = Actor { role: UserRole::Admin, ..world.alice };
        let sent = chat::send(world.app(), &admin, say("[tokens=1]", None), Options::default()).await;
        assert_eq!(finish(sent.unwrap()).await.0, tokens(1));
    })
    .await;
}

fn brought(text: &str) -> Brought {
    Brought { messages: vec![ChatMessage::text(Role::User, text)], ..Brought::default() }
}

async fn unstored(world: &World, text: &str) -> (usize, bool) {
    let answer = chat::answer_unstored(world.app(), &world.alice, brought(text)).await.unwrap();
    let told: Vec<_> = answer.deltas.collect().await;
    let said = told.iter().filter(|one| matches!(one, Ok(chat::Delta::Text(_)))).count();
    (said, told.iter().any(Result::is_err))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_not_stored_count_as_the_others_do() {
    let change = |config: &mut Config| {
        plans_of(3, 0)(config);
        config.chat.max_unstored_per_user = 1_000;
    };
    on_both(change, async |world| {
        assert_eq!(unstored(&world, "[tokens=2]").await, (2, false));
        assert_eq!(used(&world).await, 1);
        let is_used =
            async |n| within(Duration::from_secs(3), "it is settled", async || used(&world).await == n).await;
        // Refused, cut and left before the first word; the write that gives it back fails twice.
        world.app().faults.set(Point::SettleFails, 2);
        assert_eq!(unstored(&world, "[status=400]").await, (0, true));
        is_used(1).await;
        let unread = chat::answer_unstored(world.app(), &world.alice, brought("x")).await.unwrap();
        assert_eq!(used(&world).await, 2);
        drop(unread);
        is_used(1).await;
        // Cut and left behind the first word.
        assert_eq!(unstored(&world, "[tokens=3 cut=1]").await, (1, true));
        assert_eq!(used(&world).await, 2);

        let asked = world.fake.requests().len();
        let all =
            (0..100).map(|_| chat::answer_unstored(world.app(), &world.alice, brought("[tokens=9 hang=1]")));
        let all = futures_util::future::join_all(all).await;
        assert_eq!(all.iter().filter(|one| is_exhausted(one)).count(), 99);
        let mut left = all.into_iter().find_map(Result::ok).unwrap();
        assert!(matches!(left.deltas.next().await, Some(Ok(_))));
        drop(left);
        within(Duration::from_secs(3), "it is noted", async || {
            let month = Month::of(world.app().now()).start();
            store::usage::since(&world.app().db, world.alice.user, month).await.unwrap().0 == 3
        })
        .await;
        assert_eq!((used(&world).await, world.fake.requests().len()), (3, asked + 1));
    })
    .await;
}

#[tokio::test]
async fn what_was_held_when_the_server_died_is_given_back_at_the_next_start() {
    for on in BOTH {
        let fake = Fake::start().await;
        let mut config = config_for(&fake);
        plans_of(1, 0)(&mut config);
        let mut world = World::with(on, config, fake).await;
        let month = Month::of(world.app().now()).0;
        let (user, epoch) = (world.alice.user, world.app().epoch());
        // As one that is killed leaves it.
        let hold = store::quotas::Hold { id: 7, user, month, node: (0, epoch), now: world.app().now() };
        let charge = store::quotas::Charge { month, limit: Some(1), used: 0 };
        let held: store::Result<bool> = world
            .app()
            .db
            .write(async move |tx| {
                store::quotas::hold(tx, hold).await?;
                store::quotas::reserve(tx, user, charge).await
            })
            .await;
        assert!(held.unwrap());
        let again = chat::answer_unstored(world.app(), &world.alice, brought("x")).await;
        assert!(is_exhausted(&again));
        world.test = world.test.restart().await;
        assert_eq!(used(&world).await, 0);
        assert_eq!(unstored(&world, "[tokens=1]").await, (1, false));
    }
}
