//! The web: engines that search it, and pages that they find. What an administrator names may lie anywhere; what is found
//! is fetched by one client alone, which connects to public addresses only.

mod engines;
mod fetch;
mod guard;
mod parse;
mod passages;
mod readable;

pub use engines::{BadAddress, Hit, SearchEngine, SearchError, duckduckgo, searxng};
pub use fetch::{FetchError, Fetcher, Limits, Names, Page};
pub use guard::{Allowed, is_public};
pub use passages::{Passages, best};

/// What every request to the web says who we are.
const USER_AGENT: &str = concat!("Mozilla/5.0 (compatible; Colloquy/", env!("CARGO_PKG_VERSION"), ")");
