//! Plays a script as a stream of bytes, paced, and notices when the client leaves.

use std::{collections::VecDeque, io, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{
    Script,
    answer::{Answer, numbered},
    record::{Watched, wall_clock},
};

/// How long to wait before a cut, so that what was sent before it arrives.
const FLUSH: Duration = Duration::from_millis(20);

/// The words of one protocol.
pub(crate) trait Encoder: Send {
    /// The event before the first token.
    fn open(&mut self, figures: Figures, out: &mut Vec<u8>);
    /// A token of the answer.
    fn token(&mut self, text: &str, out: &mut Vec<u8>);
    /// A token of what is thought.
    fn thought(&mut self, text: &str, out: &mut Vec<u8>);
    /// A tool call with its place among the calls of the answer, in several pieces.
    fn tool_call(&mut self, place: usize, call: &Call, out: &mut Vec<u8>);
    /// Everything behind the last token.
    fn close(&mut self, ending: Ending, out: &mut Vec<u8>);
    /// An error inside the stream.
    fn error(&mut self, out: &mut Vec<u8>);
    /// The answer as one JSON.
    fn whole(&mut self, thought: &str, text: &str, calls: &[Call], figures: Figures) -> Value;
}

/// A tool call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What tells it from the other calls of the answer; each protocol puts a word of its own before it.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// Usage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) prompt: i64,
    pub(crate) completion: i64,
    pub(crate) reasoning: i64,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    /// `stop` or `tool`.
    pub(crate) finish: Option<&'static str>,
    pub(crate) figures: Option<Figures>,
    pub(crate) done: bool,
}

/// Everything that one answer needs.
pub(crate) struct Play {
    pub(crate) script: Script,
    pub(crate) answer: Answer,
    /// The tools to call.
    pub(crate) calls: Vec<Call>,
    pub(crate) encoder: Box<dyn Encoder>,
    pub(crate) figures: Figures,
    /// Tokens per second; 0 is as fast as possible.
    pub(crate) rate: f64,
}

enum Step {
    Open,
    Delay(Duration),
    Thought(usize),
    Token(usize),
    Huge(usize),
    Malformed,
    Error,
    Call(usize),
    Close,
    Hang,
    Cut,
    Raw(Bytes),
}

struct Player {
    play: Play,
    watched: Watched,
    steps: VecDeque<Step>,
    /// What is left to send byte by byte.
    chopped: VecDeque<u8>,
    paced_from: Option<Instant>,
    paced: u32,
}

impl Play {
    /// The body. Its items are written one by one; an error cuts the connection.
    pub(crate) fn stream(self, watched: Watched) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let steps = self.steps();
        let player =
            Player { play: self, watched, steps, chopped: VecDeque::new(), paced_from: None, paced: 0 };
        stream::unfold(player, async |mut player| {
            let bytes = player.next().await?;
            Some((bytes, player))
        })
    }

    /// The answer as one JSON.
    pub(crate) fn whole(mut self) -> Value {
        let thought: String = (0..self.script.reasoning).map(|place| numbered('r', place)).collect();
        let text = self.answer.whole();
        self.encoder.whole(&thought, &text, &self.calls, self.figures)
    }

    fn steps(&self) -> VecDeque<Step> {
        let script = &self.script;
        if let Some(writes) = &script.raw {
            return writes.iter().cloned().map(Step::Raw).collect();
        }
        let mut steps = VecDeque::from([Step::Open]);
        if script.delay > 0 {
            steps.push_back(Step::Delay(Duration::from_millis(script.delay)));
        }
        steps.extend((0..script.reasoning).map(Step::Thought));
        steps.extend(script.huge.map(Step::Huge));
        let tokens = self.answer.len();
        for place in 0..=tokens {
            if script.malformed == Some(place) {
                steps.push_back(Step::Malformed);
            }
            for (at, last) in
                [(script.error, Step::Error), (script.hang, Step::Hang), (script.cut, Step::Cut)]
            {
                if at == Some(place) {
                    steps.push_back(last);
                    return steps;
                }
            }
            if script.end == Some(place) {
                return steps;
            }
            if place < tokens {
                steps.push_back(Step::Token(place));
                if script.dup == Some(place + 1) {
                    steps.push_back(Step::Token(place));
                }
            }
        }
        steps.extend((0..self.calls.len()).map(Step::Call));
        steps.push_back(Step::Close);
        if script.linger {
            steps.push_back(Step::Hang);
        }
        steps
    }

    fn ending(&self) -> Ending {
        let finish = if self.calls.is_empty() { "stop" } else { "tool" };
        Ending {
            finish: (!self.script.nofinish).then_some(finish),
            figures: (!self.script.nousage).then_some(self.figures),
            done: !self.script.nodone,
        }
    }
}

