//! One turn per conversation runs at a time; a later one waits, is promoted, can be stopped.

use domain::{Role, State};
use futures_util::StreamExt as _;
use services::{
    Error,
    chat::{self, Ask, IdempotencyKey, Options},
    faults::Point,
};

use crate::support::{begun, finish, on_both, say, tokens};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sends_at_once_are_both_kept_in_one_order() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=2] first").await;
        let talk = begun(&mut sent).await.conversation;
        finish(sent).await;
        for _ in 0..10 {
            let (a, b) = futures_util::join!(
                world.say_in(talk, "[tokens=20 rate=400] a"),
                world.say_in(talk, "[tokens=20 rate=400] b")
            );
            let (a, b) = futures_util::join!(finish(a), finish(b));
            assert_eq!((a, b), ((tokens(20), State::Completed), (tokens(20), State::Completed)));
        }
        let branch = world.branch(talk).await;
        assert_eq!(branch.len(), 42);
        assert!(branch.windows(2).all(|pair| pair[0].id < pair[1].id), "the order is that of the ids");
        // The provider was asked in the order of the branch.
        let asked = world.fake.requests();
        let asked = asked.iter().map(|request| {
            let said = request.body["messages"].as_array().unwrap();
            said.last().unwrap()["content"].as_str().unwrap()
        });
        let questions: Vec<_> = branch.iter().step_by(2).map(|question| question.parts.text()).collect();
        assert_eq!(asked.collect::<Vec<_>>(), questions);
        for pair in branch.chunks(2) {
            assert_eq!((pair[0].role, pair[1].role), (Role::User, Role::Assistant));
            assert_eq!(pair[1].parent_id, Some(pair[0].id));
        }
    })
    .await;
}

#[tokio::test]
async fn a_later_send_waits_and_can_be_stopped_while_it_waits() {
    on_both(async |world| {
        let mut first = world.say("[tokens=500 rate=100]").await;
        let one = begun(&mut first).await;
        let mut second = world.say_in(one.conversation, "[tokens=3]").await;
        let two = begun(&mut second).await;
        let mut third = world.say_in(one.conversation, "[tokens=4]").await;
        let three = begun(&mut third).await;
        assert_eq!(world.message(two.answer).await.state, State::Waiting);

        chat::stop::stop(world.app(), &world.alice, two.turn).await.unwrap();
        assert_eq!(finish(second).await, (String::new(), State::Stopped));
        assert_eq!(world.message(three.answer).await.state, State::Waiting);
        chat::stop::stop(world.app(), &world.alice, one.turn).await.unwrap();
        assert_eq!(finish(first).await.1, State::Stopped);
        assert_eq!(finish(third).await, (tokens(4), State::Completed));
    })
    .await;
}

#[tokio::test]
async fn a_promotion_that_is_lost_is_made_up_for() {
    on_both(async |world| {
        let mut first = world.say("[tokens=20 rate=100]").await;
        let talk = begun(&mut first).await.conversation;
        let second = world.say_in(talk, "[tokens=3]").await;
        world.app().faults.set(Point::PromotionIsLost, 1);
        finish(first).await;
        assert_eq!(finish(second).await.0, tokens(3));
    })
    .await;
}

#[tokio::test]
async fn too_many_that_wait_are_refused() {
    on_both(async |world| {
        let mut first = world.say("[tokens=5000 rate=100]").await;
        let one = begun(&mut first).await;
        let mut waiting = Vec::new();
        for _ in 0..5 {
            waiting.push(world.say_in(one.conversation, "[tokens=1]").await);
        }
        let sixth =
            chat::send(world.app(), &world.alice, say("x", Some(one.conversation)), Options::default()).await;
        assert!(matches!(sixth, Err(Error::TooMany { code: "too_many_waiting", .. })));
        chat::stop::stop(world.app(), &world.alice, one.turn).await.unwrap();
        for sent in waiting {
            assert_eq!(finish(sent).await.1, State::Completed);
        }
    })
    .await;
}

fn keyed(body: &str) -> Options {
    let key = IdempotencyKey { key: "one".into(), route: "/api/v1/chat".into(), body_hash: body.into() };
    Options { key: Some(key), ..Options::default() }
}

#[tokio::test]
async fn the_same_send_a_hundred_times_is_one_turn() {
    on_both(async |world| {
        let sends = (0..100).map(|_| world.send(say("[tokens=20 rate=400]", None), keyed("h")));
        let sent = futures_util::future::join_all(sends).await;
        let turn = sent[0].turn;
        for one in sent {
            assert_eq!(one.turn, turn);
            let events: Vec<_> = one.events.collect().await;
            assert_eq!(crate::support::text_of(&events), tokens(20));
            assert_eq!(events[0].seq, 1);
        }
        assert_eq!(world.fake.counts().requests, 1);
        let list = services::conversations::list(
            world.app(),
            &world.alice,
            services::conversations::Shelf::ACTIVE,
            None,
            50,
        );
        assert_eq!(list.await.unwrap().items.len(), 1);

        // Again, long after the log is gone: the message tells the story.
        world.app().hub.logs.forget(turn);
        let late = world.send(say("[tokens=20 rate=400]", None), keyed("h")).await;
        assert_eq!(finish(late).await.0, tokens(20));

        let other = chat::send(world.app(), &world.alice, say("other", None), keyed("other")).await;
        assert!(matches!(other, Err(Error::Unfit { field: "Idempotency-Key", .. })));
        let bobs = chat::send(world.app(), &world.bob, say("[tokens=1]", None), keyed("h")).await.unwrap();
        assert_ne!(bobs.turn, turn);
    })
    .await;
}

#[tokio::test]
async fn regenerate_of_a_running_answer_queues() {
    on_both(async |world| {
        let mut first = world.say("[tokens=30 rate=200]").await;
        let one = begun(&mut first).await;
        let again = world.send(Ask::Regenerate { message: one.answer }, Options::default()).await;
        assert_eq!(finish(first).await.0, tokens(30));
        assert_eq!(finish(again).await.0, tokens(30));
    })
    .await;
}
