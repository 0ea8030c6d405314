//! What the model is asked: the ancestors of the turn's own question, not "the visible branch".

use domain::{Attachment, Message, Part, Parts, Role, Turn};
use providers::{ChatMessage, ChatRequest, DynProvider, estimate_tokens};

use super::{ask::Style, begin::New, lookup::Looked};
use crate::{
    App, Error, Result,
    files::prompt::{self as files, Room},
    preferences,
};

/// The most messages of a branch that are sent to a model.
const BRANCH_MESSAGES: i64 = 2_000;
/// How much of a model's context is left for its answer, as a divisor.
const ANSWER_SHARE: i64 = 4;

/// A message before its files are read.
struct Draft {
    message: ChatMessage,
    files: Vec<Attachment>,
}

/// The provider to ask and what to ask it.
pub(super) async fn build(app: &App, new: &New, looked: &Looked) -> Result<(DynProvider, ChatRequest)> {
    let New { turn, options, kept, .. } = new;
    let chosen = app.models.find(&turn.model)?;
    let (mut drafts, instructions) = match &new.first {
        Some(first) => {
            let draft = draft(Role::User, &new.asked);
            (draft.into_iter().collect(), preferences::instructions(first.custom.clone(), None))
        }
        None => said(app, turn).await?,
    };
    let instructions = looked.instruct(with_style(instructions, options.style));
    if drafts.is_empty() {
        return Err(Error::NotFound("message"));
    }
    if let Some(question) = drafts.last_mut() {
        question.message.text.insert_str(0, &looked.passages());
    }
    if let Some(context) = chosen.context {
        let fixed =
            estimate_tokens(instructions.as_deref().unwrap_or_default()) + estimate_tokens(&kept.text());
        trim(&mut drafts, context - context / ANSWER_SHARE - fixed);
    }
    let mut messages = with_files(app, drafts, Room::of(&app.config.files, &chosen)).await?;
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
        tool_choice: None,
    };
    Ok((chosen.provider, request))
}

/// What every answer should heed, and what this one should.
fn with_style(instructions: Option<String>, style: Option<Style>) -> Option<String> {
    let Some(style) = style.map(Style::instruction) else { return instructions };
    Some(instructions.map_or_else(|| style.to_owned(), |others| format!("{others}\n\n{style}")))
}

/// What was said up to the turn's question, and what every answer should heed.
async fn said(app: &App, turn: &Turn) -> Result<(Vec<Draft>, Option<String>)> {
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

fn spoken(message: &Message) -> Option<Draft> {
    draft(message.role, &message.parts)
}

/// What was said as the model hears it. Answers that never said anything are left out.
fn draft(role: Role, parts: &Parts) -> Option<Draft> {
    let text: String = (parts.0.iter())
        .filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::Source { .. } | Part::File(_) => None,
        })
        .collect();
    let files: Vec<_> = parts.files().cloned().collect();
    let is_said = !text.is_empty() || !files.is_empty();
    is_said.then(|| Draft { message: ChatMessage::text(role, text), files })
}

/// Reads the files, those of the newest message first, as far as there is room.
async fn with_files(app: &App, drafts: Vec<Draft>, mut room: Room) -> Result<Vec<ChatMessage>> {
    let mut messages = Vec::with_capacity(drafts.len());
    for Draft { mut message, files } in drafts.into_iter().rev() {
        if !files.is_empty() {
            let (attached, left_out) = files::read(app, &files, &mut room).await?;
            message.attached = attached;
            message.text.insert_str(0, &left_out);
        }
        messages.push(message);
    }
    messages.reverse();
    Ok(messages)
}

/// Drops the oldest messages until the rest fits into `budget` tokens. The question itself always stays.
fn trim(drafts: &mut Vec<Draft>, budget: i64) {
    let mut left = budget;
    let keep = drafts
        .iter()
        .rev()
        .take_while(|draft| {
            left -= draft.message.estimate() + draft.files.iter().map(files::estimate).sum::<i64>();
            left >= 0
        })
        .count()
        .max(1);
    drafts.drain(..drafts.len() - keep);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_messages_go_first_and_the_question_stays() {
        let say = |text: &str| draft(Role::User, &Parts::text_only(text)).unwrap();
        let mut messages = vec![say(&"old ".repeat(100)), say("new"), say("question")];
        trim(&mut messages, 30);
        assert_eq!(messages.len(), 2);
        trim(&mut messages, 0);
        assert_eq!(messages[0].message.text, "question");
    }
}
