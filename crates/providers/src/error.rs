//! Why a provider did not answer, sorted by what one can do about it.
//!
//! Every text is written for the person who asked. A key is never part of one.

use std::time::Duration;

/// How much of a vendor's own words is kept, in characters.
const MESSAGE_CHARS: usize = 300;

/// Why a provider did not answer, or not to the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The key is missing, wrong or not allowed to do this (401, 403). The vendor's words are not kept: they quote keys.
    #[error("The model provider refused our API key (HTTP {status}). An administrator has to check the key.")]
    Refused {
        /// 401 or 403.
        status: u16,
    },
    /// Too many requests (429).
    #[error("The model provider is receiving too many requests{}.", in_seconds(*retry_after))]
    RateLimited {
        /// How long it asked to be left alone, if it said so.
        retry_after: Option<Duration>,
    },
    /// It is down, overloaded or not reachable (5xx, 529, connection refused, DNS, TLS).
    #[error("The model provider cannot be reached at the moment: {reason}.")]
    Unavailable {
        /// A few words without a full stop.
        reason: String,
    },
    /// It took too long.
    #[error("The model provider took too long: {what} within {}.", seconds(*after))]
    TimedOut {
        /// What was waited for.
        what: Waited,
        /// For how long.
        after: Duration,
    },
    /// It understood the request and will not do it (400, 402, 404, 413, 422 …).
    #[error("The model provider rejected the request (HTTP {status}): {message}")]
    BadRequest {
        /// The HTTP status; 400 for an error that came inside a stream.
        status: u16,
        /// The vendor's words, at most 300 characters, without keys.
        message: String,
    },
    /// It sent something that its protocol does not know: a web page, broken JSON, an event beyond all bounds.
    #[error("The model provider sent something that cannot be understood: {reason}.")]
    Garbage {
        /// A few words without a full stop.
        reason: String,
    },
    /// The connection ended before the answer did.
    #[error("The connection to the model provider was cut before the answer was complete.")]
    Cut,
}

/// What a provider took too long for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// Accepting the connection.
    Connect,
    /// Its first token.
    FirstToken,
    /// The next piece of an answer that had begun.
    Idle,
}

impl std::fmt::Display for Waited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::FirstToken => "no first word",
            Self::Idle => "the answer did not go on",
        })
    }
}

impl ProviderError {
    /// A stable word for clients and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "provider_auth",
            Self::RateLimited { .. } => "provider_rate_limited",
            Self::Unavailable { .. } => "provider_unavailable",
            Self::TimedOut { .. } => "provider_timeout",
            Self::BadRequest { .. } => "provider_bad_request",
            Self::Garbage { .. } => "provider_garbage",
            Self::Cut => "provider_cut",
        }
    }

    /// Whether asking the same again may help.
    pub fn retryable(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::BadRequest { .. })
    }

    /// How long the provider asked to be left alone, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// Whether we ask again ourselves while nothing of the answer was shown. A limit that was waited out is not
    /// waited out again, and a web page in place of an answer stays one.
    pub(crate) fn deserves_another_attempt(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unavailable { .. } | Self::Cut => true,
            Self::TimedOut { what, .. } => *what == Waited::Connect,
            Self::Refused { .. } | Self::BadRequest { .. } | Self::Garbage { .. } => false,
        }
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    pub(crate) fn garbage(reason: impl Into<String>) -> Self {
        Self::Garbage { reason: reason.into() }
    }
}

/// A vendor's words as they may be shown: one line, at most 300 characters.
pub(crate) fn trimmed(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MESSAGE_CHARS {
        return line;
    }
    let cut: String = line.chars().take(MESSAGE_CHARS - 1).collect();
    format!("{cut}…")
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

fn in_seconds(after: Option<Duration>) -> String {
    after.map_or_else(
        || ". Please try again in a moment".to_owned(),
        |after| format!(". Please try again in {} s", after.as_secs() + u64::from(after.subsec_millis() > 0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_a_sentence_for_the_reader() {
        let after = Duration::from_mins(2);
        let said = |error: ProviderError| error.to_string();
        assert_eq!(
            said(ProviderError::RateLimited { retry_after: Some(after) }),
            "The model provider is receiving too many requests. Please try again in 120 s."
        );
        assert_eq!(
            said(ProviderError::TimedOut { what: Waited::Idle, after }),
            "The model provider took too long: the answer did not go on within 120 s."
        );
        assert!(said(ProviderError::Refused { status: 401 }).contains("administrator"));
    }

    #[test]
    fn a_vendors_words_are_one_short_line() {
        assert_eq!(trimmed(" a\n b "), "a b");
        assert_eq!(trimmed(&"ü".repeat(400)).chars().count(), 300);
    }
}
