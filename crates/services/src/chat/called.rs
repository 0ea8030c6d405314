//! What an earlier answer called, as a model is told of it later.

use domain::{CallState, Part, Parts, Role, text_enum::TextEnum as _};
use providers::{ChatMessage, ToolSpec, estimate_tokens};

use super::rounds::{Written, clipped, result_of};

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
                    text.push_str(said);
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
    fn a_long_result_is_told_in_part() {
        let parts = Parts(vec![call("a", CallState::Completed, Some(&"x".repeat(50_000)))]);
        let called = Called::of(&parts).unwrap();
        assert_eq!(called.messages.len(), 2);
        assert!(called.messages[1].text.len() < RESULT_CHARS + 100 && called.estimate() < 1_200);
    }
}
