//! A conversation, as one of its members sees it.

use crate::{ConversationId, GroupId, MemberRole, MessageId, Timestamp, TurnId, text_enum};

text_enum! {
    /// Where a title came from: a later origin in this list is never replaced by an earlier one.
    pub enum TitleOrigin {
        /// The first words of the first message.
        Words = "words",
        /// A model was asked for it.
        Model = "model",
        /// A person wrote it.
        Manual = "manual",
    }
}

/// The longest title, in characters.
pub const TITLE_CHARS: usize = 200;
/// How many characters of a first message make a title.
const FIRST_WORDS_CHARS: usize = 50;

/// A tree of messages with one owner and any number of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// Who named it.
    pub title_origin: TitleOrigin,
    /// The model it prefers; none means the default.
    pub model: Option<String>,
    /// What every answer of it should heed.
    pub instructions: Option<String>,
    /// The reader's role.
    pub role: MemberRole,
    /// The reader's group.
    pub group_id: Option<GroupId>,
    /// Whether the reader marked it.
    pub favorite: bool,
    /// When the reader put it away.
    pub archived_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its title, model or instructions last changed, or something was said.
    pub updated_at: Timestamp,
    /// When something was last said.
    pub last_activity_at: Timestamp,
    /// How many people see it, the owner included.
    pub member_count: i64,
    /// How many messages it holds, in all branches.
    pub message_count: i64,
    /// The leaf of the visible branch.
    pub active_message_id: Option<MessageId>,
    /// Its oldest unsettled turn.
    pub running_turn_id: Option<TurnId>,
    /// When it was moved to the trash.
    pub deleted_at: Option<Timestamp>,
}

/// A title from the first words of `text`: one line, cut between words where possible.
pub fn first_words(text: &str) -> String {
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= FIRST_WORDS_CHARS {
        return if line.is_empty() { "New conversation".to_owned() } else { line };
    }
    let cut: String = line.chars().take(FIRST_WORDS_CHARS).collect();
    let words = match cut.rfind(' ') {
        Some(end) if end > FIRST_WORDS_CHARS / 2 => &cut[..end],
        _ => &cut,
    };
    format!("{}…", words.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_words_on_one_line() {
        assert_eq!(first_words("  Hello\n  world "), "Hello world");
        assert_eq!(first_words(" "), "New conversation");
        assert_eq!(
            first_words("Can we go from 14 to 17 with less than a minute of downtime or not?"),
            "Can we go from 14 to 17 with less than a minute…"
        );
        assert_eq!(first_words(&"数".repeat(60)).chars().count(), 51);
    }
}
