//! Deleting what was said: one message and all that follows it, for good.

use domain::{Action, MessageId};
use store::Tx;

use super::change::{lock_for, write_then};
use crate::{Actor, App, Error, Result, events};

/// Deletes a message and everything below it, in all branches, for good. If the visible branch went through it, that ends
/// at the newest leaf of its newest sibling then, else at what the message followed. Refused while an answer there is
/// waiting or being written.
pub async fn delete_message(app: &App, actor: &Actor, id: MessageId) -> Result<()> {
    let found = store::messages::find(&app.db, actor.user, id).await?;
    let conversation = found.ok_or(Error::NotFound("message"))?.conversation_id;
    let (who, now) = (*actor, app.now());
    let job = async move |tx: &mut Tx| {
        let locked = lock_for(tx, &who, conversation, Action::Change).await?;
        let found = store::messages::find(&mut *tx, who.user, id).await?;
        let mut message = [found.ok_or(Error::NotFound("message"))?];
        let below = store::messages::delete::below(&mut *tx, conversation, id).await?;
        if below.iter().any(|(_, state)| !state.is_settled()) {
            return Err(Error::conflict(
                "being_answered",
                "An answer is being written here. Stop it, or wait for its end, before you delete this.",
            ));
        }
        store::messages::add_siblings(&mut *tx, conversation, &mut message).await?;
        let ids: Vec<MessageId> = below.into_iter().map(|(id, _)| id).collect();
        let gone = store::messages::delete::delete(tx, conversation, &ids).await?;
        let [message] = message;
        let leaf = if locked.active.is_some_and(|active| ids.contains(&active)) {
            match message.sibling_ids.iter().rfind(|sibling| **sibling != id) {
                Some(sibling) => Some(store::messages::newest_leaf_below(&mut *tx, *sibling).await?),
                None => message.parent_id,
            }
        } else {
            locked.active
        };
        store::conversations::shrink(tx, conversation, leaf, gone, now).await?;
        Ok(())
    };
    write_then(app, job, move |app, ()| events::message_deleted(app, conversation, id)).await
}
