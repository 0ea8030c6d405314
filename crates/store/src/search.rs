//! `search_index`: full-text search over messages and titles, found in the next request after the commit.
//!
//! The row id is the id of the message or the conversation. An `owner` token narrows a search to one's own
//! conversations; it never authorises: what is found is read again through the membership.

use std::collections::BTreeSet;

use domain::{ConversationId, MessageId, UserId};
use serde::Serialize;

use crate::{Db, On, Result, Sql, Tx, db::to_json, fold};

/// A search, folded and quoted for both databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    words: Vec<String>,
}

/// A prefix shorter than this would take the whole index apart.
const PREFIX_CHARS: usize = 2;
/// The longest beginnings that the index of SQLite has.
const INDEXED_PREFIX_CHARS: usize = 3;
/// How many words a longer beginning may stand for; with more of them the index is asked after all.
const BEGINNINGS: usize = 200;

/// The words of SQLite's list that begin with `start`, at most one more than wanted.
async fn beginning_with(db: &Db, start: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = On::from(db)
        .query("SELECT word FROM search_index_words WHERE word >= $1 AND word < $2 ORDER BY word LIMIT $3")
        .bind(start)
        .bind(format!("{start}\u{10ffff}"))
        .bind(i64::try_from(BEGINNINGS + 1).unwrap_or(i64::MAX))
        .all()
        .await?;
    Ok(rows.into_iter().map(|(word,)| word).collect())
}

impl Terms {
    /// Folds what a person typed. `None` if nothing of it can be searched for.
    pub fn of(query: &str) -> Option<Self> {
        let mut words = fold::words(fold::head(query, 1_000));
        // A run of pairs ends with its last character alone, which the pair before it implies.
        let n = words.len();
        if n >= 2 && words[n - 1].chars().all(fold::is_cjk) && words[n - 2].ends_with(words[n - 1].as_str()) {
            words.pop();
        }
        words.truncate(16);
        (!words.is_empty()).then_some(Self { words })
    }

    /// The folded words, for marking them in a snippet.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    fn last_is_prefix(&self) -> bool {
        self.words
            .last()
            .is_some_and(|word| word.chars().count() >= PREFIX_CHARS || word.chars().all(fold::is_cjk))
    }

    /// For FTS5's `MATCH`: every term quoted. The last one is a beginning: of two or three letters for the index, longer
    /// for the list of words.
    async fn fts5(&self, db: &Db) -> Result<String> {
        let Some((last, before)) = self.words.split_last() else { return Ok(String::new()) };
        let mut quoted: Vec<String> = before.iter().map(|word| format!("\"{word}\"")).collect();
        quoted.push(if !self.last_is_prefix() {
            format!("\"{last}\"")
        } else if last.chars().count() <= INDEXED_PREFIX_CHARS {
            format!("\"{last}\"*")
        } else {
            let words = beginning_with(db, last).await?;
            if words.len() > BEGINNINGS {
                format!("\"{last}\"*")
            } else {
                let words: Vec<String> =
                    words.iter().chain([last]).map(|word| format!("\"{word}\"")).collect();
                format!("({})", words.join(" OR "))
            }
        });
        Ok(format!("text : ({})", quoted.join(" AND ")))
    }

    /// For PostgreSQL's `tsquery`.
    fn tsquery(&self) -> String {
        let last = self.words.len() - 1;
        let quoted: Vec<String> = (self.words.iter().enumerate())
            .map(|(at, word)| {
                if at == last && self.last_is_prefix() { format!("'{word}':*") } else { format!("'{word}'") }
            })
            .collect();
        quoted.join(" & ")
    }
}

/// The words of a text as PostgreSQL reads them, if it has any. Folding leaves no quotes in them.
pub(crate) fn terms_of(text: &str) -> Option<String> {
    let mut words = fold::words(fold::head(text, fold::SEARCHED_BYTES));
    words.sort_unstable();
    words.dedup();
    (!words.is_empty()).then(|| format!("'{}'", words.join("' '")))
}

