//! `files`: what people hand to models beside words, and in `message_files` which messages use them. What a file holds
//! lies in [`crate::blobs`], under its hash.
//!
//! A file that no message uses goes after a while; when the last message that used it goes, it goes with it.

use domain::{Attachment, ConversationId, File, FileId, MessageId, Timestamp, UserId};

use crate::{
    On, Result, Sql, Tx,
    db::{FromRow, Row, list::among, to_json},
    messages::fork::Copied,
};

/// How many files go in one job.
const SLICE: i64 = 200;

impl FromRow for File {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            attachment: Attachment {
                id: row.next()?,
                name: row.next()?,
                kind: row.next()?,
                media_type: row.next()?,
                bytes: row.next()?,
                width: row.next()?,
                height: row.next()?,
            },
            owner: row.next()?,
            hash: row.next()?,
            created_at: row.next()?,
            is_used: row.next()?,
        })
    }
}

macro_rules! columns {
    () => {
        "id, name, kind, media_type, bytes, width, height, owner_id, hash, created_at, unused_since IS NULL"
    };
}

/// What somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Whether the account may do anything.
    pub is_active: bool,
    /// How many bytes all its files have.
    pub bytes: i64,
}

/// What somebody has, held until the job ends: two jobs of one account add to it one after the other.
pub async fn hold(tx: &mut Tx, owner: UserId) -> Result<Holding> {
    let account: Option<(UserId,)> = tx
        .query(Sql {
            sqlite: "SELECT id FROM users WHERE id = $1 AND is_active AND deleted_at IS NULL",
            postgres: "SELECT id FROM users WHERE id = $1 AND is_active AND deleted_at IS NULL FOR NO KEY UPDATE",
        })
        .bind(owner)
        .optional()
        .await?;
    let (bytes,) = tx
        .query("SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM files WHERE owner_id = $1")
        .bind(owner)
        .one()
        .await?;
    Ok(Holding { is_active: account.is_some(), bytes })
}

/// Writes a file that no message uses yet.
pub async fn insert(tx: &mut Tx, file: &File) -> Result<()> {
    let Attachment { id, name, kind, media_type, bytes, width, height } = &file.attachment;
    tx.query(
        "INSERT INTO files (id, owner_id, name, kind, media_type, bytes, hash, width, height, created_at, unused_since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
    )
    .bind(*id)
    .bind(file.owner)
    .bind(name)
    .bind(*kind)
    .bind(media_type)
    .bind(*bytes)
    .bind(&file.hash)
    .bind(*width)
    .bind(*height)
    .bind(file.created_at)
    .run()
    .await?;
    Ok(())
}

/// Writes a file of `owner` with the name and content of another, which no message uses yet. Says whether there is that other.
pub async fn copy(tx: &mut Tx, id: FileId, copy: FileId, owner: UserId, now: Timestamp) -> Result<bool> {
    let copied = tx
        .query(
            "INSERT INTO files (id, owner_id, name, kind, media_type, bytes, hash, width, height, created_at, unused_since)
             SELECT CAST($2 AS BIGINT), CAST($3 AS BIGINT), name, kind, media_type, bytes, hash, width, height,
                    CAST($4 AS BIGINT), CAST($4 AS BIGINT)
             FROM files WHERE id = $1",
        )
        .bind(id)
        .bind(copy)
        .bind(owner)
        .bind(now)
        .run()
        .await?;
    Ok(copied == 1)
}

/// A file that `reader` brought, or that is used in a conversation that `reader` is a member of.
pub async fn find(on: impl Into<On<'_>>, reader: UserId, id: FileId) -> Result<Option<File>> {
    on.into()
        .query(concat!(
            "SELECT ",
            columns!(),
            " FROM files WHERE id = $1 AND (owner_id = $2 OR EXISTS
                (SELECT 1 FROM message_files used
                 JOIN messages m ON m.id = used.message_id
                 JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $2
                 WHERE used.file_id = files.id))"
        ))
        .bind(id)
        .bind(reader)
        .by_key()
        .optional()
        .await
}

/// A file by its id alone: for those who have proved otherwise that they may read it.
pub async fn own(on: impl Into<On<'_>>, id: FileId) -> Result<Option<File>> {
    on.into()
        .query(concat!("SELECT ", columns!(), " FROM files WHERE id = $1"))
        .bind(id)
        .by_key()
        .optional()
        .await
}

/// The files of a list of ids, for the turn that owns the messages that use them.
pub async fn of_ids(on: impl Into<On<'_>>, ids: &[i64]) -> Result<Vec<File>> {
    on.into()
        .query(among!(concat!("SELECT ", columns!(), " FROM files WHERE id"), "$1", ""))
        .bind(to_json(ids))
        .all()
        .await
}

