//! Who may do what to which conversation: the one authorisation function, under all dialects and transports.
//!
//! Somebody who is no member is told that there is no such conversation, as if there were none.

use domain::{Action, Conversation, ConversationId, MemberRole, UserRole};
use store::On;

use crate::{Actor, Error, Result};

/// What stands for "no such conversation".
pub const CONVERSATION: &str = "conversation";

/// Lets a member with this role do this, or says why not.
pub fn may(role: Option<MemberRole>, action: Action) -> Result<()> {
    let role = role.ok_or(Error::NotFound(CONVERSATION))?;
    if role.allows(action) {
        return Ok(());
    }
    let message = match action {
        Action::Read => "You may not read this conversation.",
        Action::Note => {
            "You may read this conversation, but not write notes. Ask its owner to make you a commenter."
        }
        Action::Prompt => {
            "You may read this conversation, but not write to it. Ask its owner to make you an editor."
        }
        Action::Change => {
            "You may read this conversation, but not change it. Ask its owner to make you an editor."
        }
        Action::Delete => "Only the owner of a conversation may delete it.",
        Action::Share => "Only the owner of a conversation may share it.",
        Action::Admit => {
            "Only the owner of a conversation may let people in, change their roles or put them out."
        }
    };
    Err(Error::forbidden("role_too_low", message))
}

/// The conversation, if the actor may do this to it.
pub async fn conversation(
    on: impl Into<On<'_>>,
    actor: &Actor,
    id: ConversationId,
    action: Action,
) -> Result<Conversation> {
    let found = store::conversations::find(on, actor.user, id).await?;
    let conversation = found.ok_or(Error::NotFound(CONVERSATION))?;
    may(Some(conversation.role), action)?;
    Ok(conversation)
}

/// Refuses who is no administrator.
pub fn needs_admin(actor: &Actor) -> Result<()> {
    if actor.role == UserRole::Admin {
        return Ok(());
    }
    Err(Error::forbidden("admin_only", "Only an administrator may do this."))
}
