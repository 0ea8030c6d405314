//! Reads one answer: bytes to events to deltas.
//!
//! What a server claims to send is not believed: `{` begins a whole answer, `<` a web page, anything else is a stream.

use std::{
    collections::VecDeque,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio::time::{Sleep, sleep};

use crate::{
    Delta, ProviderError,
    client::Endpoint,
    sse::{self, Splitter, TooLarge},
};

/// The largest answer that comes as a whole, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// How long to wait for usage and the end mark once the model said that it finished.
const GRACE: Duration = Duration::from_secs(2);
/// How long to wait for the end of a connection whose answer is complete, so that it can serve again.
const PARTING: Duration = Duration::from_millis(50);

/// What one protocol makes of events. Puts deltas into `out`, but never `Finish`: the exchange does, when the stream ends.
pub(crate) trait Reader: Send + Unpin + 'static {
    /// Takes one event of a stream.
    fn event(&mut self, event: sse::Event<'_>, out: &mut VecDeque<Delta>) -> Result<(), ProviderError>;
    /// Takes an answer that was not streamed.
    fn whole(&mut self, body: &[u8], out: &mut VecDeque<Delta>) -> Result<(), ProviderError>;
    /// How far the answer is.
    fn progress(&self) -> Progress;
    /// The word for why the model finished.
    fn finish(&mut self) -> String;
}

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More must come.
    Running,
    /// The model finished; usage may still come.
    Finished,
    /// The end mark was seen: nothing comes any more.
    Over,
}

enum Form {
    Unknown,
    Events,
    Whole(Vec<u8>),
}

struct Exchange<R> {
    endpoint: Endpoint,
    response: Option<Response>,
    reader: R,
    form: Form,
    splitter: Splitter,
    waiting: VecDeque<Delta>,
    /// How long the rest of an answer that is complete is waited for.
    limit: Option<Pin<Box<Sleep>>>,
    failure: Option<ProviderError>,
    events: usize,
    bytes: usize,
}

/// The deltas of `response`. Ends with `Finish` or an error, never without either.
pub(crate) fn read<R: Reader>(
    endpoint: Endpoint,
    mut response: Response,
    reader: R,
) -> impl Stream<Item = Result<Delta, ProviderError>> + Send {
    // They are slices of the buffer that was read into: as long as they live, the connection needs another one.
    drop(std::mem::take(response.headers_mut()));
    Exchange {
        endpoint,
        response: Some(response),
        reader,
        form: Form::Unknown,
        splitter: Splitter::default(),
        waiting: VecDeque::new(),
        limit: None,
        failure: None,
        events: 0,
        bytes: 0,
    }
}

/// Reads JSON, forgiving what servers get wrong without changing the meaning: a key that is there twice.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ProviderError> {
    serde_json::from_slice(bytes)
        .or_else(|error| {
            if error.is_data() { serde_json::from_value(serde_json::from_slice(bytes)?) } else { Err(error) }
        })
        .map_err(|error| ProviderError::garbage(format!("broken JSON ({error})")))
}

/// Text as it may be stored: without U+0000.
pub(crate) fn clean(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

enum Failure {
    TooLarge,
    Provider(ProviderError),
}

impl From<TooLarge> for Failure {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TooLarge => Self::garbage(TooLarge.to_string()),
            Failure::Provider(error) => error,
        }
    }
}

impl<R: Reader> Stream for Exchange<R> {
    type Item = Result<Delta, ProviderError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(delta) = this.waiting.pop_front() {
                return Poll::Ready(Some(Ok(delta)));
            }
            if let Some(error) = this.failure.take() {
                this.response = None;
                return Poll::Ready(Some(Err(this.endpoint.hushed(error))));
            }
            let Some(response) = &mut this.response else { return Poll::Ready(None) };
            let progress = this.reader.progress();
            let received = ready!(poll_chunk(response, progress, &mut this.limit, cx));
            if progress == Progress::Over {
                this.response = None;
                return Poll::Ready(None);
            }
            this.receive(received);
        }
    }
}

