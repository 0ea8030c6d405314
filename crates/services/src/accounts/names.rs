//! What a user name, an e-mail address and a full name may be.

use crate::{Error, Result};

const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=50;
const EMAIL_BYTES: usize = 254;
const FULL_NAME_CHARS: usize = 100;

/// A user name: letters and digits of any script, `.`, `_`, `-` and `+`. It holds no `@`, so it is never taken for an
/// e-mail address.
pub(super) fn username(text: &str) -> Result<String> {
    let name = text.trim();
    if !USERNAME_CHARS.contains(&name.chars().count()) {
        return Err(Error::invalid("username", "must have 2 to 50 characters"));
    }
    if !name.chars().all(|c| c.is_alphanumeric() || "._-+".contains(c)) {
        return Err(Error::invalid(
            "username",
            "may hold letters, digits, dots, dashes, underscores and plus signs only",
        ));
    }
    Ok(name.to_owned())
}

/// A user name made of an e-mail address, for clients that ask for none. A `number` above 0 makes it another one.
pub(super) fn from_email(email: &str, number: u32) -> String {
    let local = email.split('@').next().unwrap_or_default();
    let mut name: String =
        local.chars().filter(|c| c.is_alphanumeric() || "._-+".contains(*c)).take(40).collect();
    if name.chars().count() < *USERNAME_CHARS.start() {
        name.insert_str(0, "user-");
    }
    if number == 0 { name } else { format!("{name}-{number}") }
}

/// An e-mail address, by its form.
pub(crate) fn email(text: &str) -> Result<String> {
    let address = text.trim();
    let strange =
        |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c) || is_invisible(c);
    let looks_right = address.len() <= EMAIL_BYTES
        && !address.contains(strange)
        && address.split_once('@').is_some_and(|(local, domain)| {
            let labels = |part: &str| part.split('.').all(|label| !label.is_empty());
            labels(local) && labels(domain) && domain.chars().all(|c| c.is_alphanumeric() || ".-".contains(c))
        });
    if looks_right {
        Ok(address.to_owned())
    } else {
        Err(Error::invalid("email", "must be an e-mail address"))
    }
}

/// A name to show; an empty one is none.
pub(super) fn full_name(text: &str) -> Result<Option<String>> {
    let name = text.trim();
    if name.chars().count() > FULL_NAME_CHARS {
        return Err(Error::invalid("full_name", "may have at most 100 characters"));
    }
    // Some of them count as blanks: also at the ends.
    if text.contains(|c: char| c.is_control()) {
        return Err(Error::invalid("full_name", "may not hold control characters"));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// Characters that nobody sees: two addresses that look the same should be the same.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_holds_no_control_characters_not_even_at_its_ends() {
        assert_eq!(full_name(" Ada Lovelace ").unwrap().as_deref(), Some("Ada Lovelace"));
        assert_eq!(full_name("  ").unwrap(), None);
        for bad in ["Ada\u{85}", "\u{85}Ada", "Ada\n", "A\tda"] {
            assert!(full_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn user_names_hold_no_at_and_nothing_that_is_not_seen() {
        for good in ["ad", "Ada.L-o_v+1", "Ådä", "数据", " ada "] {
            assert_eq!(username(good).unwrap(), good.trim(), "{good:?}");
        }
        let long = "a".repeat(51);
        for bad in ["", "a", "a@b", "a b", "a\u{200B}b", "a\0b", "<b>", "a/b", &long] {
            assert!(username(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_made_of_an_address_is_one_that_could_be_chosen() {
        let long = format!("{}@x.tn", "a".repeat(64));
        for address in ["ada@x.tn", "a@x.tn", "é@bücher.de", "a!#$@x.tn", &long] {
            for number in [0, 1, 99_999] {
                assert!(username(&from_email(address, number)).is_ok(), "{address}");
            }
        }
        assert_eq!((from_email("ada@x.tn", 0), from_email("ada@x.tn", 2)), ("ada".into(), "ada-2".into()));
    }

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for good in ["a@x.tn", "a+b@x.tn", "a.b@localhost", "é@bücher.de"] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@x.tn",
            "a@",
            "a@@x.tn",
            "a@b@x.tn",
            "a b@x.tn",
            "a@x..tn",
            "a\u{200B}@x.tn",
            "a@x.tn\r\nb",
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }
}
