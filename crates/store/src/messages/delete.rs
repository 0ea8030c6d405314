//! Deleting a message for good, with all that follows it.

use domain::{ConversationId, MessageId, State};

use crate::{
    On, Result, Tx,
    db::{list::among, to_json},
};

/// A message and everything below it, in all branches, with how far each has come.
pub async fn below(
    on: impl Into<On<'_>>,
    conversation: ConversationId,
    id: MessageId,
) -> Result<Vec<(MessageId, State)>> {
    on.into()
        .query(
            "WITH RECURSIVE below (id, state) AS (
                SELECT m.id, m.state FROM messages m WHERE m.id = $1 AND m.conversation_id = $2
                UNION ALL
                SELECT m.id, m.state FROM below JOIN messages m ON m.parent_id = below.id)
             SELECT id, state FROM below ORDER BY id",
        )
        .bind(id)
        .bind(conversation)
        .all()
        .await
}

/// Deletes messages of a conversation with what hangs on them: their place in the search, what people think of them and
/// note to them, the turns that made them and the tools that these called. Files that no other message uses go with the next sweep. What answers cost stays counted. The
/// caller holds the conversation's lock, and leaves none of them running. Says how many there were.
pub async fn delete(tx: &mut Tx, conversation: ConversationId, ids: &[MessageId]) -> Result<i64> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    crate::search::remove_all(tx, &ids).await?;
    for sql in [
        among!("DELETE FROM feedback WHERE message_id", "$1", ""),
        among!("DELETE FROM notes WHERE message_id", "$1", ""),
        among!("DELETE FROM tool_calls WHERE message_id", "$1", ""),
    ] {
        tx.query(sql).bind(to_json(&ids)).run().await?;
    }
    crate::files::detach_all(tx, &ids).await?;
    for sql in [
        among!("DELETE FROM turns WHERE conversation_id = $1 AND message_id", "$2", ""),
        among!("DELETE FROM messages WHERE conversation_id = $1 AND id", "$2", ""),
    ] {
        tx.query(sql).bind(conversation).bind(to_json(&ids)).run().await?;
    }
    Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use domain::{Feedback, FileId, Rating, Role, Timestamp};

    use super::*;
    use crate::{
        Db, feedback, files, messages, search,
        test::{given, on_both},
        turns,
    };

    async fn count(db: &Db, of: &'static str) -> i64 {
        let (count,): (i64,) = On::from(db).query(of).one().await.unwrap();
        count
    }

    #[tokio::test]
    async fn a_message_goes_with_all_that_hangs_on_it_and_nothing_else_does() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let (talk, other) =
                (given::conversation(db, 10, alice).await, given::conversation(db, 11, alice).await);
            let turn = given::turn(db, 20, talk, alice, State::Completed).await;
            let say = |id, parent, role| given::message(id, talk, Some(parent), role, "zebra");
            given::said(
                db,
                vec![
                    say(30, 22, Role::User),
                    say(31, 30, Role::Assistant),
                    say(32, 30, Role::Assistant),
                    say(33, 31, Role::User),
                    say(40, 21, Role::Assistant),
                ],
            )
            .await;
            let done: Result<()> = db
                .write(async move |tx| {
                    search::put_all(tx, alice, &[(31, "zebra"), (40, "zebra")]).await?;
                    let up = Feedback { rating: Rating::Up, comment: None };
                    for id in [31, 40] {
                        feedback::put(tx, MessageId(id), alice, Some(&up), Timestamp(1)).await?;
                    }
                    Ok(())
                })
                .await;
            done.unwrap();

            let found = below(db, talk, MessageId(30)).await.unwrap();
            assert_eq!(found, [30, 31, 32, 33].map(|id| (MessageId(id), State::Completed)));
            assert!(below(db, other, MessageId(30)).await.unwrap().is_empty(), "elsewhere");
            let ids: Vec<_> =
                below(db, talk, turn.message_id).await.unwrap().iter().map(|one| one.0).collect();
            assert_eq!(ids, [22, 30, 31, 32, 33].map(MessageId));
            let elsewhere = ids.clone();
            let gone: Result<i64> = db
                .write(async move |tx| {
                    delete(tx, other, &[MessageId(21)]).await?;
                    delete(tx, talk, &elsewhere).await
                })
                .await;
            assert_eq!(gone.unwrap(), 5);

            let left = messages::tree(db, alice, talk, MessageId(0), 9).await.unwrap();
            assert_eq!(left.iter().map(|one| one.id.0).collect::<Vec<_>>(), [21, 40]);
            assert_eq!(turns::find(db, alice, turn.id).await.unwrap(), None);
            assert_eq!(count(db, "SELECT COUNT(*) FROM feedback").await, 1);
            let terms = search::Terms::of("zebra").unwrap();
            assert_eq!(search::own_ids(db, alice, &terms, i64::MAX, 9).await.unwrap(), [40]);
        })
        .await;
    }

    /// Files, and the messages that use each.
    const USES: [(i64, &[i64]); 2] = [(30, &[20, 22]), (31, &[21])];

    #[tokio::test]
    async fn a_file_goes_with_the_last_message_that_used_it() {
        on_both(async |db| {
            let alice = given::user(db, 1).await;
            let talk = given::conversation(db, 10, alice).await;
            let say = |id, parent| given::message(id, talk, parent, Role::User, "look");
            given::said(db, vec![say(20, None), say(21, Some(20)), say(22, None)]).await;
            for (id, users) in USES {
                files::tests::given_file(db, id, alice, 'a').await;
                let done: Result<()> = db
                    .write(async move |tx| {
                        files::take(tx, alice, None, &[id]).await?;
                        for user in users {
                            files::attach(tx, MessageId(*user), &[id]).await?;
                        }
                        Ok(())
                    })
                    .await;
                done.unwrap();
            }
            let done: Result<i64> =
                db.write(async move |tx| delete(tx, talk, &[MessageId(20), MessageId(21)]).await).await;
            done.unwrap();
            let swept: Result<usize> = db.write(async move |tx| files::sweep(tx, Timestamp(1)).await).await;
            assert_eq!(swept.unwrap(), 1);
            assert!(files::own(db, FileId(30)).await.unwrap().is_some(), "another message uses it");
            assert!(files::own(db, FileId(31)).await.unwrap().is_none());
        })
        .await;
    }
}
