//! Runs a turn: waits for its time, asks the model (`rounds.rs` asks again with what its tools said), publishes what it
//! says, settles.
//!
//! A reader that leaves changes nothing. A stop drops the provider's connection. A panic settles the turn as failed.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use domain::{CallState, EventKind, MessageError, Part, Parts, State, Usage};
use futures_util::{FutureExt as _, StreamExt as _};
use hub::Log;
use providers::{ChatMessage, ChatRequest, Delta, ProviderError, estimate_tokens};
use tokio::time::{Instant, sleep};

use super::{
    begin::New,
    fallback::Asking,
    lookup, prompt,
    rounds::{self, Written},
    settle, sources,
    speech::{Kind, Speech},
    titles,
};
use crate::{App, events, tools, web_search::Source};

/// An answer as it grows.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// What it says.
    pub(super) parts: Parts,
    /// Why the model ended.
    pub(super) finish_reason: Option<String>,
    /// What the rounds before this one cost.
    spent: Option<Usage>,
    /// What the provider says that this round costs.
    usage: Option<Usage>,
    /// About how many tokens this round was asked with, for a provider that does not say.
    prompt_estimate: i64,
    /// About how many tokens had been said before it.
    said_before: i64,
    /// What this round has said.
    said: String,
    /// Words of an earlier round stand before those of this one.
    needs_break: bool,
    /// The pieces of tool calls, by their place: ids, and what is called.
    calls: Vec<(String, Written)>,
    /// Whether the provider was asked in this round.
    asked: bool,
    /// Whether the provider was ever asked, or the web searched for it.
    has_cost: bool,
    /// Since when the model thinks, while it does.
    thinks_since: Option<Instant>,
}

impl Answer {
    /// Whether the model has said anything: a word, a thought or a call of a tool that was not kept from before.
    fn says_more_than(&self, kept: &Parts) -> bool {
        let said = |parts: &Parts| -> Vec<Part> {
            let is_said = |part: &&Part| match part {
                Part::Text { text } | Part::Reasoning { text, .. } => !text.is_empty(),
                // The search before an answer is no word of it.
                Part::ToolCall { id, .. } => id != lookup::ID,
                Part::Source { .. } | Part::File(_) => false,
            };
            parts.0.iter().filter(is_said).cloned().collect()
        };
        let all = said(&self.parts);
        !self.calls.is_empty() || !(all.is_empty() || all == said(kept))
    }

    /// The web is searched for it, which is told as a call.
    pub(super) fn begin_search(&mut self, log: &Log, call: Part) {
        self.has_cost = true;
        self.parts.push(call.clone());
        log.append(EventKind::Tool(call));
    }

    /// An answer of which nothing is known but what it says.
    pub(super) fn of(parts: Parts) -> Self {
        Self { parts, ..Self::default() }
    }

    /// An answer that nobody goes on with: the tools that worked for it do so no more.
    pub(super) fn cut_off(mut parts: Parts) -> Self {
        parts.end_calls();
        Self::of(parts)
    }
}

/// How a turn ended.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) state: State,
    pub(super) error: Option<MessageError>,
}

impl Ending {
    pub(super) fn of(state: State) -> Self {
        Self { state, error: None }
    }

    fn failed(code: &str, message: &str, retryable: bool) -> Self {
        let error = MessageError { code: code.into(), message: message.into(), retryable };
        Self { state: State::Failed, error: Some(error) }
    }
}

impl From<ProviderError> for Ending {
    fn from(error: ProviderError) -> Self {
        Self::failed(error.code(), &error.to_string(), error.retryable())
    }
}

impl From<crate::Error> for Ending {
    fn from(error: crate::Error) -> Self {
        if let crate::Error::Internal(cause) = &error {
            tracing::error!(error = ?cause, "a turn failed: {cause:#}");
        }
        Self::failed(error.code(), &error.to_string(), true)
    }
}

impl Answer {
    /// The model is asked, once more or for the first time.
    pub(super) fn begin_round(&mut self, request: &ChatRequest) {
        self.end_round();
        (self.asked, self.has_cost) = (true, true);
        self.finish_reason = None;
        self.prompt_estimate = request.messages.iter().map(ChatMessage::estimate).sum();
        self.said_before = said(&self.parts);
        let is_behind_a_call =
            matches!(self.parts.0.last(), Some(Part::ToolCall { .. } | Part::Source { .. }));
        self.needs_break =
            is_behind_a_call && self.parts.text().chars().next_back().is_some_and(|last| last != '\n');
    }

    /// Adds up what the round cost: the provider's figures, or an estimate that says so.
    fn end_round(&mut self) {
        if !std::mem::take(&mut self.asked) {
            return;
        }
        let round = self.usage.take().unwrap_or_else(|| Usage {
            prompt_tokens: self.prompt_estimate,
            completion_tokens: said(&self.parts) - self.said_before,
            reasoning_tokens: 0,
            estimated: true,
        });
        let before = self.spent.unwrap_or_default();
        self.spent = Some(Usage {
            prompt_tokens: before.prompt_tokens.saturating_add(round.prompt_tokens),
            completion_tokens: before.completion_tokens.saturating_add(round.completion_tokens),
            reasoning_tokens: before.reasoning_tokens.saturating_add(round.reasoning_tokens),
            estimated: before.estimated || round.estimated,
        });
    }

