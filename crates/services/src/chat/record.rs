//! Writing down an answer that was given elsewhere, for clients that ask their models themselves.

use domain::{Action, ConversationId, Message, MessageId, Parts, Role, State};

use super::ask::{check_said, check_text};
use crate::{Actor, App, Error, Result, conversations::lock_for, events};

/// Puts an answer at the end of the visible branch. No model is asked; while one writes there, this is refused.
pub async fn record(app: &App, actor: &Actor, conversation: ConversationId, text: &str) -> Result<Message> {
    let parts = Parts::said([], text);
    check_said(&parts)?;
    check_text(app, text)?;
    let (house, now, who) = (app.clone(), app.now(), *actor);
    let text = text.to_owned();
    let recorded = app
        .db
        .write(async move |tx| {
            let locked = lock_for(tx, &who, conversation, Action::Prompt).await?;
            if locked.deleted_at.is_some() {
                return Err(Error::conflict(
                    "in_trash",
                    "This conversation is in the trash. Restore it before you write to it.",
                ));
            }
            if !store::turns::unsettled_of_conversation(&mut *tx, conversation).await?.is_empty() {
                return Err(Error::conflict(
                    "answer_running",
                    "An answer is being written in this conversation. Try again when it is there.",
                ));
            }
            // Under the lock, so that what is read later has the larger id.
            let id = MessageId(house.new_id());
            let message = Message {
                id,
                conversation_id: conversation,
                parent_id: locked.active,
                role: Role::Assistant,
                author: None,
                parts,
                state: State::Completed,
                turn_id: None,
                model: None,
                usage: None,
                finish_reason: None,
                error: None,
                created_at: now,
                sibling_ids: vec![id],
                covers: None,
                feedback: None,
            };
            store::messages::insert(tx, &message, None).await?;
            store::search::put(tx, id.0, locked.owner, &text).await?;
            store::conversations::grow(tx, conversation, id, 1, now).await?;
            Ok(message)
        })
        .await?;
    events::conversation_updated(app, conversation);
    Ok(recorded)
}
