//! Taking a file in, piece by piece, onto the disk.

use domain::{Attachment, File, FileId, FileKind};
use store::blobs::{Incoming, Received};

use super::{
    look::{self, Format, HEAD_BYTES, Seems},
    name,
};
use crate::{Actor, App, Error, Result, config::Files};

/// A file that is coming in. Dropped, it leaves nothing.
pub struct Upload {
    app: App,
    actor: Actor,
    incoming: Incoming,
    head: Vec<u8>,
    /// What its beginning says; none before enough of it has come.
    seems: Option<Seems>,
}

/// Begins to take a file in.
pub async fn begin(app: &App, actor: &Actor) -> Result<Upload> {
    let incoming = app.blobs.begin(app.new_id()).await?;
    Ok(Upload { app: app.clone(), actor: *actor, incoming, head: Vec::new(), seems: None })
}

impl Upload {
    /// Takes more of it. Refuses as soon as it is known to be too large, or of a kind that is not taken.
    pub async fn write(&mut self, more: &[u8]) -> Result<()> {
        if self.seems.is_none() {
            let room = HEAD_BYTES.saturating_sub(self.head.len());
            self.head.extend(&more[..more.len().min(room)]);
            if self.head.len() >= HEAD_BYTES {
                self.look()?;
            }
        }
        let bytes = self.incoming.bytes() + more.len() as u64;
        check_size(&self.app.config.files, self.seems.unwrap_or(Seems::Text), bytes)?;
        self.incoming.write(more).await.map_err(Error::from)
    }

    fn look(&mut self) -> Result<Seems> {
        let seems = look::at_head(&self.head);
        self.seems = Some(seems);
        if let Seems::Other(what) = seems {
            return Err(unsupported(what));
        }
        Ok(seems)
    }

    /// Keeps it, under this name. When this returns, it is on the disk.
    pub async fn finish(mut self, name: &str) -> Result<File> {
        let seems = self.look()?;
        let Self { app, actor, incoming, .. } = self;
        if incoming.bytes() == 0 {
            return Err(Error::invalid("file", "is empty"));
        }
        check_size(&app.config.files, seems, incoming.bytes())?;
        let name = name::clean(name);
        let work = app.clone();
        work.detached(async move {
            let received = incoming.finish().await?;
            let (received, attachment) = describe(&app, name, seems, received).await?;
            let file = File {
                attachment,
                owner: Some(actor.user),
                hash: received.hash.clone(),
                created_at: app.now(),
                is_used: false,
            };
            keep(&app, &actor, file, received).await
        })
        .await
    }
}

fn unsupported(what: &str) -> Error {
    Error::Unsupported(format!(
        "This file is {what}. Images (PNG, JPEG, GIF, WebP) and UTF-8 texts of any kind can be sent."
    ))
}

fn check_size(files: &Files, seems: Seems, bytes: u64) -> Result<()> {
    let (what, most) = match seems {
        Seems::Image(_) => ("An image", files.image_bytes),
        Seems::Text | Seems::Other(_) => ("A text", files.text_bytes),
    };
    if bytes > most {
        return Err(Error::TooLarge(format!("{what} may have at most {}.", in_words(most))));
    }
    Ok(())
}

/// `20 MB`; as people count, rounded down.
pub(super) fn in_words(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} kB", bytes / 1024),
        _ => format!("{} MB", bytes / 0x10_0000),
    }
}

/// Looks at all of it.
async fn describe(
    app: &App,
    name: String,
    seems: Seems,
    received: Received,
) -> Result<(Received, Attachment)> {
    let bytes = i64::try_from(received.bytes).map_err(Error::internal)?;
    let attachment = Attachment {
        id: FileId(app.new_id()),
        name,
        kind: FileKind::Text,
        media_type: "text/plain".to_owned(),
        bytes,
        width: None,
        height: None,
    };
    let looked = tokio::task::spawn_blocking(move || look_whole(seems, received, attachment)).await;
    looked.map_err(Error::internal)?
}

fn look_whole(
    seems: Seems,
    received: Received,
    mut attachment: Attachment,
) -> Result<(Received, Attachment)> {
    match seems {
        Seems::Image(format) => {
            let (width, height) = measure(format, &received)?;
            attachment.kind = FileKind::Image;
            format.media_type().clone_into(&mut attachment.media_type);
            (attachment.width, attachment.height) = (Some(width), Some(height));
        }
        Seems::Text => {
            let content = std::fs::read(received.path()).map_err(store::Error::from)?;
            if !look::is_text(&content) {
                return Err(unsupported("neither an image nor a text in UTF-8"));
            }
        }
        Seems::Other(what) => return Err(unsupported(what)),
    }
    Ok((received, attachment))
}

fn measure(format: Format, received: &Received) -> Result<(i64, i64)> {
    let mut file = std::fs::File::open(received.path()).map_err(store::Error::from)?;
    let size = look::size_of(format, &mut file).map_err(store::Error::from)?;
    let size = size.ok_or_else(|| Error::invalid("file", "is an image that is damaged"))?;
    if look::is_bearable(size) {
        Ok(size)
    } else {
        Err(Error::invalid(
            "file",
            format!("is an image of {} × {} pixels, which is too many", size.0, size.1),
        ))
    }
}

/// Refuses what an account's files would not have room for: so many bytes in all.
pub(crate) fn check_room(app: &App, bytes: i64) -> Result<()> {
    let most = app.config.files.account_bytes;
    if most == 0 || bytes.unsigned_abs() <= most {
        return Ok(());
    }
    Err(Error::TooLarge(format!(
        "Your files may have {} in all, and this one does not fit any more. Delete conversations with files that you do not need.",
        in_words(most)
    )))
}

/// Writes the row, then moves the content to its place.
async fn keep(app: &App, actor: &Actor, file: File, received: Received) -> Result<File> {
    let _coming = app.blobs.while_coming().await;
    let (row, owner) = (file.clone(), actor.user);
    let work = app.clone();
    app.db
        .write(async move |tx| {
            let held = store::files::hold(tx, owner).await?;
            if !held.is_active {
                return Err(Error::Unauthenticated("This account is not active. Ask an administrator."));
            }
            check_room(&work, held.bytes + row.attachment.bytes)?;
            Ok(store::files::insert(tx, &row).await?)
        })
        .await?;
    // If this fails, nobody has heard of the row, and the sweep takes it.
    app.blobs.place(received).await?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_count() {
        assert_eq!(in_words(20 * 1024 * 1024), "20 MB");
        assert_eq!(in_words(2048), "2 kB");
        assert_eq!(in_words(7), "7 bytes");
    }
}