/// A page of what `owner` brought, oldest first, above `after`.
pub async fn list(on: impl Into<On<'_>>, owner: UserId, after: FileId, limit: i64) -> Result<Vec<File>> {
    on.into()
        .query(concat!(
            "SELECT ",
            columns!(),
            " FROM files WHERE owner_id = $1 AND id > $2 ORDER BY id LIMIT $3"
        ))
        .bind(owner)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// Takes files for a message of `owner`: those that `owner` brought, and those that `earlier`, the message that is said
/// in other words, has. They do not go from here on. Gives those that there are, in any order.
pub async fn take(tx: &mut Tx, owner: UserId, earlier: Option<MessageId>, ids: &[i64]) -> Result<Vec<File>> {
    tx.query(among!(
        "UPDATE files SET unused_since = NULL
         WHERE (owner_id = $1 OR EXISTS
                (SELECT 1 FROM message_files used WHERE used.file_id = files.id AND used.message_id = $2))
           AND id",
        "$3",
        concat!(" RETURNING ", columns!())
    ))
    .bind(owner)
    .bind(earlier)
    .bind(to_json(ids))
    .all()
    .await
}

/// Says that a message uses files that were taken.
pub async fn attach(tx: &mut Tx, message: MessageId, ids: &[i64]) -> Result<()> {
    tx.query(among!(
        "INSERT INTO message_files (message_id, file_id) SELECT CAST($1 AS BIGINT), id FROM files WHERE id",
        "$2",
        ""
    ))
    .bind(message)
    .bind(to_json(ids))
    .run()
    .await?;
    Ok(())
}

/// Copies of messages use what the messages use. `reader` sees the conversation that is copied.
pub async fn attach_copies(
    tx: &mut Tx,
    reader: UserId,
    from: ConversationId,
    slice: &[Copied],
) -> Result<u64> {
    macro_rules! attach {
        ($slice:literal) => {
            concat!(
                "INSERT INTO message_files (message_id, file_id)
                 SELECT copied.id, used.file_id FROM (",
                $slice,
                ") AS copied
                 JOIN messages m ON m.id = copied.source AND m.conversation_id = $2
                 JOIN conversation_members who ON who.conversation_id = m.conversation_id AND who.user_id = $1
                 JOIN message_files used ON used.message_id = m.id"
            )
        };
    }
    tx.query(Sql {
        sqlite: attach!(
            "SELECT json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS id FROM json_each($3)"
        ),
        postgres: attach!(
            "SELECT CAST(value->>0 AS BIGINT) AS source, CAST(value->>1 AS BIGINT) AS id
             FROM jsonb_array_elements(CAST($3 AS JSONB)) AS value"
        ),
    })
    .bind(reader)
    .bind(from)
    .bind(to_json(slice))
    .run()
    .await
}

/// Deletes a file of `owner` that no message uses. Says whether there was such a file.
pub async fn discard(tx: &mut Tx, owner: UserId, id: FileId) -> Result<bool> {
    let gone: Vec<(String,)> = tx
        .query(
            "DELETE FROM files WHERE id = $1 AND owner_id = $2 AND unused_since IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM message_files used WHERE used.file_id = files.id) RETURNING hash",
        )
        .bind(id)
        .bind(owner)
        .all()
        .await?;
    end_blobs(tx, &gone).await?;
    Ok(!gone.is_empty())
}

/// Forgets which files a slice of messages uses. Those that no message uses any more go with the next sweep.
pub(crate) async fn detach(tx: &mut Tx, conversation: ConversationId, slice: i64) -> Result<()> {
    let freed: Vec<(i64,)> = tx
        .query(
            "DELETE FROM message_files WHERE message_id IN
                (SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT $2) RETURNING file_id",
        )
        .bind(conversation)
        .bind(slice)
        .all()
        .await?;
    free(tx, freed).await
}

/// The same for messages of a list of ids.
pub(crate) async fn detach_all(tx: &mut Tx, messages: &[i64]) -> Result<()> {
    let freed: Vec<(i64,)> = tx
        .query(among!("DELETE FROM message_files WHERE message_id", "$1", " RETURNING file_id"))
        .bind(to_json(messages))
        .all()
        .await?;
    free(tx, freed).await
}

/// Lets those of these files go that no message uses.
async fn free(tx: &mut Tx, freed: Vec<(i64,)>) -> Result<()> {
    if freed.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = freed.into_iter().map(|(id,)| id).collect();
    tx.query(among!(
        "UPDATE files SET unused_since = 0
         WHERE NOT EXISTS (SELECT 1 FROM message_files used WHERE used.file_id = files.id) AND id",
        "$1",
        ""
    ))
    .bind(to_json(&ids))
    .run()
    .await?;
    Ok(())
}

/// Deletes a slice of the files that no message has used since before `before`. Says how many.
pub async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<usize> {
    // A copy that was made while the last use went has brought it back to life.
    tx.query(
        "UPDATE files SET unused_since = NULL WHERE unused_since < $1
            AND EXISTS (SELECT 1 FROM message_files used WHERE used.file_id = files.id)",
    )
    .bind(before)
    .run()
    .await?;
    let gone: Vec<(String,)> = tx
        .query(
            "DELETE FROM files WHERE unused_since < $1
                AND id IN (SELECT id FROM files WHERE unused_since < $1 LIMIT $2) RETURNING hash",
        )
        .bind(before)
        .bind(SLICE)
        .all()
        .await?;
    end_blobs(tx, &gone).await?;
    Ok(gone.len())
}

/// Notes contents that may have lost their last row, to be deleted after the commit.
async fn end_blobs(tx: &mut Tx, gone: &[(String,)]) -> Result<()> {
    for (hash,) in gone {
        tx.query("INSERT INTO ended_blobs (hash) VALUES ($1) ON CONFLICT (hash) DO NOTHING")
            .bind(hash)
            .run()
            .await?;
    }
    Ok(())
}

/// A slice of the contents that may have lost their last row, and whether a file holds them all the same.
pub async fn ended_blobs(on: impl Into<On<'_>>) -> Result<Vec<(String, bool)>> {
    on.into()
        .query(
            "SELECT hash, EXISTS (SELECT 1 FROM files WHERE files.hash = ended_blobs.hash) FROM ended_blobs
             ORDER BY hash LIMIT $1",
        )
        .bind(SLICE)
        .all()
        .await
}

/// Forgets a content that was deleted, or that is held.
pub async fn forget_blob(tx: &mut Tx, hash: &str) -> Result<()> {
    tx.query("DELETE FROM ended_blobs WHERE hash = $1").bind(hash).run().await?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
