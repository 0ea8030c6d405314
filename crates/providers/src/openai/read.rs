//! Chunks of a stream to deltas.

use std::collections::VecDeque;

use super::{
    tool_calls::ToolCalls,
    wire::{Choice, Chunk},
};
use crate::{
    Delta, ProviderError, complaint,
    exchange::{self, Progress, clean, from_json},
    lenient::Said,
    mould::{Kind, Mould, Place},
    sse,
};

/// What is remembered between two chunks.
#[derive(Default)]
pub(super) struct Reader {
    calls: ToolCalls,
    mould: Mould,
    /// Where the text of this chunk lies, if it says nothing else.
    place: Option<Place>,
    finish: Option<String>,
    /// A chunk was seen, so an end mark is the end of something.
    begun: bool,
    done: bool,
}

impl exchange::Reader for Reader {
    fn event(&mut self, event: sse::Event<'_>, out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        let data = event.data.trim_ascii();
        if data == b"[DONE]" {
            self.done = self.begun;
            return if self.begun { Ok(()) } else { Err(ProviderError::Cut) };
        }
        if data.is_empty() {
            return Ok(());
        }
        if event.name != b"error"
            && let Some(delta) = self.mould.cast(data)
        {
            out.push_back(delta);
            return Ok(());
        }
        let chunk: Chunk = from_json(data).map_err(|garbage| match event.name {
            b"error" => complaint::of_event(&serde_json::Value::Null),
            _ => garbage,
        })?;
        if event.name == b"error" && chunk.error.is_none() {
            return Err(complaint::of_event(&from_json(data)?));
        }
        let known = out.len();
        self.place = None;
        self.chunk(chunk, out)?;
        if let Some(place) = self.place
            && self.finish.is_none()
            && out.len() == known + 1
        {
            self.mould.form(data, place);
        }
        Ok(())
    }

    fn whole(&mut self, body: &[u8], out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        let chunk: Chunk = from_json(body)?;
        if chunk.error.is_none() && chunk.choices.as_ref().is_none_or(Vec::is_empty) {
            return Err(ProviderError::garbage("JSON without an answer"));
        }
        self.chunk(chunk, out)?;
        self.done = true;
        Ok(())
    }

    fn progress(&self) -> Progress {
        match (self.done, &self.finish) {
            (true, _) => Progress::Over,
            (false, Some(_)) => Progress::Finished,
            (false, None) => Progress::Running,
        }
    }

    fn finish(&mut self) -> String {
        let word = self.finish.take().unwrap_or_default();
        match word.as_str() {
            "" | "stop" | "eos" | "end_turn" if self.calls.any() => "tool_calls".to_owned(),
            "" | "eos" | "end_turn" => "stop".to_owned(),
            "function_call" => "tool_calls".to_owned(),
            _ => word,
        }
    }
}

impl Reader {
    fn chunk(&mut self, chunk: Chunk, out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        if let Some(error) = chunk.error {
            return Err(complaint::of_event(&error));
        }
        self.begun |= chunk.choices.is_some();
        for (place, choice) in chunk.choices.into_iter().flatten().enumerate() {
            if choice.index.map_or(place == 0, |index| index.0 == 0) {
                self.choice(choice, out)?;
            }
        }
        if let Some(usage) = chunk.usage {
            out.push_back(Delta::Usage(usage.into()));
        }
        Ok(())
    }

