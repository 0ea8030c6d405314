//! Events of a stream to deltas.

use std::collections::VecDeque;

use domain::Usage;
use serde_json::Value;

use super::wire::{Event, WireBlock, WireDelta};
use crate::{
    Delta, ProviderError, complaint,
    exchange::{self, Progress, clean, from_json},
    lenient::Said,
    mould::{Mould, Place},
    sse,
};

/// What is remembered between two events.
#[derive(Default)]
pub(super) struct Reader {
    /// The places of blocks that are tool calls, in the order in which they began.
    calls: Vec<i64>,
    usage: Usage,
    mould: Mould,
    stop_reason: Option<String>,
    done: bool,
}

impl exchange::Reader for Reader {
    fn event(&mut self, event: sse::Event<'_>, out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        if event.data.trim_ascii().is_empty() {
            return Ok(());
        }
        if let Some(delta) = self.mould.cast(event.data) {
            out.push_back(delta);
            return Ok(());
        }
        let mut taken: Event = from_json(event.data)?;
        let says_its_kind = !taken.kind.is_empty();
        if !says_its_kind {
            taken.kind = String::from_utf8_lossy(event.name).into_owned();
        }
        match taken.kind.as_str() {
            "message_start" => {
                let usage = taken.message.and_then(|message| message.usage);
                self.count(usage.as_ref(), out);
            }
            "content_block_start" => {
                if let Some(block) = taken.content_block {
                    self.begin(taken.index.map_or(0, |index| index.0), block, out);
                }
            }
            "content_block_delta" => {
                let Some(delta) = taken.delta else { return Ok(()) };
                if says_its_kind
                    && delta.partial_json.is_none()
                    && let Some(place) = place(&delta)
                {
                    self.mould.form(event.data, place);
                }
                say(delta.text, delta.thinking, out);
                let place = taken.index.map_or(0, |index| index.0);
                if let Some(arguments) = delta.partial_json.filter(|json| !json.is_empty())
                    && let Some(index) = self.calls.iter().position(|known| *known == place)
                {
                    out.push_back(Delta::ToolCall {
                        index,
                        id: None,
                        name: None,
                        arguments: clean(arguments),
                    });
                }
            }
            "message_delta" => {
                self.count(taken.usage.as_ref(), out);
                self.stop_reason =
                    taken.delta.and_then(|delta| delta.stop_reason).or(self.stop_reason.take());
            }
            "message_stop" => self.done = true,
            "error" => return Err(complaint::of_event(&taken.error.unwrap_or_default())),
            _ => {} // ping, content_block_stop and what nobody knows yet
        }
        Ok(())
    }

    fn whole(&mut self, body: &[u8], out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        let message: Event = from_json(body)?;
        if let Some(error) = message.error {
            return Err(complaint::of_event(&error));
        }
        let Some(blocks) = message.content else {
            return Err(ProviderError::garbage("JSON without an answer"));
        };
        for (place, block) in blocks.into_iter().enumerate() {
            self.begin(place as i64, block, out);
        }
        self.count(message.usage.as_ref(), out);
        self.stop_reason = message.stop_reason;
        self.done = true;
        Ok(())
    }

    fn progress(&self) -> Progress {
        match (self.done, &self.stop_reason) {
            (true, _) => Progress::Over,
            (false, Some(_)) => Progress::Finished,
            (false, None) => Progress::Running,
        }
    }

    fn finish(&mut self) -> String {
        let word = match self.stop_reason.take().unwrap_or_default().as_str() {
            "" if !self.calls.is_empty() => "tool_calls",
            "" | "end_turn" | "stop_sequence" => "stop",
            "max_tokens" | "model_context_window_exceeded" => "length",
            "tool_use" => "tool_calls",
            "refusal" => "content_filter",
            other => return clean(other.to_owned()),
        };
        word.to_owned()
    }
}

impl Reader {
    fn count(&mut self, usage: Option<&super::wire::WireUsage>, out: &mut VecDeque<Delta>) {
        if let Some(usage) = usage {
            usage.add_to(&mut self.usage);
            out.push_back(Delta::Usage(self.usage));
        }
    }

