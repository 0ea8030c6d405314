//! What the net catches: panics, failed writes, lost runners, restarts.

use std::time::Duration;

use domain::{EventKind, State};
use fakes::Script;
use services::{
    chat::{self, Ask, Options, recover::RECOVERED_GAP},
    faults::Point,
    testing::{BOTH, On},
};

use crate::support::{World, begun, finish, on_both, text_of, tokens, within};

const A_SECOND_AND_A_BIT: Duration = Duration::from_millis(2_500);

#[tokio::test]
async fn a_panic_settles_the_turn_as_failed() {
    on_both(async |world| {
        world.app().faults.set(Point::AnswerPanics, 1);
        let mut sent = world.say("[tokens=5]").await;
        let begun = begun(&mut sent).await;
        assert_eq!(finish(sent).await.1, State::Failed);
        let answer = world.message(begun.answer).await;
        assert_eq!(answer.error.unwrap().code, "internal");
        assert_eq!(finish(world.say_in(begun.conversation, "[tokens=2]").await).await.0, tokens(2));
    })
    .await;
}

#[tokio::test]
async fn a_settle_and_a_checkpoint_that_fail_are_repeated() {
    on_both(async |world| {
        world.app().faults.set(Point::SettleFails, 3);
        world.app().faults.set(Point::CheckpointFails, 5);
        let mut sent = world.say("[tokens=60 rate=200]").await;
        let begun = begun(&mut sent).await;
        assert_eq!(finish(sent).await, (tokens(60), State::Completed));
        assert_eq!(world.message(begun.answer).await.parts.text(), tokens(60));
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_lost_its_runner_is_interrupted_within_a_second_or_two() {
    on_both(async |world| {
        world.app().faults.set(Point::AnswerVanishes, 1);
        let sent =
            chat::send(world.app(), &world.alice, crate::support::say("hi", None), Options::default()).await;
        let turn = sent.map(|sent| sent.turn);
        within(A_SECOND_AND_A_BIT, "it is settled", async || {
            store::turns::unsettled_of_user(&world.app().db, world.alice.user).await.unwrap().is_empty()
        })
        .await;
        if let Ok(turn) = turn {
            let told = world.follow(turn, 0).await;
            assert_eq!(crate::support::state_of(&told), State::Interrupted);
        }
    })
    .await;
}

#[tokio::test]
async fn a_restart_keeps_the_text_interrupts_the_turn_and_offers_to_go_on() {
    for on in BOTH {
        let mut world = World::start(on).await;
        let mut sent = world.say("[tokens=100 rate=100 hang=60 times=1]").await;
        let one = begun(&mut sent).await;
        let mut second = world.say_in(one.conversation, "[tokens=5]").await;
        let two = begun(&mut second).await;
        within(Duration::from_secs(5), "sixty tokens are stored", async || {
            world.message(one.answer).await.parts.text().trim_end() == tokens(60)
        })
        .await;
        let covers = world.message(one.answer).await.covers.unwrap();
        drop((sent, second));
        world.test = world.test.restart().await;

        let answer = world.message(one.answer).await;
        assert_eq!((answer.parts.text().trim_end(), answer.state), (tokens(60).as_str(), State::Interrupted));
        assert_eq!(world.message(two.answer).await.state, State::Interrupted);
        let told = world.follow(one.turn, 17).await;
        assert!(matches!(told[0].kind, EventKind::Snapshot(_)));
        assert!(told.last().unwrap().seq > covers);
        assert_eq!(text_of(&told).trim_end(), tokens(60));

        world.fake.next(Script::text(" and the rest"));
        let go_on = world.send(Ask::Continue { message: one.answer }, Options::default()).await;
        let (text, state) = finish(go_on).await;
        assert_eq!(state, State::Completed);
        assert_eq!(text, answer.parts.text() + " and the rest");
    }
}

#[tokio::test]
async fn the_cursor_of_a_killed_turn_never_lies() {
    on_both(async |world| {
        // A turn of an earlier epoch, as a kill leaves it: its row, its tail, no log.
        let talk = store::test::given::conversation(&world.app().db, 10, world.alice.user).await;
        let turn =
            store::test::given::turn(&world.app().db, 100, talk, world.alice.user, State::Running).await;
        let piece = store::tails::Piece {
            turn: turn.id,
            after: 0,
            covers: 41,
            parts: domain::Parts::text_only("what was saved"),
        };
        let node = store::test::given::NODE;
        world.app().db.write(async move |tx| store::tails::append(tx, &[piece], node).await).await.unwrap();
        let world =
            World { test: world.test.restart().await, fake: world.fake, alice: world.alice, bob: world.bob };

        for seen in [0, 41, 45, 1_000] {
            let told = world.follow(turn.id, seen).await;
            assert_eq!(text_of(&told), "what was saved");
            assert_eq!(told.last().unwrap().seq, 41 + RECOVERED_GAP);
            assert_eq!(told[0].seq, 40 + RECOVERED_GAP);
        }
    })
    .await;
}

#[tokio::test]
async fn a_lost_lock_begins_a_new_epoch_and_ends_what_ran_in_the_old_one() {
    let world = World::start(On::Postgres).await;
    let mut sent = world.say("[tokens=5000 rate=100]").await;
    begun(&mut sent).await;
    let waiting = world.say("[tokens=5000 rate=100]").await;
    let before = world.app().epoch();
    store::test::cut_lock_session(&world.app().db).await;

    for sent in [sent, waiting] {
        let (_, state) = tokio::time::timeout(Duration::from_secs(10), finish(sent)).await.unwrap();
        assert_eq!(state, State::Interrupted);
    }
    assert_eq!(world.app().epoch(), before + 1);
    let both_left = world.fake.until(|counts| counts.disconnected == 2);
    tokio::time::timeout(Duration::from_secs(5), both_left).await.unwrap();
    assert_eq!(finish(world.say("[tokens=3]").await).await.0, tokens(3));
}
