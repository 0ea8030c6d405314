//! How many tokens a text is, roughly, where a provider does not say.

/// An estimate: four characters make a token, but each CJK character is one by itself. Within a third or so of what
/// common tokenizers count for prose; worse for code and rare scripts. Never less than 1 for a text that is not empty.
pub fn estimate_tokens(text: &str) -> i64 {
    let (mut narrow, mut wide) = (0_i64, 0_i64);
    for character in text.chars() {
        if is_cjk(character) { wide += 1 } else { narrow += 1 }
    }
    wide + (narrow + 3) / 4
}

/// Han, kana, hangul and their wide punctuation.
fn is_cjk(character: char) -> bool {
    matches!(u32::from(character), 0x1100..=0x11FF | 0x2E80..=0x9FFF | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x2_0000..=0x3_FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_letters_or_one_cjk_character_make_a_token() {
        assert_eq!(estimate_tokens(""), 0);
        assert_eq!(estimate_tokens("a"), 1);
        assert_eq!(estimate_tokens("abcdefgh"), 2);
        assert_eq!(estimate_tokens("数据库"), 3);
        assert_eq!(estimate_tokens("SQL 数据库"), 4);
    }
}