    /// A block begins, or comes whole.
    fn begin(&mut self, place: i64, block: WireBlock, out: &mut VecDeque<Delta>) {
        if block.kind == "tool_use" {
            let index = self.calls.len();
            self.calls.push(place);
            let id = block.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{index}"));
            let whole = block.input.filter(|input| input.as_object().is_some_and(|input| !input.is_empty()));
            out.push_back(Delta::ToolCall {
                index,
                id: Some(clean(id)),
                name: block.name.map(clean),
                arguments: whole.as_ref().map(Value::to_string).map(clean).unwrap_or_default(),
            });
        } else {
            say(block.text, block.thinking, out);
        }
    }
}

/// Where the text of `delta` lies, if it says one.
fn place(delta: &WireDelta) -> Option<Place> {
    match (&delta.text, &delta.thinking) {
        (Some(said), None) => Place::of(said, Delta::Text),
        (None, Some(said)) => Place::of(said, Delta::Reasoning),
        _ => None,
    }
}

fn say(text: Option<Said>, thinking: Option<Said>, out: &mut VecDeque<Delta>) {
    let pieces = [
        thinking.map(|said| Delta::Reasoning(clean(said.text))),
        text.map(|said| Delta::Text(clean(said.text))),
    ];
    let is_something =
        |delta: &Delta| !matches!(delta, Delta::Text(text) | Delta::Reasoning(text) if text.is_empty());
    out.extend(pieces.into_iter().flatten().filter(is_something));
}

#[cfg(test)]
mod tests {
    use exchange::Reader as _;

    use super::*;

    #[test]
    fn a_reason_to_stop_has_our_word() {
        for (theirs, ours) in [
            ("end_turn", "stop"),
            ("stop_sequence", "stop"),
            ("max_tokens", "length"),
            ("tool_use", "tool_calls"),
            ("refusal", "content_filter"),
            ("pause_turn", "pause_turn"),
        ] {
            let mut reader = Reader { stop_reason: Some(theirs.to_owned()), ..Reader::default() };
            assert_eq!(reader.finish(), ours);
        }
    }

    #[test]
    fn what_repeats_the_event_before_is_read_in_full_where_it_differs() {
        let (mut reader, mut out) = (Reader::default(), VecDeque::new());
        let unnamed = r#"{"index":0,"delta":{"text":"x"}}"#;
        for (name, data) in [
            ("content_block_delta", unnamed),
            ("ping", unnamed),
            (
                "",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}}"#,
            ),
            (
                "",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"b"}}"#,
            ),
            ("", r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"c"}}"#),
            ("", r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":""}}"#),
            ("", r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"\n"}}"#),
            ("", r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"d"}}"#),
        ] {
            reader.event(sse::Event { name: name.as_bytes(), data: data.as_bytes() }, &mut out).unwrap();
        }
        let text = |text: &str| Delta::Text(text.to_owned());
        let thought = |text: &str| Delta::Reasoning(text.to_owned());
        assert_eq!(out, [text("x"), thought("a"), thought("b"), text("c"), text("\n"), text("d")]);
    }

    #[test]
    fn blocks_between_tool_calls_do_not_shift_them() {
        let (mut reader, mut out) = (Reader::default(), VecDeque::new());
        for data in [
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}"#,
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
            r#"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"b","name":"g","input":{}}}"#,
            r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}"#,
            r#"{"type":"content_block_delta","index":4,"delta":{"type":"signature_delta","signature":"x"}}"#,
        ] {
            reader.event(sse::Event { name: b"", data: data.as_bytes() }, &mut out).unwrap();
        }
        let seen: Vec<_> = out
            .into_iter()
            .map(|delta| match delta {
                Delta::ToolCall { index, id, arguments, .. } => (index, id.unwrap_or_default(), arguments),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [(0, "a", ""), (0, "", "{}"), (1, "b", ""), (1, "", "{\"x\":1}")];
        assert_eq!(seen, expected.map(|(index, id, text)| (index, id.to_owned(), text.to_owned())));
    }
}
