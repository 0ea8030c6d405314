//! DuckDuckGo's pages for browsers without scripts. It has no interface for programs, wants no key, and sends a riddle (with
//! status 202) to whoever asks too often.

use futures_util::{FutureExt as _, future::BoxFuture};
use reqwest::{Url, header};
use scraper::{ElementRef, Selector};

use super::{Asker, BadAddress, Hit, SearchEngine, SearchError, tidied};
use crate::web::{parse::parse, readable::tidy};

struct DuckDuckGo(Asker);

/// The engine whose page with a search field is at `address`.
pub fn open(address: &str) -> Result<Box<dyn SearchEngine>, BadAddress> {
    Ok(Box::new(DuckDuckGo(Asker::open(address)?)))
}

impl SearchEngine for DuckDuckGo {
    fn name(&self) -> &'static str {
        "duckduckgo"
    }

    fn search<'a>(&'a self, query: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Hit>, SearchError>> {
        async move {
            let Self(asker) = self;
            let mut url = asker.url.clone();
            url.query_pairs_mut().append_pair("q", query);
            let (status, body) = asker.ask(asker.client.get(url).header(header::ACCEPT, "text/html")).await?;
            // A long page takes a while: nobody else waits for it.
            let reading = move || read(status, &String::from_utf8_lossy(&body), most);
            tokio::task::spawn_blocking(reading).await.unwrap_or(Err(SearchError::Nonsense))
        }
        .boxed()
    }
}

fn read(status: u16, page: &str, most: usize) -> Result<Vec<Hit>, SearchError> {
    if status == 202 || page.contains("anomaly-modal") || page.contains("challenge-form") {
        return Err(SearchError::Captcha);
    }
    let page = parse(page).ok_or(SearchError::Nonsense)?;
    let selector = |text: &str| Selector::parse(text).map_err(|_| SearchError::Nonsense);
    let (result, link, snippet) =
        (selector(".result:not(.result--ad)")?, selector("a.result__a")?, selector(".result__snippet")?);
    let hits: Vec<Hit> = (page.select(&result))
        .filter_map(|result| {
            let link = result.select(&link).next()?;
            let snippet = result.select(&snippet).next().map(text).unwrap_or_default();
            Some(Hit { title: text(link), url: target(link.attr("href")?)?, snippet })
        })
        .collect();
    if hits.is_empty() {
        // It says so where it found nothing, and has its search field in any case.
        let field = selector("form [name=q], .no-results, .result--no-result")?;
        let is_ours = page.select(&field).next().is_some();
        return Err(if is_ours { SearchError::Empty } else { SearchError::Nonsense });
    }
    tidied(hits.into_iter(), most)
}

fn text(element: ElementRef<'_>) -> String {
    tidy(&element.text().collect::<String>())
}

/// Where a link leads behind the engine's own address, which counts who follows it. `None`: to something that is paid for.
fn target(href: &str) -> Option<String> {
    let base = Url::parse("https://duckduckgo.com/").ok()?;
    let url = base.join(href).ok()?;
    let is_own =
        url.host_str().is_some_and(|host| host == "duckduckgo.com" || host.ends_with(".duckduckgo.com"));
    if !is_own {
        return Some(url.into());
    }
    let target = url.query_pairs().find(|(name, _)| name == "uddg")?.1.into_owned();
    Some(Url::parse(&target).ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form of its page, with pages of our own.
    const FOUND: &str = r#"<!DOCTYPE html><html><head><title>lighthouse at DuckDuckGo</title></head><body class="body--html">
      <form id="search_form" action="/html/" method="post"><input name="q" value="lighthouse"></form>
      <div id="links" class="results">
        <div class="result results_links results_links_deep result--ad"><div class="links_main links_deep result__body">
          <h2 class="result__title"><a rel="nofollow" class="result__a" href="https://duckduckgo.com/y.js?ad_domain=shop.example&amp;u3=x">Lamps</a></h2>
          <a class="result__snippet" href="https://duckduckgo.com/y.js">Buy lamps</a></div></div>
        <div class="result results_links results_links_deep web-result"><div class="links_main links_deep result__body">
          <h2 class="result__title"><a rel="nofollow" class="result__a"
            href="//duckduckgo.com/l/?uddg=https%3A%2F%2Flight.example%2Ftower%3Fa%3D1%26b%3D2&amp;rut=0f3c">The <b>tower</b> &amp; its light</a></h2>
          <div class="result__extras"><a class="result__url" href="//duckduckgo.com/l/?uddg=x">light.example/tower</a></div>
          <a class="result__snippet" href="//duckduckgo.com/l/?uddg=x">It is <b>31 metres</b>
            high.</a></div></div>
        <div class="result results_links results_links_deep web-result"><div class="links_main links_deep result__body">
          <h2 class="result__title"><a rel="nofollow" class="result__a" href="https://sea.example/">Sea</a></h2></div></div>
      </div></body></html>"#;

    fn hit(title: &str, url: &str, snippet: &str) -> Hit {
        Hit { title: title.into(), url: url.into(), snippet: snippet.into() }
    }

    #[test]
    fn results_are_read_without_what_is_paid_for() {
        let found = [
            hit("The tower & its light", "https://light.example/tower?a=1&b=2", "It is 31 metres high."),
            hit("Sea", "https://sea.example/", ""),
        ];
        assert_eq!(read(200, FOUND, 8).unwrap(), found);
        assert_eq!(read(200, FOUND, 1).unwrap(), found[..1]);
    }

    #[test]
    fn riddles_nothing_and_nonsense_are_told_apart() {
        let riddle =
            r#"<form id="challenge-form"><div class="anomaly-modal__title">Select all squares</div></form>"#;
        assert_eq!(read(202, FOUND, 8), Err(SearchError::Captcha));
        assert_eq!(read(200, riddle, 8), Err(SearchError::Captcha));
        let nothing =
            r#"<form><input name="q"></form><div class="no-results">No results found for <b>x</b></div>"#;
        assert_eq!(read(200, nothing, 8), Err(SearchError::Empty));
        assert_eq!(read(200, "<h1>It works!</h1>", 8), Err(SearchError::Nonsense));
        assert_eq!(read(200, "", 8), Err(SearchError::Nonsense));
    }

    #[test]
    fn links_that_are_no_pages_are_left_out() {
        assert_eq!(
            target("//duckduckgo.com/l/?uddg=javascript%3Aalert(1)").as_deref(),
            Some("javascript:alert(1)")
        );
        let page =
            FOUND.replace("https%3A%2F%2Flight.example%2Ftower%3Fa%3D1%26b%3D2", "javascript%3Aalert(1)");
        assert_eq!(read(200, &page, 8).unwrap(), [hit("Sea", "https://sea.example/", "")]);
    }
}
