//! Another model answers when the one that was asked for fails before it says anything.
//!
//! Never after its first word, and never where the request itself is to blame: then the failure is told. The stand-in's
//! first word is waited for before anything is said of it, so if it fails too, it is the first failure that is told.

use std::{
    borrow::Cow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{EventKind, Role, Turn};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use hub::Log;
use providers::{Attached, ChatMessage, ChatRequest, Delta, Deltas, DynProvider, ProviderError};

use super::begin::New;
use crate::{App, models::Chosen, plans::Grant};

/// How much of the stand-in's context is left for its answer, as a divisor.
const ANSWER_SHARE: i64 = 4;
/// What the note begins and ends with that stands before such an answer.
const NOTE_BEGINS: &str = "> The model `";
const NOTE_ENDS: &str = "` answers instead.\n\n";
/// What stands between it and what was said before, in an answer that goes on.
const BEFORE_NOTE: &str = "\n\n";
/// What a model reads that does not see.
const UNSEEN: &str = "(An image was attached here, which you cannot see.)\n\n";
/// What vendors answer when there is no money or quota left.
const NO_QUOTA: [u16; 2] = [402, 429];

/// Who answers: the model that was asked for, until another one stands in for it.
#[derive(Debug, Clone)]
pub struct Answering {
    asked: Arc<str>,
    instead: Arc<OnceLock<String>>,
}

impl Answering {
    /// The model that was asked for.
    pub fn of(model: &str) -> Self {
        Self { asked: model.into(), instead: Arc::default() }
    }

    /// Another one answers from here on.
    pub fn stands_in(&self, model: &str) {
        // The first word decides.
        let _ = self.instead.set(model.to_owned());
    }

    /// The name that the model is listed by.
    pub fn name(&self) -> &str {
        self.instead.get().map_or(&self.asked, String::as_str)
    }
}

/// That another model answers.
#[derive(Debug, Clone)]
pub(super) struct Switch {
    /// The one that does.
    pub(super) model: String,
    /// The one that was asked for.
    pub(super) instead_of: String,
    /// Why it did not.
    pub(super) error: ProviderError,
}

/// Told once, before the stand-in's first word; what it gives is said before that.
type OnSwitch = Box<dyn FnOnce(Switch) -> BoxFuture<'static, Vec<Delta>> + Send>;

/// Asks one model for one answer, in as many requests as that takes.
pub(super) struct Asking {
    model: String,
    provider: DynProvider,
    stand_in: Option<(String, Arc<Chosen>)>,
    on_switch: Option<OnSwitch>,
    is_switched: Arc<AtomicBool>,
}

impl Asking {
    /// For an answer that is stored: its message says who answers, its readers hear of it, and a note stands before what the
    /// stand-in says.
    pub(super) fn stored(app: &App, new: &New, provider: DynProvider) -> Self {
        let (app_too, turn, log) = (app.clone(), new.turn.clone(), Arc::clone(&new.log));
        let goes_on = !new.kept.text().is_empty();
        Self::new(app, &new.grant, &turn.model.clone(), provider, move |switch| {
            note(app_too, turn, log, goes_on, switch).boxed()
        })
    }

    /// For an answer that is not stored, whose text is the model's alone.
    pub(super) fn unstored(app: &App, grant: &Grant, answering: &Answering, provider: DynProvider) -> Self {
        let named = answering.clone();
        Self::new(app, grant, answering.name(), provider, move |switch| {
            named.stands_in(&switch.model);
            async { Vec::new() }.boxed()
        })
    }

    fn new(
        app: &App,
        grant: &Grant,
        model: &str,
        provider: DynProvider,
        on_switch: impl FnOnce(Switch) -> BoxFuture<'static, Vec<Delta>> + Send + 'static,
    ) -> Self {
        let stand_in = app.models.stand_in(model).filter(|(name, _)| grant.allows_model(name));
        let stand_in = stand_in.map(|(name, chosen)| (name, Arc::new(chosen)));
        Self {
            model: model.to_owned(),
            provider,
            stand_in,
            on_switch: Some(Box::new(on_switch)),
            is_switched: Arc::default(),
        }
    }

    /// Asks. Only the first request may go to the stand-in; those that follow go to whoever answered it.
    pub(super) fn stream(&mut self, request: ChatRequest) -> Deltas {
        let Some((name, chosen)) = &self.stand_in else { return self.provider.stream(request) };
        if self.is_switched.load(Ordering::Relaxed) {
            return chosen.provider.stream(fit(request, chosen));
        }
        let Some(on_switch) = self.on_switch.take() else { return self.provider.stream(request) };
        let first = self.provider.stream(request.clone());
        let (model, name, chosen) = (self.model.clone(), name.clone(), Arc::clone(chosen));
        let is_switched = Arc::clone(&self.is_switched);
        let asked = async move {
            let error = match begin(first).await {
                Ok(deltas) => return deltas,
                Err(error) => error,
            };
            if !deserves_a_stand_in(&error) {
                return failed(error);
            }
            tracing::warn!(model, %error, stand_in = name, "a model did not answer; another one is asked");
            match begin(chosen.provider.stream(fit(request, &chosen))).await {
                Ok(deltas) => {
                    is_switched.store(true, Ordering::Relaxed);
                    let said = on_switch(Switch { model: name, instead_of: model, error }).await;
                    stream::iter(said.into_iter().map(Ok)).chain(deltas).boxed()
                }
                Err(too) => {
                    tracing::warn!(model = name, error = %too, "the model that stands in did not answer either");
                    failed(error)
                }
            }
        };
        stream::once(asked).flatten().boxed()
    }
}

/// Waits for the first word, which is then the first that the stream gives.
async fn begin(mut deltas: Deltas) -> Result<Deltas, ProviderError> {
    let mut held = Vec::new();
    loop {
        match deltas.next().await {
            Some(Ok(usage @ Delta::Usage(_))) => held.push(Ok(usage)),
            Some(Ok(delta)) => {
                held.push(Ok(delta));
                return Ok(stream::iter(held).chain(deltas).boxed());
            }
            Some(Err(error)) => return Err(error),
            None => return Ok(stream::iter(held).boxed()),
        }
    }
}

fn failed(error: ProviderError) -> Deltas {
    stream::iter([Err(error)]).boxed()
}

/// Whether another model may do better: not where the request is what is wrong.
fn deserves_a_stand_in(error: &ProviderError) -> bool {
    match error {
        ProviderError::Refused { .. }
        | ProviderError::RateLimited { .. }
        | ProviderError::Unavailable { .. }
        | ProviderError::TimedOut { .. }
        | ProviderError::Garbage { .. }
        | ProviderError::Cut => true,
        ProviderError::BadRequest { status, .. } => NO_QUOTA.contains(status),
    }
}

/// The same request as the stand-in can read it: without what it does not see or call, and no longer than it reads.
fn fit(mut request: ChatRequest, chosen: &Chosen) -> ChatRequest {
    request.model.clone_from(&chosen.vendor_model);
    if chosen.vision == Some(false) {
        for message in &mut request.messages {
            let before = message.attached.len();
            message.attached.retain(|one| !matches!(one, Attached::Image { .. }));
            if message.attached.len() < before {
                message.text.insert_str(0, UNSEEN);
            }
        }
    }
    if !chosen.tools {
        forget_tools(&mut request);
    }
    if let Some(context) = chosen.context {
        trim(&mut request.messages, context - context / ANSWER_SHARE);
    }
    request
}

/// Leaves out tools, and of what was called all but what was said beside it.
fn forget_tools(request: &mut ChatRequest) {
    request.tools.clear();
    request.tool_choice = None;
    request.messages.retain_mut(|message| {
        let is_call = !std::mem::take(&mut message.tool_calls).is_empty();
        message.role != Role::Tool && !(is_call && message.text.trim().is_empty())
    });
}

/// Drops the oldest messages, each with what answers it, until the rest fits. Instructions and the last question stay.
fn trim(messages: &mut Vec<ChatMessage>, budget: i64) {
    let total = |messages: &[ChatMessage]| messages.iter().map(ChatMessage::estimate).sum::<i64>();
    while total(messages) > budget {
        let Some(first) = messages.iter().position(|one| one.role != Role::System) else { return };
        let next = messages.iter().skip(first + 1).position(|one| one.role == Role::User);
        let Some(next) = next else { return };
        messages.drain(first..=first + next);
    }
}

/// Stores who answers, tells the readers, and gives the note that stands before what is said from here on.
async fn note(app: App, turn: Turn, log: Arc<Log>, goes_on: bool, switch: Switch) -> Vec<Delta> {
    let Switch { model, instead_of, error } = switch;
    let (id, message, name) = (turn.id, turn.message_id, model.clone());
    let written: crate::Result<()> =
        app.db.write(async move |tx| Ok(store::turns::answered_by(tx, id, message, &name).await?)).await;
    if let Err(error) = written {
        tracing::error!(turn.id = id.0, %error, "who answers could not be stored");
    }
    let before = if goes_on { BEFORE_NOTE } else { "" };
    let note = format!("{before}{NOTE_BEGINS}{instead_of}` did not answer. {error} `{model}{NOTE_ENDS}");
    log.append(EventKind::Model { model, instead_of, reason: error.code().to_owned() });
    vec![Delta::Text(note)]
}

/// An answer as other models should read it: they need not know, and would say the like.
pub(super) fn without_notes(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(found) = text[from..].find(NOTE_BEGINS) {
        let begin = from + found;
        let before = &text[..begin];
        let (is_line, cut) = (before.is_empty(), before.strip_suffix(BEFORE_NOTE).map_or(begin, str::len));
        let rest = &text[begin..];
        let end = rest.find(NOTE_ENDS).filter(|end| !rest[..*end].contains('\n'));
        match end.filter(|_| is_line || cut < begin) {
            Some(end) => {
                let behind = &rest[end + NOTE_ENDS.len()..];
                text = Cow::Owned(format!("{}{behind}", &text[..cut]));
                from = cut;
            }
            None => from = begin + NOTE_BEGINS.len(),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use providers::{ToolCall, ToolChoice, Waited};

    use super::*;

    #[test]
    fn who_is_to_blame_decides() {
        let after = Duration::from_secs(1);
        for error in [
            ProviderError::Refused { status: 401 },
            ProviderError::RateLimited { retry_after: None },
            ProviderError::Unavailable { reason: "HTTP 500".into() },
            ProviderError::TimedOut { what: Waited::FirstToken, after },
            ProviderError::Garbage { reason: "a web page".into() },
            ProviderError::Cut,
            ProviderError::BadRequest { status: 429, message: "insufficient_quota".into() },
            ProviderError::BadRequest { status: 402, message: "pay".into() },
        ] {
            assert!(deserves_a_stand_in(&error), "{error}");
        }
        for status in [400, 404, 413, 422] {
            let error = ProviderError::BadRequest { status, message: String::new() };
            assert!(!deserves_a_stand_in(&error), "{status}");
        }
    }

    #[test]
    fn the_oldest_exchanges_go_first_with_all_that_belongs_to_them() {
        let say = |role, text: &str| ChatMessage::text(role, text);
        let mut messages = vec![
            say(Role::System, "be kind"),
            say(Role::User, &"old ".repeat(100)),
            say(Role::Assistant, "an answer"),
            say(Role::User, "new"),
        ];
        trim(&mut messages, 60);
        let texts: Vec<&str> = messages.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["be kind", "new"]);
        trim(&mut messages, 0);
        assert_eq!(messages.len(), 2);
    }

    #[test]
    fn the_note_is_no_part_of_what_was_answered() {
        let note = format!("{NOTE_BEGINS}a` did not answer. Why. `b{NOTE_ENDS}");
        assert_eq!(without_notes(&format!("{note}Hello")), "Hello");
        assert_eq!(
            without_notes(&format!("It is 3{BEFORE_NOTE}{note}1 metres{BEFORE_NOTE}{note}.")),
            "It is 31 metres."
        );
        for other in [
            "Hello",
            "> The model `a` is good.",
            "> The model `a`\n\n` answers instead.\n\nx",
            "He said: > The model `a` did not answer. `b` answers instead.\n\n",
        ] {
            assert_eq!(without_notes(other), other);
        }
    }

    #[test]
    fn who_calls_no_tools_is_told_of_none() {
        let call = ToolCall { id: "a".into(), name: "f".into(), arguments: "{}".into() };
        let mut silent = ChatMessage::text(Role::Assistant, " ");
        silent.tool_calls = vec![call.clone()];
        let mut speaking = ChatMessage::text(Role::Assistant, "Let me look.");
        speaking.tool_calls = vec![call];
        let mut request = ChatRequest {
            messages: vec![
                ChatMessage::text(Role::User, "question"),
                silent,
                ChatMessage::text(Role::Tool, "result"),
                speaking,
                ChatMessage::text(Role::Tool, "result"),
            ],
            tool_choice: Some(ToolChoice::None),
            ..ChatRequest::default()
        };
        forget_tools(&mut request);
        let said: Vec<_> = request.messages.iter().map(|one| (one.role, one.text.as_str())).collect();
        assert_eq!(said, [(Role::User, "question"), (Role::Assistant, "Let me look.")]);
        assert!(
            request.tool_choice.is_none() && request.messages.iter().all(|one| one.tool_calls.is_empty())
        );
    }
}
