//! SearXNG: an engine that one runs oneself, and which asks others. Its settings must list `json` among its formats.

use futures_util::{FutureExt as _, future::BoxFuture};
use serde::Deserialize;

use super::{Asker, BadAddress, Hit, SearchEngine, SearchError, tidied};
use crate::web::readable::tidy;

struct Searxng(Asker);

/// The engine at `address`.
pub fn open(address: &str) -> Result<Box<dyn SearchEngine>, BadAddress> {
    Ok(Box::new(Searxng(Asker::open(address)?)))
}

impl SearchEngine for Searxng {
    fn name(&self) -> &'static str {
        "searxng"
    }

    fn search<'a>(&'a self, query: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Hit>, SearchError>> {
        async move {
            let Self(asker) = self;
            let mut url = asker.url.clone();
            let base = url.path().trim_end_matches('/').trim_end_matches("/search").to_owned();
            url.set_path(&format!("{base}/search"));
            url.query_pairs_mut().append_pair("q", query).append_pair("format", "json");
            let (_, body) = asker.ask(asker.client.get(url)).await?;
            read(&body, most)
        }
        .boxed()
    }
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Found>,
    /// The engines behind it that did not answer, each with a reason.
    #[serde(default)]
    unresponsive_engines: Vec<Vec<Option<String>>>,
}

#[derive(Deserialize)]
struct Found {
    url: Option<String>,
    title: Option<String>,
    content: Option<String>,
}

fn read(body: &[u8], most: usize) -> Result<Vec<Hit>, SearchError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| SearchError::Nonsense)?;
    let hits = answer.results.into_iter().filter_map(|found| {
        let url = found.url?;
        let title = found.title.map(|title| tidy(&title)).filter(|title| !title.is_empty());
        let snippet = found.content.map(|content| tidy(&content)).unwrap_or_default();
        Some(Hit { title: title.unwrap_or_else(|| url.clone()), url, snippet })
    });
    tidied(hits, most).map_err(|error| {
        let mut reasons = answer.unresponsive_engines.iter().flatten().flatten();
        let is_captcha = reasons.any(|reason| reason.to_ascii_lowercase().contains("captcha"));
        if is_captcha { SearchError::Captcha } else { error }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_each_once() {
        let body = br#"{"query":"lighthouse","number_of_results":0,"results":[
            {"url":"https://light.example/","title":"The tower","content":"It is\n31 metres high.","engine":"x","score":1.0,
             "parsed_url":["https","light.example","/","","",""],"publishedDate":null,"category":"general"},
            {"url":"https://light.example/","title":"again","content":""},
            {"url":"ftp://files.example/","title":"files","content":""},
            {"url":"https://sea.example/","title":null,"content":null}],
            "answers":[],"corrections":[],"infoboxes":[],"suggestions":["towers"],"unresponsive_engines":[["y","timeout"]]}"#;
        let hit = |title: &str, url: &str, snippet: &str| Hit {
            title: title.into(),
            url: url.into(),
            snippet: snippet.into(),
        };
        assert_eq!(
            read(body, 8).unwrap(),
            [
                hit("The tower", "https://light.example/", "It is 31 metres high."),
                hit("https://sea.example/", "https://sea.example/", ""),
            ]
        );
    }

    #[test]
    fn nothing_riddles_and_nonsense_are_told_apart() {
        assert_eq!(read(br#"{"results":[],"unresponsive_engines":[]}"#, 8), Err(SearchError::Empty));
        let riddle = br#"{"results":[],"unresponsive_engines":[["google","Suspended: CAPTCHA"],["x",null]]}"#;
        assert_eq!(read(riddle, 8), Err(SearchError::Captcha));
        for nonsense in [&b""[..], b"<html>", b"{}", br#"{"results":1}"#] {
            assert_eq!(read(nonsense, 8), Err(SearchError::Nonsense));
        }
    }
}
