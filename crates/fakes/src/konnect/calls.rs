//! Calls an address on this machine.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Asks for an `http:` address, and gives what was answered.
pub(super) async fn get(address: &str) -> io::Result<String> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidInput, "no http: address");
    let rest = address.strip_prefix("http://").ok_or_else(wrong)?;
    let (host, path) = rest.split_once('/').ok_or_else(wrong)?;
    let target = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let calling = async {
        let mut stream = TcpStream::connect(target).await?;
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    tokio::time::timeout(LIMIT, calling).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
