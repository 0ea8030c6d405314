//! Turns on both databases.

use domain::{
    ConversationId, GroupId, MemberRole, MessageId, Parts, Role, State, Timestamp, TitleOrigin, Usage,
};

use super::*;
use crate::{
    Db, Tx, conversations, groups,
    idempotency::Key,
    members::{self, Marks},
    messages::{self, Question},
    quotas::{self, Charge},
    search::{self, Terms},
    tails,
    test::{given, on_both},
    usage,
};

mod charged;

/// December 2026.
const MONTH: i64 = 683;

async fn settled(db: &Db, turn: &Turn, text: &str) -> Option<Next> {
    settled_as(db, turn, text, State::Completed, false).await
}

async fn settled_as(db: &Db, turn: &Turn, text: &str, state: State, gives_back: bool) -> Option<Next> {
    let (turn, parts) = (turn.clone(), Parts::text_only(text));
    let usage = Usage { prompt_tokens: 3, completion_tokens: 2, reasoning_tokens: 0, estimated: false };
    let settled: Result<_> = db
        .write(async move |tx| {
            let settled = Settled {
                state,
                parts: &parts,
                finish_reason: Some("stop"),
                error: None,
                usage: Some(usage),
                usage_id: turn.id.0 + 3,
                calls: &[],
                done_seq: 9,
                now: Timestamp(500),
                gives_back,
            };
            settle(tx, &turn, &settled).await
        })
        .await;
    settled.unwrap()
}

#[tokio::test]
async fn exactly_one_settle_takes_effect_and_the_next_turn_runs() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        let talk = given::conversation(db, 10, alice).await;
        let first = given::turn(db, 100, talk, alice, State::Running).await;
        let second = given::turn(db, 200, talk, alice, State::Waiting).await;
        let third = given::turn(db, 300, talk, alice, State::Waiting).await;
        let state = async |id| messages::own(db, id).await.unwrap().unwrap().state;

        let of_another_epoch = Turn { epoch: 2, ..first.clone() };
        assert_eq!(settled(db, &of_another_epoch, "no").await, None);
        assert_eq!(
            (state(first.message_id).await, state(second.message_id).await),
            (State::Running, State::Waiting)
        );
        assert_eq!(usage::since(db, alice, Timestamp(0)).await.unwrap(), (0, 0, 0));

        assert_eq!(settled(db, &first, "yes").await, Some(Next { promoted: Some(second.id) }));
        assert_eq!(settled(db, &first, "again").await, None);
        assert_eq!(
            (state(second.message_id).await, state(third.message_id).await),
            (State::Running, State::Waiting)
        );
        assert_eq!(find(db, alice, first.id).await.unwrap().unwrap().done_seq, Some(9));
        assert_eq!(find(db, bob, first.id).await.unwrap(), None);
        assert_eq!(unsettled_of_conversation(db, talk).await.unwrap(), [second.id, third.id]);
        assert_eq!(unsettled_of_user(db, alice).await.unwrap(), [second.id, third.id]);
        assert_eq!(unsettled_of_node(db, 0, 1, true).await.unwrap().len(), 2);
        assert_eq!(unsettled_of_node(db, 0, 1, false).await.unwrap().len(), 0);
        assert_eq!(own(db, second.id).await.unwrap().unwrap().state, State::Running);

        // One that is settled while it waits lets nobody run before the turn that runs has ended.
        assert_eq!(settled(db, &third, "").await, Some(Next { promoted: None }));
        assert_eq!(settled(db, &second, "").await, Some(Next { promoted: None }));
        assert_eq!(usage::since(db, alice, Timestamp(0)).await.unwrap(), (3, 9, 6));
        assert_eq!(usage::of_conversations(db, alice, &[talk]).await.unwrap(), [(talk, 6)]);
        assert_eq!(usage::of_conversations(db, bob, &[talk]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_settle_writes_the_answer_and_takes_the_tail_away() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        let (talk, other) =
            (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
        let turn = given::turn(db, 100, talk, alice, State::Running).await;
        let apart = given::turn(db, 200, other, alice, State::Running).await;
        for id in [turn.id, apart.id] {
            let piece = tails::Piece { turn: id, after: 0, covers: 3, parts: Parts::text_only("Hel") };
            db.write(async move |tx| tails::append(tx, &[piece], given::NODE).await).await.unwrap();
        }

        assert_eq!(settled(db, &turn, "Hello").await, Some(Next { promoted: None }));

        let answer = messages::own(db, turn.message_id).await.unwrap().unwrap();
        assert_eq!((answer.parts.text().as_str(), answer.state), ("Hello", State::Completed));
        assert_eq!((answer.finish_reason.as_deref(), answer.usage.unwrap().prompt_tokens), (Some("stop"), 3));
        let left: Vec<(TurnId,)> = On::from(db).query("SELECT turn_id FROM turn_tails").all().await.unwrap();
        assert_eq!(left, [(apart.id,)]);
        let seen =
            async |id| crate::conversations::find(db, alice, id).await.unwrap().unwrap().last_activity_at;
        assert_eq!((seen(talk).await, seen(other).await), (Timestamp(500), Timestamp(11)));
    })
    .await;
}

