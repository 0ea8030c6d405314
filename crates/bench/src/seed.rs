//! Much data at once: written straight into the tables, as years of use would have left it.

use anyhow::Result;
use domain::{IdSource, Timestamp};
use serde_json::{Value, json};
use store::{Db, Sql, fold};

/// The word that stands in every message.
pub(crate) const COMMONEST: &str = "the";
/// The day on which the data begins: 2025-01-01.
const BEGIN_MS: i64 = 1_735_689_600_000;
/// Rows of one statement.
const BATCH: usize = 1_000;
/// Words beside the commonest one.
const VOCABULARY: u64 = 5_000;
const MESSAGES_PER_CONVERSATION: usize = 100;

/// Statements that take their rows from one JSON parameter: on both databases a list of lists.
macro_rules! from_rows {
    ($insert:literal, $select:literal) => {
        Sql {
            sqlite: concat!("INSERT INTO ", $insert, " SELECT ", $select, " FROM json_each($1)"),
            postgres: concat!(
                "INSERT INTO ",
                $insert,
                " SELECT ",
                $select,
                " FROM jsonb_array_elements(CAST($1 AS JSONB)) AS rows (value)"
            ),
        }
    };
}

const CONVERSATIONS: Sql = from_rows!(
    "conversations (id, owner_id, title, title_origin, message_count, created_at, updated_at)",
    "CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), value ->> 2, 'words', CAST(value ->> 4 AS BIGINT),
     CAST(value ->> 3 AS BIGINT), CAST(value ->> 3 AS BIGINT)"
);
const MEMBERS: Sql = from_rows!(
    "conversation_members (conversation_id, user_id, role, favorite, last_activity_at)",
    "CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), 'owner', FALSE, CAST(value ->> 3 AS BIGINT)"
);
const MESSAGES: Sql = from_rows!(
    "messages (id, conversation_id, parent_id, role, author_id, state, parts, created_at)",
    "CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT), value ->> 3,
     CAST(value ->> 4 AS BIGINT), 'completed', value ->> 5, CAST(value ->> 6 AS BIGINT)"
);
const INDEX: Sql = Sql {
    sqlite: "INSERT INTO search_index (rowid, owner, text)
             SELECT CAST(value ->> 0 AS INTEGER), value ->> 1, value ->> 2 FROM json_each($1)",
    postgres: "INSERT INTO search_index (id, terms)
               SELECT CAST(value ->> 0 AS BIGINT), array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(value -> 1)))
               FROM jsonb_array_elements(CAST($1 AS JSONB)) AS rows (value)",
};

/// Writes into one database.
pub(crate) struct Seeder<'a> {
    db: &'a Db,
    ids: IdSource,
    now: i64,
    random: u64,
}

impl<'a> Seeder<'a> {
    /// Begins above the ids that are there, in the past.
    pub(crate) fn new(db: &'a Db) -> Self {
        Self { db, ids: IdSource::new(0, 0), now: BEGIN_MS, random: 0x9e37_79b9_7f4a_7c15 }
    }

    /// So many empty conversations of one account.
    pub(crate) async fn conversations(&mut self, owner: i64, count: usize) -> Result<()> {
        let mut made = 0;
        while made < count {
            let rows: Vec<_> = (0..BATCH.min(count - made)).map(|_| self.conversation(owner, 0)).collect();
            made += rows.len();
            self.write(&[(CONVERSATIONS, rows.clone()), (MEMBERS, rows)]).await?;
        }
        Ok(())
    }

