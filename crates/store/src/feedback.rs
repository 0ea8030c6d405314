//! `feedback`: what each person thinks of an answer.

use std::collections::HashMap;

use domain::{Feedback, Message, MessageId, Rating, Timestamp, UserId};

use crate::{
    On, Result, Tx,
    db::{list::among, to_json},
};

/// Writes what a person thinks of an answer, in place of what the person thought before; `None` takes it back.
pub async fn put(
    tx: &mut Tx,
    message: MessageId,
    user: UserId,
    feedback: Option<&Feedback>,
    now: Timestamp,
) -> Result<()> {
    let query = match feedback {
        None => tx.query("DELETE FROM feedback WHERE message_id = $1 AND user_id = $2").bind(message).bind(user),
        Some(feedback) => tx
            .query(
                "INSERT INTO feedback (message_id, user_id, rating, comment, updated_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (message_id, user_id) DO UPDATE SET
                    rating = excluded.rating, comment = excluded.comment, updated_at = excluded.updated_at",
            )
            .bind(message)
            .bind(user)
            .bind(feedback.rating)
            .bind(feedback.comment.clone())
            .bind(now),
    };
    query.run().await?;
    Ok(())
}

/// Fills in what `reader` thinks of these messages.
pub async fn add_to(on: impl Into<On<'_>>, reader: UserId, messages: &mut [Message]) -> Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = messages.iter().map(|message| message.id.0).collect();
    let rows: Vec<(MessageId, Rating, Option<String>)> = on
        .into()
        .query(among!(
            "SELECT message_id, rating, comment FROM feedback WHERE user_id = $1 AND message_id",
            "$2",
            ""
        ))
        .bind(reader)
        .bind(to_json(&ids))
        .by_key()
        .all()
        .await?;
    let mut of: HashMap<MessageId, Feedback> =
        rows.into_iter().map(|(id, rating, comment)| (id, Feedback { rating, comment })).collect();
    for message in messages {
        message.feedback = of.remove(&message.id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::Role;

    use super::*;
    use crate::{
        Db, messages, purge,
        test::{given, on_both},
    };

    async fn seen(db: &Db, reader: UserId, id: MessageId) -> Option<Feedback> {
        let mut found = vec![messages::find(db, reader, id).await.unwrap().unwrap()];
        add_to(db, reader, &mut found).await.unwrap();
        found.remove(0).feedback
    }

    #[tokio::test]
    async fn everybody_has_an_opinion_of_their_own_and_may_change_it() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            let id = MessageId(20);
            given::said(db, vec![given::message(20, talk, None, Role::Assistant, "hi")]).await;
            let down = Feedback { rating: Rating::Down, comment: Some("too short".into()) };
            let up = Feedback { rating: Rating::Up, comment: None };
            let (first, of_bob) = (down.clone(), up.clone());
            let done: Result<()> = db
                .write(async move |tx| {
                    crate::members::put(tx, talk, bob, domain::MemberRole::Viewer, Timestamp(1)).await?;
                    put(tx, id, alice, Some(&Feedback { rating: Rating::Up, comment: None }), Timestamp(1))
                        .await?;
                    put(tx, id, alice, Some(&first), Timestamp(2)).await?;
                    put(tx, id, bob, Some(&of_bob), Timestamp(2)).await
                })
                .await;
            done.unwrap();
            assert_eq!(seen(db, alice, id).await, Some(down));
            assert_eq!(seen(db, bob, id).await, Some(up));
            let done: Result<()> = db.write(async move |tx| put(tx, id, bob, None, Timestamp(3)).await).await;
            done.unwrap();
            assert_eq!(seen(db, bob, id).await, None);
            let purged: Result<()> = db
                .write(async move |tx| {
                    purge::mark_conversation(tx, talk, Timestamp(4)).await?;
                    while !purge::purge_conversation(tx, talk).await? {}
                    Ok(())
                })
                .await;
            purged.unwrap();
            let (left,): (i64,) = On::from(db).query("SELECT COUNT(*) FROM feedback").one().await.unwrap();
            assert_eq!(left, 0);
        })
        .await;
    }
}
