//! Readers that never read cost a bounded amount of memory and hold nobody up.

use std::time::Instant;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Live, soon};
use crate::support::{Client, TestServer, on_both};

/// Asks for the events and reads nothing.
async fn never_reads(server: &TestServer, client: &Client) -> TcpStream {
    let mut connection = TcpStream::connect(server.address).await.unwrap();
    let token = client.token.as_deref().unwrap();
    let head = format!("GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

/// What comes until these words do, or, without words, until nothing comes any more.
async fn read_until(connection: &mut TcpStream, words: Option<&str>) -> String {
    let (mut text, mut piece) = (String::new(), vec![0; 1 << 20]);
    while words.is_none_or(|words| !text.contains(words)) {
        let Ok(read) = tokio::time::timeout(soon(), connection.read(&mut piece)).await else {
            assert!(words.is_none(), "{words:?} did not come");
            break;
        };
        text.push_str(std::str::from_utf8(&piece[..read.unwrap()]).unwrap());
    }
    text
}

/// The memory of this process, which holds the server, in bytes.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    4_096 * pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0)
}

#[tokio::test]
async fn readers_that_never_read_cost_little_and_hold_nobody_up() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let body = json!({ "title": "long", "instructions": "x".repeat(20_000) });
        let talk = ada.post("/api/v1/conversations", body).await.json["id"].as_i64().unwrap();
        let path = format!("/api/v1/conversations/{talk}");
        let mut slow = Vec::new();
        for _ in 0..8 {
            slow.push(never_reads(&server, &ada).await);
        }
        let mut live = Live::of(&ada).await;
        let mut longest = std::time::Duration::ZERO;
        let mut change = async |n: i32| {
            let began = Instant::now();
            ada.patch(&path, json!({ "favorite": n % 2 == 0 })).await;
            live.until("conversation.updated").await;
            longest = longest.max(began.elapsed());
        };
        // 6 MB for each reader: sockets, mailboxes and pools are full.
        for n in 0..300 {
            change(n).await;
        }
        let before = resident();
        for n in 0..600 {
            change(n).await;
        }
        let grown = resident().saturating_sub(before);
        println!("8 readers that never read: {grown} bytes more after 12 MB for each; others wait {longest:?} at most");
        assert!(grown < 6 << 20, "{grown} bytes more");
        assert!(longest < soon(), "{longest:?}");

        // One that reads again is told that it missed something, and goes on from there.
        let missed = read_until(&mut slow[0], None).await;
        assert!(missed.matches("{\"type\":\"hello\"}").count() >= 2);
        ada.patch(&path, json!({ "title": "last" })).await;
        read_until(&mut slow[0], Some("\"title\":\"last\"")).await;
    })
    .await;
}
