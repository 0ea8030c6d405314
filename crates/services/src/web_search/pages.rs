//! From hits to sources: the best pages are read side by side, and the passages chosen that matter.

use futures_util::future::join_all;
use providers::web::{Fetcher, Hit, Page, best};
use tokio::time::{Instant, timeout_at};

use super::Source;
use crate::config::WebSearch;

/// How much of a page people are shown, in characters.
const SNIPPET_CHARS: usize = 300;
/// The longest title, in characters.
const TITLE_CHARS: usize = 200;
/// How many passages of one page a model is given at most.
const OF_EACH: usize = 3;

/// Reads the first pages until `deadline`. Of a page that is not there by then, or says nothing that matters, the engine's
/// words count; one without any is left out.
pub(super) async fn read(
    fetcher: &Fetcher,
    settings: &WebSearch,
    query: &str,
    hits: Vec<Hit>,
    deadline: Instant,
) -> Vec<Source> {
    let reading = hits.iter().take(settings.pages).map(|hit| async move {
        let page = timeout_at(deadline, fetcher.page(&hit.url)).await;
        page.ok().and_then(Result::ok)
    });
    let pages: Vec<Option<Page>> = join_all(reading).await;
    let texts: Vec<Vec<String>> = (pages.into_iter())
        .map(|page| page.map(|page| page.paragraphs).unwrap_or_default())
        .chain(std::iter::repeat_with(Vec::new))
        .take(hits.len())
        .collect();
    let passages = best(query, &texts, OF_EACH, settings.passage_chars);
    let told = hits.into_iter().zip(passages).filter_map(|(hit, passages)| source(hit, passages.0));
    (1..).zip(told).map(|(n, source)| Source { n, ..source }).collect()
}

fn source(hit: Hit, mut passages: Vec<String>) -> Option<Source> {
    if passages.is_empty() && !hit.snippet.is_empty() {
        passages.push(shortened(&hit.snippet, SNIPPET_CHARS * 2));
    }
    let first = passages.first()?;
    let shown = if hit.snippet.is_empty() { first } else { &hit.snippet };
    let snippet = shortened(shown, SNIPPET_CHARS);
    let title = if hit.title.is_empty() { &hit.url } else { &hit.title };
    Some(Source { n: 0, title: shortened(title, TITLE_CHARS), url: hit.url, snippet, passages })
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most - 1).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(title: &str, snippet: &str) -> Hit {
        Hit { title: title.into(), url: "https://light.example/".into(), snippet: snippet.into() }
    }

    #[test]
    fn a_source_says_what_its_page_or_its_engine_says() {
        let read = source(hit("Tower", "short"), vec!["long".into()]).unwrap();
        assert_eq!((read.snippet.as_str(), &read.passages[..]), ("short", &["long".to_owned()][..]));
        let unread = source(hit("", "short"), Vec::new()).unwrap();
        assert_eq!(
            (unread.title.as_str(), &unread.passages[..]),
            ("https://light.example/", &["short".to_owned()][..])
        );
        assert_eq!(source(hit("Tower", ""), vec!["long".into()]).unwrap().snippet, "long");
        assert_eq!(source(hit("Tower", ""), Vec::new()), None);
        assert_eq!(source(hit("Tower", &"ü".repeat(400)), Vec::new()).unwrap().snippet.chars().count(), 300);
    }
}