/// The next bytes, or the end where they take too long for what they can still say.
fn poll_chunk(
    response: &mut Response,
    progress: Progress,
    limit: &mut Option<Pin<Box<Sleep>>>,
    cx: &mut Context<'_>,
) -> Poll<reqwest::Result<Option<Bytes>>> {
    // Nothing is lost with this future: what has come of a chunk is kept in the response.
    let mut received = pin!(response.chunk()).poll(cx);
    if received.is_pending() {
        let patience = match progress {
            Progress::Running => return Poll::Pending,
            Progress::Finished => GRACE,
            Progress::Over => PARTING,
        };
        let limit = limit.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(limit.as_mut().poll(cx));
        received = Poll::Ready(Ok(None));
    }
    *limit = None;
    received
}

impl<R: Reader> Exchange<R> {
    fn receive(&mut self, received: reqwest::Result<Option<Bytes>>) {
        let taken = match received {
            Ok(Some(bytes)) => self.take(&bytes),
            Ok(None) => self.at_end(),
            Err(_) => Err(ProviderError::Cut),
        };
        match (taken, self.reader.progress()) {
            (Ok(false), Progress::Running | Progress::Finished) => {}
            (Ok(_), Progress::Over) => self.close(),
            // What goes wrong behind the end of an answer takes nothing from it.
            (Ok(true) | Err(_), Progress::Finished | Progress::Over) => {
                self.close();
                self.response = None;
            }
            (Ok(true), Progress::Running) => self.failure = Some(ProviderError::Cut),
            (Err(error), Progress::Running) => self.failure = Some(error),
        }
    }

    fn close(&mut self) {
        let word = self.reader.finish();
        self.waiting.push_back(Delta::Finish(word));
    }

    /// Takes what was received. `false`: the connection goes on.
    fn take(&mut self, bytes: &[u8]) -> Result<bool, ProviderError> {
        self.bytes += bytes.len();
        if matches!(self.form, Form::Unknown) {
            let first =
                bytes.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(byte));
            self.form = match first {
                None => return Ok(false),
                Some(b'<') => return Err(ProviderError::garbage("a web page")),
                Some(b'{' | b'[') => Form::Whole(Vec::new()),
                Some(_) => Form::Events,
            };
        }
        if let Form::Whole(body) = &mut self.form {
            if body.len() + bytes.len() > MAX_BODY_BYTES {
                return Err(ProviderError::garbage("an answer of more than 16 MiB"));
            }
            body.extend_from_slice(bytes);
            return Ok(false);
        }
        let Self { splitter, reader, waiting, events, .. } = self;
        splitter.push(bytes, |event| give(reader, event, waiting, events))?;
        Ok(false)
    }

    /// The connection ended in good order.
    fn at_end(&mut self) -> Result<bool, ProviderError> {
        match &self.form {
            Form::Whole(body) => {
                let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
                self.reader.whole(body, &mut self.waiting)?;
            }
            Form::Events => {
                let Self { splitter, reader, waiting, events, .. } = self;
                // Half an event is a cut, not garbage.
                if splitter.finish(|event| give(reader, event, waiting, events)).is_err() && *events > 0 {
                    return Err(ProviderError::Cut);
                }
                if *events == 0 && self.bytes > 0 {
                    return Err(ProviderError::garbage("text that is no stream of events"));
                }
            }
            Form::Unknown => {}
        }
        Ok(true)
    }
}

fn give<R: Reader>(
    reader: &mut R,
    event: sse::Event<'_>,
    waiting: &mut VecDeque<Delta>,
    events: &mut usize,
) -> Result<(), Failure> {
    if reader.progress() == Progress::Over {
        return Ok(());
    }
    reader.event(event, waiting).map_err(Failure::Provider)?;
    *events += 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Thing {
        a: i64,
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        assert_eq!(from_json::<Thing>(br#"{"a":1,"b":0,"a":2}"#), Ok(Thing { a: 2 }));
        assert!(from_json::<Thing>(br#"{"a":"x"}"#).is_err());
        assert!(from_json::<Thing>(br#"{"a":1"#).is_err());
        assert!(from_json::<Thing>(b"{\"a\":\"\xff\"}").is_err());
    }
}
