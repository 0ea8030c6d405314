//! The settings of mail, read: the address of the server, and who letters come from.
//!
//! `smtp://` begins in the clear and goes on encrypted: it must if there is a password, else it does where the server can.
//! `smtps://` is encrypted from the first byte.

use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        AsyncSmtpTransportBuilder,
        client::{Tls, TlsParameters},
    },
};

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encryption {
    /// From the first byte.
    Always,
    /// By `STARTTLS`, or nothing is sent.
    Required,
    /// By `STARTTLS`, if the server offers it.
    IfOffered,
    /// Not at all.
    Never,
}

/// An address of a server, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Parsed {
    /// Without what comes after `?`, as if it were not encrypted.
    plain: String,
    encryption: Encryption,
    host: String,
    port: u16,
}

fn parse(url: &str) -> Option<Parsed> {
    let (whole, query) = url.split_once('?').map_or((url, None), |(whole, query)| (whole, Some(query)));
    let (scheme, rest) = whole.trim_end_matches('/').split_once("://")?;
    let (credentials, place) = rest.rsplit_once('@').map_or(("", rest), |(left, right)| (left, right));
    if place.contains('/') || credentials.contains('/') {
        return None;
    }
    let has_password = credentials.contains(':');
    let encryption = match (scheme, query) {
        ("smtps", None) => Encryption::Always,
        ("smtp", None) if has_password => Encryption::Required,
        ("smtp", None | Some("tls=opportunistic")) => Encryption::IfOffered,
        ("smtp", Some("tls=required")) => Encryption::Required,
        ("smtp", Some("tls=none")) => Encryption::Never,
        _ => return None,
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (place, if encryption == Encryption::Always { 465 } else { 587 }),
    };
    if host.is_empty() {
        return None;
    }
    Some(Parsed { plain: format!("smtp://{rest}"), encryption, host: host.to_owned(), port })
}

fn builder(parsed: &Parsed) -> Option<AsyncSmtpTransportBuilder> {
    Some(AsyncSmtpTransport::<Tokio1Executor>::from_url(&parsed.plain).ok()?.port(parsed.port))
}

/// Whether this is an address of a mail server.
pub fn is_server(url: &str) -> bool {
    parse(url).is_some_and(|parsed| builder(&parsed).is_some())
}

/// The way to the mail server at this address.
pub(super) fn server(url: &str) -> Result<AsyncSmtpTransportBuilder, String> {
    let parsed = parse(url).ok_or("it is not an address of a mail server")?;
    let builder = builder(&parsed).ok_or("it is not an address of a mail server")?;
    let tls = || {
        TlsParameters::new(parsed.host.trim_matches(['[', ']']).to_owned()).map_err(|error| error.to_string())
    };
    Ok(builder.tls(match parsed.encryption {
        Encryption::Always => Tls::Wrapper(tls()?),
        Encryption::Required => Tls::Required(tls()?),
        Encryption::IfOffered => Tls::Opportunistic(tls()?),
        Encryption::Never => Tls::None,
    }))
}

/// Who letters come from: `chat@example.org` or `Chat <chat@example.org>`.
pub(crate) fn sender(text: &str) -> Option<Mailbox> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_sent_in_the_clear_unless_somebody_says_so() {
        let how = |url: &str| parse(url).map(|parsed| (parsed.encryption, parsed.host, parsed.port));
        let is = |encryption, host: &str, port| Some((encryption, host.to_owned(), port));
        assert_eq!(how("smtp://u:p@x.tn"), is(Encryption::Required, "x.tn", 587));
        assert_eq!(how("smtp://u:p@x.tn:25?tls=opportunistic"), is(Encryption::IfOffered, "x.tn", 25));
        assert_eq!(how("smtp://u:p@x.tn:25?tls=none"), is(Encryption::Never, "x.tn", 25));
        assert_eq!(how("smtp://localhost:1025"), is(Encryption::IfOffered, "localhost", 1025));
        assert_eq!(how("smtp://x.tn?tls=required"), is(Encryption::Required, "x.tn", 587));
        assert_eq!(how("smtps://u:p@x.tn/"), is(Encryption::Always, "x.tn", 465));
        assert_eq!(how("smtp://[::1]:1025"), is(Encryption::IfOffered, "[::1]", 1025));
        for bad in ["", "x.tn:25", "http://x.tn", "smtp://", "smtp://x.tn?tls=maybe", "smtps://x.tn?tls=none"]
        {
            assert!(!is_server(bad), "{bad:?}");
        }
        assert!(is_server("smtp://ada%40x.tn:p%2Fq@mail.x.tn:587"));
    }
}