/// What PostgreSQL's index holds of a text: its [`terms_of`] in a value, and the token of its owner.
macro_rules! owned_terms {
    ($terms:literal, $owner:literal) => {
        concat!("CAST(", $terms, " || ' ''' || chr(1) || CAST(", $owner, " AS TEXT) || '''' AS TSVECTOR)")
    };
}
pub(crate) use owned_terms;

/// The owner token on PostgreSQL begins with U+0001, which folding removes from text and queries.
fn owner_lexeme(owner: UserId) -> String {
    format!("\u{1}{owner}")
}

/// Puts a text into the index under the id of its message or conversation, in place of what was there.
pub async fn put(tx: &mut Tx, id: i64, owner: UserId, text: &str) -> Result<()> {
    put_all(tx, owner, &[(id, text)]).await
}

/// Puts texts into the index, each in place of what was there.
pub async fn put_all(tx: &mut Tx, owner: UserId, texts: &[(i64, &str)]) -> Result<()> {
    let mut entries = Vec::with_capacity(texts.len());
    for (id, text) in texts {
        let words = fold::words(fold::head(text, fold::SEARCHED_BYTES));
        if words.is_empty() {
            remove(tx, *id).await?;
        } else {
            entries.push(Entry { id: *id, words });
        }
    }
    if entries.is_empty() {
        return Ok(());
    }
    if tx.is_sqlite() {
        put_in_fts5(tx, owner, &entries).await
    } else {
        put_vectors(tx, owner, entries).await
    }
}

/// A text by its folded words.
struct Entry {
    id: i64,
    words: Vec<String>,
}

async fn put_in_fts5(tx: &mut Tx, owner: UserId, entries: &[Entry]) -> Result<()> {
    for entry in entries {
        tx.query("INSERT OR REPLACE INTO search_index (rowid, owner, text) VALUES ($1, $2, $3)")
            .bind(entry.id)
            .bind(format!("u{owner}"))
            .bind(entry.words.join(" "))
            .run_last()
            .await?;
    }
    list_words(tx, entries.iter().flat_map(|entry| &entry.words).map(String::as_str)).await
}

async fn put_vectors(tx: &mut Tx, owner: UserId, entries: Vec<Entry>) -> Result<()> {
    /// As PostgreSQL reads a `tsvector`: words in quotes. Folding leaves none in them.
    #[derive(Serialize)]
    struct Vector {
        id: i64,
        terms: String,
    }
    let vectors = entries.into_iter().map(|Entry { id, mut words }| {
        words.sort_unstable();
        words.dedup();
        words.push(owner_lexeme(owner));
        Vector { id, terms: format!("'{}'", words.join("' '")) }
    });
    tx.query(
        "INSERT INTO search_index (id, terms)
         SELECT id, CAST(terms AS TSVECTOR) FROM json_to_recordset(CAST($1 AS JSON)) AS entry (id BIGINT, terms TEXT)
         ON CONFLICT (id) DO UPDATE SET terms = excluded.terms",
    )
    .bind(to_json(&vectors.collect::<Vec<_>>()))
    .run()
    .await?;
    Ok(())
}

/// Adds to the list of words by which SQLite finds what begins with four letters and more.
pub async fn list_words<'w>(tx: &mut Tx, words: impl IntoIterator<Item = &'w str>) -> Result<()> {
    let is_long = |word: &&str| word.chars().count() > INDEXED_PREFIX_CHARS;
    let long: BTreeSet<&str> = words.into_iter().filter(is_long).collect();
    if tx.is_sqlite() && !long.is_empty() {
        tx.query(
            "INSERT INTO search_index_words (word) SELECT value FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING",
        )
        .bind(to_json(&long))
        .run()
        .await?;
    }
    Ok(())
}

