//! What the model is asked: the ancestors of the turn's own question, not "the visible branch".

use domain::{Message, Part, Role, Turn};
use providers::{ChatMessage, ChatRequest, DynProvider, estimate_tokens};

use super::begin::New;
use crate::{App, Error, Result, preferences};

/// The most messages of a branch that are sent to a model.
const BRANCH_MESSAGES: i64 = 2_000;
/// How much of a model's context is left for its answer, as a divisor.
const ANSWER_SHARE: i64 = 4;

/// The provider to ask and what to ask it.
pub(super) async fn build(app: &App, new: &New) -> Result<(DynProvider, ChatRequest)> {
    let New { turn, options, kept, .. } = new;
    let chosen = app.models.find(&turn.model)?;
    let (mut messages, instructions) = match (&new.untitled, &new.first) {
        (Some(words), Some(first)) => {
            let words = ChatMessage::text(Role::User, words.as_str());
            (vec![words], preferences::instructions(first.custom.clone(), None))
        }
        _ => said(app, turn).await?,
    };
    if messages.is_empty() {
        return Err(Error::NotFound("message"));
    }
    if let Some(context) = chosen.context {
        let fixed =
            estimate_tokens(instructions.as_deref().unwrap_or_default()) + estimate_tokens(&kept.text());
        trim(&mut messages, context - context / ANSWER_SHARE - fixed);
    }
    if !kept.text().is_empty() {
        messages.push(ChatMessage::text(Role::Assistant, kept.text()));
        messages.push(ChatMessage::text(
            Role::User,
            "Your last answer was cut off. Go on exactly where it ends, from its last word, without repeating \
             anything and without any remark about the interruption.",
        ));
    }
    if let Some(instructions) = instructions {
        messages.insert(0, ChatMessage::text(Role::System, instructions));
    }
    let request = ChatRequest {
        model: chosen.vendor_model,
        messages,
        temperature: options.temperature,
        max_tokens: options.max_tokens,
        tools: Vec::new(),
    };
    Ok((chosen.provider, request))
}

/// What was said up to the turn's question, and what every answer should heed.
async fn said(app: &App, turn: &Turn) -> Result<(Vec<ChatMessage>, Option<String>)> {
    let store::messages::Asked { branch, instructions, custom } = store::messages::asked(
        &app.db,
        turn.user_id,
        turn.conversation_id,
        turn.user_message_id,
        BRANCH_MESSAGES,
    )
    .await?;
    let instructions = preferences::instructions(custom, instructions);
    Ok((branch.iter().filter_map(spoken).collect(), instructions))
}

/// A stored message as the model hears it. Answers that never said anything are left out.
fn spoken(message: &Message) -> Option<ChatMessage> {
    let text: String = (message.parts.0.iter())
        .filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::Source { .. } => None,
        })
        .collect();
    (!text.is_empty()).then(|| ChatMessage::text(message.role, text))
}

/// Drops the oldest messages until the rest fits into `budget` tokens. The question itself always stays.
fn trim(messages: &mut Vec<ChatMessage>, budget: i64) {
    let mut left = budget;
    let keep = messages
        .iter()
        .rev()
        .take_while(|message| {
            left -= estimate_tokens(&message.text) + 4;
            left >= 0
        })
        .count()
        .max(1);
    messages.drain(..messages.len() - keep);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_messages_go_first_and_the_question_stays() {
        let say = |text: &str| ChatMessage::text(Role::User, text);
        let mut messages = vec![say(&"old ".repeat(100)), say("new"), say("question")];
        trim(&mut messages, 30);
        assert_eq!(messages.len(), 2);
        trim(&mut messages, 0);
        assert_eq!(messages[0].text, "question");
    }
}