    /// So many messages of one account, each with the commonest word, indexed as the server indexes them.
    pub(crate) async fn messages(&mut self, owner: i64, count: usize) -> Result<()> {
        let mut made = 0;
        while made < count {
            let (mut conversations, mut messages, mut index) = (Vec::new(), Vec::new(), Vec::new());
            let mut words = Vec::new();
            while made < count && messages.len() < BATCH {
                let size = MESSAGES_PER_CONVERSATION.min(count - made);
                let conversation = self.conversation(owner, size);
                let mut parent = Value::Null;
                for place in 0..size {
                    let (id, text) = (self.id(), self.text());
                    let role = if place % 2 == 0 { "user" } else { "assistant" };
                    let parts = json!([{ "type": "text", "text": text }]).to_string();
                    messages.push(json!([id, conversation[0], parent, role, owner, parts, self.now]));
                    index.push(self.index_row(id, owner, &text));
                    words.extend(fold::words(&text));
                    parent = id.into();
                }
                made += size;
                conversations.push(conversation);
            }
            let members = conversations.clone();
            self.write(&[
                (CONVERSATIONS, conversations),
                (MEMBERS, members),
                (MESSAGES, messages),
                (INDEX, index),
            ])
            .await?;
            let listed: store::Result<()> = self
                .db
                .write(async move |tx| store::search::list_words(tx, words.iter().map(String::as_str)).await)
                .await;
            listed?;
        }
        Ok(())
    }

    /// Lets PostgreSQL look at what came, as its own housekeeping would in time.
    pub(crate) async fn finish(self) -> Result<()> {
        if self.db.backend() == "postgres" {
            let done: store::Result<u64> =
                self.db.write(async move |tx| tx.query("ANALYZE").run().await).await;
            done?;
        }
        Ok(())
    }

    fn conversation(&mut self, owner: i64, messages: usize) -> Value {
        json!([self.id(), owner, format!("Conversation {}", self.random(1_000_000)), self.now, messages])
    }

    fn index_row(&self, id: i64, owner: i64, text: &str) -> Value {
        let mut words = fold::words(text);
        if self.db.backend() == "postgres" {
            words.push(format!("\u{1}{owner}"));
            words.sort_unstable();
            words.dedup();
            return json!([id, words]);
        }
        json!([id, format!("u{owner}"), words.join(" ")])
    }

    fn id(&mut self) -> i64 {
        self.now += 13;
        self.ids.next(Timestamp(self.now))
    }

    /// Twelve words: the commonest one, and others of which a few are common and most are rare.
    fn text(&mut self) -> String {
        let mut words = vec![COMMONEST.to_owned()];
        for _ in 0..11 {
            let (a, b) = (self.random(VOCABULARY), self.random(VOCABULARY));
            words.push(format!("w{}", a * b / VOCABULARY));
        }
        words.join(" ")
    }

    /// xorshift: the same data in every run.
    fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    async fn write(&self, statements: &[(Sql, Vec<Value>)]) -> Result<()> {
        let statements: Vec<_> =
            statements.iter().map(|(sql, rows)| (*sql, Value::from(rows.clone()).to_string())).collect();
        let done: store::Result<()> = self
            .db
            .write(async move |tx| {
                for (sql, rows) in statements {
                    tx.query(sql).bind(rows).run().await?;
                }
                Ok(())
            })
            .await;
        Ok(done?)
    }
}

#[cfg(test)]
mod tests {
    use domain::UserId;
    use store::{
        page::Cursor,
        search::{Terms, own_ids},
        test::{given, on_both},
    };

    use super::*;

    #[tokio::test]
    async fn what_is_seeded_is_found_like_what_people_wrote() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let mut seeder = Seeder::new(db);
            seeder.conversations(alice.0, 1_500).await.unwrap();
            seeder.messages(bob.0, 250).await.unwrap();
            seeder.finish().await.unwrap();

            let list = async |user: UserId| {
                store::conversations::list(
                    db,
                    user,
                    store::conversations::Shelf::ACTIVE,
                    Cursor::START,
                    2_000,
                )
                .await
                .unwrap()
            };
            assert_eq!((list(alice).await.len(), list(bob).await.len()), (1_500, 3));
            let terms = Terms::of(COMMONEST).unwrap();
            let found = async |user: UserId| own_ids(db, user, &terms, i64::MAX, 500).await.unwrap().len();
            assert_eq!((found(alice).await, found(bob).await), (0, 250));
        })
        .await;
    }
}