/// Takes a text out of the index.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<()> {
    tx.query(Sql {
        sqlite: "DELETE FROM search_index WHERE rowid = $1",
        postgres: "DELETE FROM search_index WHERE id = $1",
    })
    .bind(id)
    .run_last()
    .await
}

/// Takes texts out of the index.
pub async fn remove_all(tx: &mut Tx, ids: &[i64]) -> Result<()> {
    tx.query(Sql {
        sqlite: "DELETE FROM search_index WHERE rowid IN (SELECT value FROM json_each($1))",
        postgres: "DELETE FROM search_index WHERE id IN
                       (SELECT CAST(jsonb_array_elements_text(CAST($1 AS JSONB)) AS BIGINT))",
    })
    .bind(to_json(ids))
    .run_last()
    .await
}

/// The newest ids below `before` that hold all terms, in conversations that `owner` owns.
pub async fn own_ids(db: &Db, owner: UserId, terms: &Terms, before: i64, limit: i64) -> Result<Vec<i64>> {
    ids_of_owners(db, &[owner], terms, before, limit).await
}

/// The same for several owners.
async fn ids_of_owners(
    db: &Db,
    owners: &[UserId],
    terms: &Terms,
    before: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let on = On::from(db);
    let any =
        |word: &dyn Fn(&UserId) -> String, or: &str| owners.iter().map(word).collect::<Vec<_>>().join(or);
    let query = if on.is_sqlite() {
        let owners = any(&|owner| format!("\"u{owner}\""), " OR ");
        format!("owner : ({owners}) AND {}", terms.fts5(db).await?)
    } else {
        let owners = any(&|owner| format!("'{}'", owner_lexeme(*owner)), " | ");
        format!("({owners}) & {}", terms.tsquery())
    };
    let rows: Vec<(i64,)> = on
        .query(Sql {
            sqlite: "SELECT rowid FROM search_index WHERE search_index MATCH $1 AND rowid < $2
                     ORDER BY rowid DESC LIMIT $3",
            // Materialized: else the planner walks the ids from the newest on and asks each for the terms.
            postgres: "WITH hits AS MATERIALIZED
                           (SELECT id FROM search_index WHERE terms @@ CAST($1 AS tsquery) AND id < $2)
                       SELECT id FROM hits ORDER BY id DESC LIMIT $3",
        })
        .bind(query)
        .bind(before)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The newest ids below `before` that hold all terms, in conversations that `reader` is only a member of.
pub async fn shared_ids(db: &Db, reader: UserId, terms: &Terms, before: i64, limit: i64) -> Result<Vec<i64>> {
    let on = On::from(db);
    if on.is_sqlite() {
        let owners = owners_beside(db, reader).await?;
        if owners.is_empty() {
            return Ok(Vec::new());
        }
        if owners.len() <= MOST_OWNERS {
            let few = ids_of_owners(db, &owners, terms, before, FEW).await?;
            let is_all = i64::try_from(few.len()).is_ok_and(|count| count < FEW);
            let shared = among_shared(db, reader, &few, limit).await?;
            if is_all || i64::try_from(shared.len()).is_ok_and(|count| count >= limit) {
                return Ok(shared);
            }
        }
    }
    let query = if on.is_sqlite() { terms.fts5(db).await? } else { terms.tsquery() };
    let rows: Vec<(i64,)> = on
        .query(Sql {
            // CROSS JOIN: else the planner walks all messages from the newest on and asks the index for each.
            sqlite: "SELECT m.id AS id FROM conversation_members who
                     CROSS JOIN messages m ON m.conversation_id = who.conversation_id
                     WHERE who.user_id = $1 AND who.role <> 'owner' AND m.id < $3
                       AND m.id IN (SELECT rowid FROM search_index WHERE search_index MATCH $2 AND rowid = m.id)
                     UNION ALL
                     SELECT who.conversation_id FROM conversation_members who
                     WHERE who.user_id = $1 AND who.role <> 'owner' AND who.conversation_id < $3
                       AND who.conversation_id IN
                           (SELECT rowid FROM search_index WHERE search_index MATCH $2 AND rowid = who.conversation_id)
                     ORDER BY id DESC LIMIT $4",
            postgres: "SELECT m.id AS id FROM conversation_members who
                       JOIN messages m ON m.conversation_id = who.conversation_id
                       JOIN search_index s ON s.id = m.id
                       WHERE who.user_id = $1 AND who.role <> 'owner' AND m.id < $3
                         AND s.terms @@ CAST($2 AS tsquery)
                       UNION ALL
                       SELECT s.id FROM conversation_members who
                       JOIN search_index s ON s.id = who.conversation_id
                       WHERE who.user_id = $1 AND who.role <> 'owner' AND s.id < $3
                         AND s.terms @@ CAST($2 AS tsquery)
                       ORDER BY id DESC LIMIT $4",
        })
        .bind(reader)
        .bind(query)
        .bind(before)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// With more owners than these, SQLite is asked for each message instead.
const MOST_OWNERS: usize = 16;

/// Who owns the conversations that `reader` is only a member of.
async fn owners_beside(db: &Db, reader: UserId) -> Result<Vec<UserId>> {
    let rows: Vec<(UserId,)> = On::from(db)
        .query(
            "SELECT DISTINCT c.owner_id FROM conversation_members who JOIN conversations c ON c.id = who.conversation_id
             WHERE who.user_id = $1 AND who.role <> 'owner'",
        )
        .bind(reader)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(owner,)| owner).collect())
}

