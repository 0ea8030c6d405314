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
    /// Write notes beside what is said.
    Note,
    /// Send, edit, regenerate, continue, stop.
    Prompt,
    /// Change its title, model or instructions.
    Change,
    /// Move it to the trash, restore it, end it.
    Delete,
    /// Show it to everybody who has a link.
    Share,
    /// Let people in, change their roles, put them out.
    Admit,
}

impl MemberRole {
    /// Says whether this role may do all that `other` may.
    pub fn includes(self, other: Self) -> bool {
        // They are listed from the highest on.
        self <= other
    }

    /// Says whether this role allows `action`.
    pub fn allows(self, action: Action) -> bool {
        match action {
            Action::Read => true,
            Action::Note => !matches!(self, Self::Viewer),
            Action::Prompt | Action::Change => matches!(self, Self::Owner | Self::Editor),
            Action::Delete | Action::Share | Action::Admit => matches!(self, Self::Owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_one_below_may_and_more() {
        let rising = [MemberRole::Viewer, MemberRole::Commenter, MemberRole::Editor, MemberRole::Owner];
        let first = |action| rising.into_iter().find(|role| role.allows(action));
        for (action, wanted) in [
            (Action::Read, MemberRole::Viewer),
            (Action::Note, MemberRole::Commenter),
            (Action::Prompt, MemberRole::Editor),
            (Action::Change, MemberRole::Editor),
            (Action::Delete, MemberRole::Owner),
            (Action::Share, MemberRole::Owner),
            (Action::Admit, MemberRole::Owner),
        ] {
            assert_eq!(first(action), Some(wanted), "{action:?}");
            let allowed = rising.iter().skip_while(|role| **role != wanted);
            assert!(allowed.copied().all(|role| role.allows(action)), "{action:?}");
        }
        assert!(rising.windows(2).all(|pair| pair[1].includes(pair[0]) && !pair[0].includes(pair[1])));
        assert!(MemberRole::Editor.includes(MemberRole::Editor));
    }
}
