//! Pages that would take for ever to parse: the parser's time grows with the square of how deep elements lie in each other and
//! of how many attributes one has. Pages of people have few of either.

use std::collections::HashMap;

/// How deep elements may lie in each other.
const DEPTH: usize = 500;
/// How many attributes an element may have.
const ATTRIBUTES: usize = 500;
/// What has no end tag, and what the next of its kind ends: none of these can lie in itself without another between.
const FLAT: [&str; 30] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "dd", "dt", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "html", "head",
    "body", "frame", "image",
];

/// Whether a page is deeper, or one of its elements larger, than pages of people are. What is not is surely not; some that
/// are only badly written are counted in.
pub(super) fn is_tangled(source: &str) -> bool {
    let bytes = source.as_bytes();
    let (mut open, mut depth) = (HashMap::<String, usize>::new(), 0_usize);
    let mut at = 0;
    while let Some(next) = memchr::memchr(b'<', &bytes[at..]) {
        at += next + 1;
        let is_end = bytes.get(at) == Some(&b'/');
        let begin = at + usize::from(is_end);
        if !bytes.get(begin).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let length = bytes[begin..].iter().position(ends_name).unwrap_or(bytes.len() - begin);
        let name = String::from_utf8_lossy(&bytes[begin..begin + length]).to_ascii_lowercase();
        at = begin + length;
        if attributes(&bytes[at..]) > ATTRIBUTES {
            return true;
        }
        if FLAT.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if !is_end {
            (*count, depth) = (*count + 1, depth + 1);
        } else if *count > 0 {
            (*count, depth) = (*count - 1, depth - 1);
        }
        if depth > DEPTH {
            return true;
        }
    }
    false
}

/// About how many attributes a tag has whose name was read, at most one more than is allowed.
fn attributes(rest: &[u8]) -> usize {
    let (mut count, mut is_between, mut after_equals) = (0, false, false);
    let mut quote = None;
    for byte in rest {
        match (quote, byte) {
            (Some(mark), _) => {
                if *byte == mark {
                    quote = None;
                    is_between = true;
                }
            }
            (None, b'>') => break,
            (None, b'"' | b'\'') if after_equals => (quote, after_equals) = (Some(*byte), false),
            (None, b'=') => (after_equals, is_between) = (true, false),
            (None, b'/') => is_between = true,
            (None, _) if byte.is_ascii_whitespace() => is_between |= !after_equals,
            (None, _) => {
                count += usize::from(std::mem::take(&mut is_between));
                after_equals = false;
            }
        }
        if count > ATTRIBUTES {
            break;
        }
    }
    count
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
    fn pages_of_people_are_not_tangled() {
        let list = format!(
            "<ul>{}</ul>{}",
            "<li>one<p>two<br>".repeat(5_000),
            "<div class='a' id=b>x</div>".repeat(5_000)
        );
        assert!(!is_tangled(&list));
        let picture =
            format!("<img alt=\"a b\" src=\"data:image/png;base64,{}\" hidden>", "A a=".repeat(50_000));
        assert!(!is_tangled(&picture));
        assert!(!is_tangled("a < b <3 </> <!-- c --> <"));
    }

    #[test]
    fn deep_pages_and_endless_tags_are() {
        assert!(is_tangled(&"<div>".repeat(600)));
        assert!(is_tangled(&"<DIV></x></span>".repeat(600)));
        assert!(is_tangled(&"<table><tr><td>".repeat(600)));
        for attributes in [" a=1", " b", "/c", " d='e f'", " \"g", " h = i"] {
            assert!(is_tangled(&format!("<p{}>", attributes.repeat(600))), "{attributes}");
        }
    }

    #[test]
    fn what_is_left_without_tags_is_text() {
        assert_eq!(without_tags("a<b>c</b> d<e"), "a c  d ");
    }
}
