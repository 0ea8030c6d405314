//! Files that people hand to models. What a file is, its content tells, never its name.
//!
//! A row comes before its content and goes before it, so that no row that anybody knows lacks what it names; see
//! [`store::blobs`] for the order of the two.

mod look;
mod name;
pub(crate) mod prompt;
mod upload;

use domain::{File, FileId};

use crate::{Actor, App, Error, Result};

pub(crate) use upload::check_room;
pub use upload::{Upload, begin};

/// What stands for "no such file".
const FILE: &str = "file";

/// A file and what it holds.
pub struct Content {
    /// The file.
    pub file: File,
    /// What it holds, from its beginning.
    pub reader: tokio::fs::File,
}

/// A file that the actor brought, or that is used in a conversation that the actor sees.
pub async fn find(app: &App, actor: &Actor, id: FileId) -> Result<File> {
    store::files::find(&app.db, actor.user, id).await?.ok_or(Error::NotFound(FILE))
}

/// The same, with what it holds.
pub async fn read(app: &App, actor: &Actor, id: FileId) -> Result<Content> {
    open(app, find(app, actor, id).await?).await
}

pub(crate) async fn open(app: &App, file: File) -> Result<Content> {
    let reader = app.blobs.read(&file.hash).await?;
    Ok(Content { file, reader })
}

/// A file that a link shows, whoever asks: there is no other way to it without signing in.
pub async fn read_shared(app: &App, token: &str, id: FileId) -> Result<Content> {
    let shown = crate::conversations::shown(app, token).await?;
    if !shown.holds(id) {
        return Err(Error::NotFound(FILE));
    }
    let file = store::files::own(&app.db, id).await?.ok_or(Error::NotFound(FILE))?;
    open(app, file).await
}

/// Deletes a file of the actor that was never sent.
pub async fn discard(app: &App, actor: &Actor, id: FileId) -> Result<()> {
    let owner = actor.user;
    let going = app.blobs.while_going().await;
    let is_gone = app.db.write(async move |tx| store::files::discard(tx, owner, id).await).await?;
    if is_gone {
        clear_ended(app).await?;
        return Ok(());
    }
    drop(going);
    find(app, actor, id).await?;
    Err(Error::conflict(
        "file_in_use",
        "This file belongs to a message. It goes when its conversation is deleted.",
    ))
}

/// Deletes files that nothing uses any more, and what they held.
pub(crate) async fn sweep(app: &App) -> Result<()> {
    let before = app.now().plus_ms(-app.config.files.unsent_keep_seconds * 1_000);
    loop {
        let _going = app.blobs.while_going().await;
        let gone = app.db.write(async move |tx| store::files::sweep(tx, before).await).await?;
        if clear_ended(app).await? == 0 && gone == 0 {
            return Ok(());
        }
    }
}

/// Deletes contents that no row names any more. The caller keeps others from coming meanwhile. Says how many were looked
/// at.
async fn clear_ended(app: &App) -> Result<usize> {
    let ended = store::files::ended_blobs(&app.db).await?;
    let count = ended.len();
    for (hash, is_held) in ended {
        if !is_held {
            app.blobs.remove(&hash).await?;
        }
        app.db.write(async move |tx| store::files::forget_blob(tx, &hash).await).await?;
    }
    Ok(count)
}
