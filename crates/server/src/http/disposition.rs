//! `Content-Disposition`: what a browser calls a file that it keeps, for every name that people give.

use std::fmt::Write as _;

use axum::http::HeaderValue;

/// `how` (`inline` or `attachment`) with a name: in ASCII for old clients, and as RFC 8187 says it.
pub(crate) fn of(how: &'static str, name: &str) -> HeaderValue {
    let plain: String = (name.chars())
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut whole = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    let value = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{whole}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static(how))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes_or_its_line() {
        for (name, value) in [
            ("notes.md", "inline; filename=\"notes.md\"; filename*=UTF-8''notes.md"),
            (
                "a \"b\"\r\nX: y",
                "inline; filename=\"a _b___X: y\"; filename*=UTF-8''a%20%22b%22%0D%0AX%3A%20y",
            ),
            ("è.txt", "inline; filename=\"_.txt\"; filename*=UTF-8''%C3%A8.txt"),
        ] {
            assert_eq!(of("inline", name), value, "{name:?}");
        }
    }
}
