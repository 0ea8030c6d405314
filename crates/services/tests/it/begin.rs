//! Clients that leave at any await, and what ends while a send waits for the lock.

use std::{pin::pin, task::Poll, time::Duration};

use domain::{MemberRole, MessageId, State};
use futures_util::future::poll_fn;
use services::{
    Error,
    chat::{self, Ask, IdempotencyKey, Options},
    testing::On,
};

use crate::support::{World, begun, finish, on_both, say, within};

#[tokio::test]
async fn a_client_that_leaves_at_any_await_loses_nothing_and_leaves_no_turn_behind() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=1]").await;
        let talk = begun(&mut sent).await.conversation;
        finish(sent).await;
        // Left after one poll, after two, after three … until a send is answered before it is left.
        let mut polls = 1;
        loop {
            let text = format!("[tokens=2] after {polls} polls");
            let mut left = polls;
            let ask = say(&text, Some(talk));
            let mut sending = pin!(chat::send(world.app(), &world.alice, ask, Options::default()));
            let ended = poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(None);
                }
                left -= 1;
                match sending.as_mut().poll(context) {
                    Poll::Ready(sent) => Poll::Ready(Some(sent.is_ok())),
                    // The next poll comes whether or not there is anything new.
                    Poll::Pending => {
                        context.waker().wake_by_ref();
                        Poll::Pending
                    }
                }
            })
            .await;
            match ended {
                Some(true) => break,
                // Too many wait already.
                Some(false) => world.app().idle().await,
                None => polls += 1 + polls / 8,
            }
            assert!(polls < 100_000_000, "no send was ever taken");
        }
        within(Duration::from_secs(5), "every turn is settled", async || {
            store::turns::unsettled_of_user(&world.app().db, world.alice.user).await.unwrap().is_empty()
        })
        .await;
        world.app().idle().await;
        let branch = world.branch(talk).await;
        for pair in branch.chunks(2) {
            assert_eq!(pair[1].parent_id, Some(pair[0].id));
            assert_eq!(pair[1].state, State::Completed);
        }
    })
    .await;
}

/// What ends while a send waits.
#[derive(Debug, Clone, Copy)]
enum Ends {
    Membership,
    Conversation,
    Trashed,
    Account,
}

/// Holds the conversation's lock, lets Bob send, then ends something in the same job before the lock is free.
async fn send_while(world: &World, ends: Ends) -> Result<(), Error> {
    let mut sent = world.say("[tokens=1]").await;
    let talk = begun(&mut sent).await.conversation;
    finish(sent).await;
    let (bob, now) = (world.bob.user, world.app().now());
    let app = world.app().clone();
    app.db
        .write(async move |tx| store::members::put(tx, talk, bob, MemberRole::Editor, now).await)
        .await
        .unwrap();
    let (held, is_held) = tokio::sync::oneshot::channel();
    let db = app.db.clone();
    let ending = app.spawn(async move {
        let done: store::Result<()> = db
            .write(async move |tx| {
                store::conversations::lock(tx, talk).await?;
                let _ = held.send(());
                tokio::time::sleep(Duration::from_millis(200)).await;
                match ends {
                    Ends::Membership => {
                        store::members::remove(tx, talk, bob).await?;
                    }
                    Ends::Conversation => {
                        store::purge::mark_conversation(tx, talk, now).await?;
                    }
                    Ends::Trashed => store::conversations::set_deleted(tx, talk, Some(now)).await?,
                    Ends::Account => {
                        tx.query("UPDATE users SET is_active = FALSE WHERE id = $1").bind(bob).run().await?;
                    }
                }
                Ok(())
            })
            .await;
        done.unwrap();
    });
    is_held.await.unwrap();
    let result = chat::send(&app, &world.bob, say("late", Some(talk)), Options::default()).await;
    ending.await.unwrap();
    result.map(|_| ())
}

#[tokio::test]
async fn what_ends_while_a_send_waits_for_the_lock_is_seen_by_it() {
    on_both(async |world| {
        assert!(matches!(send_while(&world, Ends::Membership).await, Err(Error::NotFound("conversation"))));
        assert!(matches!(send_while(&world, Ends::Conversation).await, Err(Error::NotFound("conversation"))));
        assert!(matches!(
            send_while(&world, Ends::Trashed).await,
            Err(Error::Conflict { code: "in_trash", .. })
        ));
        assert!(matches!(send_while(&world, Ends::Account).await, Err(Error::Unauthenticated(_))));
        let unsettled = store::turns::unsettled_of_user(&world.app().db, world.bob.user).await.unwrap();
        assert!(unsettled.is_empty());
    })
    .await;
}

