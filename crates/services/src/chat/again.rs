//! Asking again, for clients that have no word for it and send their last question once more.

use domain::{ConversationId, Message, Role};

use super::Ask;
use crate::{Actor, App, Result, conversations};

/// What a client means that sends a text behind `before` questions: the question that the visible branch ends with, once
/// more, or something new.
pub async fn say_or_again(
    app: &App,
    actor: &Actor,
    conversation: ConversationId,
    text: String,
    before: usize,
) -> Result<Ask> {
    let whole = conversations::Branch { leaf: None, limit: i64::MAX };
    let branch = conversations::branch(app, actor, conversation, whole).await?;
    if let Some(message) = answer_to_repeat(&branch.items, &text, before) {
        return Ok(Ask::Regenerate { message: message.id });
    }
    Ok(Ask::Say { text, conversation: Some(conversation), parent: None, files: Vec::new() })
}

/// The settled answer at the end of a branch whose question is this text, and which has `before` questions before that.
fn answer_to_repeat<'m>(branch: &'m [Message], text: &str, before: usize) -> Option<&'m Message> {
    let [earlier @ .., question, answer] = branch else { return None };
    let is_pair = question.role == Role::User && answer.role == Role::Assistant && answer.state.is_settled();
    let asked_before = earlier.iter().filter(|message| message.role == Role::User).count();
    (is_pair && asked_before == before && question.parts.text() == text).then_some(answer)
}
