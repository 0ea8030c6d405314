//! What a file is called: what its owner says, without what could deceive or break a line.

/// The longest name, in characters.
const MOST_CHARS: usize = 150;

/// A name that is safe to show, from what a client sent.
pub(super) fn clean(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control() && !is_deceptive(*c)).collect();
    let name = kept.trim().trim_start_matches('.').trim();
    if name.is_empty() {
        return "file".to_owned();
    }
    shorten(name)
}

/// Marks that turn the direction of text, or cannot be seen.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The beginning and the ending of a name that is too long.
fn shorten(name: &str) -> String {
    if name.chars().count() <= MOST_CHARS {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending = if ending.chars().count() <= 10 { ending } else { "" };
    let room = MOST_CHARS - ending.chars().count() - 2;
    let head: String = name.chars().take(room).collect();
    if ending.is_empty() { format!("{head}…") } else { format!("{head}….{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_a_path() {
        for (said, name) in [
            ("notes.md", "notes.md"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\photo.png", "photo.png"),
            (" a\r\nSet-Cookie: b ", "aSet-Cookie: b"),
            ("cod\u{202e}gnp.exe", "codgnp.exe"),
            (".htaccess", "htaccess"),
            ("", "file"),
            ("..", "file"),
            ("résumé \"1\".txt", "résumé \"1\".txt"),
        ] {
            assert_eq!(clean(said), name, "{said:?}");
        }
        let long = clean(&format!("{}.json", "x".repeat(500)));
        assert!(long.ends_with("x….json") && long.chars().count() <= MOST_CHARS, "{long}");
    }
}