/// Those of the ids that lie in conversations that `reader` is only a member of, the newest first.
async fn among_shared(db: &Db, reader: UserId, ids: &[i64], limit: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = On::from(db)
        .query(
            "SELECT m.id AS id FROM json_each($2) hit
             CROSS JOIN messages m ON m.id = hit.value
             CROSS JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $1
             WHERE who.role <> 'owner'
             UNION ALL
             SELECT who.conversation_id FROM json_each($2) hit
             CROSS JOIN conversation_members who ON who.conversation_id = hit.value AND who.user_id = $1
             WHERE who.role <> 'owner'
             ORDER BY id DESC LIMIT $3",
        )
        .bind(reader)
        .bind(to_json(ids))
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Of words that are in no more texts than these, SQLite's index gives all; of commoner ones some are soon met.
const FEW: i64 = 2_000;

/// The messages that end in `$1`, the leaf of a branch.
macro_rules! branch {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE branch (id, parent_id) AS (
                 SELECT m.id, m.parent_id FROM messages m WHERE m.id = $1
                 UNION ALL
                 SELECT m.id, m.parent_id FROM branch JOIN messages m ON m.id = branch.parent_id) ",
            $rest
        )
    };
}

/// The newest ids below `before` that hold all terms, on the branch of a conversation that ends in `leaf`, whoever reads.
pub async fn ids_on_branch(
    db: &Db,
    (conversation, leaf): (ConversationId, MessageId),
    terms: &Terms,
    before: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    let on = On::from(db);
    if on.is_sqlite() {
        let owner: Option<(UserId,)> = On::from(db)
            .query("SELECT owner_id FROM conversations WHERE id = $1")
            .bind(conversation)
            .optional()
            .await?;
        let Some((owner,)) = owner else { return Ok(Vec::new()) };
        let few = own_ids(db, owner, terms, before, FEW).await?;
        if i64::try_from(few.len()).is_ok_and(|count| count < FEW) {
            return among(db, leaf, &few, limit).await;
        }
    }
    let query = if on.is_sqlite() { terms.fts5(db).await? } else { terms.tsquery() };
    let rows: Vec<(i64,)> = on
        .query(Sql {
            sqlite: branch!(
                "SELECT id FROM branch
                 WHERE id < $3
                   AND EXISTS (SELECT 1 FROM search_index WHERE search_index MATCH $2 AND rowid = branch.id)
                 ORDER BY id DESC LIMIT $4"
            ),
            postgres: branch!(
                "SELECT branch.id FROM branch JOIN search_index s ON s.id = branch.id
                 WHERE branch.id < $3 AND s.terms @@ CAST($2 AS tsquery)
                 ORDER BY branch.id DESC LIMIT $4"
            ),
        })
        .bind(leaf)
        .bind(query)
        .bind(before)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Those of the ids that are on a branch, the newest first.
async fn among(db: &Db, leaf: MessageId, ids: &[i64], limit: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = On::from(db)
        .query(branch!(
            "SELECT id FROM branch WHERE id IN (SELECT value FROM json_each($2)) ORDER BY id DESC LIMIT $3"
        ))
        .bind(leaf)
        .bind(to_json(ids))
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The titles among a list of ids: conversations that `reader` sees outside the trash.
pub async fn titles_of(
    on: impl Into<On<'_>>,
    reader: UserId,
    ids: &[i64],
) -> Result<Vec<(ConversationId, String, domain::Timestamp)>> {
    on.into()
        .query(Sql {
            sqlite: "SELECT c.id, c.title, who.last_activity_at FROM conversations c
                     JOIN conversation_members who ON who.conversation_id = c.id AND who.user_id = $1
                     WHERE c.id IN (SELECT value FROM json_each($2)) AND c.deleted_at IS NULL AND c.ended_at IS NULL",
            postgres: "SELECT c.id, c.title, who.last_activity_at FROM conversations c
                       JOIN conversation_members who ON who.conversation_id = c.id AND who.user_id = $1
                       WHERE c.id IN (SELECT CAST(jsonb_array_elements_text(CAST($2 AS JSONB)) AS BIGINT))
                         AND c.deleted_at IS NULL AND c.ended_at IS NULL",
        })
        .bind(reader)
        .bind(to_json(ids))
        .all()
        .await
}

#[cfg(test)]
mod tests {
    use domain::{MemberRole, Role, Timestamp};

    use super::*;
    use crate::test::{given, on_both};

    async fn index(db: &Db, id: i64, owner: UserId, text: &'static str) {
        let done: Result<()> = db.write(async move |tx| put(tx, id, owner, text).await).await;
        done.unwrap();
    }

    async fn found(db: &Db, owner: UserId, query: &str) -> Vec<i64> {
        match Terms::of(query) {
            Some(terms) => own_ids(db, owner, &terms, i64::MAX, 50).await.unwrap(),
            None => Vec::new(),
        }
    }

    #[tokio::test]
    async fn words_are_found_newest_first_without_case_or_marks() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            index(db, 1, alice, "Über die Migration in c++ (v2.0)").await;
            index(db, 2, alice, "the migration again").await;
            index(db, 3, bob, "a migration of birds u1 \u{1}1").await;
            let both: Result<()> = db
                .write(async move |tx| {
                    put_all(tx, alice, &[(4, "数据库迁移"), (5, " "), (6, "Titles")]).await
                })
                .await;
            both.unwrap();
            assert_eq!(found(db, alice, "title").await, [6]);
            assert_eq!(found(db, alice, "MIGRATION").await, [2, 1]);
            assert_eq!(found(db, alice, "migr").await, [2, 1]);
            assert_eq!(found(db, alice, "uber c++").await, [1]);
            assert_eq!(found(db, alice, "据库").await, [4]);
            assert_eq!(found(db, alice, "库").await, [4]);
            assert_eq!(found(db, alice, "数据库").await, [4]);
            assert_eq!(found(db, bob, "migration").await, [3]);
            for odd in ["\"", "AND", "-x", "NEAR(", "'", "birds' | 'x", "*", "a:b", "\u{1}1", "u1", ")("] {
                assert_eq!(found(db, alice, odd).await, Vec::<i64>::new(), "{odd}");
            }
            index(db, 2, alice, "changed").await;
            assert_eq!(found(db, alice, "migration").await, [1]);
            let done: Result<()> = db.write(async move |tx| remove(tx, 1).await).await;
            done.unwrap();
            assert_eq!(found(db, alice, "migration").await, Vec::<i64>::new());
        })
        .await;
    }

    #[tokio::test]
    async fn a_member_finds_the_same_beside_more_than_a_few() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            given::said(db, vec![given::message(20, talk, None, Role::User, "zebra")]).await;
            let put_all: Result<()> = db
                .write(async move |tx| {
                    let texts: Vec<(i64, &str)> = (100..100 + FEW).map(|id| (id, "zebra")).collect();
                    put_all(tx, alice, &texts).await?;
                    put_all(tx, alice, &[(20, "zebra"), (10, "zebra too")]).await?;
                    crate::members::put(tx, talk, bob, MemberRole::Viewer, Timestamp(1)).await
                })
                .await;
            put_all.unwrap();
            let terms = Terms::of("zebra").unwrap();
            assert_eq!(shared_ids(db, bob, &terms, i64::MAX, 50).await.unwrap(), [20, 10]);
            assert_eq!(shared_ids(db, bob, &terms, i64::MAX, 1).await.unwrap(), [20]);
            assert_eq!(shared_ids(db, bob, &terms, 20, 50).await.unwrap(), [10]);
        })
        .await;
    }

    #[tokio::test]
    async fn a_member_finds_what_others_own_and_a_stranger_does_not() {
        on_both(async |db| {
            let (alice, bob) = (given::user(db, 1).await, given::user(db, 2).await);
            let talk = given::conversation(db, 10, alice).await;
            given::said(db, vec![given::message(20, talk, None, Role::User, "hidden words")]).await;
            index(db, 20, alice, "hidden words").await;
            index(db, 10, alice, "Title 10").await;
            let terms = Terms::of("hidden").unwrap();
            let on = |leaf| (talk, MessageId(leaf));
            assert_eq!(ids_on_branch(db, on(20), &terms, i64::MAX, 50).await.unwrap(), [20]);
            assert!(ids_on_branch(db, on(20), &terms, 20, 50).await.unwrap().is_empty());
            assert!(ids_on_branch(db, on(21), &terms, i64::MAX, 50).await.unwrap().is_empty());
            assert!(shared_ids(db, bob, &terms, i64::MAX, 50).await.unwrap().is_empty());
            assert!(crate::messages::of_ids(db, bob, &[20]).await.unwrap().is_empty());
            assert!(titles_of(db, bob, &[10]).await.unwrap().is_empty());
            let put: Result<()> = db
                .write(async move |tx| {
                    crate::members::put(tx, talk, bob, MemberRole::Viewer, Timestamp(1)).await
                })
                .await;
            put.unwrap();
            assert_eq!(shared_ids(db, bob, &terms, i64::MAX, 50).await.unwrap(), [20]);
            assert!(shared_ids(db, bob, &terms, 20, 50).await.unwrap().is_empty());
            let title = Terms::of("title 10").unwrap();
            assert_eq!(shared_ids(db, bob, &title, i64::MAX, 50).await.unwrap(), [10]);
            assert!(
                shared_ids(db, alice, &title, i64::MAX, 50).await.unwrap().is_empty(),
                "it is alice's own"
            );
            index(db, 21, alice, "hidden from others").await;
            assert_eq!(shared_ids(db, bob, &terms, i64::MAX, 50).await.unwrap(), [20]);
            let read = crate::messages::of_ids(db, bob, &[20]).await.unwrap();
            assert_eq!((read[0].0.id, read[0].1.as_str()), (MessageId(20), "Title 10"));
            assert_eq!(titles_of(db, alice, &[10]).await.unwrap()[0].1, "Title 10");
        })
        .await;
    }
}
