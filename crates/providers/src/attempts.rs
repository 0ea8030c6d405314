//! How often and how long a provider is asked.
//!
//! Nothing is asked twice once a word of the answer was seen: two beginnings are never glued together.

use std::{pin::pin, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep, timeout, timeout_at};

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
    pub(crate) fn ask(self, attempt: impl Fn() -> Deltas + Send + 'static) -> Deltas {
        let asking = Asking {
            patience: self,
            attempt,
            answer: None,
            first_token_by: Instant::now(),
            asked: 0,
            begun: false,
        };
        stream::unfold(Some(asking), async |asking| {
            let mut asking = asking?;
            match asking.next().await? {
                Ok(delta) => Some((Ok(delta), Some(asking))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
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

struct Asking<F> {
    patience: Patience,
    attempt: F,
    answer: Option<Deltas>,
    first_token_by: Instant,
    asked: u32,
    /// Something of the answer was given away.
    begun: bool,
}

impl<F: Fn() -> Deltas> Asking<F> {
    async fn next(&mut self) -> Option<Result<Delta, ProviderError>> {
        loop {
            let error = match self.piece().await? {
                Ok(delta) => {
                    self.begun |= !matches!(delta, Delta::Usage(_));
                    return Some(Ok(delta));
                }
                Err(error) => error,
            };
            self.answer = None; // drops the connection before the pause
            match self.patience.pause(self.asked, &error) {
                Some(pause) if !self.begun => {
                    tracing::info!(attempt = self.asked, pause.ms = pause.as_millis() as u64, error = %error, "asking a provider again");
                    sleep(pause).await;
                }
                _ => return Some(Err(error)),
            }
        }
    }

    async fn piece(&mut self) -> Option<Result<Delta, ProviderError>> {
        let Timeouts { first_token, idle, .. } = self.patience.timeouts;
        let answer = self.answer.get_or_insert_with(|| {
            self.asked += 1;
            self.first_token_by = Instant::now() + first_token;
            (self.attempt)()
        });
        let mut next = pin!(answer.next());
        if self.begun {
            let timed_out = ProviderError::TimedOut { what: Waited::Idle, after: idle };
            timeout(idle, &mut next).await.unwrap_or(Some(Err(timed_out)))
        } else {
            let timed_out = ProviderError::TimedOut { what: Waited::FirstToken, after: first_token };
            timeout_at(self.first_token_by, &mut next).await.unwrap_or(Some(Err(timed_out)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

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
