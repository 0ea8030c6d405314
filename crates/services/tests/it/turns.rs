//! What an answer is, how it ends, and what is kept of it.

use std::time::Duration;

use domain::{Part, Parts, State};
use fakes::{Fake, Script};
use futures_util::StreamExt as _;
use services::{
    Error,
    chat::{self, Ask, Options},
    conversations,
    testing::On,
};

use crate::support::{World, begun, config_for, finish, on_both, say, text_of, tokens, within};

const SOON: Duration = Duration::from_millis(500);

#[tokio::test]
async fn an_answer_is_saved_even_when_nobody_watches() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=30 rate=200] hello").await;
        let begun = begun(&mut sent).await;
        drop(sent);
        world.app().idle().await;

        let answer = world.message(begun.answer).await;
        assert_eq!((answer.parts.text(), answer.state), (tokens(30), State::Completed));
        assert_eq!(answer.finish_reason.as_deref(), Some("stop"));
        assert!(answer.usage.is_some_and(|usage| !usage.estimated && usage.completion_tokens > 0));
        let conversation = conversations::find(world.app(), &world.alice, begun.conversation).await.unwrap();
        assert_eq!(conversation.title, "[tokens=30 rate=200] hello");
        assert_eq!((conversation.message_count, conversation.running_turn_id), (2, None));
    })
    .await;
}

#[tokio::test]
async fn usage_is_estimated_and_marked_so_when_the_provider_sends_none() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=30 nousage=1]").await;
        let begun = begun(&mut sent).await;
        finish(sent).await;
        let usage = world.message(begun.answer).await.usage.unwrap();
        assert!(usage.estimated && usage.completion_tokens > 10 && usage.prompt_tokens > 0, "{usage:?}");
    })
    .await;
}

#[tokio::test]
async fn stop_keeps_the_text_and_disconnects_the_provider() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=500 rate=100]").await;
        let begun = begun(&mut sent).await;
        let mut seen = String::new();
        while seen.len() < 60 {
            seen.push_str(&text_of(&[sent.events.next().await.unwrap()]));
        }
        let asked = tokio::time::Instant::now();
        chat::stop::stop(world.app(), &world.alice, begun.turn).await.unwrap();
        tokio::time::timeout(SOON, world.fake.until(|counts| counts.disconnected == 1)).await.unwrap();
        assert!(asked.elapsed() < SOON);
        let (rest, state) = finish(sent).await;
        assert_eq!(state, State::Stopped);

        let answer = world.message(begun.answer).await;
        assert_eq!(answer.parts.text(), seen + &rest);
        assert!(tokens(500).starts_with(&answer.parts.text()));
        assert_eq!(answer.state, State::Stopped);
    })
    .await;
}

#[tokio::test]
async fn stop_before_the_first_token_works_and_the_next_send_too() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=5 delay=60000]").await;
        let begun = begun(&mut sent).await;
        chat::stop::stop(world.app(), &world.alice, begun.turn).await.unwrap();
        assert_eq!(finish(sent).await, (String::new(), State::Stopped));
        let next = world.say_in(begun.conversation, "[tokens=3]").await;
        assert_eq!(finish(next).await.0, tokens(3));
    })
    .await;
}

#[tokio::test]
async fn a_stranger_can_neither_stop_nor_follow_nor_ask_again() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=500 rate=100]").await;
        let begun = begun(&mut sent).await;
        let (app, bob) = (world.app(), &world.bob);
        assert!(matches!(chat::stop::stop(app, bob, begun.turn).await, Err(Error::NotFound(_))));
        assert!(matches!(chat::watch(app, bob, begun.turn, 0).await, Err(Error::NotFound(_))));
        for ask in [
            Ask::Regenerate { message: begun.answer },
            Ask::Continue { message: begun.answer },
            Ask::Edit { message: begun.question, text: "mine".into(), files: None },
            say("mine", Some(begun.conversation)),
        ] {
            assert!(matches!(chat::send(app, bob, ask, Options::default()).await, Err(Error::NotFound(_))));
        }
        chat::stop::stop(app, &world.alice, begun.turn).await.unwrap();
        assert_eq!(finish(sent).await.1, State::Stopped);
    })
    .await;
}

