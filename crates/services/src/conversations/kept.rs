//! For clients that know no trash: what lies there is gone.

use domain::{Conversation, ConversationId};

use super::{Change, change, delete, find};
use crate::{Actor, App, Error, Result, access};

/// A conversation outside the trash.
pub async fn kept(app: &App, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let found = find(app, actor, id).await?;
    if found.deleted_at.is_some() { Err(Error::NotFound(access::CONVERSATION)) } else { Ok(found) }
}

/// Changes a conversation outside the trash, and the actor's own marks of it.
pub async fn change_kept(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    changes: Change,
) -> Result<Conversation> {
    kept(app, actor, id).await?;
    change(app, actor, id, changes).await
}

/// Moves a conversation to the trash, once.
pub async fn delete_kept(app: &App, actor: &Actor, id: ConversationId) -> Result<()> {
    kept(app, actor, id).await?;
    delete(app, actor, id).await
}
