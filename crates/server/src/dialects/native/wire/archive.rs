//! The archive of an account on the wire, written piece by piece.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;
use services::{Error, Result, archive::Piece, domain::Timestamp};
use utoipa::ToSchema;

use super::{
    account::User,
    conversation::{Conversation, ConversationDetail},
    file::File,
    group::Group,
    message::Message,
    note::Note,
    rfc3339,
};

/// Everything of an account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: it is written piece by piece")]
pub(crate) struct Archive {
    /// Of this shape: 1.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    exported_at: String,
    /// The account, with what the person chose.
    profile: User,
    groups: Vec<Group>,
    /// Oldest first, each with all branches.
    conversations: Vec<ConversationDetail>,
    /// Oldest first.
    files: Vec<ArchivedFile>,
}

/// A file with what it holds.
#[derive(Serialize, ToSchema)]
struct ArchivedFile {
    #[serde(flatten)]
    file: File,
    /// In base64.
    content: String,
}

/// Writes an archive: each text follows the one before.
pub(crate) struct Writer {
    now: Timestamp,
    at: At,
}

/// Where in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Groups { is_first: bool },
    Conversations,
    Messages { is_first: bool },
    Notes { is_first: bool },
    Files,
    End,
}

impl Writer {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { now, at: At::Start }
    }

    /// What a piece adds to the file.
    pub(crate) fn text(&mut self, piece: Piece) -> Result<String> {
        let mut text = String::new();
        match piece {
            Piece::Account(user) => {
                text.push_str("{\"version\":1,\"exported_at\":");
                text.push_str(&json(&rfc3339(self.now))?);
                text.push_str(",\"profile\":");
                text.push_str(&json(&User::from(*user))?);
                text.push_str(",\"groups\":[");
                self.at = At::Groups { is_first: true };
            }
            Piece::Groups(groups) => {
                for group in groups {
                    self.comma(&mut text);
                    text.push_str(&json(&Group::from(group))?);
                }
            }
            Piece::Conversation(conversation) => {
                self.begin_conversation(&mut text);
                text.push_str(&opened(&Conversation::from(*conversation), "messages\":[")?);
                self.at = At::Messages { is_first: true };
            }
            Piece::Messages(messages) => {
                for message in messages {
                    self.comma(&mut text);
                    text.push_str(&json(&Message::from(message))?);
                }
            }
            Piece::Notes(notes) => {
                self.begin_notes(&mut text);
                for note in notes {
                    self.comma(&mut text);
                    text.push_str(&json(&Note::from(note))?);
                }
            }
            Piece::File(file) => {
                let follows_another = self.begin_file(&mut text);
                if follows_another {
                    text.push_str("\"},");
                }
                text.push_str(&opened(&File::from(*file), "content\":\"")?);
            }
            Piece::Content(bytes) => BASE64_STANDARD.encode_string(bytes, &mut text),
            Piece::End => {
                let follows_another = self.begin_file(&mut text);
                text.push_str(if follows_another { "\"}]}\n" } else { "]}\n" });
                self.at = At::End;
            }
        }
        Ok(text)
    }

    fn begin_notes(&mut self, text: &mut String) {
        if let At::Messages { .. } = self.at {
            text.push_str("],\"notes\":[");
            self.at = At::Notes { is_first: true };
        }
    }

    fn begin_conversation(&mut self, text: &mut String) {
        let follows_another = matches!(self.at, At::Messages { .. } | At::Notes { .. });
        self.close_last(text);
        if follows_another {
            text.push(',');
        }
    }

    /// Ends the list that is being written, so that conversations can follow or end.
    fn close_last(&mut self, text: &mut String) {
        match self.at {
            At::Groups { .. } => text.push_str("],\"conversations\":["),
            At::Messages { .. } => text.push_str("],\"notes\":[]}"),
            At::Notes { .. } => text.push_str("]}"),
            At::Start | At::Conversations | At::Files | At::End => {}
        }
        self.at = At::Conversations;
    }

    /// Ends what stands before a file or before the end. Says whether that was a file, whose content is open.
    fn begin_file(&mut self, text: &mut String) -> bool {
        if self.at == At::Files {
            return true;
        }
        self.close_last(text);
        text.push_str("],\"files\":[");
        self.at = At::Files;
        false
    }

    /// A comma before all but the first of a list.
    fn comma(&mut self, text: &mut String) {
        if let At::Groups { is_first } | At::Messages { is_first } | At::Notes { is_first } = &mut self.at
            && !std::mem::take(is_first)
        {
            text.push(',');
        }
    }
}

/// An object whose last member is open.
fn opened<T: Serialize>(object: &T, last: &str) -> Result<String> {
    let whole = json(object)?;
    let members = whole.strip_suffix('}').unwrap_or(&whole);
    Ok(format!("{members},\"{last}"))
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
