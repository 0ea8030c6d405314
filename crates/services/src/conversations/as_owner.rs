//! For clients that do not say who they are, where the settings allow that.

use domain::{ConversationId, LoginId, UserRole};

use crate::{Actor, App, Error, Result, access};

/// Who looks at a conversation when nobody says who it is: somebody who sees what its owner does, and is never signed
/// out. Only where `server.anonymous_sockets` allows it.
pub async fn as_owner(app: &App, id: ConversationId) -> Result<Actor> {
    let none = Error::NotFound(access::CONVERSATION);
    if !app.config.server.anonymous_sockets {
        return Err(none);
    }
    let owner = store::conversations::owner(&app.db, id).await?.ok_or(none)?;
    Ok(Actor { user: owner, role: UserRole::User, login: LoginId(0), key: None })
}
