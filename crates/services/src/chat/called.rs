//! What an earlier answer called, as a model is told of it later.

use std::collections::HashSet;

use domain::{CallState, Part, Parts, Role, text_enum::TextEnum as _};
use providers::{ChatMessage, ToolSpec, estimate_tokens};

use super::{
    fallback,
    rounds::{Written, clipped, result_of},
};

/// How much of what a tool said is told again in later turns, in characters.
const RESULT_CHARS: usize = 4_000;

/// An answer as the messages that it was: what was said before tools were called, their results, what was said then.
#[derive(Debug, Clone)]
pub(super) struct Called {
    /// Never empty.
    pub(super) messages: Vec<ChatMessage>,
}

impl Called {
    /// Reads the parts of an answer; `None` if nothing in it was called to an end.
    pub(super) fn of(parts: &Parts) -> Option<Self> {
        let mut messages = Vec::new();
        let (mut text, mut calls, mut results) = (String::new(), Vec::new(), Vec::new());
        for part in &parts.0 {
            match part {
                Part::Text { text: said } => {
                    end_round(&mut messages, &mut text, &mut calls, &mut results);
                    text.push_str(&fallback::without_notes(said));
                }
                Part::ToolCall { id, name, arguments, state, result: Some(result), .. }
                    if CallState::parse(state).is_ok_and(CallState::has_ended) =>
                {
                    let call = Written { name: name.clone(), arguments: arguments.clone() };
                    calls.push(call.told(id));
                    let result = clipped(result, RESULT_CHARS);
                    let is_error = state == CallState::Failed.as_str();
                    results.push(result_of(id, if is_error { format!("Error: {result}") } else { result }));
                }
                Part::ToolCall { .. } | Part::Reasoning { .. } | Part::Source { .. } | Part::File(_) => {}
            }
        }
        end_round(&mut messages, &mut text, &mut calls, &mut results);
        if messages.is_empty() {
            return None;
        }
        if !text.trim().is_empty() {
            messages.push(ChatMessage::text(Role::Assistant, text.trim_start()));
        }
        Some(Self { messages })
    }

    /// What was called of these tools: one that is told that it called others calls them again. `None` if nothing was.
    pub(super) fn only(mut self, tools: &[ToolSpec]) -> Option<Self> {
        let mut left_out = HashSet::new();
        for message in &mut self.messages {
            message.tool_calls.retain(|call| {
                let is_offered = tools.iter().any(|tool| tool.name == call.name);
                if !is_offered {
                    left_out.insert(call.id.clone());
                }
                is_offered
            });
        }
        self.messages.retain(|message| match &message.tool_call_id {
            Some(id) => !left_out.contains(id),
            None => !message.tool_calls.is_empty() || !message.text.is_empty(),
        });
        self.messages.iter().any(|message| message.role == Role::Tool).then_some(self)
    }

    /// About how many tokens it is.
    pub(super) fn estimate(&self) -> i64 {
        self.messages.iter().map(ChatMessage::estimate).sum()
    }
}

/// What was called so far goes together with what was said before it.
fn end_round(
    messages: &mut Vec<ChatMessage>,
    text: &mut String,
    calls: &mut Vec<providers::ToolCall>,
    results: &mut Vec<ChatMessage>,
) {
    if calls.is_empty() {
        return;
    }
    let said = std::mem::take(text);
    let tool_calls = std::mem::take(calls);
    messages.push(ChatMessage { tool_calls, ..ChatMessage::text(Role::Assistant, said.trim()) });
    messages.append(results);
}

/// About how many tokens the description of a tool is.
pub(super) fn estimate_of(tool: &ToolSpec) -> i64 {
    estimate_tokens(&tool.description) + estimate_tokens(&tool.parameters.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn call(id: &str, state: CallState, result: Option<&str>) -> Part {
        Part::ToolCall {
            id: id.into(),
            name: "clock".into(),
            arguments: "{}".into(),
            state: state.to_string(),
            result: result.map(str::to_owned),
            duration_ms: Some(1),
        }
    }

    fn text(text: &str) -> Part {
        Part::Text { text: text.into() }
    }

    #[test]
    fn rounds_are_told_in_their_order() {
        let parts = Parts(vec![
            text("Let me look."),
            call("a", CallState::Completed, Some("noon")),
            call("b", CallState::Failed, Some("no such place")),
            text("\n\nOnce more."),
            call("c", CallState::Completed, Some("one")),
            text("\n\nIt is one."),
        ]);
        let told = Called::of(&parts).unwrap().messages;
        let short: Vec<_> = told
            .iter()
            .map(|one| {
                let ids: Vec<_> = one.tool_calls.iter().map(|call| call.id.as_str()).collect();
                let of = one.tool_call_id.clone().unwrap_or_default();
                format!("{} {}|{}|{of}", one.role, one.text, ids.join(","))
            })
            .collect();
        assert_eq!(
            short,
            [
                "assistant Let me look.|a,b|",
                "tool noon||a",
                "tool Error: no such place||b",
                "assistant Once more.|c|",
                "tool one||c",
                "assistant It is one.||",
            ]
        );
    }

    #[test]
    fn what_was_not_called_to_an_end_is_not_told() {
        for parts in [
            vec![text("Hello")],
            vec![call("a", CallState::Called, None), text("Hello")],
            // Of what somebody shared, nobody knows what came of it.
            vec![call("a", CallState::Completed, None)],
        ] {
            assert!(Called::of(&Parts(parts)).is_none());
        }
    }

    #[test]
    fn of_tools_that_are_not_offered_any_more_nothing_is_told() {
        let tool =
            |name: &str| ToolSpec { name: name.into(), description: String::new(), parameters: Value::Null };
        let mut search = call("s", CallState::Completed, Some("[1] https://a.example/"));
        if let Part::ToolCall { name, .. } = &mut search {
            "web_search".clone_into(name);
        }
        let parts = Parts(vec![search, call("a", CallState::Completed, Some("noon")), text("It is noon.")]);
        let told = Called::of(&parts).unwrap().only(&[tool("clock")]).unwrap().messages;
        assert_eq!(told.len(), 3);
        assert_eq!((told[0].tool_calls.len(), told[1].text.as_str()), (1, "noon"));
        assert!(Called::of(&parts).unwrap().only(&[tool("other")]).is_none());
        assert_eq!(
            Called::of(&parts).unwrap().only(&[tool("clock"), tool("web_search")]).unwrap().messages.len(),
            4
        );
    }

    #[test]
    fn a_long_result_is_told_in_part() {
        let parts = Parts(vec![call("a", CallState::Completed, Some(&"x".repeat(50_000)))]);
        let called = Called::of(&parts).unwrap();
        assert_eq!(called.messages.len(), 2);
        assert!(called.messages[1].text.len() < RESULT_CHARS + 100 && called.estimate() < 1_200);
    }
}