    /// The model has written all of its calls: they are shown whole. Gives what it said beside them, and the calls by
    /// their ids.
    pub(super) fn take_calls(&mut self, log: &Log) -> (String, Vec<(String, Written)>) {
        let mut calls = Vec::new();
        for (id, call) in std::mem::take(&mut self.calls) {
            // Who leaves out a place called nothing there.
            if id.is_empty() && call.name.is_empty() && call.arguments.is_empty() {
                continue;
            }
            let id = rounds::id_of(&self.parts, &id);
            let part = Part::ToolCall {
                id: id.clone(),
                name: call.name.clone(),
                arguments: call.arguments.clone(),
                state: CallState::Called.to_string(),
                result: None,
                duration_ms: None,
            };
            self.parts.push(part.clone());
            log.append(EventKind::Tool(part));
            calls.push((id, call));
        }
        (std::mem::take(&mut self.said), calls)
    }

    /// A call goes on, or ends.
    pub(super) fn tell(
        &mut self,
        log: &Log,
        id: &str,
        state: CallState,
        result: Option<&str>,
        duration_ms: Option<i64>,
    ) {
        rounds::change(&mut self.parts, log, id, state, result, duration_ms);
    }

    /// Takes pages that were found, and gives them with their numbers.
    pub(super) fn number(&mut self, found: Vec<Source>) -> Vec<Source> {
        sources::take(&mut self.parts, found)
    }

    /// Tells readers of all pages that it leans on.
    pub(super) fn tell_sources(&self, log: &Log) {
        log.append(EventKind::Sources(sources::of(&self.parts)));
    }

    /// Takes pages that a tool found, tells readers of those that are new, and gives what the model is told.
    pub(super) fn lean_on(&mut self, log: &Log, found: Vec<Source>) -> String {
        let known = sources::of(&self.parts).len();
        let found = self.number(found);
        if sources::of(&self.parts).len() > known {
            self.tell_sources(log);
        }
        sources::told(&found)
    }

    /// Takes what the provider says next.
    fn take(&mut self, delta: Delta, speech: &mut Speech<'_>) {
        match delta {
            Delta::Text(text) => {
                self.end_thought(speech);
                self.said.push_str(&text);
                let text = if self.needs_break { format!("\n\n{}", text.trim_start()) } else { text };
                if self.needs_break && text.len() == 2 {
                    return;
                }
                self.needs_break = false;
                self.parts.push_text(&text);
                speech.say(text, Kind::Answer);
            }
            Delta::Reasoning(text) => {
                self.thinks_since.get_or_insert_with(Instant::now);
                self.parts.push_reasoning(&text);
                speech.say(text, Kind::Reasoning);
            }
            Delta::ToolCall { index, id, name, arguments } => {
                self.end_thought(speech);
                if self.calls.len() <= index {
                    self.calls.resize(index.min(127) + 1, Default::default());
                }
                if let Some(call) = self.calls.get_mut(index) {
                    call.0.push_str(&id.unwrap_or_default());
                    call.1.name.push_str(&name.unwrap_or_default());
                    call.1.arguments.push_str(&arguments);
                }
            }
            Delta::Usage(usage) => self.usage = Some(usage),
            Delta::Finish(reason) => self.finish_reason = Some(reason),
        }
    }

    /// The model goes on to something else, or has ended: tells how long it thought, if it did.
    fn end_thought(&mut self, speech: &mut Speech<'_>) {
        if let Some(since) = self.thinks_since.take() {
            let duration_ms = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
            self.parts.push_thought(duration_ms);
            speech.thought(duration_ms);
        }
    }
}

/// Lets a begun turn grow in the background.
pub(super) fn start(app: &App, new: New) {
    app.spawn(run(app.clone(), new));
}

async fn run(app: App, new: New) {
    let mut answer = Answer::default();
    #[cfg(any(test, feature = "testing"))]
    if app.faults.take(crate::faults::Point::AnswerVanishes) {
        app.hub.logs.forget(new.turn.id);
        return;
    }
    let produced = AssertUnwindSafe(produce(&app, &new, &mut answer)).catch_unwind().await;
    let ending = produced.unwrap_or_else(|_| {
        tracing::error!(turn.id = new.turn.id.0, "a turn panicked");
        Ending::failed("internal", "The server made a mistake. Your question is kept; try again.", true)
    });
    // Nobody works on them any more.
    for part in answer.parts.end_calls() {
        new.log.append(EventKind::Tool(part));
    }
    answer.end_round();
    let usage = answer.spent;
    let gives_back = match ending.state {
        State::Completed => false,
        // Whoever stops what has been asked for has used it: else everything but the first word would be free.
        State::Stopped => !answer.has_cost,
        _ => !answer.says_more_than(&new.kept),
    };
    settle::settle(&app, &new.turn, &new.log, answer, ending, usage, gives_back).await;
}