impl Player {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(byte) = self.chopped.pop_front() {
                tokio::task::yield_now().await; // makes the server write what it has
                return Some(Ok(Bytes::copy_from_slice(&[byte])));
            }
            let mut out = Vec::with_capacity(256);
            match self.steps.pop_front()? {
                Step::Open => self.play.encoder.open(self.play.figures, &mut out),
                Step::Delay(delay) => sleep(delay).await,
                Step::Thought(place) => {
                    self.pace().await;
                    self.play.encoder.thought(&numbered('r', place), &mut out);
                }
                Step::Token(place) => {
                    self.pace().await;
                    let token = self.play.answer.token(place);
                    if self.play.script.clock {
                        self.play.encoder.token(&format!("{} ", wall_clock().as_micros()), &mut out);
                    } else if self.play.script.nul {
                        self.play.encoder.token(&format!("{token}\0"), &mut out);
                    } else {
                        self.play.encoder.token(&token, &mut out);
                    }
                    self.watched.tokens += 1;
                }
                Step::Huge(bytes) => self.play.encoder.token(&"x".repeat(bytes), &mut out),
                Step::Malformed => {
                    out.extend_from_slice(b"data: {\"choices\":[{\"delta\":{\"content\":\"oops\n\n");
                }
                Step::Error => self.play.encoder.error(&mut out),
                Step::Call(place) => {
                    self.play.encoder.tool_call(place, &self.play.calls[place], &mut out);
                }
                Step::Close => self.play.encoder.close(self.play.ending(), &mut out),
                Step::Hang => {
                    self.watched.complete = self.play.script.linger;
                    std::future::pending::<()>().await;
                }
                Step::Cut => {
                    self.watched.complete = true;
                    sleep(FLUSH).await;
                    return Some(Err(io::Error::other("cut on request")));
                }
                Step::Raw(bytes) => {
                    tokio::task::yield_now().await;
                    out.extend_from_slice(&bytes);
                }
            }
            self.watched.complete |= self.steps.is_empty();
            if !out.is_empty() {
                return Some(Ok(self.dressed(out)));
            }
        }
    }

    /// Waits until the next token is due. Who is late does not wait, so the rate holds on average. Without a rate the
    /// server writes what it has: each token goes out by itself, as real providers send them.
    async fn pace(&mut self) {
        if self.play.rate <= 0.0 {
            tokio::task::yield_now().await;
        } else {
            let from = *self.paced_from.get_or_insert_with(Instant::now);
            let due = from + Duration::from_secs_f64(f64::from(self.paced) / self.play.rate);
            self.paced += 1;
            if due > Instant::now() {
                sleep_until(due).await;
            }
        }
    }

    /// Comments, line ends and chops, where the script wants them.
    fn dressed(&mut self, mut out: Vec<u8>) -> Bytes {
        let script = &self.play.script;
        if script.comments {
            out.extend_from_slice(b": keep-alive\n\n");
        }
        if script.crlf || script.cr {
            let end: &[u8] = if script.crlf { b"\r\n" } else { b"\r" };
            out = out.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(end);
        }
        if script.chop {
            self.chopped.extend(&out[1..]);
            out.truncate(1);
        }
        out.into()
    }
}
