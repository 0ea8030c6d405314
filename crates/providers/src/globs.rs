//! Patterns of model names: `*` stands for anything, `?` for one character, everything else for itself.

/// Whether `name` fits one of `patterns`, without regard to ASCII case.
pub fn any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, name))
}

/// Whether a pattern names exactly one model.
pub(crate) fn is_literal(pattern: &str) -> bool {
    !pattern.contains(['*', '?'])
}

/// Greedy matching with one step back: linear in practice, at worst the product of the lengths.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&expected) if expected == '?' || expected.eq_ignore_ascii_case(&name[n]) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_anything_and_a_question_mark_one_character() {
        for (pattern, name) in [
            ("gpt-*", "gpt-4o"),
            ("*", ""),
            ("*mini", "gpt-4o-mini"),
            ("o?", "O3"),
            ("a*b*c", "axxbybc"),
            ("x", "x"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("gpt-*", "xgpt-4"), ("o?", "o"), ("a*b", "abc"), ("", "a"), ("?", "")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
