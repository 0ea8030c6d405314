//! Readers: late, slow, gone and back again. Every event once and in order.

use std::time::Duration;

use domain::{Event, EventKind, State, TurnId};
use fakes::Fake;
use futures_util::StreamExt as _;
use services::{
    chat::{self, Watch},
    testing::On,
};

use crate::support::{World, assert_unbroken, begun, config_for, finish, on_both, text_of, tokens};

/// Follows a turn but leaves after every few events, and comes back behind what it saw last.
async fn flicker(world: &World, turn: TurnId, mut leave_after: impl FnMut() -> usize) -> (Vec<Event>, usize) {
    let (mut seen, mut disconnects): (Vec<Event>, usize) = (Vec::new(), 0);
    loop {
        let after = seen.last().map_or(0, |event| event.seq);
        let Watch::Events(events) = chat::watch(world.app(), &world.alice, turn, after).await.unwrap() else {
            return (seen, disconnects);
        };
        let some: Vec<Event> = events.take(leave_after()).collect().await;
        let is_over = some.last().is_some_and(Event::is_done);
        seen.extend(some);
        if is_over {
            return (seen, disconnects);
        }
        disconnects += 1;
    }
}

#[tokio::test]
async fn a_thousand_disconnects_leave_no_gap_and_no_repeat() {
    on_both(async |world| {
        let mut disconnects = 0;
        while disconnects < 1_000 {
            let mut sent = world.say("[tokens=300 rate=1000 reasoning=5]").await;
            let begun = begun(&mut sent).await;
            drop(sent);
            let readers = (0..4).map(|reader| {
                let mut step = reader;
                flicker(&world, begun.turn, move || {
                    step += 1;
                    1 + step % 5
                })
            });
            for (events, left) in futures_util::future::join_all(readers).await {
                assert_unbroken(&events, 0);
                assert_eq!(text_of(&events), tokens(300));
                disconnects += left;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_at_or_behind_done_has_nothing_to_see() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=5]").await;
        let begun = begun(&mut sent).await;
        let events: Vec<Event> = sent.events.collect().await;
        let done = events.last().unwrap().seq;
        for after in [done, done + 1, done + 5_000_000] {
            let watch = chat::watch(world.app(), &world.alice, begun.turn, after).await.unwrap();
            assert!(matches!(watch, Watch::Over), "{after}");
        }
        assert_eq!(world.follow(begun.turn, done - 1).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_settled_turn_without_a_log_is_told_by_its_message() {
    on_both(async |world| {
        for (text, state, events) in
            [("[tokens=5]", State::Completed, 2), ("[tokens=9 cut=5]", State::Failed, 3)]
        {
            let mut sent = world.say(text).await;
            let begun = begun(&mut sent).await;
            let live: Vec<Event> = sent.events.collect().await;
            let done = live.last().unwrap();
            world.app().hub.logs.forget(begun.turn);
            let told = world.follow(begun.turn, 2).await;
            assert_eq!(told.len(), events);
            assert!(matches!(&told[0].kind, EventKind::Snapshot(message) if message.state == state));
            assert_eq!(text_of(&told), text_of(&live));
            assert_eq!(told.last().unwrap(), done);
            assert_unbroken(&told, told[0].seq - 1);
        }
    })
    .await;
}

#[tokio::test]
async fn when_memory_is_short_a_late_reader_gets_a_snapshot_and_the_rest() {
    for on in services::testing::BOTH {
        let fake = Fake::start().await;
        let mut config = config_for(&fake);
        config.chat.log_memory_bytes = 1;
        config.chat.log_keep_seconds = 0;
        let world = World::with(on, config, fake).await;
        let mut sent = world.say("[tokens=300 rate=100]").await;
        let begun = begun(&mut sent).await;
        let reader = sent.events;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let late = world.follow(begun.turn, 0).await;
        assert!(matches!(late[0].kind, EventKind::Snapshot(_)));
        assert_eq!(held_of(&late), tokens(300));
        // The one that never left was slow, and is no worse off.
        let all: Vec<Event> = reader.collect().await;
        assert_eq!(held_of(&all), tokens(300));
    }
}

/// What a reader holds in the end. Each snapshot replaces what came before it, and the numbers go on from it: one whose reading
/// is slow gets more than one.
fn held_of(events: &[Event]) -> String {
    let mut held = String::new();
    for pair in events.windows(2) {
        if !matches!(pair[1].kind, EventKind::Snapshot(_)) {
            assert_eq!(pair[1].seq, pair[0].seq + 1);
        }
    }
    for event in events {
        if matches!(event.kind, EventKind::Snapshot(_)) {
            held.clear();
        }
        held.push_str(&text_of(std::slice::from_ref(event)));
    }
    held
}

#[tokio::test]
async fn a_running_message_is_read_with_a_cursor_that_fits() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=200 rate=200]").await;
        let begun = begun(&mut sent).await;
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(120)).await;
            let page = world.message(begun.answer).await;
            let Some(covers) = page.covers else {
                assert_eq!((page.state, page.parts.text()), (State::Completed, tokens(200)));
                break;
            };
            let rest = world.follow(begun.turn, covers).await;
            assert_eq!(page.parts.text() + &text_of(&rest), tokens(200));
        }
        finish(sent).await;
    })
    .await;
}

#[tokio::test]
async fn fifty_readers_ask_the_provider_once() {
    let world = World::start(On::Sqlite).await;
    let mut sent = world.say("[tokens=100 rate=300]").await;
    let begun = begun(&mut sent).await;
    let readers = (0..50).map(|_| world.follow(begun.turn, 0));
    for events in futures_util::future::join_all(readers).await {
        assert_eq!(text_of(&events), tokens(100));
    }
    assert_eq!(
        world.fake.requests().iter().filter(|request| request.path.ends_with("completions")).count(),
        1
    );
}
