//! `notes`: what members write beside a conversation, oldest first. A note goes with its message and with its conversation;
//! when the account of its author ends it stays, and is nobody's.

use domain::{ConversationId, Note, NoteId, Person, UserId};

use crate::{
    On, Result, Tx,
    db::{FromRow, Row},
};

impl FromRow for Note {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let (id, conversation_id, message_id) = (row.next()?, row.next()?, row.next()?);
        let (content, created_at) = (row.next()?, row.next()?);
        let (author, username) = (row.next::<Option<UserId>>()?, row.next::<Option<String>>()?);
        let full_name = row.next()?;
        let author = author.zip(username).map(|(id, username)| Person { id, username, full_name });
        Ok(Self { id, conversation_id, message_id, author, content, created_at })
    }
}

/// A statement that selects notes as a member (`$1`) sees them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT n.id, n.conversation_id, n.message_id, n.content, n.created_at, u.id, u.username, u.full_name
             FROM notes n
             JOIN conversation_members who ON who.conversation_id = n.conversation_id AND who.user_id = $1
             JOIN conversations c ON c.id = n.conversation_id AND c.ended_at IS NULL
             LEFT JOIN users u ON u.id = n.author_id AND u.deleted_at IS NULL ",
            $rest
        )
    };
}

/// Writes a note of `author`.
pub async fn insert(tx: &mut Tx, note: &Note, author: UserId) -> Result<()> {
    tx.query(
        "INSERT INTO notes (id, conversation_id, message_id, author_id, content, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(note.id)
    .bind(note.conversation_id)
    .bind(note.message_id)
    .bind(author)
    .bind(&note.content)
    .bind(note.created_at)
    .run()
    .await?;
    Ok(())
}

/// A note as `reader` sees it.
pub async fn find(on: impl Into<On<'_>>, reader: UserId, id: NoteId) -> Result<Option<Note>> {
    on.into().query(select!("WHERE n.id = $2")).bind(reader).bind(id).optional().await
}

/// A page of the notes of a conversation, from behind `after`.
pub async fn list(
    on: impl Into<On<'_>>,
    reader: UserId,
    conversation: ConversationId,
    after: NoteId,
    limit: i64,
) -> Result<Vec<Note>> {
    on.into()
        .query(select!("WHERE n.conversation_id = $2 AND n.id > $3 ORDER BY n.id LIMIT $4"))
        .bind(reader)
        .bind(conversation)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// Deletes a note. Says whether there was one.
pub async fn delete(tx: &mut Tx, id: NoteId) -> Result<bool> {
    Ok(tx.query("DELETE FROM notes WHERE id = $1").bind(id).run().await? == 1)
}

#[cfg(test)]
mod tests {
    use domain::{MemberRole, MessageId, Role, Timestamp};

    use super::*;
    use crate::{
        Db, members, messages, purge,
        test::{given, on_both},
        users,
    };

    async fn noted(db: &Db, id: i64, talk: ConversationId, message: Option<i64>, author: UserId) {
        let note = Note {
            id: NoteId(id),
            conversation_id: talk,
            message_id: message.map(MessageId),
            author: None,
            content: format!("note {id}"),
            created_at: Timestamp(id),
        };
        let done: Result<()> = db.write(async move |tx| insert(tx, &note, author).await).await;
        done.unwrap();
    }

    async fn ids(db: &Db, reader: UserId, talk: ConversationId) -> Vec<i64> {
        let all = list(db, reader, talk, NoteId(0), 9).await.unwrap();
        all.iter().map(|note| note.id.0).collect()
    }

    #[tokio::test]
    async fn a_note_goes_with_its_message_and_its_conversation_and_stays_without_its_author() {
        on_both(async |db| {
            let (alice, bob, carol) =
                (given::user(db, 1).await, given::user(db, 2).await, given::user(db, 3).await);
            let talk = given::conversation(db, 10, alice).await;
            let put: Result<()> = db
                .write(async move |tx| members::put(tx, talk, bob, MemberRole::Commenter, Timestamp(1)).await)
                .await;
            put.unwrap();
            let say = |id| given::message(id, talk, None, Role::User, "text");
            given::said(db, vec![say(20), say(21)]).await;
            for (id, message, author) in
                [(30, Some(20), bob), (31, Some(21), bob), (32, None, bob), (33, None, alice)]
            {
                noted(db, id, talk, message, author).await;
            }
            assert_eq!(
                (ids(db, bob, talk).await, ids(db, carol, talk).await),
                (vec![30, 31, 32, 33], vec![])
            );
            let page = list(db, alice, talk, NoteId(30), 2).await.unwrap();
            assert_eq!(page.iter().map(|note| note.id.0).collect::<Vec<_>>(), [31, 32]);
            let found = find(db, alice, NoteId(30)).await.unwrap().unwrap();
            assert_eq!(found.author.map(|author| author.username).as_deref(), Some("user2"));
            assert_eq!(find(db, carol, NoteId(30)).await.unwrap(), None);

            let gone: Result<_> =
                db.write(async move |tx| messages::delete::delete(tx, talk, &[MessageId(20)]).await).await;
            gone.unwrap();
            assert_eq!(ids(db, alice, talk).await, [31, 32, 33]);
            assert!(db.write(async |tx| delete(tx, NoteId(31)).await).await.unwrap());
            assert!(!db.write(async |tx| delete(tx, NoteId(31)).await).await.unwrap());

            let ended: Result<bool> =
                db.write(async move |tx| users::end(tx, bob, "", Timestamp(40)).await).await;
            assert!(ended.unwrap());
            assert_eq!(find(db, alice, NoteId(32)).await.unwrap().unwrap().author, None);
            while !db.write(async move |tx| purge::purge_account(tx, bob).await).await.unwrap() {}
            assert_eq!(ids(db, alice, talk).await, [32, 33]);

            let done: Result<_> =
                db.write(async move |tx| purge::mark_conversation(tx, talk, Timestamp(50)).await).await;
            done.unwrap();
            while !db.write(async move |tx| purge::purge_conversation(tx, talk).await).await.unwrap() {}
            let (left,): (i64,) = On::from(db).query("SELECT COUNT(*) FROM notes").one().await.unwrap();
            assert_eq!(left, 0);
        })
        .await;
    }
}
