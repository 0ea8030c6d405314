//! How answers are produced, kept and delivered.

use super::manual::section;

section! {
    /// How answers are produced, kept and delivered.
    Chat {
        /// The model of a conversation that names none. Not given: the first that is available.
        default_model: Option<String> = None,
        /// The model that answers when the one that was asked for fails before its first word: because of its quota, its
        /// key, an outage or a timeout. The answer says so. `demo` is the built-in one. Not given: the failure is told.
        fallback_model: Option<String> = None,
        /// The model that names conversations. Not given: the one that answers.
        title_model: Option<String> = None,
        /// Ask a model for a title; off: the first words stay.
        titles: bool = true,
        /// How long a title may take, in milliseconds.
        title_timeout_ms: u64 = 3000,
        /// The longest message, in characters.
        message_chars: usize = 200_000,
        /// How many sends may wait for an answer in one conversation.
        max_waiting_per_conversation: i64 = 5,
        /// How many sends of one person may wait in all conversations.
        max_waiting_per_user: i64 = 20,
        /// How many answers that are not stored may be written for one person at a time.
        max_unstored_per_user: usize = 20,
        /// How often the text of running answers is saved, in milliseconds. A crash costs at most this and one sync.
        checkpoint_ms: u64 = 75,
        /// How long the log of a settled answer is kept for readers that come back, in seconds.
        log_keep_seconds: u64 = 300,
        /// How much memory all logs may take, in bytes.
        log_memory_bytes: usize = 64 * 1024 * 1024,
        /// How often a stream without news sends a comment, so that proxies keep it open, in seconds.
        keep_alive_seconds: u64 = 15,
        /// How long a deleted conversation can be restored, in seconds.
        trash_keep_seconds: i64 = 30 * 24 * 3600,
        /// How long an `Idempotency-Key` is remembered, in seconds.
        idempotency_keep_seconds: i64 = 24 * 3600,
        /// How often the providers are asked for their models, in seconds.
        models_refresh_seconds: u64 = 300,
    }
}
