//! One conversation with somebody who sends mail.

use std::{io, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{Letter, Office, lock};

pub(super) async fn serve(
    listener: TcpListener,
    office: Arc<Office>,
    taken: impl Fn(&Letter) + Send + Sync + 'static,
) {
    let taken: Arc<dyn Fn(&Letter) + Send + Sync> = Arc::new(taken);
    while let Ok((stream, _)) = listener.accept().await {
        let talk = Talk {
            stream: BufReader::new(stream),
            office: Arc::clone(&office),
            taken: Arc::clone(&taken),
            login: None,
        };
        #[expect(clippy::disallowed_methods, reason = "the runtime ends it with the fake")]
        tokio::spawn(talk.run());
    }
}

struct Talk {
    stream: BufReader<TcpStream>,
    office: Arc<Office>,
    taken: Arc<dyn Fn(&Letter) + Send + Sync>,
    login: Option<String>,
}

impl Talk {
    /// Until the other side is done, or gone.
    async fn run(mut self) {
        let _ = self.talk().await;
    }

    async fn talk(&mut self) -> io::Result<()> {
        self.say("220 fake ESMTP").await?;
        let (mut from, mut to) = (None, Vec::new());
        loop {
            let line = self.hear().await?;
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let verb = verb.to_ascii_uppercase();
            self.office.note(&verb);
            if let Some(refusal) = self.office.refusal(&verb) {
                self.say(&refusal).await?;
                continue;
            }
            match verb.as_str() {
                "EHLO" => self.say("250-fake\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN").await?,
                "HELO" | "NOOP" => self.say("250 fine").await?,
                "AUTH" => self.sign_in(rest).await?,
                "MAIL" if !self.may_send() => self.say("530 5.7.0 Authentication required").await?,
                "MAIL" => {
                    from = Some(address(rest));
                    to.clear();
                    self.say("250 fine").await?;
                }
                "RCPT" if from.is_none() => self.say("503 5.5.1 MAIL first").await?,
                "RCPT" => {
                    to.push(address(rest));
                    self.say("250 fine").await?;
                }
                "DATA" if to.is_empty() => self.say("503 5.5.1 RCPT first").await?,
                "DATA" => {
                    self.say("354 go on").await?;
                    let data = self.letter().await?;
                    if let Some(refusal) = self.office.refusal("END") {
                        self.say(&refusal).await?;
                        continue;
                    }
                    let (from, to) = (from.take().unwrap_or_default(), std::mem::take(&mut to));
                    let letter = Letter { from, to, login: self.login.clone(), data };
                    (self.taken)(&letter);
                    self.office.keep(letter);
                    self.say("250 taken").await?;
                }
                "RSET" => {
                    (from, to) = (None, Vec::new());
                    self.say("250 fine").await?;
                }
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("500 5.5.1 What?").await?,
            }
        }
    }

    fn may_send(&self) -> bool {
        lock(&self.office.login).as_ref().is_none_or(|expected| self.login.as_ref() == Some(expected))
    }

    async fn sign_in(&mut self, how: &str) -> io::Result<()> {
        let (mechanism, first) = how.split_once(' ').unwrap_or((how, ""));
        let login = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let told = if first.is_empty() { self.ask("").await? } else { first.to_owned() };
                let text = decoded(&told);
                let mut parts = text.split('\0').skip(1);
                format!("{}:{}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
            }
            "LOGIN" => {
                let user = if first.is_empty() { self.ask("VXNlcm5hbWU6").await? } else { first.to_owned() };
                let password = self.ask("UGFzc3dvcmQ6").await?;
                format!("{}:{}", decoded(&user), decoded(&password))
            }
            _ => return self.say("504 5.5.4 Unknown").await,
        };
        let is_right = lock(&self.office.login).as_ref().is_none_or(|expected| *expected == login);
        if !is_right {
            return self.say("535 5.7.8 Wrong user or password").await;
        }
        self.login = Some(login);
        self.say("235 2.7.0 Come in").await
    }

    async fn ask(&mut self, what: &str) -> io::Result<String> {
        self.say(&format!("334 {what}")).await?;
        self.hear().await
    }

    /// Up to the line with a dot alone; a dot that was doubled is one again.
    async fn letter(&mut self) -> io::Result<String> {
        let mut data = String::new();
        loop {
            let line = self.hear().await?;
            if line == "." {
                return Ok(data);
            }
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
            data.push_str("\r\n");
        }
    }

    async fn hear(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await
    }
}

/// `FROM:<ada@example.org> BODY=8BITMIME` without what surrounds the address.
fn address(text: &str) -> String {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(text, |(address, _)| address).to_owned()
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&STANDARD.decode(text).unwrap_or_default()).into_owned()
}