/// About how many tokens a model has said.
fn said(parts: &Parts) -> i64 {
    let tokens = parts.0.iter().map(|part| match part {
        Part::Text { text } | Part::Reasoning { text, .. } => estimate_tokens(text),
        Part::ToolCall { arguments, .. } => estimate_tokens(arguments),
        Part::Source { .. } | Part::File(_) => 0,
    });
    tokens.sum()
}

async fn produce(app: &App, new: &New, answer: &mut Answer) -> Ending {
    let (turn, log) = (&new.turn, &new.log);
    tokio::select! {
        biased;
        () = log.stopped().cancelled() => return Ending::of(State::Stopped),
        () = app.stopping().cancelled() => return Ending::of(State::Interrupted),
        () = log.promoted().cancelled() => {}
    }
    events::turn_started(app, turn);
    keep(log, &new.kept, answer);
    #[cfg(any(test, feature = "testing"))]
    assert!(!app.faults.take(crate::faults::Point::AnswerPanics), "fail point");
    let looked = match lookup::look_up(app, new, answer).await {
        Ok(looked) => looked,
        Err(ending) => return ending,
    };
    let built = async {
        let tools = tools::offered(app, turn, &new.grant)?;
        Ok((prompt::build(app, new, &looked, &tools).await?, tools))
    };
    let ((provider, request), tools) = match built.await {
        Ok(built) => built,
        // What it belongs to has ended meanwhile.
        Err(crate::Error::NotFound(_)) => return Ending::of(State::Stopped),
        Err(error) => return error.into(),
    };
    if let Some(words) = &new.untitled {
        titles::ask(app, turn, Arc::clone(log), words);
    }
    let asking = Asking::stored(app, new, provider);
    rounds::converse(app, turn, log, answer, (asking, request), &tools).await
}

/// Publishes what the provider says until it ends, fails, or somebody stops the turn.
pub(super) async fn listen(
    app: &App,
    log: &Log,
    answer: &mut Answer,
    mut deltas: providers::Deltas,
) -> Ending {
    let mut stopped = pin!(log.stopped().cancelled());
    let mut stopping = pin!(app.stopping().cancelled());
    let mut alarm = pin!(sleep(Duration::ZERO));
    let mut speech = Speech::new(log);
    let ending = loop {
        let alarm_at = speech.alarm_at();
        if let Some(at) = alarm_at.filter(|at| *at != alarm.deadline()) {
            alarm.as_mut().reset(at);
        }
        let delta = tokio::select! {
            biased;
            () = &mut stopped => break Ending::of(State::Stopped),
            () = &mut stopping => break Ending::of(State::Interrupted),
            delta = deltas.next(), if !speech.is_resting() => delta,
            () = &mut alarm, if alarm_at.is_some() => {
                speech.alarm();
                continue;
            }
        };
        match delta {
            Some(Ok(delta)) => answer.take(delta, &mut speech),
            Some(Err(error)) => break error.into(),
            None => break Ending::of(State::Completed),
        }
    };
    answer.end_thought(&mut speech);
    speech.publish();
    ending
}

/// The answer goes on from what is kept: its first events say that.
fn keep(log: &Log, kept: &Parts, answer: &mut Answer) {
    let sources = sources::of(kept);
    if !sources.is_empty() {
        log.append(EventKind::Sources(sources));
    }
    for part in &kept.0 {
        match part {
            Part::Text { text } => _ = log.append(EventKind::Chunk(text.clone())),
            Part::Reasoning { text, .. } => _ = log.append(EventKind::Reasoning(text.clone())),
            Part::ToolCall { .. } | Part::File(_) => _ = log.append(EventKind::Tool(part.clone())),
            Part::Source { .. } => {} // all of them at once, above
        }
        if let Part::Reasoning { duration_ms: Some(duration_ms), .. } = part {
            log.append(EventKind::Thought(*duration_ms));
        }
        answer.parts.push(part.clone());
    }
}

/// The text of a running turn as its log tells it, for the net that settles what lost its runner.
pub(super) fn retell(log: &Log, saved: &Parts, covers: domain::Seq) -> Answer {
    let mut answer = Answer::of(saved.clone());
    for event in log.above(covers) {
        push(&mut answer.parts, event.kind);
    }
    answer.parts.end_calls();
    answer
}

/// Puts what an event says behind what is held.
pub(super) fn push(parts: &mut Parts, kind: EventKind) {
    match kind {
        EventKind::Chunk(text) => parts.push_text(&text),
        EventKind::Reasoning(text) => parts.push_reasoning(&text),
        EventKind::Thought(duration_ms) => parts.push_thought(duration_ms),
        EventKind::Tool(part) => parts.push(part),
        EventKind::Sources(sources) => sources.into_iter().for_each(|part| parts.push(part)),
        EventKind::Start { .. }
        | EventKind::Model { .. }
        | EventKind::Title(_)
        | EventKind::Usage(_)
        | EventKind::Error(_)
        | EventKind::Snapshot(_)
        | EventKind::Done { .. } => {}
    }
}