#[tokio::test]
async fn what_fails_says_why_and_keeps_what_arrived() {
    on_both(async |world| {
        for (text, code, kept) in [
            ("[status=429 retry_after=120]", "provider_rate_limited", 0),
            ("[status=500]", "provider_unavailable", 0),
            ("[status=401]", "provider_auth", 0),
            ("[tokens=20 cut=5]", "provider_cut", 5),
            ("[tokens=20 end=5]", "provider_cut", 5),
            ("[html=1]", "provider_garbage", 0),
        ] {
            let mut sent = world.say(text).await;
            let begun = begun(&mut sent).await;
            assert_eq!(finish(sent).await.1, State::Failed, "{text}");
            let answer = world.message(begun.answer).await;
            let error = answer.error.unwrap();
            assert_eq!(error.code, code, "{text}");
            assert!(error.message.len() > 20 && error.message.ends_with('.'), "{}", error.message);
            assert_eq!(answer.parts.text().trim_end(), tokens(kept), "{text}");
            assert_eq!(world.message(begun.question).await.parts.text(), text);
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_stalls_is_given_up() {
    let fake = Fake::start().await;
    let mut config = config_for(&fake);
    config.providers[0].timeouts =
        providers::Timeouts { idle: Duration::from_millis(300), ..Default::default() };
    let world = World::with(On::Sqlite, config, fake).await;
    let mut sent = world.say("[tokens=20 hang=4]").await;
    let begun = begun(&mut sent).await;
    assert_eq!(finish(sent).await.1, State::Failed);
    assert_eq!(world.message(begun.answer).await.error.unwrap().code, "provider_timeout");
}

#[tokio::test]
async fn regenerate_and_edit_make_siblings_and_overwrite_nothing() {
    on_both(async |world| {
        world.fake.next(Script::text("first"));
        let mut sent = world.say("question").await;
        let first = begun(&mut sent).await;
        finish(sent).await;

        world.fake.next(Script::text("second"));
        let mut sent = world.send(Ask::Regenerate { message: first.answer }, Options::default()).await;
        let second = begun(&mut sent).await;
        assert_eq!((second.question, second.conversation), (first.question, first.conversation));
        finish(sent).await;

        world.fake.next(Script::text("third"));
        let ask = Ask::Edit { message: first.question, text: "other question".into(), files: None };
        let mut sent = world.send(ask, Options::default()).await;
        let third = begun(&mut sent).await;
        finish(sent).await;

        let branch = world.branch(first.conversation).await;
        let texts: Vec<_> = branch.iter().map(|message| message.parts.text()).collect();
        assert_eq!(texts, ["other question", "third"]);
        assert_eq!(branch[0].sibling_ids, [first.question, third.question]);
        assert_eq!(world.message(first.answer).await.parts.text(), "first");

        let show_old = conversations::Change { active: Some(first.question), ..Default::default() };
        conversations::change(world.app(), &world.alice, first.conversation, show_old).await.unwrap();
        let branch = world.branch(first.conversation).await;
        let texts: Vec<_> = branch.iter().map(|message| message.parts.text()).collect();
        assert_eq!(texts, ["question", "second"]);
        assert_eq!(branch[1].sibling_ids, [first.answer, second.answer]);

        // The model hears the ancestors of the question alone.
        world.fake.next(Script::text("fourth"));
        finish(world.say_in(first.conversation, "more").await).await;
        let body = world.fake.requests().last().unwrap().body.clone();
        let heard: Vec<_> =
            body["messages"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect();
        assert_eq!(heard, ["question", "second", "more"]);
    })
    .await;
}

#[tokio::test]
async fn continue_begins_with_what_is_kept_and_leaves_the_old_answer_alone() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=50 cut=10 times=1]").await;
        let first = begun(&mut sent).await;
        finish(sent).await;
        let kept = world.message(first.answer).await.parts.text();
        assert_eq!(kept.trim_end(), tokens(10));

        world.fake.next(Script::text("t00011 and the rest"));
        let mut sent = world.send(Ask::Continue { message: first.answer }, Options::default()).await;
        let second = begun(&mut sent).await;
        let event = sent.events.next().await.unwrap();
        assert_eq!((event.seq, text_of(&[event])), (2, kept.clone()));
        assert_eq!(finish(sent).await.1, State::Completed);
        let whole = world.message(second.answer).await;
        assert_eq!(whole.parts.text(), kept + "t00011 and the rest");
        assert_eq!(whole.parts.0.len(), 1);
        assert_eq!(world.message(first.answer).await.state, State::Failed);

        let again = chat::send(
            world.app(),
            &world.alice,
            Ask::Continue { message: second.answer },
            Options::default(),
        );
        assert!(matches!(again.await, Err(Error::Conflict { .. })));
    })
    .await;
}

#[tokio::test]
async fn reasoning_and_tool_calls_are_parts() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=3 reasoning=2 toolcall=search args=x]").await;
        let begun = begun(&mut sent).await;
        finish(sent).await;
        let parts = world.message(begun.answer).await.parts.0;
        assert!(matches!(&parts[0], Part::Reasoning { text, duration_ms: Some(_) } if text.starts_with("r00001")), "{parts:?}");
        let is_call = |part: &Part| matches!(part, Part::ToolCall { name, arguments, .. } if name == "search" && arguments.contains('x'));
        assert!(parts.iter().any(is_call), "{parts:?}");
    })
    .await;
}

