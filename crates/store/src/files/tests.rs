use domain::{FileKind, Role};

use super::*;
use crate::{
    Db, messages, purge,
    test::{given, on_both},
};

fn image(id: i64, owner: UserId, hash: char) -> File {
    File {
        attachment: Attachment {
            id: FileId(id),
            name: "cat.png".into(),
            kind: FileKind::Image,
            media_type: "image/png".into(),
            bytes: 70,
            width: Some(4),
            height: Some(3),
        },
        owner: Some(owner),
        hash: hash.to_string().repeat(64),
        created_at: Timestamp(id),
        is_used: false,
    }
}

pub(crate) async fn given_file(db: &Db, id: i64, owner: UserId, hash: char) -> FileId {
    let file = image(id, owner, hash);
    let done: Result<()> = db.write(async move |tx| insert(tx, &file).await).await;
    done.unwrap();
    FileId(id)
}

/// A message with this id that uses these files.
async fn use_in(db: &Db, talk: ConversationId, message: i64, owner: UserId, ids: &'static [i64]) {
    given::said(db, vec![given::message(message, talk, None, Role::User, "look")]).await;
    let taken: Result<usize> = db
        .write(async move |tx| {
            let taken = take(tx, owner, None, ids).await?.len();
            attach(tx, MessageId(message), ids).await?;
            Ok(taken)
        })
        .await;
    assert_eq!(taken.unwrap(), ids.len());
}

async fn purge_talk(db: &Db, talk: ConversationId) {
    let purged: Result<()> = db
        .write(async move |tx| {
            purge::mark_conversation(tx, talk, Timestamp(4)).await?;
            while !purge::purge_conversation(tx, talk).await? {}
            Ok(())
        })
        .await;
    purged.unwrap();
}

/// The first digits of the contents that go with a sweep.
async fn swept(db: &Db, before: i64) -> Vec<String> {
    let gone: Result<_> = db.write(async move |tx| sweep(tx, Timestamp(before)).await).await;
    gone.unwrap();
    let ended = ended_blobs(db).await.unwrap();
    let hashes: Vec<String> = ended.iter().map(|(hash, _)| hash.clone()).collect();
    let forgotten: Result<()> = db
        .write(async move |tx| {
            for hash in &hashes {
                forget_blob(tx, hash).await?;
            }
            Ok(())
        })
        .await;
    forgotten.unwrap();
    assert!(ended_blobs(db).await.unwrap().is_empty());
    ended.iter().filter(|(_, is_held)| !is_held).map(|(hash, _)| hash[..1].to_owned()).collect()
}

#[tokio::test]
async fn a_file_is_its_owners_and_of_those_who_see_a_message_with_it() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        let id = given_file(db, 30, alice, 'a').await;
        assert_eq!(find(db, alice, id).await.unwrap(), Some(image(30, alice, 'a')));
        assert_eq!(find(db, bob, id).await.unwrap(), None);
        assert_eq!(list(db, alice, FileId(0), 9).await.unwrap().len(), 1);
        assert!(list(db, alice, id, 9).await.unwrap().is_empty());
        assert!(list(db, bob, FileId(0), 9).await.unwrap().is_empty());

        let talk = given::conversation(db, 10, alice).await;
        use_in(db, talk, 20, alice, &[30]).await;
        assert!(find(db, alice, id).await.unwrap().unwrap().is_used);
        assert_eq!(find(db, bob, id).await.unwrap(), None);
        let shown: Result<()> = db
            .write(async move |tx| {
                crate::members::put(tx, talk, bob, domain::MemberRole::Viewer, Timestamp(1)).await
            })
            .await;
        shown.unwrap();
        assert_eq!(find(db, bob, id).await.unwrap().unwrap().attachment.id, id);
        assert_eq!(own(db, id).await.unwrap().unwrap().owner, Some(alice));
        assert_eq!(of_ids(db, &[30, 31]).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn only_what_one_brought_or_what_the_earlier_message_has_can_be_taken() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        given_file(db, 30, alice, 'a').await;
        given_file(db, 31, bob, 'b').await;
        let talk = given::conversation(db, 10, alice).await;
        use_in(db, talk, 20, alice, &[30]).await;
        let taken = async |who: UserId, earlier: Option<MessageId>| {
            let taken: Result<Vec<i64>> = db
                .write(async move |tx| {
                    let taken = take(tx, who, earlier, &[30, 31, 32]).await?;
                    Ok(taken.into_iter().map(|file| file.attachment.id.0).collect())
                })
                .await;
            let mut ids = taken.unwrap();
            ids.sort_unstable();
            ids
        };
        assert_eq!(taken(alice, None).await, [30]);
        assert_eq!(taken(bob, None).await, [31]);
        assert_eq!(taken(bob, Some(MessageId(20))).await, [30, 31]);
        let room = async |who: UserId| {
            let room: Result<Holding> = db.write(async move |tx| hold(tx, who).await).await;
            room.unwrap()
        };
        assert_eq!(room(alice).await, Holding { is_active: true, bytes: 70 });
        assert_eq!(room(UserId(9)).await, Holding { is_active: false, bytes: 0 });
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_a_day_after_nobody_used_it_or_with_its_last_message() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        for (id, hash) in [(30, 'a'), (31, 'b'), (32, 'c')] {
            given_file(db, id, alice, hash).await;
        }
        let (one, two) = (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
        use_in(db, one, 20, alice, &[30, 31]).await;
        use_in(db, two, 21, alice, &[31]).await;
        assert!(swept(db, 32).await.is_empty(), "too young, or used");
        assert_eq!(swept(db, 33).await, ["c"]);

        purge_talk(db, one).await;
        assert_eq!(swept(db, 1).await, ["a"], "the other one is still used");
        purge_talk(db, two).await;
        assert_eq!(swept(db, 1).await, ["b"]);
        let (left,): (i64,) = On::from(db).query("SELECT COUNT(*) FROM message_files").one().await.unwrap();
        assert_eq!(left, 0);
    })
    .await;
}

