//! Why a use case could not do what was asked. Each client API words this in its own envelope.

use std::time::Duration;

use domain::Timestamp;

/// A result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why not, sorted by what the caller can do about it. The text is written for the caller.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none, or it is not the caller's to see: both look the same.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Something in the request is not as it must be.
    #[error("{field}: {reason}")]
    Invalid {
        /// The member of the request, such as `message`.
        field: &'static str,
        /// What is wrong with it, as the end of a sentence that begins with the member.
        reason: String,
    },
    /// A member of the request is formed as it must be, and yet does not fit what there is here: a model that is not
    /// offered, a key that was used before.
    #[error("{field}: {reason}")]
    Unfit {
        /// The member of the request, such as `model`.
        field: &'static str,
        /// Why not, as the end of a sentence that begins with the member.
        reason: String,
    },
    /// The password that was given once more is another one.
    #[error("{field} is not your password")]
    WrongPassword {
        /// The member of the request that holds it.
        field: &'static str,
    },
    /// Nobody is signed in, or no longer.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller may see it but not do this.
    #[error("{message}")]
    Forbidden {
        /// A stable word.
        code: &'static str,
        /// A sentence that says what to do.
        message: String,
    },
    /// It is not in the state that this needs, or somebody else was first.
    #[error("{message}")]
    Conflict {
        /// A stable word.
        code: &'static str,
        /// A sentence.
        message: String,
    },
    /// More than is allowed.
    #[error("{message}")]
    TooMany {
        /// A stable word such as `rate_limited` or `too_many_waiting`.
        code: &'static str,
        /// A sentence.
        message: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The plan's messages of this month are used up.
    #[error(
        "This month's messages of the plan {plan} are used up: {used} of {limit}. You can send again from {} on (UTC), or \
         with a larger plan.",
        crate::plans::day(*.resets_at)
    )]
    QuotaExhausted {
        /// How many messages were used this month.
        used: i64,
        /// How many the plan allows.
        limit: i64,
        /// The plan's word.
        plan: String,
        /// From this moment on there are new ones.
        resets_at: Timestamp,
        /// How long that is from now.
        retry_after: Duration,
    },
    /// Larger than is allowed.
    #[error("{0}")]
    TooLarge(String),
    /// Of a kind that is not taken.
    #[error("{0}")]
    Unsupported(String),
    /// Cannot be done now; nothing was changed.
    #[error("{message}")]
    Unavailable {
        /// A stable word such as `database_busy` or `storage_full`.
        code: &'static str,
        /// A sentence.
        message: String,
    },
    /// Ours to mend, never shown: callers see "internal error" and a request id.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// A fault of ours.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// A member of the request is not as it must be.
    pub fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }

    /// A member of the request does not fit what there is here.
    pub fn unfit(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Unfit { field, reason: reason.into() }
    }

    /// The caller may not do this.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::Forbidden { code, message: message.into() }
    }

    /// It is not in the state that this needs.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// A stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid { .. } => "invalid",
            Self::Unfit { .. } => "unfit",
            Self::WrongPassword { .. } => "wrong_password",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::Forbidden { code, .. }
            | Self::Conflict { code, .. }
            | Self::TooMany { code, .. }
            | Self::Unavailable { code, .. } => code,
            Self::QuotaExhausted { .. } => "quota_exhausted",
            Self::TooLarge(_) => "too_large",
            Self::Unsupported(_) => "unsupported_media_type",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let unavailable = |code, message: &str| Self::Unavailable { code, message: message.to_owned() };
        match error {
            store::Error::Busy => {
                unavailable("database_busy", "The server is busy. Nothing was changed; try again.")
            }
            store::Error::Full => unavailable(
                "storage_full",
                "The server's disk is full. Nothing was changed; tell its administrator.",
            ),
            store::Error::Unavailable(why) => {
                tracing::error!(db.error = why, "the database is unavailable");
                unavailable(
                    "database_unavailable",
                    "The database cannot be reached. Nothing was changed; try again.",
                )
            }
            error => Self::Internal(error.into()),
        }
    }
}
