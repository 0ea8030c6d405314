//! How often and how long a provider is asked.
//!
//! Nothing is asked twice once a word of the answer was seen: two beginnings are never glued together.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::{Delta, Deltas, ProviderConfig, ProviderError, Timeouts, Waited};

/// The pause before the second attempt; doubled each time, and shortened by up to half by chance.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest that we wait because a provider asks to; beyond it the person is told.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10);

/// How often and how long a provider is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) timeouts: Timeouts,
    pub(crate) max_attempts: u32,
}

impl Patience {
    pub(crate) fn of(config: &ProviderConfig) -> Self {
        Self { timeouts: config.timeouts, max_attempts: config.max_attempts.max(1) }
    }

    /// Asks until something of an answer comes. Nothing is sent before the result is polled.
    pub(crate) fn ask<A: Answer>(self, attempt: impl Fn() -> A + Send + Unpin + 'static) -> Deltas {
        let asking = Asking {
            patience: self,
            attempt,
            answer: None,
            limit: None,
            alarm: None,
            pause: None,
            asked: 0,
            begun: false,
            over: false,
        };
        asking.boxed()
    }

    /// Asks for what comes as a whole.
    pub(crate) async fn ask_whole<T, F: Future<Output = Result<T, ProviderError>>>(
        self,
        attempt: impl Fn() -> F,
    ) -> Result<T, ProviderError> {
        let mut asked = 0;
        loop {
            asked += 1;
            let error = match attempt().await {
                Ok(whole) => return Ok(whole),
                Err(error) => error,
            };
            let Some(pause) = self.pause(asked, &error) else { return Err(error) };
            tracing::info!(attempt = asked, pause.ms = pause.as_millis() as u64, error = %error, "asking a provider again");
            sleep(pause).await;
        }
    }

    /// How long to wait before asking again after `error`; `None`: do not.
    fn pause(&self, asked: u32, error: &ProviderError) -> Option<Duration> {
        if asked >= self.max_attempts || !error.deserves_another_attempt() {
            return None;
        }
        match error.retry_after() {
            Some(asked_for) if asked_for > LONGEST_RETRY_AFTER => None,
            Some(asked_for) => Some(asked_for),
            None => {
                let pause = FIRST_PAUSE * 2_u32.pow((asked - 1).min(5));
                Some(pause.mul_f64(rand::random_range(0.5..1.0)))
            }
        }
    }
}

/// What one attempt gives.
pub(crate) trait Answer: Stream<Item = Result<Delta, ProviderError>> + Send + 'static {}

impl<S: Stream<Item = Result<Delta, ProviderError>> + Send + 'static> Answer for S {}

struct Asking<A, F> {
    patience: Patience,
    attempt: F,
    answer: Option<Pin<Box<A>>>,
    /// Until when the first word, or the piece that is waited for, must come.
    limit: Option<Instant>,
    /// Rings at the limit or before it: it is moved when it rings, not for each piece.
    alarm: Option<Pin<Box<Sleep>>>,
    /// The pause before the next attempt.
    pause: Option<Pin<Box<Sleep>>>,
    asked: u32,
    /// Something of the answer was given away.
    begun: bool,
    over: bool,
}

impl<A: Answer, F: Fn() -> A + Unpin> Stream for Asking<A, F> {
    type Item = Result<Delta, ProviderError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while !this.over {
            if let Some(pause) = &mut this.pause {
                ready!(pause.as_mut().poll(cx));
                this.pause = None;
            }
            match ready!(this.poll_piece(cx)) {
                Some(Ok(delta)) => {
                    this.begun |= !matches!(delta, Delta::Usage(_));
                    if this.begun {
                        this.limit = None;
                    }
                    return Poll::Ready(Some(Ok(delta)));
                }
                Some(Err(error)) => match this.after(error) {
                    None => {}
                    failed => return Poll::Ready(failed.map(Err)),
                },
                None => this.over = true,
            }
        }
        Poll::Ready(None)
    }
}

impl<A: Answer, F: Fn() -> A> Asking<A, F> {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Delta, ProviderError>>> {
        let Timeouts { first_token, idle, .. } = self.patience.timeouts;
        let answer = self.answer.get_or_insert_with(|| {
            self.asked += 1;
            self.limit = Some(Instant::now() + first_token);
            Box::pin((self.attempt)())
        });
        if let Poll::Ready(piece) = answer.as_mut().poll_next(cx) {
            return Poll::Ready(piece);
        }
        let limit = *self.limit.get_or_insert_with(|| Instant::now() + idle);
        ready!(self.poll_limit(limit, cx));
        let (what, after) = if self.begun { (Waited::Idle, idle) } else { (Waited::FirstToken, first_token) };
        Poll::Ready(Some(Err(ProviderError::TimedOut { what, after })))
    }