#[tokio::test]
async fn only_an_unused_file_can_be_discarded() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        let (used, unused) = (given_file(db, 30, alice, 'a').await, given_file(db, 31, alice, 'b').await);
        let talk = given::conversation(db, 10, alice).await;
        use_in(db, talk, 20, alice, &[30]).await;
        let gone = async |who: UserId, id: FileId| {
            let gone: Result<_> = db.write(async move |tx| discard(tx, who, id).await).await;
            gone.unwrap()
        };
        assert!(!gone(alice, used).await && !gone(bob, unused).await);
        given_file(db, 32, alice, 'b').await;
        assert!(gone(alice, unused).await && !gone(alice, unused).await);
        assert_eq!(ended_blobs(db).await.unwrap(), [("b".repeat(64), true)], "another one holds the same");
        assert!(gone(alice, FileId(32)).await);
        assert_eq!(ended_blobs(db).await.unwrap(), [("b".repeat(64), false)]);
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_a_conversation_keeps_its_files_alive() {
    on_both(async |db| {
        let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
        let id = given_file(db, 30, alice, 'a').await;
        let (talk, copy) = (given::conversation(db, 10, alice).await, given::conversation(db, 11, bob).await);
        use_in(db, talk, 20, alice, &[30]).await;
        let slice: Vec<Copied> = vec![(MessageId(20), MessageId(40), None)];
        let copied: Result<()> = db
            .write(async move |tx| {
                assert_eq!(messages::fork::copy(tx, bob, talk, copy, &slice).await?, 0, "a stranger");
                crate::members::put(tx, talk, bob, domain::MemberRole::Viewer, Timestamp(1)).await?;
                assert_eq!(messages::fork::copy(tx, bob, talk, copy, &slice).await?, 1);
                crate::users::end(tx, alice, "", Timestamp(2)).await?;
                Ok(())
            })
            .await;
        copied.unwrap();
        purge_talk(db, talk).await;
        let purged: Result<()> = db
            .write(async move |tx| {
                while !purge::purge_account(tx, alice).await? {}
                Ok(())
            })
            .await;
        purged.unwrap();
        assert!(swept(db, 99).await.is_empty());
        let found = find(db, bob, id).await.unwrap().unwrap();
        assert_eq!((found.owner, found.is_used), (None, true));
        purge_talk(db, copy).await;
        assert_eq!(swept(db, 1).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn what_an_account_brought_and_never_used_goes_with_it() {
    on_both(async |db| {
        let alice = given::user(db, 1).await;
        given_file(db, 30, alice, 'a').await;
        let purged: Result<()> = db
            .write(async move |tx| {
                crate::users::end(tx, alice, "", Timestamp(2)).await?;
                while !purge::purge_account(tx, alice).await? {}
                Ok(())
            })
            .await;
        purged.unwrap();
        assert_eq!(swept(db, 1).await, ["a"]);
    })
    .await;
}
