//! From hits to sources: the best pages are read side by side, and the passages chosen that matter.

use futures_util::future::join_all;
use providers::web::{Fetcher, Hit, Page, Passages, best};
use tokio::time::{Instant, timeout_at};

use super::Source;
use crate::config::WebSearch;

/// How much of a page people are shown, in characters.
const SNIPPET_CHARS: usize = 300;
/// The longest title, in characters.
const TITLE_CHARS: usize = 200;
/// How much of a page is looked through, in characters.
const READ_CHARS: usize = 200_000;
/// How many passages of one page a model is given at most, where there are others.
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
        .map(|page| page.map(|page| beginning(page.paragraphs, READ_CHARS)).unwrap_or_default())
        .chain(std::iter::repeat_with(Vec::new))
        .take(hits.len())
        .collect();
    // Long pages take a while: nobody else waits for them.
    let (query, room) = (query.to_owned(), settings.passage_chars);
    let choosing = tokio::task::spawn_blocking(move || best(&query, &texts, OF_EACH, room));
    let passages = choosing.await.unwrap_or_else(|_| vec![Passages::default(); hits.len()]);
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

/// A page by itself, as far as there is room: what matters to the query, else how it begins.
pub(super) async fn whole(page: Page, query: Option<&str>, room: usize) -> Option<Source> {
    let Page { url, title, paragraphs } = page;
    let paragraphs = beginning(paragraphs, READ_CHARS);
    let chars = |texts: &[String]| texts.iter().map(|text| text.chars().count() + 1).sum::<usize>();
    let is_long = chars(&paragraphs) > room;
    let chosen = match query.filter(|_| is_long) {
        Some(query) => {
            let (query, pages) = (query.to_owned(), [paragraphs.clone()]);
            let choosing = tokio::task::spawn_blocking(move || best(&query, &pages, usize::MAX, room));
            choosing.await.ok()?.pop()?.0
        }
        None => Vec::new(),
    };
    let passages = if chosen.is_empty() { beginning(paragraphs, room) } else { chosen };
    let snippet = shortened(passages.first()?, SNIPPET_CHARS);
    let title = if title.is_empty() { &url } else { &title };
    Some(Source { n: 0, title: shortened(title, TITLE_CHARS), url, snippet, passages })
}

/// The first paragraphs for which there is room, the last of them shortened.
fn beginning(paragraphs: Vec<String>, mut room: usize) -> Vec<String> {
    let mut kept = Vec::new();
    for paragraph in paragraphs {
        let chars = paragraph.chars().count() + 1;
        if chars > room {
            kept.push(shortened(&paragraph, room.max(1)));
            break;
        }
        room -= chars;
        kept.push(paragraph);
    }
    kept
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

    #[tokio::test]
    async fn of_a_long_page_what_matters_is_told_else_how_it_begins() {
        let page = || Page {
            url: "https://light.example/".into(),
            title: String::new(),
            paragraphs: (0..50)
                .map(|at| {
                    format!(
                        "Paragraph {at} is about {} and no other thing. {}",
                        if at == 40 { "lighthouses" } else { "gardens" },
                        "So it is. ".repeat(10)
                    )
                })
                .collect(),
        };
        let all = whole(page(), Some("lighthouses"), 100_000).await.unwrap();
        assert_eq!((all.passages.len(), all.title.as_str()), (50, "https://light.example/"));
        let begins = whole(page(), None, 500).await.unwrap();
        assert!(begins.passages[0].starts_with("Paragraph 0 ") && begins.passages.len() < 5);
        assert!(begins.passages.iter().map(|text| text.chars().count()).sum::<usize>() <= 500);
        let matters = whole(page(), Some("lighthouses"), 1_000).await.unwrap();
        assert!(matters.passages.iter().any(|text| text.contains("Paragraph 40 ")), "{matters:?}");
        assert!(
            whole(page(), Some("submarines"), 500).await.unwrap().passages[0].starts_with("Paragraph 0 ")
        );
        assert_eq!(whole(Page { paragraphs: Vec::new(), ..page() }, None, 500).await, None);
    }
}