#[tokio::test]
async fn a_turn_begins_with_its_answer_and_with_what_is_new_of_its_question() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        let talk = given::conversation(db, 10, alice).await;
        let first = given::turn(db, 100, talk, alice, State::Running).await;
        let new = |id: i64, question: MessageId| Turn {
            id: TurnId(id),
            user_message_id: question,
            message_id: MessageId(id + 2),
            state: State::Waiting,
            continued_id: Some(first.message_id),
            ..first.clone()
        };
        let (asks, repeats) = (new(200, MessageId(201)), new(300, first.user_message_id));
        let (one, two) = (asks.clone(), repeats.clone());
        let parent = Some(first.message_id);
        let begun: Result<()> = db
            .write(async move |tx| {
                begin(tx, &one, Some(&Question { parent, parts: Parts::text_only("why?") })).await?;
                begin(tx, &two, None).await
            })
            .await;
        begun.unwrap();

        let read = async |id| messages::own(db, id).await.unwrap().unwrap();
        assert_eq!(own(db, asks.id).await.unwrap(), Some(asks.clone()));
        assert_eq!(own(db, repeats.id).await.unwrap(), Some(repeats.clone()));
        let question = read(asks.user_message_id).await;
        assert_eq!((question.parts.text().as_str(), question.parent_id), ("why?", parent));
        assert_eq!((question.role, question.state, question.model), (Role::User, State::Completed, None));
        let answer = read(asks.message_id).await;
        assert_eq!((answer.parts.is_empty(), answer.parent_id), (true, Some(question.id)));
        assert_eq!((answer.role, answer.state), (Role::Assistant, State::Waiting));
        assert_eq!((answer.turn_id, answer.model.as_deref()), (Some(asks.id), Some("fake")));
        assert_eq!(read(repeats.message_id).await.parent_id, Some(first.user_message_id));
    })
    .await;
}

#[tokio::test]
async fn a_turn_stands_on_role_account_and_epoch() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        let talk = given::conversation(db, 10, alice).await;
        given::turn(db, 100, talk, alice, State::Running).await;
        given::turn(db, 200, talk, alice, State::Waiting).await;
        let enter: Result<i64> =
            db.write(async move |tx| crate::nodes::enter(tx, 0, Timestamp(1)).await).await;
        assert_eq!(enter.unwrap(), 1);
        let ask = async |user, node| {
            let footing: Result<_> = db.write(async move |tx| footing(tx, talk, user, node).await).await;
            footing.unwrap()
        };
        let role = Some(MemberRole::Owner);
        let all = Footing { role, is_active: true, is_current: true, unsettled: 2, waiting: 1 };
        assert_eq!(ask(alice, (0, 1)).await, all);
        assert_eq!(ask(alice, (0, 2)).await, Footing { is_current: false, ..all.clone() });
        assert_eq!(ask(bob, (0, 1)).await, Footing { role: None, waiting: 0, ..all.clone() });
        let off: Result<bool> =
            db.write(async move |tx| crate::users::set_active(tx, alice, false, Timestamp(1)).await).await;
        assert!(off.unwrap());
        assert_eq!(ask(alice, (0, 1)).await, Footing { is_active: false, ..all });
    })
    .await;
}

