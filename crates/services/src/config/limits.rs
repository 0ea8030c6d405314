//! How many requests anybody may make.

use super::manual::section;

section! {
    /// How many requests anybody may make.
    Requests {
        /// The window of requests and of sign-ins, in seconds.
        window_seconds: u64 = 15 * 60,
        /// Requests of one account, from wherever and with whichever key.
        per_user: u32 = 1000,
        /// Requests from one address by people who are not signed in.
        per_address: u32 = 1000,
        /// All requests from one address, whoever makes them: an office has one address, so this is a multiple of what one
        /// account may.
        all_per_address: u32 = 20_000,
        /// Sign-ins, new accounts and links for another password from one address, all together.
        sign_ins_per_address: u32 = 50,
        /// The window of questions to models, in seconds.
        asks_window_seconds: u64 = 60,
        /// Questions to models by one account, through whichever API or socket.
        asks_per_user: u32 = 100,
    }
}