#[tokio::test]
async fn deleting_a_conversation_stops_its_answers() {
    on_both(async |world| {
        for permanent in [false, true] {
            let mut sent = world.say("[tokens=5000 rate=100]").await;
            let begun = begun(&mut sent).await;
            if permanent {
                services::conversations::end(world.app(), &world.alice, begun.conversation).await.unwrap();
            } else {
                services::conversations::delete(world.app(), &world.alice, begun.conversation).await.unwrap();
            }
            assert_eq!(finish(sent).await.1, State::Stopped);
            let again = Ask::Regenerate { message: begun.answer };
            let refused = chat::send(world.app(), &world.alice, again, Options::default()).await.map(|_| ());
            assert_eq!(matches!(refused, Err(Error::NotFound(_))), permanent);
            assert!(refused.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn a_parent_names_a_branch_and_only_edits_fork() {
    let world = World::start(On::Sqlite).await;
    let mut sent = world.say("[tokens=1] one").await;
    let first = begun(&mut sent).await;
    finish(sent).await;
    let mut sent = world.say_in(first.conversation, "[tokens=1] two").await;
    let second = begun(&mut sent).await;
    finish(sent).await;
    let to = |parent| Ask::Say {
        text: "[tokens=1] three".into(),
        conversation: Some(first.conversation),
        parent,
        files: Vec::new(),
    };
    let mut sent = world.send(to(Some(first.question)), Options::default()).await;
    let third = begun(&mut sent).await;
    finish(sent).await;
    assert_eq!(world.message(third.question).await.parent_id, Some(second.answer));
    let mut other = world.say("[tokens=1]").await;
    let elsewhere = begun(&mut other).await;
    finish(other).await;
    let foreign =
        chat::send(world.app(), &world.alice, to(Some(elsewhere.question)), Options::default()).await;
    assert!(matches!(foreign, Err(Error::NotFound("message"))));
}

fn keyed(body: &str) -> Options {
    let key = IdempotencyKey { key: "one".into(), route: "/api/v1/chat".into(), body_hash: body.into() };
    Options { key: Some(key), ..Options::default() }
}

#[tokio::test]
async fn the_same_send_to_a_conversation_twenty_times_is_one_turn() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=1]").await;
        let talk = begun(&mut sent).await.conversation;
        finish(sent).await;
        let sends = (0..20).map(|_| world.send(say("[tokens=2]", Some(talk)), keyed("h")));
        let sent = futures_util::future::join_all(sends).await;
        let turn = sent[0].turn;
        for one in sent {
            assert_eq!(one.turn, turn);
            assert_eq!(finish(one).await.1, State::Completed);
        }
        assert_eq!(world.branch(talk).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_repeat_joins_whatever_has_become_of_what_it_asks() {
    on_both(async |world| {
        let sent = world.send(say("[tokens=1]", None), keyed("h")).await;
        let turn = sent.turn;
        finish(sent).await;
        // None of these could be taken now: no such message, no such model.
        let gone = Ask::Regenerate { message: MessageId(1) };
        let no_model = Options { model: Some("none/such".into()), ..keyed("h") };
        assert_eq!(world.send(gone.clone(), keyed("h")).await.turn, turn);
        assert_eq!(world.send(say("[tokens=1]", None), no_model).await.turn, turn);
        let refused = async |ask: &Ask, options| {
            chat::send(world.app(), &world.alice, ask.clone(), options).await.map(|_| ()).unwrap_err()
        };
        assert!(matches!(refused(&gone, keyed("other")).await, Error::Unfit { .. }));
        assert!(matches!(refused(&gone, Options::default()).await, Error::NotFound("message")));
        let bobs = chat::send(world.app(), &world.bob, gone, keyed("h")).await.map(|_| ());
        assert!(matches!(bobs, Err(Error::NotFound("message"))));
    })
    .await;
}

#[tokio::test]
async fn a_conversation_that_a_question_made_is_as_if_it_had_been_there() {
    on_both(async |world| {
        let mut sent = world.say("[tokens=1] counting whales").await;
        let first = begun(&mut sent).await;
        finish(sent).await;
        let read = async || {
            let found =
                store::conversations::find(&world.app().db, world.alice.user, first.conversation).await;
            found.unwrap().unwrap()
        };
        let made = read().await;
        assert_eq!((made.active_message_id, made.message_count), (Some(first.answer), 2));
        assert_eq!((made.role, made.running_turn_id), (MemberRole::Owner, None));
        let mut sent = world.say_in(first.conversation, "[tokens=1] again").await;
        let second = begun(&mut sent).await;
        finish(sent).await;
        let grown = read().await;
        assert_eq!((grown.active_message_id, grown.message_count), (Some(second.answer), 4));
        assert_eq!(grown.title, made.title);
        let terms = store::search::Terms::of("whales").unwrap();
        let hits = store::search::own_ids(&world.app().db, world.alice.user, &terms, i64::MAX, 9).await;
        assert_eq!(hits.unwrap(), [first.question.0, first.conversation.0]);
    })
    .await;
}
