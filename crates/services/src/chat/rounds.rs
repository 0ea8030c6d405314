//! Asks a model until it has answered: the tools that it calls run, what they say goes back to it, and it is asked again.
//!
//! Calls of one round run side by side. Whatever goes wrong with one is its result, so that the model can make something
//! of it: an unknown name, broken arguments, too long a time, a panic. After the last round the model is asked to answer
//! without tools. A stop drops all calls at once.

use std::{panic::AssertUnwindSafe, pin::pin, time::Duration};

use domain::{CallState, EventKind, Part, Parts, Role, State, Turn};
use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use hub::Log;
use providers::{ChatMessage, ChatRequest, ToolCall, ToolChoice, estimate_tokens};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::{
    answer::{Answer, Ending, listen},
    fallback::{self, Asking},
    lookup,
};
use crate::{
    App,
    tools::{Call, Told, Tool},
};

/// The most calls of one round.
const CALLS: usize = 16;
/// The longest arguments that are read, in bytes.
const ARGUMENT_BYTES: usize = 64 * 1024;
/// The longest name of a function that all vendors take.
const NAME_BYTES: usize = 64;
/// How much of a model's context is left for its answer, as a divisor.
const ANSWER_SHARE: i64 = 4;
/// What is told of a result for which there is no room, in characters.
const LEAST_CHARS: usize = 200;
/// About how many characters make a token.
const CHARS_PER_TOKEN: i64 = 3;

/// Asks, runs what is called, and asks again, until the model has answered.
pub(super) async fn converse(
    app: &App,
    turn: &Turn,
    log: &Log,
    answer: &mut Answer,
    (mut asking, mut request): (Asking, ChatRequest),
    tools: &[&'static dyn Tool],
) -> Ending {
    let context = app.models.find(&turn.model).ok().and_then(|chosen| chosen.context);
    let most = app.config.tools.max_rounds;
    let mut round = 0;
    loop {
        answer.begin_round(&request);
        let ending = listen(app, log, answer, asking.stream(request.clone())).await;
        if matches!(ending.state, State::Stopped | State::Interrupted) {
            return ending;
        }
        let (said, calls) = answer.take_calls(log);
        if calls.is_empty() || ending.state != State::Completed {
            return ending;
        }
        if tools.is_empty() || round == most {
            let why = if tools.is_empty() {
                "No tool is offered to this model.".to_owned()
            } else {
                format!("Tools were called {most} times in this answer, which is the most.")
            };
            for (id, _) in &calls {
                answer.tell(log, id, CallState::Failed, Some(&why), None);
            }
            return ending;
        }
        let run = Run { app, turn, log, tools, heard: &request.messages };
        let results = match run.calls(answer, &calls).await {
            Ok(results) => results,
            Err(ending) => return ending,
        };
        round += 1;
        tell(&mut request.messages, fallback::without_notes(&said).into_owned(), &calls, results, context);
        request.tool_choice = (round == most).then_some(ToolChoice::None);
    }
}

/// What a call came to.
struct Outcome {
    place: usize,
    told: Result<Told, String>,
    duration_ms: i64,
}

struct Run<'a> {
    app: &'a App,
    turn: &'a Turn,
    log: &'a Log,
    tools: &'a [&'static dyn Tool],
    heard: &'a [ChatMessage],
}

