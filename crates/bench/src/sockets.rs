//! Socket.IO connections: what an idle one costs, and how late events are where many hear answers.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, anyhow};
use fakes::{Socket, wall_clock};
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::{accounts::Account, programs::Program};

/// How many tokens each answer has, and how many a second.
const TOKENS: usize = 100;
const RATE: usize = 20;

async fn connect(server: SocketAddr, person: &Account) -> Result<Socket> {
    let mut socket =
        Socket::connect(server, "/", person.handshake()).await.map_err(|why| anyhow!("refused: {why}"))?;
    until(&mut socket, "connected").await?;
    Ok(socket)
}

async fn until(socket: &mut Socket, event: &str) -> Result<Value> {
    loop {
        match socket.next().await {
            Some((name, data)) if name == event => return Ok(data),
            Some(_) => {}
            None => return Err(anyhow!("closed before {event}")),
        }
    }
}

/// What 1,000 connections cost that nothing happens on: memory of each in KB (1,000 bytes), and how many failed.
pub(crate) async fn idle(server: &Program, people: &[Account]) -> Result<(f64, usize)> {
    const COUNT: usize = 1_000;
    // A few first, so that what every process needs once does not count.
    let mut held = Vec::new();
    for person in people {
        held.push(connect(server.address, person).await?);
    }
    sleep(Duration::from_secs(2)).await;
    let before = server.pss_kib()?;
    let mut failed = 0;
    for number in 0..COUNT {
        match connect(server.address, &people[number % people.len()]).await {
            Ok(socket) => held.push(socket),
            Err(_) => failed += 1,
        }
    }
    sleep(Duration::from_secs(3)).await;
    let each = (server.pss_kib()? - before) * 1_024.0 / 1_000.0 / COUNT as f64;
    drop(held);
    Ok((each, failed))
}

/// What sockets heard.
#[derive(Default)]
pub(crate) struct Heard {
    /// How long after it was written each token came, in milliseconds.
    pub(crate) late_ms: Vec<f64>,
    /// Answers that did not come whole.
    pub(crate) failed: usize,
}

/// 200 sockets hear an answer each, at the same time.
pub(crate) async fn streaming(server: SocketAddr, people: &[Account]) -> Result<Heard> {
    const COUNT: usize = 200;
    let mut opened = Vec::new();
    for number in 0..COUNT {
        let person = &people[number % people.len()];
        let id = person.conversation(server).await?;
        let mut socket = connect(server, person).await?;
        socket.emit("join-conversation", &json!({ "conversationId": id })).await;
        until(&mut socket, "joined-conversation").await?;
        opened.push((socket, id));
    }
    let mut hearing = JoinSet::new();
    for (socket, id) in opened {
        hearing.spawn(hear(socket, id));
    }
    let mut heard = Heard::default();
    for late_ms in hearing.join_all().await {
        heard.failed += usize::from(late_ms.len() != TOKENS);
        heard.late_ms.extend(late_ms);
    }
    Ok(heard)
}

/// How late each token of an answer came, in milliseconds.
async fn hear(mut socket: Socket, id: String) -> Vec<f64> {
    let message = format!("[tokens={TOKENS} rate={RATE} clock=1]");
    socket.emit("stream-message", &json!({ "conversationId": id, "message": message })).await;
    let mut late = Vec::new();
    while let Some((name, data)) = socket.next().await {
        if name == "ai-typing-stop" {
            break;
        }
        if name != "ai-stream-chunk" {
            continue;
        }
        let now = wall_clock().as_micros() as f64;
        let written = data["chunk"].as_str().unwrap_or_default().split_whitespace();
        late.extend(written.filter_map(|moment| Some((now - moment.parse::<f64>().ok()?) / 1_000.0)));
    }
    late
}
