//! Makes events of an answer's text: latency first, then batching.
//!
//! A reader's screen shows a frame at a time, so text that follows another event within a frame waits for more of it. The
//! first words, and those of a model that says less than a word a frame, never wait. Of one that says many, all that has
//! come is taken before it is told, and then it is not listened to for most of a frame: what it says meanwhile waits in
//! its connection and is taken in one go.

use std::time::Duration;

use domain::EventKind;
use hub::Log;
use tokio::time::Instant;

/// Between two events of text: a frame of a screen.
const FRAME: Duration = Duration::from_millis(16);
/// How long a piece of a slow model may wait for the next one.
const PATIENCE: Duration = Duration::from_millis(33);
/// How long a fast model is not listened to after an event.
const REST: Duration = Duration::from_millis(12);
/// A model that says so many pieces in a frame is fast.
const FAST: u32 = 4;
/// How long text waits at most while there is no end of more of it.
const LONGEST: Duration = Duration::from_millis(64);
/// How many bytes of text wait at most.
const EVENT_BYTES: usize = 16 * 1024;

/// What an answer says, on its way to the log.
pub(super) struct Speech<'l> {
    log: &'l Log,
    /// What waits, and of how many pieces it is.
    held: Option<Held>,
    /// When text was published last.
    last: Option<Instant>,
    is_fast: bool,
    is_resting: bool,
}

struct Held {
    text: String,
    kind: Kind,
    pieces: u32,
}

/// What becomes of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is said.
    Answer,
    /// It is thought.
    Reasoning,
}

impl Kind {
    fn event(self, text: String) -> EventKind {
        match self {
            Self::Answer => EventKind::Chunk(text),
            Self::Reasoning => EventKind::Reasoning(text),
        }
    }
}

impl<'l> Speech<'l> {
    /// Nothing was said yet.
    pub(super) fn new(log: &'l Log) -> Self {
        Self { log, held: None, last: None, is_fast: false, is_resting: false }
    }

    /// Says some more, now or with what follows.
    pub(super) fn say(&mut self, text: String, kind: Kind) {
        match &mut self.held {
            Some(held) if held.kind == kind => {
                held.text.push_str(&text);
                held.pieces += 1;
            }
            _ => {
                self.publish();
                self.held = Some(Held { text, kind, pieces: 1 });
            }
        }
        let (bytes, pieces) = self.held.as_ref().map_or((0, 0), |held| (held.text.len(), held.pieces));
        let is_full = bytes >= EVENT_BYTES;
        let longest = if pieces < FAST { FRAME } else { LONGEST };
        if is_full || self.last.is_none_or(|last| last.elapsed() >= longest) {
            self.publish();
            self.is_resting = self.is_fast && !is_full;
        }
    }

    /// Tells how long was thought, in milliseconds, behind what was.
    pub(super) fn thought(&mut self, duration_ms: i64) {
        self.publish();
        self.log.append(EventKind::Thought(duration_ms));
    }

    /// Whether the model need not be listened to before [`alarm_at`](Self::alarm_at).
    pub(super) fn is_resting(&self) -> bool {
        self.is_resting
    }

    /// When [`alarm`](Self::alarm) must be called, if nothing more has been said by then.
    pub(super) fn alarm_at(&self) -> Option<Instant> {
        let last = self.last?;
        match (&self.held, self.is_resting) {
            (_, true) => Some(last + REST),
            (Some(held), false) if self.is_fast || held.pieces >= FAST => Some(last + FRAME),
            (Some(_), false) => Some(last + PATIENCE),
            (None, false) => None,
        }
    }

    /// The rest is over, or what waits has waited long enough.
    pub(super) fn alarm(&mut self) {
        if std::mem::take(&mut self.is_resting) {
            return;
        }
        self.publish();
        self.is_resting = self.is_fast;
    }

    /// Publishes what waits.
    pub(super) fn publish(&mut self) {
        if let Some(held) = self.held.take() {
            self.is_fast = held.pieces >= FAST;
            self.log.append(held.kind.event(held.text));
            self.last = Some(Instant::now());
        }
    }
}

/// What was said is published whatever ends the turn.
impl Drop for Speech<'_> {
    fn drop(&mut self) {
        self.publish();
    }
}

