//! Letters by SMTP: a connection for each, because they are few.

use std::time::{Duration, SystemTime};

use domain::Timestamp;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{Error, extension::ClientId},
};

use super::{Failure, Letter, address};
use crate::{Result, config};

/// How long a mail server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server.
pub struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl Server {
    /// The server of the settings, if there is one.
    pub(super) fn open(config: &config::Mail) -> Result<Option<Self>> {
        let Some(url) = config.url.as_ref().filter(|url| !url.is_empty()) else { return Ok(None) };
        let unusable = |why: String| crate::Error::internal(anyhow::anyhow!("mail.url: {why}"));
        let from = config.from.as_deref().and_then(address::sender);
        let from =
            from.ok_or_else(|| crate::Error::internal(anyhow::anyhow!("mail.from is not an address")))?;
        let transport = address::server(url.reveal())
            .map_err(unusable)?
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(PATIENCE))
            .build();
        Ok(Some(Self { transport, from }))
    }

    pub(super) async fn send(&self, letter: &Letter, now: Timestamp) -> Result<(), Failure> {
        let message = self.message(letter, now).map_err(Failure::Lasting)?;
        self.transport.send(message).await.map(drop).map_err(|error| judged(&error))
    }

    fn message(&self, letter: &Letter, now: Timestamp) -> Result<Message, String> {
        let address = letter.to.parse().map_err(|_| "its address is not one that mail can go to")?;
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(now.0.max(0).unsigned_abs());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(&letter.subject)
            .date(at)
            .message_id(None)
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|error| error.to_string())
    }
}

/// What the server says with 5 is its last word, and so is a certificate that is not its own. The rest may pass.
fn judged(error: &Error) -> Failure {
    let why = error.to_string();
    if error.is_permanent() || error.is_client() { Failure::Lasting(why) } else { Failure::Passing(why) }
}