#[tokio::test]
async fn what_ends_while_a_turn_waits_to_begin_is_seen_by_it() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        let talk = given::conversation(db, 10, alice).await;
        let entered: Result<i64> =
            db.write(async move |tx| crate::nodes::enter(tx, 0, Timestamp(1)).await).await;
        let node = (0, entered.unwrap());
        let (held, is_held) = tokio::sync::oneshot::channel();
        let end = db.write(async move |tx| -> Result<()> {
            crate::users::set_active(tx, alice, false, Timestamp(2)).await?;
            crate::nodes::enter(tx, 0, Timestamp(2)).await?;
            let _ = held.send(());
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            Ok(())
        });
        let begin = async {
            is_held.await.unwrap();
            let seen: Result<_> = db.write(async move |tx| footing(tx, talk, alice, node).await).await;
            seen.unwrap()
        };
        let (ended, seen) = futures_util::future::join(end, begin).await;
        ended.unwrap();
        assert_eq!((seen.is_active, seen.is_current), (false, false));
        assert_eq!((seen.role, seen.unsettled), (Some(MemberRole::Owner), 0));
    })
    .await;
}

/// The epoch that the node of [`given::NODE`] enters first.
async fn given_node(db: &Db) {
    let entered: Result<i64> =
        db.write(async move |tx| crate::nodes::enter(tx, given::NODE.0, Timestamp(1)).await).await;
    assert_eq!(entered.unwrap(), given::NODE.1);
}

/// Opens conversation `id` with a turn `id + 1`.
async fn opened(db: &Db, id: i64, user: UserId, key: Option<&str>) -> (Turn, Opened) {
    let (turn, opened) = tried(db, id, user, key).await;
    (turn, opened.unwrap())
}

async fn tried(db: &Db, id: i64, user: UserId, key: Option<&str>) -> (Turn, Result<Opened>) {
    charged(db, id, user, key, Charge { month: MONTH, limit: None, used: 0 }).await
}

async fn charged(
    db: &Db,
    id: i64,
    user: UserId,
    key: Option<&str>,
    charge: Charge,
) -> (Turn, Result<Opened>) {
    let new = conversations::New {
        id: ConversationId(id),
        owner: user,
        title: "Ferns".into(),
        title_origin: TitleOrigin::Words,
        model: None,
        instructions: None,
        now: Timestamp(id),
    };
    let turn = Turn {
        id: TurnId(id + 1),
        conversation_id: new.id,
        user_id: user,
        user_message_id: MessageId(id + 2),
        message_id: MessageId(id + 3),
        kind: domain::TurnKind::Send,
        continued_id: None,
        state: State::Running,
        model: "fake".into(),
        node: given::NODE.0,
        epoch: given::NODE.1,
        done_seq: None,
        created_at: Timestamp(id),
        settled_at: None,
        quota_month: Some(MONTH),
    };
    let key = key.map(|key| Key { user, key: key.into(), route: "r".into(), body_hash: "h".into() });
    let row = turn.clone();
    let opened: Result<Opened, NotOpened> = db
        .write(async move |tx| {
            let opening = Opening {
                conversation: &new,
                turn: &row,
                parts: &Parts::text_only("Do ferns flower?"),
                key: key.as_ref(),
                charge,
            };
            match open(tx, &opening).await? {
                // What failed may leave nothing behind.
                written @ Opened::Written { .. } => Ok(written),
                other => {
                    assert!(conversations::lock(tx, new.id).await?.is_none());
                    Err(NotOpened::Refused(other))
                }
            }
        })
        .await;
    let opened = opened.or_else(|not| match not {
        NotOpened::Refused(other) => Ok(other),
        NotOpened::Failed(error) => Err(error),
    });
    (turn, opened)
}

/// Why the job of an opening fails.
enum NotOpened {
    Refused(Opened),
    Failed(crate::Error),
}

impl From<crate::Error> for NotOpened {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

#[tokio::test]
async fn a_conversation_opens_with_all_that_belongs_to_it() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        let (turn, done) = opened(db, 100, alice, Some("once")).await;
        assert_eq!(done, Opened::Written { custom: None });

        assert_eq!(own(db, turn.id).await.unwrap(), Some(turn.clone()));
        let talk = conversations::find(db, alice, turn.conversation_id).await.unwrap().unwrap();
        assert_eq!((talk.title.as_str(), talk.role, talk.message_count), ("Ferns", MemberRole::Owner, 2));
        assert_eq!((talk.active_message_id, talk.running_turn_id), (Some(turn.message_id), Some(turn.id)));
        assert_eq!(talk.last_activity_at, Timestamp(100));
        let read = async |id| messages::own(db, id).await.unwrap().unwrap();
        let (question, answer) = (read(turn.user_message_id).await, read(turn.message_id).await);
        assert_eq!((question.parts.text().as_str(), question.parent_id), ("Do ferns flower?", None));
        assert_eq!((question.role, question.turn_id), (Role::User, Some(turn.id)));
        assert_eq!((answer.parent_id, answer.state), (Some(question.id), State::Running));
        assert_eq!(answer.model.as_deref(), Some("fake"));
        let found =
            async |words| search::own_ids(db, alice, &Terms::of(words).unwrap(), i64::MAX, 9).await.unwrap();
        assert_eq!(found("ferns").await, [turn.user_message_id.0, turn.conversation_id.0]);
        assert_eq!(found("flower").await, [turn.user_message_id.0]);

