//! Another model answers when the one that was asked for fails before it says anything.

use std::time::Duration;

use domain::{EventKind, State};
use fakes::Fake;
use providers::Timeouts;
use services::{
    Config,
    chat::{self, Ask, Options},
    config::ProviderConfig,
    testing::{BOTH, On},
};

use crate::support::{World, begun, config_for, finish, say, state_of, text_of, tokens, within};

/// What stands in, as the settings name it.
const SPARE: &str = "spare/second";

/// Runs a test on each database: the first provider is that of every test, the second one stands in.
async fn on_both(change: impl Fn(&mut Config), test: impl AsyncFn(World, Fake)) {
    for on in BOTH {
        let (world, spare) = world(on, &change).await;
        test(world, spare).await;
    }
}

async fn world(on: On, change: impl Fn(&mut Config)) -> (World, Fake) {
    let (fake, spare) = (Fake::start().await, Fake::start().await);
    let mut config = config_for(&fake);
    config.providers.push(ProviderConfig {
        name: "spare".into(),
        protocol: "openai".into(),
        base_url: spare.base_url(),
        max_attempts: 1,
        ..ProviderConfig::default()
    });
    config.chat.fallback_model = Some(SPARE.into());
    change(&mut config);
    (World::with(on, config, fake).await, spare)
}

fn quick(config: &mut Config) {
    config.providers[0].timeouts = Timeouts {
        first_token: Duration::from_millis(300),
        idle: Duration::from_secs(5),
        ..Timeouts::default()
    };
}

