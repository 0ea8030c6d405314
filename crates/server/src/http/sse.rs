//! Event streams over HTTP: what is ready goes out in one piece, a comment keeps proxies awake, and the stream ends
//! with the login session it was opened for.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use services::{App, Served};

/// How much is gathered into one piece, in bytes.
const PIECE_BYTES: usize = 32 * 1024;

/// How a stream looks on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    content_type: &'static str,
    /// What keeps proxies awake and says nothing.
    idle: &'static str,
}

/// Server-sent events.
const EVENTS: Form = Form { content_type: "text/event-stream", idle: ": keep-alive\n\n" };
/// A JSON in each line. Readers skip empty ones.
pub(crate) const NDJSON: Form = Form { content_type: "application/x-ndjson; charset=utf-8", idle: "\n" };

/// How long a stream stays open for the last events when the server stops.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Sends lines, each of them whole events, until they end, the login session ends or the server stops.
pub(crate) fn respond(
    app: &App,
    served: Served,
    lines: impl Stream<Item = String> + Send + 'static,
) -> Response {
    respond_in(app, served, lines, EVENTS)
}

/// The same in another form.
pub(crate) fn respond_in(
    app: &App,
    served: Served,
    lines: impl Stream<Item = String> + Send + 'static,
    form: Form,
) -> Response {
    respond_fully(app, served, lines, String::new(), form)
}

/// The same, and says `farewell`, whole events too, when the login session ends.
pub(crate) fn respond_with_farewell(
    app: &App,
    served: Served,
    lines: impl Stream<Item = String> + Send + 'static,
    farewell: String,
) -> Response {
    respond_fully(app, served, lines, farewell, EVENTS)
}

fn respond_fully(
    app: &App,
    served: Served,
    lines: impl Stream<Item = String> + Send + 'static,
    farewell: String,
    form: Form,
) -> Response {
    let keep_alive = Duration::from_secs(app.config.chat.keep_alive_seconds.max(1));
    let reader =
        Reader { lines: lines.boxed(), app: app.clone(), served, farewell, keep_alive, form, over: false };
    let pieces = stream::unfold(reader, Reader::next).map(Ok::<_, Infallible>);
    let headers = [
        (header::CONTENT_TYPE, form.content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

struct Reader {
    lines: stream::BoxStream<'static, String>,
    app: App,
    served: Served,
    farewell: String,
    keep_alive: Duration,
    form: Form,
    over: bool,
}

impl Reader {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if self.over {
            return None;
        }
        let first = tokio::select! {
            biased;
            () = self.served.ended() => {
                self.over = true;
                let farewell = std::mem::take(&mut self.farewell);
                return (!farewell.is_empty()).then_some((Bytes::from(farewell), self));
            }
            line = self.lines.next() => line?,
            // Answers are being settled: their last events still go out.
            () = self.app.stopping().cancelled() => tokio::time::timeout(LAST_WORDS, self.lines.next()).await.ok()??,
            () = tokio::time::sleep(self.keep_alive) => return Some((Bytes::from_static(self.form.idle.as_bytes()), self)),
        };
        let mut piece = first;
        while piece.len() < PIECE_BYTES {
            match self.lines.next().now_or_never() {
                Some(Some(line)) => piece.push_str(&line),
                Some(None) => {
                    self.over = true;
                    break;
                }
                None => break,
            }
        }
        Some((Bytes::from(piece), self))
    }
}
