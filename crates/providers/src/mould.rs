//! A shortcut: nearly every event of a stream is the one before with another text in it.

use crate::{Delta, lenient::Said};

/// The most that is remembered of an event, in bytes.
const MAX_BYTES: usize = 4096;

/// What becomes of text.
pub(crate) type Kind = fn(String) -> Delta;

/// An event without its text. Whatever has the same bytes around another text says that text, and nothing else of it need
/// be read.
#[derive(Debug, Default)]
pub(crate) struct Mould {
    before: Vec<u8>,
    after: Vec<u8>,
    /// `None`: no event is known.
    kind: Option<Kind>,
}

impl Mould {
    /// What `event` says, if it is cast in this mould.
    pub(crate) fn cast(&self, event: &[u8]) -> Option<Delta> {
        let kind = self.kind?;
        let text = event.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        if text.is_empty() || text.iter().any(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
            return None;
        }
        str::from_utf8(text).ok().map(|text| kind(text.to_owned()))
    }

    /// Takes the form of `event`, which does nothing but say what lies at `place`.
    pub(crate) fn form(&mut self, event: &[u8], place: Place) {
        let Some(begin) = place.address.checked_sub(event.as_ptr().addr()) else { return };
        let (Some(before), Some(after)) = (event.get(..begin), event.get(begin + place.len..)) else {
            return;
        };
        if before.len() + after.len() > MAX_BYTES {
            return;
        }
        self.before.clear();
        self.before.extend_from_slice(before);
        self.after.clear();
        self.after.extend_from_slice(after);
        self.kind = Some(place.kind);
    }
}

/// Where in the memory of an event its text lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    address: usize,
    len: usize,
    kind: Kind,
}

impl Place {
    /// Where `said` lies, if it is written there as it is said.
    pub(crate) fn of(said: &Said, kind: Kind) -> Option<Self> {
        said.address.map(|address| Self { address, len: said.text.len(), kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mould(event: &str) -> Mould {
        let begin = event.find('T').unwrap();
        let place = Place { address: event.as_ptr().addr() + begin, len: 1, kind: Delta::Text };
        let mut mould = Mould::default();
        mould.form(event.as_bytes(), place);
        mould
    }

    #[test]
    fn what_is_the_same_around_another_text_says_that_text() {
        let mould = mould(r#"{"a":"T","b":0}"#);
        let said = |event: &str| mould.cast(event.as_bytes());
        assert_eq!(said(r#"{"a":"T","b":0}"#), Some(Delta::Text("T".to_owned())));
        assert_eq!(said(r#"{"a":" thürd 🎈","b":0}"#), Some(Delta::Text(" thürd 🎈".to_owned())));
    }

    #[test]
    fn what_is_not_plain_text_in_known_surroundings_is_not_read() {
        let mould = mould(r#"{"a":"T","b":0}"#);
        for event in [
            r#"{"a":"","b":0}"#,
            r#"{"a":"\n","b":0}"#,
            r#"{"a":"x","c":"y","b":0}"#,
            "{\"a\":\"\n\",\"b\":0}",
            r#"{"a":"T","b":1}"#,
            r#"{"A":"T","b":0}"#,
            r#"{"a":"","#,
            "",
        ] {
            assert_eq!(mould.cast(event.as_bytes()), None, "{event}");
        }
        assert_eq!(mould.cast(b"{\"a\":\"\xff\",\"b\":0}"), None);
        assert_eq!(Mould::default().cast(b"T"), None);
    }
}
