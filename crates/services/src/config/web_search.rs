//! How the web is searched.

use super::manual::section;

section! {
    /// How the web is searched: before an answer where a person wants that, and by models that call tools (see `tools`).
    WebSearch {
        /// Whether the web may be asked at all, by people and by models.
        enabled: bool = true,
        /// The engines to ask, in this order, until one finds something: `searxng` (where `searxng_url` is given) and
        /// `duckduckgo`.
        engines: Vec<String> = vec!["searxng".into(), "duckduckgo".into()],
        /// The address of a SearXNG of your own, such as `http://127.0.0.1:8888`. Its settings must list `json` among its
        /// formats. Also `SEARXNG_URL`.
        searxng_url: Option<String> = None,
        /// The address of DuckDuckGo's page for browsers without scripts. Also `DUCKDUCKGO_URL`.
        duckduckgo_url: String = "https://html.duckduckgo.com/html/".into(),
        /// How long all of a search may take, in seconds: engines, pages, everything. What is not there by then is left out.
        limit_seconds: u64 = 8,
        /// How many pages an answer leans on at most.
        results: usize = 6,
        /// How many of them are read; of the others the engine's words count.
        pages: usize = 4,
        /// How much of all pages a model is given, in characters.
        passage_chars: usize = 6000,
        /// How long what was found is used again for the same words, in minutes; 0: never.
        cache_minutes: i64 = 10,
        /// Pages are read from public addresses alone, at the ports 80 and 443. Places that are an exception, such as a wiki of
        /// your own, each exactly as `host:port`.
        allowed_hosts: Vec<String> = Vec::new(),
    }
}