#[tokio::test]
async fn a_model_that_fails_before_its_first_word_is_stood_in_for() {
    on_both(quick, async |world, spare| {
        for (script, reason) in [
            ("status=401", "provider_auth"),
            ("status=429 retry_after=120", "provider_rate_limited"),
            ("status=500", "provider_unavailable"),
            ("hang=0", "provider_timeout"),
            ("hold=60000", "provider_timeout"),
            ("html=1", "provider_garbage"),
            ("cut=0 tokens=3", "provider_cut"),
        ] {
            world.fake.next(script.parse::<fakes::Script>().unwrap());
            spare.next(fakes::Script::text("All is well."));
            let mut sent = world.say("Hello").await;
            let ids = begun(&mut sent).await;
            assert_eq!(finish(sent).await.1, State::Completed, "{script}");

            let answer = world.message(ids.answer).await;
            assert_eq!(answer.model.as_deref(), Some(SPARE), "{script}");
            let text = answer.parts.text();
            assert!(
                text.ends_with("\n\nAll is well.") && text.lines().next().unwrap().contains(SPARE),
                "{text}"
            );
            assert_eq!((answer.error, answer.state), (None, State::Completed));

            let told = world.follow(ids.turn, 0).await;
            let models: Vec<_> = (told.iter())
                .filter_map(|event| match &event.kind {
                    EventKind::Model { model, reason, .. } => Some((model.as_str(), reason.as_str())),
                    _ => None,
                })
                .collect();
            assert_eq!(models, [(SPARE, reason)], "{script}");
            assert_eq!((text_of(&told), state_of(&told)), (text, State::Completed));
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_stood_in_for() {
    let gone = |config: &mut Config| config.providers[0].base_url = "http://127.0.0.1:9/v1".into();
    on_both(gone, async |world, spare| {
        spare.next(fakes::Script::text("All is well."));
        let options = Options { model: Some("fake/first".into()), ..Options::default() };
        let (text, state) = finish(world.send(say("Hello", None), options).await).await;
        assert!(state == State::Completed && text.ends_with("All is well."), "{text}");
    })
    .await;
}

#[tokio::test]
async fn nobody_stands_in_after_the_first_word_or_for_a_fault_of_the_request() {
    on_both(
        |_| (),
        async |world, spare| {
            for (script, code, kept) in [
                ("tokens=20 cut=5", "provider_cut", true),
                ("tokens=20 error=5", "provider_unavailable", true),
                ("status=400", "provider_bad_request", false),
                ("status=413", "provider_bad_request", false),
            ] {
                world.fake.next(script.parse::<fakes::Script>().unwrap());
                let mut sent = world.say("Hello").await;
                let ids = begun(&mut sent).await;
                assert_eq!(finish(sent).await.1, State::Failed, "{script}");
                let answer = world.message(ids.answer).await;
                assert_eq!(answer.error.unwrap().code, code, "{script}");
                assert_ne!(answer.model.as_deref(), Some(SPARE), "{script}");
                assert_eq!(!answer.parts.text().is_empty(), kept, "{script}");
            }
            assert!(spare.requests().iter().all(|request| !request.path.ends_with("/chat/completions")));
        },
    )
    .await;
}

#[tokio::test]
async fn when_both_fail_the_first_failure_is_told() {
    on_both(
        |_| (),
        async |world, spare| {
            world.fake.next("status=429 retry_after=120".parse::<fakes::Script>().unwrap());
            spare.next("status=500".parse::<fakes::Script>().unwrap());
            let mut sent = world.say("Hello").await;
            let ids = begun(&mut sent).await;
            assert_eq!(finish(sent).await, (String::new(), State::Failed));
            let answer = world.message(ids.answer).await;
            assert_eq!(answer.error.unwrap().code, "provider_rate_limited");
            assert_ne!(answer.model.as_deref(), Some(SPARE));
        },
    )
    .await;
}

#[tokio::test]
async fn stop_works_while_another_model_is_asked() {
    on_both(
        |_| (),
        async |world, spare| {
            world.fake.next("status=500".parse::<fakes::Script>().unwrap());
            spare.next("hang=0".parse::<fakes::Script>().unwrap());
            let mut sent = world.say("Hello").await;
            let ids = begun(&mut sent).await;
            within(Duration::from_secs(5), "the stand-in is asked", async || spare.counts().open == 1).await;
            chat::stop::stop(world.app(), &world.alice, ids.turn).await.unwrap();
            assert_eq!(finish(sent).await, (String::new(), State::Stopped));
            within(Duration::from_secs(2), "its connection is closed", async || spare.counts().open == 0)
                .await;
        },
    )
    .await;
}

#[tokio::test]
async fn the_demo_stands_in_without_being_offered() {
    on_both(
        |config| config.chat.fallback_model = Some("demo".into()),
        async |world, _| {
            world.fake.next("status=500".parse::<fakes::Script>().unwrap());
            let mut sent = world.say("Hello").await;
            let ids = begun(&mut sent).await;
            assert_eq!(finish(sent).await.1, State::Completed);
            assert_eq!(world.message(ids.answer).await.model.as_deref(), Some("demo"));
            assert!(world.app().models.list().iter().all(|card| card.id != "demo"));
        },
    )
    .await;
}

#[tokio::test]
async fn what_is_asked_next_does_not_hear_of_it() {
    let (world, spare) = world(On::Sqlite, |_| ()).await;
    world.fake.next("status=500".parse::<fakes::Script>().unwrap());
    spare.next(fakes::Script::text("All is well."));
    let mut sent = world.say("Hello").await;
    let ids = begun(&mut sent).await;
    finish(sent).await;
    finish(world.say_in(ids.conversation, "And now?").await).await;
    let asked = world.fake.requests().last().unwrap().body.clone();
    let said: Vec<&str> =
        asked["messages"].as_array().unwrap().iter().map(|one| one["content"].as_str().unwrap()).collect();
    assert_eq!(said, ["Hello", "All is well.", "And now?"]);
}

#[tokio::test]
async fn an_answer_that_goes_on_with_another_model_says_so_in_a_line_of_its_own() {
    on_both(quick, async |world, spare| {
        let mut sent = world.say("[tokens=3 cut=2]").await;
        let first = begun(&mut sent).await;
        finish(sent).await;
        world.fake.next("status=500".parse::<fakes::Script>().unwrap());
        spare.next(fakes::Script::text("Third."));
        let going_on = Ask::Continue { message: first.answer };
        let mut sent = chat::send(world.app(), &world.alice, going_on, Options::default()).await.unwrap();
        let second = begun(&mut sent).await;
        assert_eq!(finish(sent).await.1, State::Completed);
        let said = world.message(second.answer).await.parts.text();
        let Some((before, behind)) = said.split_once("\n\n> The model `") else { panic!("{said}") };
        assert_eq!(before, tokens(2));
        assert!(behind.ends_with("` answers instead.\n\nThird."), "{behind}");

        finish(world.say_in(first.conversation, "And then?").await).await;
        let heard = world.fake.requests().last().unwrap().body["messages"][1]["content"].clone();
        assert_eq!(heard, format!("{}Third.", tokens(2)), "the next model does not hear of it");
    })
    .await;
}

#[tokio::test]
async fn a_stand_in_that_calls_no_tools_is_offered_none() {
    let change = |config: &mut Config| {
        quick(config);
        config.providers[0].tools = vec!["*".into()];
    };
    on_both(change, async |world, spare| {
        let mut sent = world.say("[toolcall=calculator args=6*7 lead=1 tokens=2]").await;
        let talk = begun(&mut sent).await.conversation;
        finish(sent).await;
        world.fake.next("status=500".parse::<fakes::Script>().unwrap());
        spare.next(fakes::Script::text("Gladly."));
        assert_eq!(finish(world.say_in(talk, "Go on").await).await.1, State::Completed);
        let body = spare.requests()[0].body.clone();
        assert!(body.get("tools").is_none() && body.get("tool_choice").is_none(), "{body}");
        let messages = body["messages"].as_array().unwrap();
        assert!(
            messages.iter().all(|one| one["role"] != "tool" && one.get("tool_calls").is_none()),
            "{messages:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn who_may_not_ask_a_model_is_not_answered_by_it_either() {
    let change = |config: &mut Config| {
        quick(config);
        config.billing.enforced = true;
        for plan in config.billing.plans.values_mut() {
            plan.models = vec!["fake*".into()];
        }
    };
    on_both(change, async |world, spare| {
        world.fake.next("status=500".parse::<fakes::Script>().unwrap());
        assert_eq!(finish(world.say("Hello").await).await.1, State::Failed);
        assert_eq!(spare.counts().requests, 0);
    })
    .await;
}