        let (_, again) = opened(db, 200, alice, Some("once")).await;
        let Opened::Repeated(first) = again else { panic!("{again:?}") };
        assert_eq!((first.result_id, first.route.as_str()), (turn.id.0, "r"));
        let changes = crate::users::Changes {
            preferences: Some(r#"{"custom_instructions":"Be brief."}"#.into()),
            ..crate::users::Changes::default()
        };
        let heed: Result<_> =
            db.write(async move |tx| crate::users::change(tx, alice, changes, Timestamp(1)).await).await;
        heed.unwrap();
        let custom = Some("Be brief.".to_owned());
        assert_eq!(opened(db, 300, alice, None).await.1, Opened::Written { custom });
    })
    .await;
}

#[tokio::test]
async fn nothing_opens_for_an_account_or_an_epoch_that_ended() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        given_node(db).await;
        let off: Result<bool> =
            db.write(async move |tx| crate::users::set_active(tx, bob, false, Timestamp(1)).await).await;
        assert!(off.unwrap());
        assert_eq!(opened(db, 100, bob, Some("key")).await.1, Opened::Inactive);
        let entered: Result<i64> =
            db.write(async move |tx| crate::nodes::enter(tx, given::NODE.0, Timestamp(2)).await).await;
        assert_eq!(entered.unwrap(), given::NODE.1 + 1);
        assert_eq!(opened(db, 200, alice, Some("key")).await.1, Opened::NotCurrent);
        let found = search::own_ids(db, alice, &Terms::of("ferns").unwrap(), i64::MAX, 9).await.unwrap();
        assert!(found.is_empty());
    })
    .await;
}

