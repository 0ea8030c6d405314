//! The passage around what was found, cut from the original text.

use store::{fold, search::Terms};

/// How much is shown before and after the first word found, in characters.
const BEFORE: usize = 60;
const AFTER: usize = 140;

/// A word of the original text: where it stands, and as search knows it.
struct Word {
    start: usize,
    end: usize,
    folded: Vec<String>,
}

/// Cuts the passage around the first word found; escapes it and puts the words found into `<mark>`.
pub(super) fn cut(text: &str, terms: &Terms) -> String {
    let text = fold::head(text, fold::SEARCHED_BYTES);
    let words = words_of(text);
    let first = words.iter().find(|word| is_found(word, terms)).map_or(0, |word| word.start);
    let start = text[..first].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    let start = if start == 0 {
        0
    } else {
        words.iter().map(|word| word.start).find(|at| *at >= start).unwrap_or(start)
    };
    let end = text[first..].char_indices().nth(AFTER).map_or(text.len(), |(at, _)| first + at);
    let mut out = String::from(if start > 0 { "…" } else { "" });
    let mut at = start;
    for word in words.iter().filter(|word| word.start >= start && word.end <= end && is_found(word, terms)) {
        escape(&text[at..word.start], &mut out);
        out.push_str("<mark>");
        escape(&text[word.start..word.end], &mut out);
        out.push_str("</mark>");
        at = word.end;
    }
    escape(&text[at..end.max(at)], &mut out);
    if end < text.len() {
        out.push('…');
    }
    out
}

/// Words, and single characters of scripts without spaces, with their places.
fn words_of(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut end_word = |start: &mut Option<usize>, end: usize| {
        if let Some(from) = start.take() {
            words.push(Word { start: from, end, folded: fold::words(&text[from..end]) });
        }
    };
    for (at, c) in text.char_indices() {
        if fold::is_cjk(c) {
            end_word(&mut start, at);
            start = Some(at);
            end_word(&mut start, at + c.len_utf8());
        } else if c.is_alphanumeric()
            || (start.is_some() && !c.is_ascii() && fold::words(&format!("a{c}")).len() == 1)
        {
            start.get_or_insert(at);
        } else {
            end_word(&mut start, at);
        }
    }
    end_word(&mut start, text.len());
    words
}

fn is_found(word: &Word, terms: &Terms) -> bool {
    let last = terms.words().len() - 1;
    word.folded.iter().any(|folded| {
        terms.words().iter().enumerate().any(|(at, term)| {
            folded == term
                || (at == last && folded.starts_with(term.as_str()))
                // A pair of characters is found in each of its halves.
                || (folded.chars().count() == 1 && folded.chars().all(fold::is_cjk) && term.contains(folded.as_str()))
        })
    })
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(text: &str, query: &str) -> String {
        cut(text, &Terms::of(query).unwrap())
    }

    #[test]
    fn what_is_found_is_marked_and_the_rest_is_escaped() {
        assert_eq!(snippet("<b>Über</b> & out", "uber"), "&lt;b&gt;<mark>Über</mark>&lt;/b&gt; &amp; out");
        assert_eq!(snippet("run the migration now", "migr"), "run the <mark>migration</mark> now");
        assert_eq!(snippet("数据库", "据库"), "数<mark>据</mark><mark>库</mark>");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_word_found() {
        let text = format!("{} needle {}", "hay ".repeat(100), "hay ".repeat(100));
        let snippet = snippet(&text, "needle");
        assert!(
            snippet.starts_with("…hay") && snippet.ends_with('…') && snippet.contains("<mark>needle</mark>")
        );
        assert!(snippet.chars().count() < 240, "{}", snippet.chars().count());
    }
}
