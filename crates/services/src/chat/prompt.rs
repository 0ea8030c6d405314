//! What the model is asked: the ancestors of the turn's own question, not "the visible branch".

use domain::{Attachment, Message, Part, Parts, Role, Turn};
use providers::{ChatMessage, ChatRequest, DynProvider, estimate_tokens};

use super::{
    ask::Style,
    begin::New,
    called::{self, Called},
    fallback,
    lookup::Looked,
};
use crate::{
    App, Error, Result,
    files::prompt::{self as files, Room},
    preferences,
    tools::{self, Tool},
};

/// The most messages of a branch that are sent to a model.
const BRANCH_MESSAGES: i64 = 2_000;
/// How much of a model's context is left for its answer, as a divisor.
const ANSWER_SHARE: i64 = 4;

/// A message before its files are read.
struct Draft {
    message: ChatMessage,
    files: Vec<Attachment>,
    /// The same with the tools that it called, for a request that offers tools.
    called: Option<Called>,
}

/// The provider to ask and what to ask it.
pub(super) async fn build(
    app: &App,
    new: &New,
    looked: &Looked,
    tools: &[&'static dyn Tool],
) -> Result<(DynProvider, ChatRequest)> {
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
    let tools: Vec<_> = tools.iter().map(|tool| tools::spec(*tool)).collect();
    let mut kept = draft(Role::Assistant, kept);
    for draft in drafts.iter_mut().chain(&mut kept) {
        draft.called = draft.called.take().and_then(|called| called.only(&tools));
    }
    let kept = kept.map(|draft| draft.told(true)).unwrap_or_default();
    if drafts.is_empty() {
        return Err(Error::NotFound("message"));
    }
    if let Some(question) = drafts.last_mut() {
        question.message.text.insert_str(0, &looked.passages());
    }
    if let Some(context) = chosen.context {
        let fixed = estimate_tokens(instructions.as_deref().unwrap_or_default())
            + kept.iter().map(ChatMessage::estimate).sum::<i64>()
            + tools.iter().map(called::estimate_of).sum::<i64>();
        trim(&mut drafts, context - context / ANSWER_SHARE - fixed);
    }
    let mut messages = with_files(app, drafts, Room::of(&app.config.files, &chosen)).await?;
    let was_speaking = kept.last().is_some_and(|last| last.role == Role::Assistant);
    messages.extend(kept);
    if was_speaking {
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
        tools,
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
    let text = if role == Role::Assistant { fallback::without_notes(&text).into_owned() } else { text };
    let files: Vec<_> = parts.files().cloned().collect();
    let called = if role == Role::Assistant { Called::of(parts) } else { None };
    let is_said = !text.is_empty() || !files.is_empty() || called.is_some();
    is_said.then(|| Draft { message: ChatMessage::text(role, text), files, called })
}

impl Draft {
    /// What is said without files, with or without the tools that were called.
    fn told(self, with_calls: bool) -> Vec<ChatMessage> {
        match self.called.filter(|_| with_calls) {
            Some(called) => called.messages,
            None => Some(self.message).filter(|message| !message.text.is_empty()).into_iter().collect(),
        }
    }
}

/// Reads the files, those of the newest message first, as far as there is room.
async fn with_files(app: &App, drafts: Vec<Draft>, mut room: Room) -> Result<Vec<ChatMessage>> {
    let mut messages = Vec::with_capacity(drafts.len());
    for mut draft in drafts.into_iter().rev() {
        if draft.files.is_empty() {
            messages.extend(draft.told(true).into_iter().rev());
            continue;
        }
        let (attached, left_out) = files::read(app, &draft.files, &mut room).await?;
        draft.message.attached = attached;
        draft.message.text.insert_str(0, &left_out);
        messages.push(draft.message);
    }
    messages.reverse();
    Ok(messages)
}

/// Drops the oldest messages until the rest fits into `budget` tokens, and before them what their tools said. The question
/// itself always stays.
fn trim(drafts: &mut Vec<Draft>, budget: i64) {
    let (mut left, mut room) = (budget, budget);
    let mut keep = 0;
    for draft in drafts.iter_mut().rev() {
        let said = draft.message.estimate() + draft.files.iter().map(files::estimate).sum::<i64>();
        left -= said;
        if left < 0 {
            break;
        }
        keep += 1;
        room -= draft.called.as_ref().map_or(said, Called::estimate);
        if room < 0 {
            draft.called = None;
            room = 0;
        }
    }
    drafts.drain(..drafts.len() - keep.max(1));
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

    #[test]
    fn what_tools_said_goes_before_what_was_said() {
        let call = Part::ToolCall {
            id: "a".into(),
            name: "page".into(),
            arguments: "{}".into(),
            state: "completed".into(),
            result: Some("long ".repeat(200)),
            duration_ms: None,
        };
        let drafts = || {
            let answer = Parts(vec![call.clone(), Part::Text { text: "short".into() }]);
            let question = Parts::text_only("question");
            vec![draft(Role::Assistant, &answer).unwrap(), draft(Role::User, &question).unwrap()]
        };
        let told = |budget| {
            let mut drafts = drafts();
            trim(&mut drafts, budget);
            drafts
                .into_iter()
                .flat_map(|draft| draft.told(true))
                .map(|one| one.text.len())
                .collect::<Vec<_>>()
        };
        assert_eq!(told(1_000), [0, 1_000, 5, 8]);
        assert_eq!(told(100), [5, 8]);
        assert_eq!(told(5), [8]);
        let without: Vec<_> = drafts().into_iter().flat_map(|draft| draft.told(false)).collect();
        assert_eq!(without.len(), 2);
    }
}
