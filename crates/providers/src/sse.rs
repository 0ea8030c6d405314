//! Splits a byte stream into server-sent events.
//!
//! Every byte is looked at once and kept at most until its event is complete, so the cost is linear whatever the size
//! of events and chunks, and any chunking gives the same events.

use memchr::{memchr, memchr2};

/// The largest event, in bytes: images and tool results come whole.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// The `event:` field; empty where there is none.
    pub name: &'a [u8],
    /// The `data:` lines, joined by line feeds. Not checked to be UTF-8: a JSON reader does that anyway.
    pub data: &'a [u8],
}

/// An event was larger than [`MAX_EVENT_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than 16 MiB")]
pub struct TooLarge;

/// Remembers what is incomplete between two chunks.
#[derive(Debug, Default)]
pub struct Splitter {
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    /// A `data:` line was seen since the last event.
    has_data: bool,
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    after_cr: bool,
    /// The first line, which may begin with a byte order mark, is behind us.
    past_first: bool,
}

impl Splitter {
    /// Takes the next bytes and gives each event that they complete to `each`.
    ///
    /// # Errors
    /// The first error of `each`, or [`TooLarge`]; the splitter is of no use afterwards.
    pub fn push<E: From<TooLarge>>(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            if let Some((data, rest)) = self.whole_event(bytes) {
                self.bounded(data.len())?;
                let given = each(Event { name: &self.name, data });
                self.name.clear();
                given?;
                bytes = rest;
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', bytes) else {
                self.bounded(bytes.len())?;
                self.line.extend_from_slice(bytes);
                return Ok(());
            };
            self.after_cr = bytes[end] == b'\r';
            self.bounded(end)?;
            if self.line.is_empty() {
                self.take_line(&bytes[..end], &mut each)?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&bytes[..end]);
                self.take_line(&line, &mut each)?;
                line.clear();
                self.line = line; // keeps its memory for the next one
            }
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// The stream ended: gives what a server left without its blank line.
    ///
    /// # Errors
    /// As [`Splitter::push`].
    pub fn finish<E: From<TooLarge>>(
        &mut self,
        mut each: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, &mut each)?;
        }
        self.take_line(b"", &mut each)
    }

    /// The data of an event, and what follows it, where the rest of the event is one line that came whole. Nearly every
    /// event is so, and is given as it lies.
    fn whole_event<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        if !self.past_first || self.has_data || !self.line.is_empty() {
            return None;
        }
        let line = bytes.strip_prefix(b"data: ")?;
        let (data, end) = line.split_at(memchr2(b'\n', b'\r', line)?);
        let rest = end.strip_prefix(b"\n\n").or_else(|| end.strip_prefix(b"\r\n\r\n"))?;
        Some((data, rest))
    }

    fn bounded(&self, more: usize) -> Result<(), TooLarge> {
        if self.line.len() + self.data.len() + more > MAX_EVENT_BYTES { Err(TooLarge) } else { Ok(()) }
    }

    fn take_line<E>(
        &mut self,
        line: &[u8],
        each: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = if std::mem::replace(&mut self.past_first, true) {
            line
        } else {
            line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
        };
        if line.is_empty() {
            let given =
                if self.has_data { each(Event { name: &self.name, data: &self.data }) } else { Ok(()) };
            self.name.clear();
            self.data.clear();
            self.has_data = false;
            return given;
        }
        let (field, value) = match memchr(b':', line) {
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match field {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
            }
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            _ => {} // comments, ids, retry hints and what nobody knows yet
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    type Seen = Vec<(String, Vec<u8>)>;

    fn split<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Seen {
        let (mut splitter, mut seen) = (Splitter::default(), Seen::new());
        let mut each = |event: Event<'_>| {
            seen.push((String::from_utf8_lossy(event.name).into_owned(), event.data.to_vec()));
            Ok::<(), TooLarge>(())
        };
        for chunk in chunks {
            splitter.push(chunk, &mut each).unwrap();
        }
        splitter.finish(each).unwrap();
        seen
    }

    fn event(name: &str, data: &str) -> (String, Vec<u8>) {
        (name.to_owned(), data.as_bytes().to_vec())
    }

    const ALL_SORTS: &str = "\u{feff}data: first\n\n: a comment\ndata:second\ndata:  with two spaces\r\n\r\nevent: named\rdata: thürd 🎈\r\rid: 7\nevent: no data\n\ndata\n\n\ndata: a:b\nunknown: x\n\n\r\n\rdata: whole\n\nevent: too\ndata: so\r\n\r\n\ndata: last, unfinished";

    #[test]
    fn the_standards_corners_are_understood() {
        let expected = vec![
            event("", "first"),
            event("", "second\n with two spaces"),
            event("named", "thürd 🎈"),
            event("", ""),
            event("", "a:b"),
            event("", "whole"),
            event("too", "so"),
            event("", "last, unfinished"),
        ];
        assert_eq!(split([ALL_SORTS.as_bytes()]), expected);
    }

    #[test]
    fn any_chunking_gives_the_same_events() {
        let bytes = ALL_SORTS.as_bytes();
        let expected = split([bytes]);
        for size in 1..bytes.len() {
            assert_eq!(split(bytes.chunks(size)), expected, "chunks of {size}");
        }
        for first in 0..bytes.len() {
            for second in first..bytes.len() {
                let chunks = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(split(chunks), expected, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn the_cost_is_linear_in_the_size_of_an_event() {
        let took = |size: usize| {
            let line = [b"data: ".as_slice(), &vec![b'x'; size], b"\n\n"].concat();
            let begun = Instant::now();
            assert_eq!(split(line.chunks(1400)).len(), 1);
            begun.elapsed()
        };
        took(1 << 18);
        let (small, large) = (took(1 << 20), took(1 << 23));
        // Eight times the size. Quadratic would be 64 times; the rest is for a busy machine.
        assert!(large < small * 30, "{small:?} then {large:?}");
    }

    #[test]
    fn an_event_has_bounds() {
        let mut splitter = Splitter::default();
        let chunk = vec![b'x'; 1 << 20];
        let mut pushed = Ok(());
        for _ in 0..17 {
            pushed = pushed.and_then(|()| splitter.push(&chunk, |_| Ok(())));
        }
        assert_eq!(pushed, Err(TooLarge));

        let mut splitter = Splitter::default();
        let lines = [b"data: ".as_slice(), &chunk, b"\n"].concat();
        let mut pushed = Ok(());
        for _ in 0..17 {
            pushed = pushed.and_then(|()| splitter.push(&lines, |_| Ok(())));
        }
        assert_eq!(pushed, Err(TooLarge));
    }
}
