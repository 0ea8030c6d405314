//! What a member of a conversation may do.

use crate::text_enum;

text_enum! {
    /// How somebody belongs to a conversation.
    pub enum MemberRole {
        /// Made it: may do everything, end it included.
        Owner = "owner",
        /// May prompt, edit and stop answers.
        Editor = "editor",
        /// May read and write notes.
        Commenter = "commenter",
        /// May read.
        Viewer = "viewer",
    }
}

/// What somebody wants to do with a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See it, search it, follow its answers.
    Read,
    /// Send, edit, regenerate, continue, stop.
    Prompt,
    /// Change its title, model or instructions.
    Change,
    /// Move it to the trash, restore it, end it.
    Delete,
    /// Show it to everybody who has a link.
    Share,
}

impl MemberRole {
    /// Says whether this role allows `action`.
    pub fn allows(self, action: Action) -> bool {
        match action {
            Action::Read => true,
            Action::Prompt | Action::Change => matches!(self, Self::Owner | Self::Editor),
            Action::Delete | Action::Share => matches!(self, Self::Owner),
        }
    }
}
