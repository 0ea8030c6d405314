//! A client of Socket.IO over a websocket: [Engine.IO 4](https://socket.io/docs/v4/engine-io-protocol/) with the
//! [packets of Socket.IO 5](https://socket.io/docs/v4/socket-io-protocol/). It notes what it hears and answers pings.

use std::{collections::VecDeque, net::SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// One connection to one namespace.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// What follows the packet's type: nothing, or `/chat,`.
    prefix: String,
    acknowledgements: u64,
    heard: VecDeque<(String, Value)>,
}

/// A packet for this namespace.
enum Packet {
    Connected,
    Refused(Value),
    Event(String, Value),
    Acknowledged(u64, Value),
    Disconnected,
    Other,
}

impl Socket {
    /// Connects and says who it is. A refusal is what the server says of it.
    pub async fn connect(address: SocketAddr, namespace: &str, auth: Value) -> Result<Self, String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let tcp = TcpStream::connect(address).await.map_err(|error| said(&error))?;
        tcp.set_nodelay(true).map_err(|error| said(&error))?;
        let address = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (stream, _) = client_async(address, tcp).await.map_err(|error| said(&error))?;
        let prefix = if namespace == "/" { String::new() } else { format!("{namespace},") };
        let mut socket = Self { stream, prefix, acknowledgements: 0, heard: VecDeque::new() };
        socket.write(format!("40{}{auth}", socket.prefix)).await;
        loop {
            match socket.packet().await {
                Some(Packet::Connected) => return Ok(socket),
                Some(Packet::Refused(why)) => {
                    return Err(why["message"].as_str().unwrap_or_default().to_owned());
                }
                Some(_) => {}
                None => return Err("closed".into()),
            }
        }
    }

    /// Sends an event.
    pub async fn emit(&mut self, event: &str, data: &Value) {
        self.write(format!("42{}{}", self.prefix, json!([event, data]))).await;
    }

    /// Sends an event and waits for what is acknowledged; events that come meanwhile are kept.
    pub async fn ask(&mut self, event: &str, data: &Value) -> Value {
        self.acknowledgements += 1;
        let id = self.acknowledgements;
        self.write(format!("42{}{id}{}", self.prefix, json!([event, data]))).await;
        loop {
            match self.packet().await {
                Some(Packet::Acknowledged(of, mut said)) if of == id => return said[0].take(),
                Some(Packet::Event(name, data)) => self.heard.push_back((name, data)),
                Some(Packet::Disconnected) | None => return Value::Null,
                Some(_) => {}
            }
        }
    }

    /// The next event; `None` when the connection is over.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        if let Some(heard) = self.heard.pop_front() {
            return Some(heard);
        }
        loop {
            match self.packet().await? {
                Packet::Event(name, data) => return Some((name, data)),
                Packet::Disconnected => return None,
                _ => {}
            }
        }
    }

    /// Sends text as it is, for what no client should say.
    pub async fn write(&mut self, text: String) {
        // A connection that is over says so when it is read.
        let _ = self.stream.send(Message::text(text)).await;
    }

    async fn packet(&mut self) -> Option<Packet> {
        loop {
            let Message::Text(text) = self.stream.next().await?.ok()? else { continue };
            if text.as_str() == "2" {
                self.write("3".into()).await;
                continue;
            }
            return Some(self.read(&text));
        }
    }

    fn read(&self, text: &str) -> Packet {
        let Some((kind, rest)) = text.split_at_checked(2) else { return Packet::Other };
        let Some(rest) = rest.strip_prefix(self.prefix.as_str()) else { return Packet::Other };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, body) = rest.split_at(digits);
        let mut body: Value = serde_json::from_str(body).unwrap_or_default();
        match kind {
            "40" => Packet::Connected,
            "41" => Packet::Disconnected,
            "42" => Packet::Event(body[0].as_str().unwrap_or_default().to_owned(), body[1].take()),
            "43" => Packet::Acknowledged(id.parse().unwrap_or_default(), body),
            "44" => Packet::Refused(body),
            _ => Packet::Other,
        }
    }
}