#[test]
fn a_thought_that_was_stored_without_its_length_is_read_and_written_as_it_was() {
    let old = r#"[{"type":"reasoning","text":"hm"}]"#;
    let parts: Parts = serde_json::from_str(old).unwrap();
    assert_eq!(parts.0, [Part::Reasoning { text: "hm".into(), duration_ms: None }]);
    assert_eq!(serde_json::to_string(&parts).unwrap(), old);
}

#[tokio::test]
async fn a_model_names_a_conversation_once_and_never_over_a_manual_title() {
    for on in services::testing::BOTH {
        let fake = Fake::start().await;
        let mut config = config_for(&fake);
        config.chat.titles = true;
        let world = World::with(on, config, fake).await;
        let title_of = async |id| conversations::find(world.app(), &world.alice, id).await.unwrap().title;

        let mut sent = world.say("[tokens=60 rate=100] good morning").await;
        let first = begun(&mut sent).await;
        within(Duration::from_secs(10), "the model's title", async || {
            title_of(first.conversation).await != "[tokens=60 rate=100] good morning"
        })
        .await;
        let (_, state) = finish(sent).await;
        assert_eq!(state, State::Completed);
        let named = title_of(first.conversation).await;
        finish(world.say_in(first.conversation, "[tokens=3] again").await).await;
        assert_eq!(title_of(first.conversation).await, named);
        let titles = || world.fake.requests().iter().filter(|request| request.title).count();

        let mut sent = world.say("[tokens=60 rate=100 title=Never_shown] other").await;
        let second = begun(&mut sent).await;
        let mine = conversations::Change { title: Some("Mine".into()), ..Default::default() };
        conversations::change(world.app(), &world.alice, second.conversation, mine).await.unwrap();
        finish(sent).await;
        // One for each conversation, and none for what was said again before the second.
        within(Duration::from_secs(10), "the second title", async || titles() > 1).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(titles(), 2);
        assert_eq!(title_of(second.conversation).await, "Mine");
    }
}

#[tokio::test]
async fn empty_and_endless_messages_are_refused() {
    let world = World::start(On::Sqlite).await;
    let send = async |text: String| {
        chat::send(world.app(), &world.alice, say(&text, None), Options::default()).await.map(|_| ())
    };
    assert!(matches!(send("  \n".into()).await, Err(Error::Invalid { field: "message", .. })));
    assert!(matches!(send("x".repeat(200_001)).await, Err(Error::TooLarge(_))));
    assert!(send("x".repeat(200_000)).await.is_ok());
    let options = Options { model: Some("nobody/knows".into()), ..Options::default() };
    let unknown = chat::send(world.app(), &world.alice, say("hi", None), options).await;
    assert!(matches!(unknown, Err(Error::Unfit { field: "model", .. })));
}
