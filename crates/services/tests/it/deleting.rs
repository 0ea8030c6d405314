//! A message that is deleted goes with all that follows it, and with nothing else.

use domain::{ConversationId, MemberRole, Message, MessageId, State};
use services::{
    Error,
    chat::{Ask, Options},
    conversations, search, stats, testing,
};

use crate::support::{Begun, World, begun, finish, on_both, say};

/// Asks, and waits for the answer.
async fn asked(world: &World, ask: Ask) -> Begun {
    let mut sent = world.send(ask, Options::default()).await;
    let begun = begun(&mut sent).await;
    assert_eq!(finish(sent).await.1, State::Completed);
    begun
}

async fn delete(world: &World, id: MessageId) {
    conversations::delete_message(world.app(), &world.alice, id).await.unwrap();
}

/// The visible branch, and how many messages the conversation has.
async fn shown(world: &World, id: ConversationId) -> (Vec<MessageId>, i64) {
    let conversation = conversations::find(world.app(), &world.alice, id).await.unwrap();
    let branch: Vec<Message> = world.branch(id).await;
    (branch.iter().map(|message| message.id).collect(), conversation.message_count)
}

#[tokio::test]
async fn the_visible_branch_ends_at_the_newest_sibling_else_at_what_came_before() {
    on_both(async |world| {
        let first = asked(&world, say("[tokens=2] one", None)).await;
        let talk = first.conversation;
        let second = asked(&world, Ask::Regenerate { message: first.answer }).await;
        let more = asked(&world, say("[tokens=2] more", Some(talk))).await;
        let third = asked(&world, Ask::Regenerate { message: first.answer }).await;
        assert_eq!(shown(&world, talk).await, (vec![first.question, third.answer], 6));

        delete(&world, third.answer).await;
        let all = vec![first.question, second.answer, more.question, more.answer];
        assert_eq!(shown(&world, talk).await, (all.clone(), 5), "the newest sibling's leaf");
        delete(&world, first.answer).await;
        assert_eq!(shown(&world, talk).await, (all, 4), "it was not in sight");
        delete(&world, second.answer).await;
        assert_eq!(shown(&world, talk).await, (vec![first.question], 1), "the parent, and no answer");
        let again = conversations::delete_message(world.app(), &world.alice, more.question).await;
        assert!(matches!(again, Err(Error::NotFound("message"))), "it went with what it followed");

        let next = asked(&world, say("[tokens=2] next", Some(talk))).await;
        assert_eq!(shown(&world, talk).await.0, [first.question, next.question, next.answer]);
        delete(&world, first.question).await;
        assert_eq!(shown(&world, talk).await, (vec![], 0), "nothing is left");
        let anew = asked(&world, say("[tokens=2] anew", Some(talk))).await;
        assert_eq!(shown(&world, talk).await, (vec![anew.question, anew.answer], 2));
    })
    .await;
}

#[tokio::test]
async fn what_is_deleted_is_not_found_and_its_cost_stays_counted() {
    on_both(async |world| {
        let first = asked(&world, say("[tokens=2] zebra", None)).await;
        let second = asked(&world, say("[tokens=2] zebra", Some(first.conversation))).await;
        let before = stats::read(world.app(), &world.alice).await.unwrap();
        delete(&world, second.question).await;
        let found = search::search(world.app(), &world.alice, "zebra", search::Scope::Everything, None, 9)
            .await
            .unwrap();
        assert!(found.items.iter().all(|hit| hit.message != Some(second.question)));
        let after = stats::read(world.app(), &world.alice).await.unwrap();
        assert_eq!(after, stats::Stats { messages: before.messages - 2, ..before });
    })
    .await;
}

#[tokio::test]
async fn nothing_is_deleted_under_an_answer_that_is_being_written() {
    on_both(async |world| {
        let first = asked(&world, say("[tokens=2]", None)).await;
        let mut running = world.say_in(first.conversation, "[tokens=3 delay=60000]").await;
        let running_ids = begun(&mut running).await;
        let mut waiting = world.say_in(first.conversation, "[tokens=3]").await;
        let waiting_ids = begun(&mut waiting).await;
        for id in [first.question, first.answer, running_ids.question, running_ids.answer, waiting_ids.answer]
        {
            let refused = conversations::delete_message(world.app(), &world.alice, id).await;
            assert!(matches!(refused, Err(Error::Conflict { code: "being_answered", .. })), "{refused:?}");
        }
        services::chat::stop::stop(world.app(), &world.alice, running_ids.turn).await.unwrap();
        finish(running).await;
        finish(waiting).await;
        delete(&world, running_ids.question).await;
        assert_eq!(shown(&world, first.conversation).await, (vec![first.question, first.answer], 2));
    })
    .await;
}

#[tokio::test]
async fn a_stranger_sees_no_message_to_delete_and_a_viewer_may_not() {
    on_both(async |world| {
        let said = asked(&world, say("[tokens=2]", None)).await;
        let (app, bob) = (world.app(), &world.bob);
        let (talk, user) = (said.conversation.0, bob.user.0);
        let stranger = conversations::delete_message(app, bob, said.answer).await;
        assert!(matches!(stranger, Err(Error::NotFound("message"))));
        testing::set_member(app, talk, user, Some(MemberRole::Viewer)).await;
        let viewer = conversations::delete_message(app, bob, said.answer).await;
        assert!(matches!(viewer, Err(Error::Forbidden { code: "role_too_low", .. })));
        testing::set_member(app, talk, user, Some(MemberRole::Editor)).await;
        conversations::delete_message(app, bob, said.answer).await.unwrap();
        assert_eq!(shown(&world, said.conversation).await.1, 1);
    })
    .await;
}
