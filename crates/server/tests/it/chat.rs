//! Chat over HTTP: streams, cursors, stop, keys, and what is refused.

mod conversations;
mod options;
mod refused;
mod streams;
mod thoughts;
mod tools;

use futures_util::StreamExt as _;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::Client;

/// One event as it came over the wire.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    turn: i64,
    seq: i64,
    data: Value,
}

/// Reads a stream event by event.
struct Events {
    bytes: futures_util::stream::BoxStream<'static, reqwest::Result<axum::body::Bytes>>,
    held: String,
    /// `data: [DONE]` came.
    ended: bool,
}

impl Events {
    fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { bytes: response.bytes_stream().boxed(), held: String::new(), ended: false }
    }

    async fn next(&mut self) -> Option<Line> {
        loop {
            while let Some((lines, rest)) = self.held.split_once("\n\n") {
                let lines = lines.to_owned();
                let rest = rest.to_owned();
                self.held = rest;
                if lines == "data: [DONE]" {
                    self.ended = true;
                    return None;
                }
                if lines.starts_with(':') {
                    continue;
                }
                let (id, data) = lines.split_once('\n').expect("an id line and a data line");
                let (turn, seq) = id.strip_prefix("id: ").unwrap().split_once(':').unwrap();
                let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
                return Some(Line { turn: turn.parse().unwrap(), seq: seq.parse().unwrap(), data });
            }
            let bytes = self.bytes.next().await?.ok()?;
            self.held.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    async fn rest(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        while let Some(line) = self.next().await {
            lines.push(line);
        }
        lines
    }
}

impl Client {
    async fn say(&self, text: &str) -> Events {
        self.ask("/api/v1/chat", json!({ "message": text })).await
    }

    async fn ask(&self, path: &str, body: Value) -> Events {
        Events::of(self.request(Method::POST, path).json(&body).send().await.unwrap())
    }

    async fn follow(&self, turn: i64, last: Option<&str>) -> Response {
        let request = self.request(Method::GET, &format!("/api/v1/turns/{turn}/events"));
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        request.send().await.unwrap()
    }
}

fn text_of(lines: &[Line]) -> String {
    let chunks = lines.iter().filter(|line| line.data["type"] == "chunk");
    chunks.map(|line| line.data["content"].as_str().unwrap()).collect()
}

fn tokens(count: usize) -> String {
    (1..=count).map(|n| format!("t{n:05}")).collect::<Vec<_>>().join(" ")
}
