//! A client that costs next to nothing: what is measured must not be the client.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer than any stream here is silent.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request, byte for byte.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let kind = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}{kind}\r\n{body}", headers.concat())
        .into_bytes()
}

/// A connection that is kept, for one request after the other.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Asks, and reads the whole answer: its status and its body as it came.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        let (status, head) = self.head().await?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if let Some(length) = length {
            while self.buffer.len() < length {
                self.more().await?;
            }
            return Ok((status, self.buffer.drain(..length).collect()));
        }
        while !self.buffer.ends_with(b"0\r\n\r\n") {
            self.more().await?;
        }
        Ok((status, std::mem::take(&mut self.buffer)))
    }

    async fn head(&mut self) -> Result<(u16, String)> {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect())?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP")?;
        Ok((status, head))
    }

    async fn more(&mut self) -> Result<()> {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await??;
        if read == 0 {
            bail!("the connection ended early");
        }
        Ok(())
    }
}

/// How one streamed answer went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streamed {
    /// From the request to the first token.
    pub(crate) first: Duration,
    /// Every token came, once and in order, and then the end mark.
    pub(crate) whole: bool,
}

/// Asks on a connection of its own for a stream of `tokens` tokens and reads it to its end.
pub(crate) async fn stream(to: SocketAddr, request: &[u8], tokens: u32) -> Result<Streamed> {
    let mut connection = Connection::open(to).await?;
    let begun = Instant::now();
    connection.stream.write_all(request).await?;
    let (status, _) = connection.head().await?;
    if status != 200 {
        bail!("status {status}: {}", String::from_utf8_lossy(&connection.buffer));
    }
    let mut counter = Counter::default();
    let mut first = None;
    loop {
        counter.read(&connection.buffer);
        if first.is_none() && counter.seen > 0 {
            first = Some(begun.elapsed());
        }
        if counter.ended {
            let whole = counter.in_order && counter.seen == tokens;
            return Ok(Streamed { first: first.unwrap_or_default(), whole });
        }
        connection.buffer.clear();
        connection.more().await?;
    }
}

/// Counts the fake provider's tokens, `t00001 t00002 …`, wherever the reads cut them.
struct Counter {
    seen: u32,
    in_order: bool,
    ended: bool,
    /// How much of a token stands at the end of what was read: its digits and their number.
    digits: Option<(u32, u32)>,
    /// How much of the end mark stands there.
    mark: usize,
}

const END_MARK: &[u8] = b"[DONE]";

impl Default for Counter {
    fn default() -> Self {
        Self { seen: 0, in_order: true, ended: false, digits: None, mark: 0 }
    }
}

impl Counter {
    fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.digits = match self.digits {
                Some((number, count)) if byte.is_ascii_digit() => {
                    let number = number * 10 + u32::from(byte - b'0');
                    if count == 4 {
                        self.seen += 1;
                        self.in_order &= number == self.seen;
                        None
                    } else {
                        Some((number, count + 1))
                    }
                }
                _ if byte == b't' => Some((0, 0)),
                _ => None,
            };
            self.mark =
                if byte == END_MARK[self.mark] { self.mark + 1 } else { usize::from(byte == END_MARK[0]) };
            if self.mark == END_MARK.len() {
                self.ended = true;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> (u32, bool, bool) {
        let mut counter = Counter::default();
        for piece in pieces {
            counter.read(piece.as_bytes());
        }
        (counter.seen, counter.in_order, counter.ended)
    }

    #[test]
    fn tokens_are_counted_wherever_reads_cut_them() {
        assert_eq!(
            read(&["data: {\"content\":\"t00001 t00002 \"}\n", "t000", "03 ", "data: [DO", "NE]\n"]),
            (3, true, true)
        );
        assert_eq!(read(&["t00001 t00003 [DONE]"]), (2, false, true));
        assert_eq!(read(&["start 12345 turn_id t1 t0001x"]), (0, true, false));
    }
}