    fn choice(&mut self, choice: Choice, out: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        if let Some(error) = choice.error {
            return Err(complaint::of_event(&error));
        }
        let piece = choice.delta.or(choice.message).unwrap_or_default();
        for thought in [piece.reasoning_content.said, piece.reasoning.said, piece.content.thought.into()] {
            if self.say(thought, Delta::Reasoning, out) {
                break; // some servers say it in two fields
            }
        }
        for said in [piece.content.said, piece.refusal.said] {
            self.say(said, Delta::Text, out);
        }
        for call in piece.tool_calls.into_iter().flatten() {
            self.place = None;
            out.extend(self.calls.take(call));
        }
        match choice.finish_reason {
            Some(word) if word == "error" => {
                Err(ProviderError::unavailable("it gave up in the middle of the answer"))
            }
            Some(word) if !word.is_empty() => {
                self.finish = Some(clean(word));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Reader {
    /// `false`: there is nothing to say.
    fn say(&mut self, said: Said, kind: Kind, out: &mut VecDeque<Delta>) -> bool {
        if said.text.is_empty() {
            return false;
        }
        self.place = Place::of(&said, kind);
        out.push_back(kind(clean(said.text)));
        true
    }
}

#[cfg(test)]
mod tests {
    use exchange::Reader as _;

    use super::*;

    fn play(events: &[&str]) -> (Vec<Delta>, Option<ProviderError>, Progress) {
        let (mut reader, mut out) = (Reader::default(), VecDeque::new());
        let error = events
            .iter()
            .find_map(|data| reader.event(sse::Event { name: b"", data: data.as_bytes() }, &mut out).err());
        (out.into(), error, reader.progress())
    }

    fn text(text: &str) -> Delta {
        Delta::Text(text.to_owned())
    }

    #[test]
    fn fields_that_nobody_expects_are_no_trouble() {
        let (deltas, error, progress) = play(&[
            r#"{"id":"x","x":{"y":[1]},"choices":[{"index":0,"delta":{"role":"assistant","content":null,"audio":{}},"logprobs":null}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"a","content":"b"},"finish_reason":null}],"usage":null,"error":null}"#,
            r#"{"choices":[{"delta":{"content":""},"finish_reason":""}]}"#,
            r#"{"choices":[]}"#,
            r#"{"object":"ping"}"#,
            "",
            r#"{"choices":[{"index":0,"delta":null,"finish_reason":"stop"}]}"#,
            "[DONE]",
        ]);
        assert_eq!((deltas, error, progress), (vec![text("b")], None, Progress::Over));
    }

    #[test]
    fn what_repeats_the_chunk_before_is_read_in_full_where_it_differs() {
        let chunk = |content: &str, rest: &str| {
            format!(
                r#"{{"id":"x","choices":[{{"index":0,"delta":{{{content}}},"finish_reason":null}}]{rest}}}"#
            )
        };
        let events = [
            chunk(r#""content":"a""#, ""),
            chunk(r#""content":"b""#, ""),
            chunk(r#""content":"\n\u0000""#, ""),
            chunk(r#""content":"c","content":"d""#, ""),
            chunk(r#""content":"e","tool_calls":[{"id":"1","function":{"name":"f"}}]"#, ""),
            chunk(r#""reasoning":"f","reasoning_content":"g""#, ""),
            chunk(r#""reasoning":"h","reasoning_content":"g""#, ""),
            chunk(r#""content":"i""#, r#","usage":{"prompt_tokens":1}"#),
            chunk(r#""content":"""#, ""),
            chunk(r#""content":"j""#, ""),
            chunk(r#""content":"k""#, ""),
        ];
        let thought = |text: &str| Delta::Reasoning(text.to_owned());
        let call = Delta::ToolCall {
            index: 0,
            id: Some("1".to_owned()),
            name: Some("f".to_owned()),
            arguments: String::new(),
        };
        let usage = Delta::Usage(domain::Usage { prompt_tokens: 1, ..domain::Usage::default() });
        let expected = vec![
            text("a"),
            text("b"),
            text("\n"),
            text("d"),
            text("e"),
            call,
            thought("g"),
            thought("g"),
            text("i"),
            usage,
            text("j"),
            text("k"),
        ];
        let (deltas, error, progress) = play(&events.each_ref().map(String::as_str));
        assert_eq!((deltas, error, progress), (expected, None, Progress::Running));
    }

    #[test]
    fn of_several_choices_the_first_counts() {
        let (deltas, _, progress) = play(&[
            r#"{"choices":[{"index":1,"delta":{"content":"no"},"finish_reason":"stop"},{"index":0,"delta":{"content":"yes"}}]}"#,
        ]);
        assert_eq!((deltas, progress), (vec![text("yes")], Progress::Running));
    }

    #[test]
    fn reasoning_has_several_names_and_is_said_once() {
        let thought = Delta::Reasoning("hm".to_owned());
        for field in [
            r#""reasoning":"hm""#,
            r#""reasoning_content":"hm""#,
            r#""reasoning":"hm","reasoning_content":"hm","content":"""#,
        ] {
            let (deltas, _, _) = play(&[&format!(r#"{{"choices":[{{"delta":{{{field}}}}}]}}"#)]);
            assert_eq!(deltas, vec![thought.clone()], "{field}");
        }
    }

    #[test]
    fn negative_and_missing_figures_are_nothing() {
        let usage = r#"{"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":7,"completion_tokens_details":{"reasoning_tokens":null}}}"#;
        let (deltas, ..) = play(&[usage]);
        assert_eq!(
            deltas,
            vec![Delta::Usage(domain::Usage { completion_tokens: 7, ..domain::Usage::default() })]
        );
    }

    #[test]
    fn a_broken_or_angry_event_fails() {
        for (event, code) in [
            ("{", "provider_garbage"),
            ("hello", "provider_garbage"),
            ("42", "provider_garbage"),
            (r#"{"choices":"no"}"#, "provider_garbage"),
            (r#"{"choices":[{"delta":{"content":7}}]}"#, "provider_garbage"),
            (r#"{"error":{"message":"overloaded","code":503}}"#, "provider_unavailable"),
            (r#"{"error":"boom"}"#, "provider_unavailable"),
            (r#"{"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#, "provider_unavailable"),
            ("[DONE]", "provider_cut"),
        ] {
            let (_, error, progress) = play(&[event]);
            assert_eq!(
                (error.map(|error| error.code()), progress),
                (Some(code), Progress::Running),
                "{event}"
            );
        }
    }
}