impl Run<'_> {
    /// Runs all calls side by side; gives what the model is told of each.
    async fn calls(&self, answer: &mut Answer, calls: &[(String, Written)]) -> Result<Vec<String>, Ending> {
        let mut stopped = pin!(self.log.stopped().cancelled());
        let mut stopping = pin!(self.app.stopping().cancelled());
        for (id, _) in calls {
            answer.tell(self.log, id, CallState::Running, None, None);
        }
        let mut running: FuturesUnordered<_> =
            calls.iter().enumerate().map(|(place, (_, call))| self.call(place, call)).collect();
        let mut results = vec![String::new(); calls.len()];
        loop {
            let ended = tokio::select! {
                biased;
                () = &mut stopped => return Err(Ending::of(State::Stopped)),
                () = &mut stopping => return Err(Ending::of(State::Interrupted)),
                ended = running.next() => ended,
            };
            let Some(Outcome { place, told, duration_ms }) = ended else { return Ok(results) };
            let state = if told.is_ok() { CallState::Completed } else { CallState::Failed };
            let has_failed = told.is_err();
            let told = match told {
                Ok(Told::Text(text)) | Err(text) => text,
                Ok(Told::Sources(found)) => answer.lean_on(self.log, found),
            };
            let text = clipped(&told, self.app.config.tools.result_chars);
            answer.tell(self.log, &calls[place].0, state, Some(&text), Some(duration_ms));
            results[place] = if has_failed { format!("Error: {text}") } else { text };
        }
    }

    async fn call(&self, place: usize, call: &Written) -> Outcome {
        let begun = Instant::now();
        let told = if place < CALLS {
            self.told(call).await
        } else {
            Err(format!("At most {CALLS} tools can be called at once. Call this one again by itself."))
        };
        let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        Outcome { place, told, duration_ms }
    }

    async fn told(&self, call: &Written) -> Result<Told, String> {
        let Some(tool) = self.tools.iter().find(|tool| tool.about().name == call.name) else {
            let names: Vec<_> = self.tools.iter().map(|tool| tool.about().name).collect();
            return Err(format!("There is no such tool. There are {}.", names.join(", ")));
        };
        let arguments = call.read()?;
        let given = Call { app: self.app, user: self.turn.user_id, heard: self.heard, arguments: &arguments };
        let work = async {
            #[cfg(any(test, feature = "testing"))]
            self.fail().await;
            tool.run(given).await
        };
        let seconds = self.app.config.tools.call_seconds;
        match timeout(Duration::from_secs(seconds), AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(told)) => told,
            Ok(Err(_)) => {
                tracing::error!(turn.id = self.turn.id.0, tool = call.name, "a tool panicked");
                Err("The tool failed.".into())
            }
            Err(_) => Err(format!("The tool did not answer within {seconds} seconds.")),
        }
    }

    #[cfg(any(test, feature = "testing"))]
    async fn fail(&self) {
        use crate::faults::Point;
        assert!(!self.app.faults.take(Point::ToolPanics), "fail point");
        if self.app.faults.take(Point::ToolHangs) {
            std::future::pending::<()>().await;
        }
    }
}

/// A call as a model wrote it.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) arguments: String,
}

impl Written {
    /// The arguments as an object; a call without any has an empty one.
    fn read(&self) -> Result<Value, String> {
        if self.arguments.len() > ARGUMENT_BYTES {
            return Err(format!("The arguments are longer than {ARGUMENT_BYTES} bytes."));
        }
        let text = if self.arguments.trim().is_empty() { "{}" } else { &self.arguments };
        match serde_json::from_str::<Value>(text) {
            Ok(value) if value.is_object() => Ok(value),
            Ok(_) => Err("The arguments must be a JSON object.".into()),
            Err(why) => Err(format!("The arguments are not JSON: {why}.")),
        }
    }

    /// The call as it is told to a provider: some refuse a whole request for names and arguments that models do write.
    pub(super) fn told(&self, id: &str) -> ToolCall {
        let name = self.name.chars().take(NAME_BYTES);
        let name: String =
            name.map(|one| if one.is_ascii_alphanumeric() || one == '-' { one } else { '_' }).collect();
        ToolCall {
            id: id.to_owned(),
            name: if name.is_empty() { "unknown".into() } else { name },
            arguments: self.read().map_or_else(|_| "{}".to_owned(), |read| read.to_string()),
        }
    }
}

/// Puts a round behind what the model has been asked: what it said and called, and what came of it.
fn tell(
    messages: &mut Vec<ChatMessage>,
    said: String,
    calls: &[(String, Written)],
    results: Vec<String>,
    context: Option<i64>,
) {
    let tool_calls = calls.iter().map(|(id, call)| call.told(id)).collect();
    messages.push(ChatMessage { tool_calls, ..ChatMessage::text(Role::Assistant, said) });
    let used: i64 = messages.iter().map(ChatMessage::estimate).sum();
    let mut room = context.map(|context| context - context / ANSWER_SHARE - used);
    for ((id, _), result) in calls.iter().zip(results) {
        let result = match &mut room {
            Some(room) => {
                let chars = usize::try_from(*room * CHARS_PER_TOKEN).unwrap_or(0).max(LEAST_CHARS);
                let result = clipped(&result, chars);
                *room -= estimate_tokens(&result);
                result
            }
            None => result,
        };
        messages.push(result_of(id, result));
    }
}

/// What a tool said, as a message.
pub(super) fn result_of(id: &str, text: String) -> ChatMessage {
    ChatMessage { tool_call_id: Some(id.to_owned()), ..ChatMessage::text(Role::Tool, text) }
}

