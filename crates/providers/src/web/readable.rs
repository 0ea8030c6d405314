//! What a page says: its title and its paragraphs, without menus, scripts and what else stands around them.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Selector, node::Node};

use super::parse::{parse, without_tags};

/// The longest title, in characters.
const TITLE_CHARS: usize = 200;
/// The longest paragraph, in characters. The rest of one is another one.
const PARAGRAPH_CHARS: usize = 2_000;
/// How much text the middle of a page has at least, in characters. With less it is not the middle.
const MIDDLE_CHARS: usize = 200;
/// How many middles of a page are looked at.
const MIDDLES: usize = 5;
/// In how many bytes a page says how it is written.
const HEAD_BYTES: usize = 1024;

/// What is never read.
const SKIPPED: [&str; 20] = [
    "script", "style", "noscript", "template", "svg", "math", "nav", "footer", "aside", "form", "iframe",
    "object", "button", "select", "textarea", "dialog", "head", "menu", "canvas", "video",
];
/// What begins a paragraph and ends one.
const BLOCKS: [&str; 30] = [
    "address",
    "article",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// A page as text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Readable {
    pub(super) title: String,
    pub(super) paragraphs: Vec<String>,
}

/// Reads a web page.
pub(super) fn html(source: &str) -> Readable {
    let Some(page) = parse(source) else { return plain(&without_tags(source)) };
    let all = |selector: &str| Selector::parse(selector).ok();
    let title = all("title").and_then(|title| page.select(&title).next());
    let title = title.map(|title| tidy(&title.text().collect::<String>())).unwrap_or_default();
    let middles = all("main, article, [role=main]");
    let middles = middles.iter().flat_map(|middles| page.select(middles).take(MIDDLES)).map(paragraphs);
    let longest = middles.max_by_key(|paragraphs| chars(paragraphs));
    let paragraphs = longest
        .filter(|paragraphs| chars(paragraphs) >= MIDDLE_CHARS)
        .unwrap_or_else(|| paragraphs(page.root_element()));
    Readable { title: title.chars().take(TITLE_CHARS).collect(), paragraphs }
}

/// Reads a text.
pub(super) fn plain(text: &str) -> Readable {
    let mut paragraphs = Vec::new();
    for paragraph in text.replace("\r\n", "\n").split("\n\n") {
        put(&mut paragraphs, paragraph);
    }
    Readable { title: String::new(), paragraphs }
}

/// How a page says itself that it is written.
pub(super) fn charset(body: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if let Some((by_mark, _)) = encoding_rs::Encoding::for_bom(body) {
        return Some(by_mark);
    }
    let head = String::from_utf8_lossy(&body[..body.len().min(HEAD_BYTES)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let label: String = rest
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    encoding_rs::Encoding::for_label(label.as_bytes())
}

fn chars(paragraphs: &[String]) -> usize {
    paragraphs.iter().map(|paragraph| paragraph.chars().count()).sum()
}

/// A paragraph as it grows.
#[derive(Default)]
struct Growing {
    text: String,
    /// How many bytes of it are links.
    linked: usize,
}

impl Growing {
    fn end(&mut self, paragraphs: &mut Vec<String>) {
        let Self { text, linked } = std::mem::take(self);
        // A menu is hardly more than links.
        if linked * 2 <= text.len() {
            put(paragraphs, &text);
        }
    }
}

/// The paragraphs below an element. Goes from node to node, so that deep pages cost no stack.
fn paragraphs(root: ElementRef<'_>) -> Vec<String> {
    let (mut paragraphs, mut growing) = (Vec::new(), Growing::default());
    let (mut skipping, mut links) = (0_usize, 0_usize);
    for edge in root.traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        match node.value() {
            Node::Text(text) if opens && skipping == 0 => {
                growing.text.push_str(&text.text);
                growing.linked += if links > 0 { text.len() } else { 0 };
            }
            Node::Element(element) => {
                let step = |count: usize| if opens { count + 1 } else { count.saturating_sub(1) };
                let name = element.name();
                let is_hidden =
                    element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true");
                if is_hidden || SKIPPED.contains(&name) {
                    skipping = step(skipping);
                } else if name == "a" {
                    links = step(links);
                } else if name == "td" || name == "th" {
                    growing.text.push(' ');
                } else if BLOCKS.contains(&name) {
                    growing.end(&mut paragraphs);
                }
            }
            _ => {}
        }
    }
    growing.end(&mut paragraphs);
    paragraphs
}

/// Puts a text behind the paragraphs, in pieces if it is long.
fn put(paragraphs: &mut Vec<String>, text: &str) {
    let text = tidy(text);
    let mut piece = String::new();
    let mut held = 0;
    for word in text.split(' ').flat_map(pieces) {
        let length = word.chars().count() + 1;
        if held + length > PARAGRAPH_CHARS && !piece.is_empty() {
            paragraphs.push(std::mem::take(&mut piece));
            held = 0;
        }
        if !piece.is_empty() {
            piece.push(' ');
        }
        piece.push_str(&word);
        held += length;
    }
    if !piece.is_empty() {
        paragraphs.push(piece);
    }
}

/// A word, in pieces if it is one without end.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(PARAGRAPH_CHARS - 1).map(|piece| piece.iter().collect()).collect()
}

