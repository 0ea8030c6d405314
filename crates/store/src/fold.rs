//! Folding text for comparison and search, in Rust, because SQLite's `lower()` knows only ASCII.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// How much of a message is searched, in bytes.
pub const SEARCHED_BYTES: usize = 200 * 1024;
/// How many bytes of a word are searched: PostgreSQL takes up to 2,046.
const WORD_BYTES: usize = 255;

/// A key that is equal for texts that differ only in case or in how characters are composed (NFKC, lower case).
pub fn key(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

/// The words of a text as search knows them: without marks (NFKD), in lower case, runs of Chinese, Japanese and Korean
/// characters as overlapping pairs. Everything that is neither letter nor digit separates words.
pub fn words(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return ascii_words(text);
    }
    let mut words = Words::default();
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if is_cjk(c) {
            words.pair(c);
        } else if c.is_alphanumeric() {
            words.letter(c);
        } else {
            words.gap();
        }
    }
    words.gap();
    words.found
}

/// The same of a text that has no marks, no pairs and no letters outside of the alphabet.
fn ascii_words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| head(word, WORD_BYTES).to_ascii_lowercase())
        .collect()
}

#[derive(Default)]
struct Words {
    found: Vec<String>,
    word: String,
    run: Vec<char>,
}

impl Words {
    fn letter(&mut self, c: char) {
        self.end_run();
        if self.word.len() + c.len_utf8() <= WORD_BYTES {
            self.word.push(c);
        }
    }

    fn pair(&mut self, c: char) {
        self.end_word();
        self.run.push(c);
    }

    fn gap(&mut self) {
        self.end_word();
        self.end_run();
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.found.push(std::mem::take(&mut self.word));
        }
    }

    fn end_run(&mut self) {
        match self.run.as_slice() {
            [] => {}
            [one] => self.found.push(one.to_string()),
            run => {
                // Single characters are found as the beginning of a pair; the last one begins none, so it stands alone too.
                self.found.extend(run.windows(2).map(|pair| pair.iter().collect()));
                self.found.extend(run.last().map(char::to_string));
            }
        }
        self.run.clear();
    }
}

/// Characters of scripts that are written without spaces, in blocks that search treats by pairs.
pub fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0x1100..=0x11FF | 0xAC00..=0xD7AF | 0x20000..=0x2FA1F)
}

/// The beginning of `text` that is at most `bytes` long and ends between characters.
pub fn head(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_knows_no_case_in_any_script() {
        assert_eq!(key(" ÀB@X.tn "), key("àb@x.TN"));
        assert_eq!(key("Ｆｕｌｌ"), "full");
        assert_eq!(key("ΣΊΣΥΦΟΣ"), key("σίσυφοσ"));
    }

    #[test]
    fn words_have_no_marks_and_no_case() {
        assert_eq!(words("Über-Gröẞe, c++ \u{1}x"), ["uber", "große", "c", "x"]);
    }

    #[test]
    fn words_of_the_alphabet_are_what_they_are_among_others() {
        let long = "Long".repeat(100);
        let text = format!(" T00001, c++ (Don't) {long}_{long}\n\t9");
        let among = words(&format!("{text} é"));
        assert_eq!(words(&text), among[..among.len() - 1]);
        assert_eq!(words(&text)[0], "t00001");
        assert!(words(" .,\n").is_empty());
    }

    #[test]
    fn chinese_is_found_by_pairs() {
        assert_eq!(words("数据库 db"), ["数据", "据库", "库", "db"]);
        assert_eq!(words("库"), ["库"]);
    }
}