    fn poll_limit(&mut self, limit: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(limit)));
        if alarm.deadline() > limit {
            alarm.as_mut().reset(limit);
        }
        loop {
            ready!(alarm.as_mut().poll(cx));
            if alarm.deadline() >= limit {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(limit);
        }
    }

    /// What to tell of a failed attempt; `None`: another one follows.
    fn after(&mut self, error: ProviderError) -> Option<ProviderError> {
        self.answer = None; // drops the connection before the pause
        match self.patience.pause(self.asked, &error) {
            Some(pause) if !self.begun => {
                tracing::info!(attempt = self.asked, pause.ms = pause.as_millis() as u64, error = %error, "asking a provider again");
                self.pause = Some(Box::pin(sleep(pause)));
                None
            }
            _ => {
                self.over = true;
                Some(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures_util::stream;

    use super::*;

    type Script = Vec<Vec<Result<Delta, ProviderError>>>;

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside errors")]
    fn text(text: &str) -> Result<Delta, ProviderError> {
        Ok(Delta::Text(text.to_owned()))
    }

    fn down() -> Result<Delta, ProviderError> {
        Err(ProviderError::unavailable("HTTP 503"))
    }

    /// Plays one list per attempt, then stalls; gives what came, how often it was asked and how long it took.
    async fn play(script: Script, max_attempts: u32) -> (Vec<Result<Delta, ProviderError>>, usize, Duration) {
        let timeouts = Timeouts {
            first_token: Duration::from_secs(7),
            idle: Duration::from_secs(3),
            ..Timeouts::default()
        };
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let answer = Patience { timeouts, max_attempts }.ask(move || {
            let attempt = count.fetch_add(1, Ordering::Relaxed);
            match script.get(attempt) {
                Some(deltas) => stream::iter(deltas.clone()).boxed(),
                None => stream::pending().boxed(),
            }
        });
        let begun = Instant::now();
        let seen = answer.collect().await;
        (seen, asked.load(Ordering::Relaxed), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_before_the_first_word_is_not_seen() {
        let usage = Ok(Delta::Usage(domain::Usage::default()));
        let (seen, asked, took) =
            play(vec![vec![down()], vec![usage.clone(), down()], vec![text("a")]], 3).await;
        assert_eq!((seen, asked), (vec![usage, text("a")], 3));
        assert!(took < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_after_the_first_word_is_final() {
        let (seen, asked, _) = play(vec![vec![text("a"), down()], vec![text("b")]], 3).await;
        assert_eq!((seen, asked), (vec![text("a"), down()], 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_attempts_error_is_told() {
        let (seen, asked, took) = play(vec![vec![down()]; 9], 3).await;
        assert_eq!((seen, asked), (vec![down()], 3));
        assert!(took < Duration::from_secs(2), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_asking_again_cannot_help_is_told_at_once() {
        for error in [
            ProviderError::Refused { status: 401 },
            ProviderError::BadRequest { status: 400, message: String::new() },
            ProviderError::RateLimited { retry_after: Some(Duration::from_mins(2)) },
        ] {
            let (seen, asked, took) = play(vec![vec![Err(error.clone())]; 3], 3).await;
            assert_eq!((seen, asked, took), (vec![Err(error)], 1, Duration::ZERO));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_retry_time_is_heeded() {
        let limited = Err(ProviderError::RateLimited { retry_after: Some(Duration::from_secs(2)) });
        let (seen, asked, took) = play(vec![vec![limited], vec![text("a")]], 3).await;
        assert_eq!((seen, asked, took.as_secs()), (vec![text("a")], 2, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn each_further_piece_has_a_limit_of_its_own() {
        let idle = Duration::from_secs(3);
        let timeouts = Timeouts { first_token: Duration::from_secs(7), idle, ..Timeouts::default() };
        let answer = Patience { timeouts, max_attempts: 3 }.ask(|| {
            stream::unfold(0, async |said| {
                sleep(Duration::from_secs(if said < 5 { 2 } else { 60 })).await;
                Some((text("a"), said + 1))
            })
        });
        let begun = Instant::now();
        let seen: Vec<_> = answer.collect().await;
        let timed_out = ProviderError::TimedOut { what: Waited::Idle, after: idle };
        assert_eq!((seen.len(), seen.last()), (6, Some(&Err(timed_out))));
        assert_eq!(begun.elapsed().as_secs(), 13);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_word_has_a_limit_per_attempt() {
        let (seen, asked, took) = play(vec![vec![down()]], 3).await;
        let after = Duration::from_secs(7);
        assert_eq!(
            (seen, asked),
            (vec![Err(ProviderError::TimedOut { what: Waited::FirstToken, after })], 2)
        );
        assert!(took >= after && took < Duration::from_secs(8));
    }
}
