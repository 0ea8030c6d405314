//! Tools that models call: how they run, how they end, what is told to the model and what is kept.

use std::time::Duration;

use domain::{Event, EventKind, Message, Part, State, Timestamp};
use fakes::Fake;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use services::{
    Config,
    chat::{self, Ask, Options},
    faults::Point,
    stats,
    testing::BOTH,
};

use crate::support::{Begun, World, begun, config_for, finish, state_of, text_of, tokens, within};

const SOON: Duration = Duration::from_millis(500);

/// Both protocols, by their names in the configuration.
const PROTOCOLS: [&str; 2] = ["openai", "anthropic"];

fn calling(fake: &Fake) -> Config {
    let mut config = config_for(fake);
    config.providers[0].tools = vec!["*".into()];
    config
}

/// Runs a test on each database against a model that calls tools, with some settings changed.
async fn on_both_with(change: impl Fn(&mut Config), test: impl AsyncFn(World)) {
    for on in BOTH {
        let fake = Fake::start().await;
        let mut config = calling(&fake);
        change(&mut config);
        test(World::with(on, config, fake).await).await;
    }
}

async fn on_both(test: impl AsyncFn(World)) {
    on_both_with(|_| (), test).await;
}

/// A call as it is kept: name, state, result.
type Kept = (String, String, String);

fn calls(message: &Message) -> Vec<Kept> {
    let calls = message.parts.0.iter().filter_map(|part| match part {
        Part::ToolCall { name, state, result, .. } => {
            Some((name.clone(), state.clone(), result.clone().unwrap_or_default()))
        }
        _ => None,
    });
    calls.collect()
}

fn states(events: &[Event], of: &str) -> Vec<String> {
    let states = events.iter().filter_map(|event| match &event.kind {
        EventKind::Tool(Part::ToolCall { name, state, .. }) if name == of => Some(state.clone()),
        _ => None,
    });
    states.collect()
}

/// Says something and reads to the end.
async fn asked(world: &World, text: &str) -> (Begun, Vec<Event>) {
    let mut sent = world.say(text).await;
    let first = begun(&mut sent).await;
    (first, sent.events.collect().await)
}

/// What the provider was asked, title requests aside.
fn bodies(world: &World) -> Vec<Value> {
    world.fake.requests().into_iter().filter(|one| !one.title).map(|one| one.body).collect()
}

#[tokio::test]
async fn calls_of_a_round_run_side_by_side_and_the_model_reads_what_came_of_each() {
    for protocol in PROTOCOLS {
        on_both_with(
            |config| config.providers[0].protocol = protocol.into(),
            async |world| {
                let text = "[toolcall=current_time+calculator+current_time args=UTC lead=2 tokens=3]";
                let (first, events) = asked(&world, text).await;

                assert_eq!(state_of(&events), State::Completed);
                assert_eq!(states(&events, "calculator"), ["called", "running", "failed"]);
                let text = format!("{}\n\n{}", tokens(2), tokens(3));
                assert_eq!(text_of(&events), text);
                let answer = world.message(first.answer).await;
                assert_eq!((answer.parts.text(), answer.finish_reason.as_deref()), (text, Some("stop")));
                let kept = calls(&answer);
                assert_eq!(kept.len(), 3, "{kept:?}");
                for at in [0, 2] {
                    assert_eq!((kept[at].0.as_str(), kept[at].1.as_str()), ("current_time", "completed"));
                    assert!(kept[at].2.contains("(UTC)"), "{kept:?}");
                }
                assert_eq!((kept[1].0.as_str(), kept[1].1.as_str()), ("calculator", "failed"));
                assert!(
                    answer
                        .parts
                        .0
                        .iter()
                        .all(|part| !matches!(part, Part::ToolCall { duration_ms: None, .. }))
                );
                // Both rounds are counted.
                let usage = answer.usage.unwrap();
                assert!(!usage.estimated && usage.completion_tokens == 5, "{usage:?}");

                let asked = bodies(&world);
                assert_eq!(asked.len(), 2);
                let offered: Vec<_> = asked[0]["tools"].as_array().unwrap().iter().collect();
                assert_eq!(offered.len(), 4);
                let messages = asked[1]["messages"].as_array().unwrap();
                if protocol == "openai" {
                    assert_eq!(offered[0]["function"]["name"], "current_time");
                    assert_eq!(messages.len(), 5);
                    let (said, calls) =
                        (&messages[1]["content"], messages[1]["tool_calls"].as_array().unwrap());
                    assert_eq!((said, calls.len()), (&json!(tokens(2)), 3));
                    assert_eq!(
                        calls[1]["function"],
                        json!({ "name": "calculator", "arguments": "{\"expression\":\"UTC\"}" })
                    );
                    for (call, told) in calls.iter().zip(&messages[2..]) {
                        assert_eq!((&told["role"], &told["tool_call_id"]), (&json!("tool"), &call["id"]));
                    }
                    assert_eq!(messages[2]["content"], json!(kept[0].2));
                    assert_eq!(messages[3]["content"], json!(format!("Error: {}", kept[1].2)));
                } else {
                    assert_eq!(offered[1]["name"], "calculator");
                    assert_eq!(messages.len(), 3);
                    let (said, results) =
                        (&messages[1]["content"], messages[2]["content"].as_array().unwrap());
                    assert_eq!(said[0], json!({ "type": "text", "text": tokens(2) }));
                    assert_eq!(
                        (&said[2]["name"], &said[2]["input"]),
                        (&json!("calculator"), &json!({ "expression": "UTC" }))
                    );
                    assert_eq!((&messages[2]["role"], results.len()), (&json!("user"), 3));
                    for (at, told) in results.iter().enumerate() {
                        assert_eq!(
                            (&told["type"], &told["tool_use_id"]),
                            (&json!("tool_result"), &said[at + 1]["id"])
                        );
                    }
                    assert_eq!(results[1]["content"], json!(format!("Error: {}", kept[1].2)));
                }
            },
        )
        .await;
    }
}