#[tokio::test]
async fn fifty_openings_at_once_with_one_key_are_one() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        let all = (1..=50).map(|n| opened(db, n * 10, alice, Some("once")));
        let all = futures_util::future::join_all(all).await;
        let written: Vec<TurnId> = all
            .iter()
            .filter(|(_, one)| matches!(one, Opened::Written { .. }))
            .map(|(turn, _)| turn.id)
            .collect();
        assert_eq!(written.len(), 1);
        let joined = all
            .iter()
            .filter(|(_, one)| matches!(one, Opened::Repeated(first) if first.result_id == written[0].0));
        assert_eq!(joined.count(), 49);
        assert_eq!(unsettled_of_user(db, alice).await.unwrap(), written);
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_that_open_and_settle_at_once_each_gets_its_own_and_fails_alone() {
    on_both(async |db| {
        let (alice, bob, carol) =
            (given::user(db, 1).await, given::user(db, 2).await, given::user(db, 3).await);
        given_node(db).await;
        let off: Result<bool> =
            db.write(async move |tx| crate::users::set_active(tx, carol, false, Timestamp(1)).await).await;
        assert!(off.unwrap());
        let (taken, _) = opened(db, 10, alice, None).await;

        let all = (2..=100).map(|n| {
            let (person, key) = match n % 10 {
                3 => (carol, None),
                5 => (bob, Some("once")),
                _ => (if n % 2 == 0 { alice } else { bob }, None),
            };
            tried(db, if n == 77 { taken.conversation_id.0 } else { n * 10 }, person, key)
        });
        let all = futures_util::future::join_all(all).await;
        let of = |n: i64| &all[usize::try_from(n - 2).unwrap()];
        for n in 2..=100 {
            let (turn, opened) = of(n);
            match (n, n % 10) {
                (77, _) => assert!(matches!(opened, Err(crate::Error::Unique(_))), "{opened:?}"),
                (_, 3) => assert!(matches!(opened, Ok(Opened::Inactive)), "{opened:?}"),
                (_, 5) => {}
                _ => assert_eq!(opened.as_ref().unwrap(), &Opened::Written { custom: None }, "{}", turn.id),
            }
        }
        let once = (2..=100).filter(|n| n % 10 == 5).map(of);
        assert_eq!(once.filter(|(_, one)| matches!(one, Ok(Opened::Written { .. }))).count(), 1);

        let written = all.iter().filter(|(_, one)| matches!(one, Ok(Opened::Written { .. })));
        let turns: Vec<&Turn> = std::iter::once(&taken).chain(written.map(|(turn, _)| turn)).collect();
        let words: Vec<String> = turns.iter().map(|turn| format!("answer {}", turn.id)).collect();
        // Twice each: exactly one takes effect.
        let ended = (turns.iter().zip(&words)).chain(turns.iter().zip(&words));
        let ended = futures_util::future::join_all(ended.map(|(turn, text)| settled(db, turn, text))).await;
        for (n, turn) in turns.iter().enumerate() {
            let took = [ended[n], ended[n + turns.len()]];
            assert_eq!(took.iter().flatten().count(), 1, "{}", turn.id);
            let answer = messages::own(db, turn.message_id).await.unwrap().unwrap();
            assert_eq!((answer.parts.text(), answer.state), (words[n].clone(), State::Completed));
        }
        assert_eq!(unsettled_of_user(db, alice).await.unwrap(), []);
        assert_eq!(unsettled_of_user(db, bob).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_group_goes_while_its_conversations_settle_and_nobody_waits_in_a_circle() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        for round in 1..=30 {
            let group = GroupId(round);
            let mut turns = Vec::new();
            for n in 0..6 {
                turns.push(opened(db, round * 1_000 + n * 10, alice, None).await.0);
            }
            let ids: Vec<_> = turns.iter().map(|turn| turn.conversation_id).collect();
            let made: Result<()> = db
                .write(async move |tx| {
                    groups::insert(tx, group, alice, "Work", Timestamp(1)).await?;
                    let into = Marks { group: Some(Some(group)), ..Marks::default() };
                    members::mark_all(tx, &ids, alice, into).await
                })
                .await;
            made.unwrap();
            // Against the order of the ids, in which the group's rows are taken.
            let ended =
                futures_util::future::join_all(turns.iter().rev().map(|turn| settled(db, turn, "yes")));
            let gone = db.write(async move |tx| groups::delete(tx, alice, group).await);
            let (ended, gone) = tokio::join!(ended, gone);
            assert_eq!(gone.unwrap(), groups::Deletion::Done);
            assert!(ended.iter().all(Option::is_some));
        }
    })
    .await;
}

/// Begins a turn as a send does: it waits if another is unsettled.
async fn begun(tx: &mut Tx, mut turn: Turn) -> Result<()> {
    conversations::lock(tx, turn.conversation_id).await?;
    let footing = footing(tx, turn.conversation_id, turn.user_id, given::NODE).await?;
    turn.state = if footing.unsettled == 0 { State::Running } else { State::Waiting };
    begin(tx, &turn, Some(&Question { parent: None, parts: Parts::text_only("and?") })).await?;
    conversations::grow(tx, turn.conversation_id, turn.message_id, 2, Timestamp(3)).await
}

#[tokio::test]
async fn a_turn_that_begins_while_others_settle_is_never_left_waiting() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_node(db).await;
        for round in 1..=60 {
            let (first, done) = opened(db, round * 1_000, alice, None).await;
            assert_eq!(done, Opened::Written { custom: None });
            let new = |id| Turn {
                id: TurnId(first.id.0 + id),
                user_message_id: MessageId(first.id.0 + id + 1),
                message_id: MessageId(first.id.0 + id + 2),
                ..first.clone()
            };
            let (second, third) = (new(100), new(200));
            let begin = async |turn: &Turn| {
                let turn = turn.clone();
                let begun: Result<()> = db.write(async move |tx| begun(tx, turn).await).await;
                begun.unwrap();
            };
            if round % 2 == 0 {
                begin(&second).await;
                // The first ends while the second is stopped and the third begins.
                let (one, two, ()) =
                    tokio::join!(settled(db, &first, "a"), settled(db, &second, "b"), begin(&third));
                assert!(one.is_some() && two.is_some());
                assert_eq!(own(db, third.id).await.unwrap().unwrap().state, State::Running, "round {round}");
            } else {
                let (one, ()) = tokio::join!(settled(db, &first, "a"), begin(&second));
                assert!(one.is_some());
                assert_eq!(own(db, second.id).await.unwrap().unwrap().state, State::Running, "round {round}");
            }
        }
    })
    .await;
}
