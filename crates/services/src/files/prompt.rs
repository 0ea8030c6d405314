//! Files as a model gets them: what of them fits, and what a model can take at all.

use std::fmt::Write as _;

use domain::{Attachment, FileKind, Parts};
use providers::Attached;

use super::upload::in_words;
use crate::{App, Error, Result, config::Files, models::Chosen};

/// How many bytes of text make a token at most.
const BYTES_PER_TOKEN: i64 = 4;
/// About how many tokens an image costs.
const IMAGE_TOKENS: i64 = 1_300;

/// Refuses a question whose files the model cannot take, before anything of it is kept.
pub(crate) fn check(files: &Files, model: &str, chosen: &Chosen, asked: &Parts) -> Result<()> {
    let has_images = asked.files().any(|file| file.kind == FileKind::Image);
    if has_images && chosen.vision == Some(false) {
        return Err(Error::unfit(
            "attachments",
            format!(
                "hold an image, and the model {model} cannot see images. Choose another model, or take the image out"
            ),
        ));
    }
    for (kind, what, most) in [
        (FileKind::Image, "images", files.prompt_image_bytes),
        (FileKind::Text, "texts", files.prompt_text_bytes),
    ] {
        let bytes = sum(asked, kind);
        if bytes > i64::try_from(most).unwrap_or(i64::MAX) {
            return Err(Error::TooLarge(format!(
                "The {what} of this message have {} in all; at most {} can be sent to a model at once.",
                in_words(bytes as u64),
                in_words(most)
            )));
        }
    }
    let tokens = sum(asked, FileKind::Text) / BYTES_PER_TOKEN;
    match chosen.context {
        Some(context) if tokens > context => Err(Error::TooLarge(format!(
            "The texts of this message have about {tokens} tokens; the model {model} reads at most {context}. Send less of them, \
             or choose another model."
        ))),
        _ => Ok(()),
    }
}

fn sum(asked: &Parts, kind: FileKind) -> i64 {
    asked.files().filter(|file| file.kind == kind).map(|file| file.bytes).sum()
}

/// About how many tokens a file is.
pub(crate) fn estimate(file: &Attachment) -> i64 {
    match file.kind {
        FileKind::Image => IMAGE_TOKENS,
        FileKind::Text => file.bytes / BYTES_PER_TOKEN + 1,
    }
}

/// How much more of files a request can take. Asked for the newest message first.
pub(crate) struct Room {
    images: i64,
    texts: i64,
    sees: bool,
}

impl Room {
    /// Of a request to this model.
    pub(crate) fn of(files: &Files, chosen: &Chosen) -> Self {
        let most = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        Self {
            images: most(files.prompt_image_bytes),
            texts: most(files.prompt_text_bytes),
            sees: chosen.vision != Some(false),
        }
    }

    fn take(&mut self, file: &Attachment) -> bool {
        let room = match file.kind {
            FileKind::Image if !self.sees => return false,
            FileKind::Image => &mut self.images,
            FileKind::Text => &mut self.texts,
        };
        let fits = file.bytes <= *room;
        if fits {
            *room -= file.bytes;
        }
        fits
    }
}

/// Reads the files of a message as far as there is room. Of those that are left out the model hears that they were there.
pub(crate) async fn read(
    app: &App,
    files: &[Attachment],
    room: &mut Room,
) -> Result<(Vec<Attached>, String)> {
    let (mut attached, mut left_out) = (Vec::new(), String::new());
    let ids: Vec<i64> = files.iter().map(|file| file.id.0).collect();
    let rows = store::files::of_ids(&app.db, &ids).await?;
    for file in files {
        let row = rows.iter().find(|row| row.attachment.id == file.id);
        let Some(row) = row.filter(|_| room.take(file)) else {
            let _ = writeln!(
                left_out,
                "[The file \"{}\" was sent here; it is not part of this request.]",
                file.name
            );
            continue;
        };
        let data = app.blobs.read_whole(&row.hash).await?;
        let name = file.name.clone();
        attached.push(match file.kind {
            FileKind::Image => {
                Attached::Image { name, media_type: file.media_type.clone(), data: data.into() }
            }
            FileKind::Text => {
                let text = String::from_utf8_lossy(&data);
                Attached::Text { name, text: text.trim_start_matches('\u{feff}').to_owned() }
            }
        });
    }
    Ok((attached, left_out))
}
