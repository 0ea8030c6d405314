//! Parses pages of strangers, within a limit of time. A parser's time can grow with the square of a page's length: with how deep
//! elements lie in each other, how many attributes one has, and more. So it is given a little of a page at a time, and no more
//! once the time is over.

use std::time::{Duration, Instant};

use html5ever::{
    driver::{self, ParseOpts},
    tendril::TendrilSink as _,
};
use scraper::{Html, HtmlTreeSink};

/// How long one page may take. Those of people take a hundredth of it.
const LONGEST: Duration = Duration::from_secs(1);
/// How much of a page is parsed between two looks at the clock, in bytes: what is over the limit is at most what this takes.
const PIECE_BYTES: usize = 128;

/// A page as a tree; `None` if that takes too long.
pub(super) fn parse(source: &str) -> Option<Html> {
    let deadline = Instant::now() + LONGEST;
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let mut rest = source;
    while !rest.is_empty() {
        if Instant::now() > deadline {
            return None;
        }
        let (piece, others) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES.min(rest.len())));
        parser.process(piece.into());
        rest = others;
    }
    Some(parser.finish())
}

/// A page without its tags, where nothing else can be made of it.
pub(super) fn without_tags(source: &str) -> String {
    let mut text = String::new();
    let mut pieces = source.split('<');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        text.push(' ');
        text.push_str(piece.split_once('>').map_or("", |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_pieces_is_the_page() {
        let text = "Über 31 m hoch – 灯台. ".repeat(2_000);
        let page = parse(&format!("<title>T</title><p class='a b'>{text}</p>")).unwrap();
        assert!(page.errors.is_empty() || page.root_element().text().count() > 0);
        assert_eq!(page.root_element().text().collect::<String>(), format!("T{text}"));
    }

    #[test]
    fn no_page_takes_for_ever() {
        let a_megabyte = |piece: &str| piece.repeat(1024 * 1024 / piece.len());
        let attributes = (0..150_000).fold(String::new(), |all, at| all + " =" + &at.to_string());
        for (name, page) in [
            ("deep", a_megabyte("<div>")),
            ("a tag as an attribute", a_megabyte("<div </div>")),
            ("an end in a comment", a_megabyte("<div><!--</div>-->")),
            ("foreign", format!("<svg>{}{}", a_megabyte("<td>"), a_megabyte("</x>"))),
            ("attributes", format!("<p{attributes}>")),
            ("tags in attributes", a_megabyte("<p =")),
            ("formatting", a_megabyte("<b><i><p>")),
            ("tables", a_megabyte("<table><tr><td>x")),
            ("forms", a_megabyte("<a href=x><nobr>")),
        ] {
            let begun = Instant::now();
            let parsed = parse(&page);
            drop(parsed);
            assert!(begun.elapsed() < LONGEST * 8, "{name}: {:?}", begun.elapsed());
        }
    }

    #[test]
    fn what_is_left_without_tags_is_text() {
        assert_eq!(without_tags("a<b>c</b> d<e"), "a c  d ");
    }
}
