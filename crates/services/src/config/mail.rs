//! How letters leave.

use super::{Secret, manual::section, shown};

section! {
    /// How letters leave: links for another password.
    Mail {
        /// The mail server: `smtp://user:password@host:587` goes on encrypted by STARTTLS, which it must if there is a
        /// password and does without one if the server offers it; `smtps://user:password@host` is encrypted from the
        /// start. Signs such as `@` in user or password are written as `%40`. `smtp://host:25?tls=none` (or
        /// `tls=required`) says otherwise. Not given: what would be mailed is written to the log.
        #[serde(serialize_with = "shown::url")]
        url: Option<Secret> = None,
        /// Who letters come from, such as `Colloquy <colloquy@example.org>`. Needed where `mail.url` is given.
        from: Option<String> = None,
    }
}
