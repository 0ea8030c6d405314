//! A mail server for tests: speaks SMTP (RFC 5321 with `AUTH PLAIN` and `AUTH LOGIN`), keeps what it is given, and refuses
//! on demand. It offers no `STARTTLS`.

mod talk;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::{net::TcpListener, sync::watch};

use crate::serving::{self, Serving};

/// A letter as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The address of `MAIL FROM`.
    pub from: String,
    /// The addresses of `RCPT TO`.
    pub to: Vec<String>,
    /// Who signed in, as `user:password`.
    pub login: Option<String>,
    /// Headers and body, as they came.
    pub data: String,
}

impl Letter {
    /// Headers and body with quoted-printable signs read: what people see, near enough for a test.
    pub fn readable(&self) -> String {
        let joined = self.data.replace("=\r\n", "");
        let mut bytes = Vec::with_capacity(joined.len());
        let mut rest = joined.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let sign = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
            let meant = sign.filter(|_| *first == b'=').and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(meant.unwrap_or(*first));
            rest = if meant.is_some() { &after[2..] } else { after };
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A refusal: the command it answers, such as `RCPT`, and the line.
type Refusal = (String, String);

/// What connections share.
#[derive(Debug, Default)]
pub(crate) struct Office {
    letters: Mutex<Vec<Letter>>,
    refusals: Mutex<VecDeque<Refusal>>,
    /// The only `user:password` that may send, if one is set.
    login: Mutex<Option<String>>,
    commands: Mutex<Vec<String>>,
    bell: watch::Sender<()>,
}

impl Office {
    fn keep(&self, letter: Letter) {
        lock(&self.letters).push(letter);
        self.bell.send_replace(());
    }

    /// How a command is refused, if the next refusal is for it.
    fn refusal(&self, command: &str) -> Option<String> {
        let mut refusals = lock(&self.refusals);
        let is_next = refusals.front().is_some_and(|(verb, _)| verb == command);
        refusals.pop_front_if(|_| is_next).map(|(_, line)| line)
    }

    fn note(&self, command: &str) {
        lock(&self.commands).push(command.to_owned());
        self.bell.send_replace(());
    }
}

/// A mail server on a port of its own, in a thread of its own. Dropping it closes the port.
pub struct FakeSmtp {
    address: SocketAddr,
    office: Arc<Office>,
    _serving: Serving,
}

impl FakeSmtp {
    /// Starts one that takes every letter.
    pub fn start() -> Self {
        let (listener, address) = serving::bind_any();
        let office = Arc::new(Office::default());
        let shared = Arc::clone(&office);
        let serving = Serving::start(listener, move |listener| talk::serve(listener, shared, |_| ()));
        Self { address, office, _serving: serving }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on only who signs in so may send.
    pub fn set_login(&self, user: &str, password: &str) {
        *lock(&self.office.login) = Some(format!("{user}:{password}"));
    }

    /// The next `command` (`EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `END` for the letter itself) is answered with `line`, such
    /// as `451 Try again later`. Refusals are used in their order.
    pub fn refuse(&self, command: &str, line: &str) {
        lock(&self.office.refusals).push_back((command.to_owned(), line.to_owned()));
    }

    /// What it was given so far, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        lock(&self.office.letters).clone()
    }

    /// The commands that came so far, without what they say.
    pub fn commands(&self) -> Vec<String> {
        lock(&self.office.commands).clone()
    }

    /// Waits until there are so many letters, and gives them. Callers put a limit on it.
    pub async fn until(&self, count: usize) -> Vec<Letter> {
        let mut bell = self.office.bell.subscribe();
        loop {
            bell.borrow_and_update();
            let letters = self.letters();
            if letters.len() >= count {
                return letters;
            }
            let _ = bell.changed().await;
        }
    }
}

/// Takes letters at `listener` and shows each to `taken`, for ever.
pub async fn serve_smtp(listener: TcpListener, taken: impl Fn(&Letter) + Send + Sync + 'static) {
    talk::serve(listener, Arc::default(), taken).await;
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
