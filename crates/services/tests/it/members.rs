//! Several people in one conversation, below every client API.

use std::time::Duration;

use domain::{Event, MemberRole};
use futures_util::StreamExt as _;
use services::{
    Error,
    chat::{self, Watch},
    members, testing,
};

use crate::support::{begun, finish, on_both, state_of, text_of, tokens};

#[tokio::test]
async fn what_a_member_watches_simply_ends_with_the_membership_and_for_nobody_else() {
    on_both(async |world| {
        let (app, alice, bob) = (world.app(), &world.alice, &world.bob);
        let mut sent = world.say("[tokens=300 rate=200]").await;
        let talk = begun(&mut sent).await;
        testing::set_member(app, talk.conversation.0, bob.user.0, Some(MemberRole::Viewer)).await;
        let Watch::Events(mut of_bob) = chat::watch(app, bob, talk.turn, 0).await.unwrap() else {
            panic!("it goes on")
        };
        let first = of_bob.next().await.unwrap();

        members::remove(app, alice, talk.conversation, bob.user).await.unwrap();

        let rest: Vec<Event> =
            tokio::time::timeout(Duration::from_millis(500), of_bob.collect()).await.expect("at once");
        assert!(rest.iter().all(|event| !event.is_done()), "it ends without an end: {rest:?}");
        assert_eq!(first.seq, 1);
        let again = chat::watch(app, bob, talk.turn, 0).await;
        assert!(matches!(again, Err(Error::NotFound("turn"))));
        let of_alice = world.follow(talk.turn, 0).await;
        assert_eq!(text_of(&of_alice), tokens(300));
        let events: Vec<Event> = sent.events.collect().await;
        assert_eq!(state_of(&events), state_of(&of_alice));
    })
    .await;
}

#[tokio::test]
async fn who_is_put_out_several_times_at_once_is_counted_out_once() {
    on_both(async |world| {
        let (app, alice, bob) = (world.app(), &world.alice, &world.bob);
        let mut sent = world.say("[tokens=1]").await;
        let talk = begun(&mut sent).await.conversation;
        finish(sent).await;
        for _ in 0..20 {
            testing::set_member(app, talk.0, bob.user.0, Some(MemberRole::Editor)).await;
            let both = (0..4).map(|_| members::remove(app, alice, talk, bob.user));
            for removed in futures_util::future::join_all(both).await {
                removed.unwrap();
            }
            let all = members::list(app, alice, talk).await.unwrap();
            assert_eq!(all.len(), 1);
            let seen = services::conversations::find(app, alice, talk).await.unwrap();
            assert_eq!(seen.member_count, 1);
        }
    })
    .await;
}
