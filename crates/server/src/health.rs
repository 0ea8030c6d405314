//! `colloquy health`: asks the server that runs here whether it is well, for machines that have no other client.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

/// How long each of connecting, asking and hearing may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest first line of an answer.
const LINE_BYTES: usize = 64;

/// Asks the server at this address. An error says why it is not well, or not there.
pub fn check(listen: &str) -> Result<()> {
    let address = reachable(listen)?;
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)
        .with_context(|| format!("nobody answers at {address}"))?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    write!(connection, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut line = [0; LINE_BYTES];
    let mut read = 0;
    while read < line.len() && !line[..read].contains(&b'\n') {
        match connection.read(&mut line[read..]).with_context(|| format!("{address} does not answer"))? {
            0 => break,
            bytes => read += bytes,
        }
    }
    match status(&line[..read]) {
        Some(200) => Ok(()),
        Some(status) => bail!("the server answers {status}: it is there, and not well"),
        None => bail!("what answers at {address} is no such server"),
    }
}

/// Where a server can be reached from its own machine that listens everywhere, or at one place.
fn reachable(listen: &str) -> Result<SocketAddr> {
    let mut address = listen
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .with_context(|| format!("{listen} is no address"))?;
    if address.ip().is_unspecified() {
        let own = if address.is_ipv4() { "127.0.0.1".parse()? } else { "::1".parse()? };
        address.set_ip(own);
    }
    Ok(address)
}

/// The status in the first line of an answer.
fn status(line: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(line).ok()?;
    text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_reached_where_it_listens() {
        let reached = |listen: &str| reachable(listen).unwrap().to_string();
        assert_eq!(reached("0.0.0.0:3000"), "127.0.0.1:3000");
        assert_eq!(reached("[::]:80"), "[::1]:80");
        assert_eq!(reached("192.0.2.7:80"), "192.0.2.7:80");
        assert!(reachable("nowhere").is_err());
    }

    #[test]
    fn the_first_line_says_the_status() {
        assert_eq!(status(b"HTTP/1.1 200 OK\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.1 503 Service Unavailable\r\nx"), Some(503));
        for other in [&b"SSH-2.0"[..], b"HTTP/1.1 2", b"", b"\xff\xfe"] {
            assert_eq!(status(other), None);
        }
    }
}