/// The first characters of a text, and that there was more. Text never holds U+0000.
pub(super) fn clipped(text: &str, most: usize) -> String {
    let mut kept: String = text.chars().filter(|one| *one != '\0').take(most).collect();
    if text.chars().nth(most).is_some() {
        kept.push_str("\n[The rest was left out.]");
    }
    kept
}

/// An id for a call that no other call of the answer has: some models name all of their calls alike.
pub(super) fn id_of(parts: &Parts, given: &str) -> String {
    let is_taken = |wanted: &str| {
        wanted == lookup::ID
            || parts.0.iter().any(|part| matches!(part, Part::ToolCall { id, .. } if id == wanted))
    };
    let given = if given.is_empty() { "call" } else { given };
    std::iter::once(given.to_owned())
        .chain((2..=parts.0.len() + 2).map(|count| format!("{given}_{count}")))
        .find(|id| !is_taken(id))
        .unwrap_or_default()
}

/// The state of a call changes: puts it into the parts and the event of it into the log.
pub(super) fn change(
    parts: &mut Parts,
    log: &Log,
    of: &str,
    to: CallState,
    told: Option<&str>,
    took_ms: Option<i64>,
) {
    let call = parts.0.iter_mut().find(|part| matches!(part, Part::ToolCall { id, .. } if id == of));
    let Some(part) = call else { return };
    if let Part::ToolCall { state, result, duration_ms, .. } = part {
        *state = to.to_string();
        *result = told.map(str::to_owned);
        *duration_ms = took_ms;
    }
    log.append(EventKind::Tool(part.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, arguments: &str) -> Written {
        Written { name: name.into(), arguments: arguments.into() }
    }

    #[test]
    fn arguments_are_an_object_or_an_error_that_says_why() {
        assert_eq!(written("f", " \n").read(), Ok(serde_json::json!({})));
        assert_eq!(written("f", r#"{"a":1}"#).read(), Ok(serde_json::json!({ "a": 1 })));
        for (arguments, why) in [("[1]", "object"), ("{\"a\":", "not JSON"), ("null", "object")] {
            assert!(written("f", arguments).read().unwrap_err().contains(why), "{arguments}");
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(ARGUMENT_BYTES));
        assert!(written("f", &long).read().unwrap_err().contains("longer"));
    }

    #[test]
    fn what_a_model_wrote_is_told_to_providers_in_a_form_that_they_take() {
        let told = written("web.search", "{broken").told("call_1");
        assert_eq!(
            (told.id.as_str(), told.name.as_str(), told.arguments.as_str()),
            ("call_1", "web_search", "{}")
        );
        assert_eq!(written("", "").told("a").name, "unknown");
        assert_eq!(written(&"n".repeat(100), "").told("a").name.len(), NAME_BYTES);
    }

    #[test]
    fn every_call_of_an_answer_has_an_id_of_its_own() {
        let mut parts = Parts::default();
        for expected in ["call_x", "call_x_2", "call_x_3"] {
            let id = id_of(&parts, "call_x");
            assert_eq!(id, expected);
            parts.push(Part::ToolCall {
                id,
                name: "f".into(),
                arguments: String::new(),
                state: CallState::Called.to_string(),
                result: None,
                duration_ms: None,
            });
        }
        assert_eq!((id_of(&parts, ""), id_of(&parts, lookup::ID)), ("call".into(), "web_search_2".into()));
    }

    #[test]
    fn results_are_cut_to_what_is_kept_and_to_what_the_model_can_read() {
        assert_eq!(clipped("abc", 3), "abc");
        assert_eq!(clipped("ab\0cd", 3), "abc\n[The rest was left out.]");
        let calls = [("a".to_owned(), written("f", "{}")), ("b".to_owned(), written("f", "{}"))];
        let results = || vec!["x".repeat(3_000), "y".repeat(3_000)];
        let told = |context| {
            let mut messages = vec![ChatMessage::text(Role::User, "question")];
            tell(&mut messages, "said".into(), &calls, results(), context);
            messages
        };
        let all = told(None);
        assert_eq!((all[1].text.as_str(), all[1].tool_calls.len()), ("said", 2));
        assert_eq!(all[2..].iter().map(|one| one.text.len()).collect::<Vec<_>>(), [3_000, 3_000]);
        assert_eq!(all[3].tool_call_id.as_deref(), Some("b"));
        let few = told(Some(1_000));
        assert!(
            few[2].text.len() < 2_300 && few[3].text.len() < 1_000,
            "{} {}",
            few[2].text.len(),
            few[3].text.len()
        );
    }
}