#[tokio::test]
async fn a_call_that_takes_too_long_keeps_no_other_from_its_end() {
    let short = |config: &mut Config| config.tools.call_seconds = 1;
    on_both_with(short, async |world| {
        world.app().faults.set(Point::ToolHangs, 1);
        let (first, events) = asked(&world, "[toolcall=current_time+calculator tokens=2]").await;
        assert_eq!((text_of(&events), state_of(&events)), (tokens(2), State::Completed));
        let ended = |of: &str| {
            let is_end = |event: &Event| matches!(&event.kind, EventKind::Tool(Part::ToolCall { name, result: Some(_), .. }) if name == of);
            events.iter().position(is_end).unwrap()
        };
        assert!(ended("calculator") < ended("current_time"));
        let kept = calls(&world.message(first.answer).await);
        assert_eq!((kept[0].1.as_str(), kept[1].1.as_str()), ("failed", "completed"));
        assert!(kept[0].2.contains("within 1 seconds"), "{kept:?}");
    })
    .await;
}

#[tokio::test]
async fn what_goes_wrong_with_a_call_is_its_result() {
    on_both(async |world| {
        for (text, why) in [
            (
                "[toolcall=launch_missiles tokens=1]",
                "There is no such tool. There are current_time, calculator, web_search, fetch_page.",
            ),
            ("[toolcall=current_time badargs=1 tokens=1]", "The arguments are not JSON"),
            ("[toolcall=current_time args=Mars/Olympus tokens=1]", "no time zone"),
            ("[toolcall=calculator args=1/0 tokens=1]", "divided by zero"),
            ("[toolcall=current_time+calculator panic tokens=1]", "The tool failed."),
        ] {
            let text = if text.contains("panic") {
                world.app().faults.set(Point::ToolPanics, 1);
                text.replace(" panic", "")
            } else {
                text.to_owned()
            };
            let (first, events) = asked(&world, &text).await;
            assert_eq!((text_of(&events), state_of(&events)), (tokens(1), State::Completed), "{text}");
            let kept = calls(&world.message(first.answer).await);
            assert_eq!(kept[0].1, "failed", "{text}");
            assert!(kept[0].2.contains(why), "{text}: {kept:?}");
            let told = bodies(&world).pop().unwrap()["messages"].as_array().unwrap().clone();
            let result = told.iter().find(|one| one["role"] == "tool").unwrap();
            assert_eq!(result["content"], json!(format!("Error: {}", kept[0].2)));
            // Servers refuse a request whose history holds what is no JSON.
            let written =
                &told.iter().find(|one| one["tool_calls"].is_array()).unwrap()["tool_calls"][0]["function"];
            assert!(
                serde_json::from_str::<Value>(written["arguments"].as_str().unwrap()).unwrap().is_object()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_model_that_calls_for_ever_has_to_answer_after_the_last_round() {
    let few = |config: &mut Config| config.tools.max_rounds = 3;
    on_both_with(few, async |world| {
        let (first, events) = asked(&world, "[toolcall=current_time args=UTC rounds=99 tokens=2]").await;
        assert_eq!((text_of(&events), state_of(&events)), (tokens(2), State::Completed));
        let kept = calls(&world.message(first.answer).await);
        assert_eq!(kept.len(), 3, "each call has a place of its own, though all have one id: {kept:?}");
        assert!(kept.iter().all(|call| call.1 == "completed"), "{kept:?}");
        let asked_for: Vec<_> = bodies(&world).iter().map(|body| body["tool_choice"].clone()).collect();
        assert_eq!(asked_for, [json!(null), json!(null), json!(null), json!("none")]);

        // One that calls all the same gets no more.
        let (first, events) = asked(&world, "[toolcall=current_time args=UTC rounds=99 stubborn=1]").await;
        assert_eq!(state_of(&events), State::Completed);
        let kept = calls(&world.message(first.answer).await);
        assert_eq!((kept.len(), kept[3].1.as_str()), (4, "failed"));
        assert!(kept[3].2.contains("3 times"), "{kept:?}");
        assert_eq!(bodies(&world).len(), 8);
    })
    .await;
}

#[tokio::test]
async fn a_stop_ends_tools_at_once_and_keeps_what_has_ended() {
    on_both(async |world| {
        world.app().faults.set(Point::ToolHangs, 1);
        let mut sent = world.say("[toolcall=current_time+calculator args=1+1 lead=1 tokens=5]").await;
        let first = begun(&mut sent).await;
        let mut seen = Vec::new();
        while states(&seen, "calculator").last().is_none_or(|state| state != "completed") {
            seen.push(sent.events.next().await.unwrap());
        }
        let begun = tokio::time::Instant::now();
        chat::stop::stop(world.app(), &world.alice, first.turn).await.unwrap();
        seen.extend(sent.events.collect::<Vec<_>>().await);
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(state_of(&seen), State::Stopped);
        assert_eq!(states(&seen, "current_time"), ["called", "running", "failed"]);
        let answer = world.message(first.answer).await;
        let kept = calls(&answer);
        assert_eq!(
            (kept[0].1.as_str(), kept[1].1.as_str(), kept[1].2.as_str()),
            ("failed", "completed", "2")
        );
        assert_eq!((answer.state, answer.parts.text()), (State::Stopped, tokens(1)));
        assert_eq!(bodies(&world).len(), 1);

        // It goes on with what is known, and the calls are counted once.
        let go_on = world.send(Ask::Continue { message: first.answer }, Options::default()).await;
        assert_eq!(finish(go_on).await.1, State::Completed);
        let told = bodies(&world).pop().unwrap()["messages"].as_array().unwrap().clone();
        assert_eq!(told.last().unwrap()["content"], json!("2"));
        let counted =
            store::tool_calls::count(&world.app().db, world.alice.user, Timestamp(0)).await.unwrap();
        assert_eq!(counted.0, 2);
    })
    .await;
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_call_keeps_what_has_ended() {
    for on in BOTH {
        let fake = Fake::start().await;
        let config = calling(&fake);
        let mut world = World::with(on, config, fake).await;
        world.app().faults.set(Point::ToolHangs, 1);
        let mut sent = world.say("[toolcall=current_time+calculator args=2*3 tokens=5]").await;
        let first = begun(&mut sent).await;
        within(Duration::from_secs(5), "the end of a call is saved", async || {
            calls(&world.message(first.answer).await).iter().any(|call| call.1 == "completed")
        })
        .await;

        // Whoever reads it now follows from there.
        let read = world.message(first.answer).await;
        assert_eq!(read.state, State::Running);
        assert_eq!(calls(&read)[0].1, "running");
        let covers = read.covers.unwrap();

        // As a kill leaves it: the rows, the tail and no log.
        world.app().hub.logs.forget(first.turn);
        world.test = world.test.restart().await;
        let answer = world.message(first.answer).await;
        assert_eq!(answer.state, State::Interrupted);
        let kept = calls(&answer);
        assert_eq!((kept[1].1.as_str(), kept[1].2.as_str()), ("completed", "6"));
        assert_eq!(
            (kept[0].1.as_str(), kept[0].2.as_str()),
            ("failed", "The answer ended before the tool did.")
        );
        let told = world.follow(first.turn, covers).await;
        assert!(matches!(told[0].kind, EventKind::Snapshot(_)), "{told:?}");
        drop(sent);
    }
}

#[tokio::test]
async fn whoever_comes_in_the_middle_of_a_call_hears_its_end_once() {
    on_both_with(
        |config| config.tools.call_seconds = 1,
        async |world| {
            world.app().faults.set(Point::ToolHangs, 1);
            let mut sent = world.say("[toolcall=current_time tokens=3]").await;
            let first = begun(&mut sent).await;
            within(Duration::from_secs(5), "a call that runs is saved", async || {
                calls(&world.message(first.answer).await).first().is_some_and(|call| call.1 == "running")
            })
            .await;
            let covers = world.message(first.answer).await.covers.unwrap();
            let rest = world.follow(first.turn, covers).await;
            crate::support::assert_unbroken(&rest, covers);
            assert_eq!(states(&rest, "current_time"), ["failed"]);
            assert_eq!(text_of(&rest), tokens(3));
        },
    )
    .await;
}

#[tokio::test]
async fn tools_are_offered_only_where_model_settings_and_plan_allow() {
    let offers = async |change: &dyn Fn(&mut Config)| {
        let fake = Fake::start().await;
        let mut config = calling(&fake);
        change(&mut config);
        let world = World::with(services::testing::On::Sqlite, config, fake).await;
        finish(world.say("[tokens=1]").await).await;
        let body = bodies(&world).remove(0);
        let tools = body["tools"].as_array().cloned().unwrap_or_default();
        tools.iter().map(|tool| tool["function"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offers(&|_| ()).await, ["current_time", "calculator", "web_search", "fetch_page"]);
    assert_eq!(offers(&|config| config.web_search.enabled = false).await, ["current_time", "calculator"]);
    let no_search = |config: &mut Config| {
        config.billing.enforced = true;
        config.billing.plans.get_mut("free").unwrap().features = vec!["tools".into()];
    };
    assert_eq!(offers(&no_search).await, ["current_time", "calculator"]);
    assert_eq!(offers(&|config| config.tools.enabled = vec!["calculator".into()]).await, ["calculator"]);
    assert!(offers(&|config| config.tools.enabled.clear()).await.is_empty());
    assert!(offers(&|config| config.providers[0].tools.clear()).await.is_empty());
    let no_tools = |config: &mut Config| {
        config.billing.enforced = true;
        config.billing.plans.get_mut("free").unwrap().features = vec!["web_search".into()];
    };
    assert!(offers(&no_tools).await.is_empty());
    let not_enforced = |config: &mut Config| {
        no_tools(config);
        config.billing.enforced = false;
    };
    assert_eq!(offers(&not_enforced).await.len(), 4);
}

#[tokio::test]
async fn later_turns_know_what_was_called_as_long_as_tools_are_offered() {
    for protocol in PROTOCOLS {
        on_both_with(
            |config| config.providers[0].protocol = protocol.into(),
            async |world| {
                let (first, _) = asked(&world, "[toolcall=calculator args=6*7 lead=1 tokens=2]").await;
                finish(world.say_in(first.conversation, "[tokens=1] and then?").await).await;
                let told = bodies(&world).pop().unwrap()["messages"].as_array().unwrap().clone();
                let roles: Vec<_> = told.iter().map(|one| one["role"].as_str().unwrap().to_owned()).collect();
                if protocol == "openai" {
                    assert_eq!(roles, ["user", "assistant", "tool", "assistant", "user"]);
                    assert_eq!((&told[1]["content"], &told[2]["content"]), (&json!(tokens(1)), &json!("42")));
                    assert_eq!(told[3]["content"], json!(tokens(2)));
                } else {
                    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user"]);
                    assert_eq!(told[2]["content"][0]["content"], "42");
                    assert_eq!(told[3]["content"][0]["text"], json!(tokens(2)));
                }
            },
        )
        .await;
    }
}

#[tokio::test]
async fn a_model_without_tools_reads_only_what_was_said() {
    on_both(async |mut world: World| {
        let (first, _) = asked(&world, "[toolcall=calculator args=6*7 lead=1 tokens=2]").await;
        world.test.config.providers[0].tools = vec!["nothing".into()];
        world.test = world.test.restart().await;
        finish(world.say_in(first.conversation, "[tokens=1] and then?").await).await;
        let told = bodies(&world).pop().unwrap()["messages"].as_array().unwrap().clone();
        assert_eq!(told.len(), 3);
        assert_eq!(
            told[1],
            json!({ "role": "assistant", "content": format!("{}\n\n{}", tokens(1), tokens(2)) })
        );
    })
    .await;
}

#[tokio::test]
async fn calls_are_counted_for_who_asked_and_an_estimate_is_added_up_as_well() {
    on_both(async |world| {
        let (first, _) =
            asked(&world, "[toolcall=calculator+current_time args=UTC lead=3 tokens=2 nousage=1]").await;
        let usage = world.message(first.answer).await.usage.unwrap();
        assert!(usage.estimated && usage.completion_tokens > 8, "{usage:?}");
        let figures = stats::read(world.app(), &world.alice).await.unwrap();
        assert_eq!((figures.tool_calls, figures.month_tool_calls, figures.answers), (2, 2, 1));
        assert_eq!(stats::read(world.app(), &world.bob).await.unwrap().tool_calls, 0);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_fails_after_a_call_keeps_the_call() {
    on_both(async |world| {
        world.fake.next("toolcall=calculator args=1+1");
        world.fake.next("status=500");
        let (first, events) = asked(&world, "go").await;
        assert_eq!(state_of(&events), State::Failed);
        let answer = world.message(first.answer).await;
        assert_eq!(calls(&answer), [("calculator".into(), "completed".into(), "2".into())]);
        assert_eq!(answer.error.unwrap().code, "provider_unavailable");
    })
    .await;
}
