//! Connections that bring no request, and those that bring one for long.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::TestServer;

/// What comes on a connection until it is closed, and when that is.
async fn until_closed(mut connection: TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut text = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(20), connection.read_to_end(&mut text)).await;
    closed.expect("the server closes the connection").ok();
    (String::from_utf8(text).unwrap(), began.elapsed())
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_and_a_stream_is_not() {
    let server = TestServer::start_with(|config| config.server.header_seconds = 1).await;
    let ada = server.user("ada").await;
    let mut stream = ada.long_answer().await;
    let began = Instant::now();

    let send = async |text: &str| {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        connection.write_all(text.as_bytes()).await.unwrap();
        until_closed(connection).await
    };
    let (silent, half, whole) = tokio::join!(
        send(""),
        send("GET /health HTTP/1.1\r\nhost: x\r\n"),
        send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n"),
    );
    for (what, (_, after)) in [("silent", &silent), ("half a head", &half), ("idle", &whole)] {
        assert!(*after >= Duration::from_millis(900), "{what}: closed after {after:?}");
    }
    assert!(silent.0.is_empty() && !half.0.contains("200 OK"), "{silent:?} {half:?}");
    assert!(whole.0.starts_with("HTTP/1.1 200 OK"), "{}", whole.0);

    while began.elapsed() < Duration::from_millis(2500) {
        assert!(stream.chunk().await.unwrap().is_some(), "the stream goes on");
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_too_slow() {
    let server = TestServer::start_with(|config| config.server.header_seconds = 1).await;
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    let mut byte = [0; 512];
    connection.write_all(b"GET /health HTTP/1.1\r\nx: ").await.unwrap();
    loop {
        assert!(Instant::now() < end, "every byte does not begin the time anew");
        tokio::select! {
            read = connection.read(&mut byte) => match read {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            },
            () = tokio::time::sleep(Duration::from_millis(200)) => {
                if connection.write_all(b"x").await.is_err() {
                    break;
                }
            }
        }
    }
}
