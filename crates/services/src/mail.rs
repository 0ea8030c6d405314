//! Mail: letters to people, by SMTP, or into the log where no mail server is set up.
//!
//! A letter is sent in the background and tried again while the mail server asks for it; nobody waits for that. Neither
//! the person nor what the letter says is logged, except where the log is the letter box.

mod address;
mod letter;
mod smtp;

pub use address::is_server;
pub(crate) use address::sender;
pub(crate) use letter::{Language, Letter, Paragraph, paragraphs};

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{App, Config, Result};

/// How many letters are on their way at once.
const AT_ONCE: usize = 4;
/// How long to wait before each of the tries after the first.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
];

/// How letters leave.
#[derive(Debug)]
pub enum Mail {
    /// Through a mail server.
    Smtp {
        /// The way to it.
        server: Box<smtp::Server>,
        /// Bounds how many letters are on their way.
        permits: Arc<Semaphore>,
    },
    /// Into the log, for the administrator to pass on.
    Log,
}

/// Why a letter has not left.
#[derive(Debug)]
enum Failure {
    /// The same again may work.
    Passing(String),
    /// It never will.
    Lasting(String),
}

impl Mail {
    /// What the settings say.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        Ok(match smtp::Server::open(&config.mail)? {
            Some(server) => {
                Self::Smtp { server: Box::new(server), permits: Arc::new(Semaphore::new(AT_ONCE)) }
            }
            None => Self::Log,
        })
    }

    /// Whether letters reach people.
    pub fn reaches_people(&self) -> bool {
        matches!(self, Self::Smtp { .. })
    }
}

/// Says at the start where letters go, if not to people. The target `mail` is one that the log shows at every level: who
/// waits for a letter waits for its line.
pub fn announce(app: &App) {
    if !app.mail.reaches_people() {
        tracing::info!(
            target: "mail",
            "no mail server is set up (mail.url): what would be mailed, such as links for another password, is written here"
        );
    }
}

/// Sends a letter in the background.
pub(crate) fn send(app: &App, letter: Letter) {
    let Mail::Smtp { permits, .. } = &app.mail else {
        tracing::info!(target: "mail", "for {}: {}: {}", letter.to, letter.subject, letter.gist);
        return;
    };
    let (work, permits) = (app.clone(), Arc::clone(permits));
    app.spawn(async move {
        let outcome = tokio::select! {
            () = work.stopping().cancelled() => Err("the server stopped before it had left".to_owned()),
            outcome = deliver(&work, &permits, &letter) => outcome,
        };
        match outcome {
            Ok(tries) => tracing::debug!(mail.kind = letter.kind, mail.tries = tries, "a letter has left"),
            Err(why) => tracing::warn!(mail.kind = letter.kind, "a letter was not sent: {why}"),
        }
    });
}

async fn deliver(app: &App, permits: &Semaphore, letter: &Letter) -> Result<usize, String> {
    let Mail::Smtp { server, .. } = &app.mail else { return Ok(0) };
    let mut pauses = PAUSES.into_iter();
    let mut tries = 0;
    loop {
        let Ok(permit) = permits.acquire().await else { return Err("no more letters are sent".into()) };
        tries += 1;
        let failure = match server.send(letter, app.now()).await {
            Ok(()) => return Ok(tries),
            Err(failure) => failure,
        };
        // While one waits, others may try.
        drop(permit);
        match (failure, pauses.next()) {
            (Failure::Passing(why), Some(pause)) => {
                tracing::debug!(mail.kind = letter.kind, "a letter waits {pause:?}: {why}");
                tokio::time::sleep(pause).await;
            }
            (Failure::Passing(why) | Failure::Lasting(why), _) => return Err(why),
        }
    }
}