/// One line, without signs that cannot be seen.
pub(super) fn tidy(text: &str) -> String {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let seen: String = text.chars().filter(|c| c.is_whitespace() || !is_unseen(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_paragraphs_without_what_stands_around_them() {
        let long = "The lighthouse was built in 1847 and burns oil of whales. ".repeat(5);
        let source = format!(
            "<!doctype html><title> The  light\nhouse </title><nav><a href=/>Home</a></nav><body><header>Menu</header>\
             <main><h1>The lighthouse</h1><p>{long}</p><ul><li><a href=/a>About us</a><li>Open on <b>Mon</b>days</ul>\
             <script>steal()</script><p hidden>unseen</p><div aria-hidden=true><p>unseen</p></div>\
             <table><tr><td>Height<td>31 m</table></main><footer>Imprint</footer>"
        );
        let read = html(&source);
        assert_eq!(read.title, "The light house");
        assert_eq!(
            read.paragraphs,
            ["The lighthouse", long.trim(), "Open on Mondays", "Height 31 m"].map(str::to_owned)
        );
    }

    #[test]
    fn a_page_without_a_middle_is_read_whole() {
        let read = html("<article>Teaser</article><p>Said\u{200b} <i>here</i>.</p>plain<br>lines");
        assert_eq!(read.paragraphs, ["Teaser", "Said here.", "plain", "lines"]);
        assert_eq!(plain("One\r\nline\r\n\r\nTwo").paragraphs, ["One line", "Two"]);
        assert_eq!(html(""), Readable::default());
    }

    #[test]
    fn deep_and_endless_pages_are_read() {
        let deep = format!("{}deep{}", "<div>".repeat(200_000), "</div>".repeat(200_000));
        assert_eq!(html(&deep).paragraphs, ["deep"]);
        let less = format!("{}deep{}", "<div>".repeat(400), "</div>".repeat(400));
        assert_eq!(html(&less).paragraphs, ["deep"]);
        let endless = plain(&"x".repeat(5_000)).paragraphs;
        assert!(endless.len() == 3 && endless.iter().all(|piece| piece.len() <= PARAGRAPH_CHARS));
    }

    #[test]
    fn a_page_says_how_it_is_written() {
        assert_eq!(charset(b"<meta charset='windows-1252'>"), Some(encoding_rs::WINDOWS_1252));
        assert_eq!(charset(b"<meta content=\"text/html; charset=Shift_JIS\">"), Some(encoding_rs::SHIFT_JIS));
        assert_eq!(charset(b"\xEF\xBB\xBFx"), Some(encoding_rs::UTF_8));
        assert_eq!(charset(b"<p>"), None);
    }
}