#[cfg(test)]
mod tests {
    use domain::TurnId;
    use hub::{Logs, Read};
    use tokio::time::{advance, sleep_until};

    use super::*;

    fn said(log: &Log) -> Vec<EventKind> {
        match log.read(0) {
            Read::Events(events) => events.into_iter().map(|event| event.kind).collect(),
            _ => Vec::new(),
        }
    }

    fn chunks(texts: &[&str]) -> Vec<EventKind> {
        texts.iter().map(|text| EventKind::Chunk((*text).to_owned())).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_word_never_waits_and_those_within_a_frame_go_together() {
        let log = Logs::default().open(TurnId(1)).keep();
        let mut speech = Speech::new(&log);
        speech.say("a".into(), Kind::Answer);
        assert_eq!(said(&log), chunks(&["a"]));
        advance(Duration::from_millis(10)).await;
        speech.say("b".into(), Kind::Answer);
        assert_eq!(said(&log), chunks(&["a"]));
        advance(Duration::from_millis(10)).await;
        speech.say("c".into(), Kind::Answer);
        assert_eq!(said(&log), chunks(&["a", "bc"]));
        assert_eq!(speech.alarm_at(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_word_that_nothing_follows_is_said_two_frames_later() {
        let log = Logs::default().open(TurnId(1)).keep();
        let mut speech = Speech::new(&log);
        speech.say("a".into(), Kind::Answer);
        speech.say("b".into(), Kind::Answer);
        assert!(!speech.is_resting());
        let begun = Instant::now();
        sleep_until(speech.alarm_at().unwrap()).await;
        assert_eq!(begun.elapsed(), PATIENCE);
        speech.alarm();
        assert_eq!(said(&log), chunks(&["a", "b"]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_model_is_told_by_the_frame() {
        let log = Logs::default().open(TurnId(1)).keep();
        let mut speech = Speech::new(&log);
        for text in ["a", "b", "c", "d", "e"] {
            speech.say(text.into(), Kind::Answer);
        }
        sleep_until(speech.alarm_at().unwrap()).await;
        speech.alarm();
        assert_eq!(said(&log), chunks(&["a", "bcde"]));
        let published = Instant::now();
        for (resting, wait) in [(true, REST), (false, FRAME)] {
            assert_eq!(speech.is_resting(), resting);
            if !resting {
                speech.say("f".into(), Kind::Answer);
            }
            sleep_until(speech.alarm_at().unwrap()).await;
            assert_eq!(published.elapsed(), wait);
            speech.alarm();
        }
        assert_eq!(said(&log), chunks(&["a", "bcde", "f"]));
        assert!(!speech.is_resting(), "one piece a frame is not fast");
    }

    #[tokio::test(start_paused = true)]
    async fn all_that_has_come_is_taken_before_it_is_told() {
        let log = Logs::default().open(TurnId(1)).keep();
        let mut speech = Speech::new(&log);
        for text in ["a", "b", "c", "d", "e"] {
            speech.say(text.into(), Kind::Answer);
        }
        advance(FRAME + Duration::from_millis(1)).await;
        speech.say("f".into(), Kind::Answer);
        assert_eq!(said(&log), chunks(&["a"]));
        assert!(speech.alarm_at().unwrap() < Instant::now(), "told as soon as there is no more");
        advance(LONGEST).await;
        speech.say("g".into(), Kind::Answer);
        assert_eq!(said(&log), chunks(&["a", "bcdefg"]));
        assert!(speech.is_resting());
    }

    #[tokio::test(start_paused = true)]
    async fn another_kind_and_a_full_event_wait_for_nothing() {
        let log = Logs::default().open(TurnId(1)).keep();
        let mut speech = Speech::new(&log);
        for (text, kind) in [("a", Kind::Reasoning), ("b", Kind::Reasoning), ("c", Kind::Answer)] {
            speech.say(text.into(), kind);
        }
        let thought = |text: &str| EventKind::Reasoning(text.to_owned());
        assert_eq!(said(&log), [thought("a"), thought("b")]);
        speech.say("x".repeat(EVENT_BYTES), Kind::Answer);
        assert_eq!(said(&log).len(), 3);
    }
}
