//! Where a request comes from: the address, the scheme and the host, as far as they can be believed.
//!
//! What a proxy forwards is believed only from the addresses that the settings trust.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};
use services::accounts::Device;

/// What says that a request came through a proxy.
const FORWARDING: [&str; 5] = ["forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip"];

/// Networks whose proxies are believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(Arc<[(IpAddr, u8)]>);

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address of the client, or of the proxy that nobody trusts.
    pub(crate) address: IpAddr,
    /// Whether the client's connection is encrypted.
    pub(crate) is_https: bool,
    /// The host, and the port if one was said, that the client asked for.
    pub(crate) host: Option<String>,
    /// Whether the request plainly comes from this machine.
    pub(crate) is_local: bool,
    /// What the client calls itself.
    pub(crate) user_agent: String,
}

impl Proxies {
    /// Reads addresses and networks; the settings were checked, so what cannot be read trusts nobody.
    pub(crate) fn parse(networks: &[String]) -> Self {
        let parse = |text: &String| {
            let (address, bits) = text.split_once('/').unwrap_or((text, "128"));
            Some((address.parse::<IpAddr>().ok()?.to_canonical(), bits.parse().ok()?))
        };
        Self(networks.iter().filter_map(parse).collect())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from((*bits).min(32));
                u32::from(*network).checked_shr(shift) == u32::from(address).checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from((*bits).min(128));
                u128::from(*network).checked_shr(shift) == u128::from(address).checked_shr(shift)
            }
            _ => false,
        })
    }
}

impl Client {
    /// Where a request from `peer` comes from.
    pub(crate) fn of(proxies: &Proxies, peer: Option<IpAddr>, headers: &HeaderMap, uri: &Uri) -> Self {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.to_canonical());
        let is_forwarded = headers
            .keys()
            .any(|name| name.as_str().starts_with("x-forwarded") || FORWARDING.contains(&name.as_str()));
        let asked = text(headers, "host").or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
        let origin = text(headers, "origin");
        let is_local = peer.is_loopback()
            && !is_forwarded
            && asked.is_some_and(|host| is_loopback(host_of(host)))
            && origin.is_none_or(|origin| {
                origin.split_once("://").is_some_and(|(_, authority)| is_loopback(host_of(authority)))
            });
        let trusted = proxies.trusts(peer);
        let told = |name| text(headers, name).filter(|_| trusted);
        Self {
            address: if trusted { forwarded_for(proxies, headers).unwrap_or(peer) } else { peer },
            is_https: told("x-forwarded-proto")
                .is_some_and(|proto| first(proto).eq_ignore_ascii_case("https")),
            host: told("x-forwarded-host").map(first).or(asked).map(str::to_ascii_lowercase),
            is_local,
            user_agent: text(headers, header::USER_AGENT.as_str()).unwrap_or_default().to_owned(),
        }
    }
}

impl Client {
    /// What it signs in from, through the door of a dialect.
    pub(crate) fn device(&self, dialect: &'static str) -> Device {
        Device {
            address: self.address,
            user_agent: self.user_agent.clone(),
            dialect,
            access_seconds: None,
            most_sessions: None,
        }
    }

    /// Whether browsers trust the connection: it is encrypted, or the page comes from the browser's own machine.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_https || self.host.as_deref().is_some_and(|host| is_loopback(host_of(host)))
    }
}

/// The last address on the way that no trusted proxy has: the one that our own proxy saw.
fn forwarded_for(proxies: &Proxies, headers: &HeaderMap) -> Option<IpAddr> {
    let said = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default());
    let hops: Vec<&str> = said.flat_map(|value| value.split(',')).collect();
    // What stands before a hop that cannot be read was written by nobody knows whom.
    let mut last = None;
    for hop in hops.iter().rev().map_while(|hop| address(hop)) {
        last = Some(hop);
        if !proxies.trusts(hop) {
            break;
        }
    }
    last
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let parsed = text.parse().ok().or_else(|| host_of(text).trim_matches(['[', ']']).parse().ok());
    parsed.map(|address: IpAddr| address.to_canonical())
}

/// `host:port` without the port.
fn host_of(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.split_inclusive(']').next().unwrap_or_default();
    }
    match authority.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => authority,
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or_default().trim()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let noted = parts.extensions.get::<Self>().cloned();
        Ok(noted.unwrap_or_else(|| Self::of(&Proxies::default(), None, &parts.headers, &parts.uri)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, headers: &[(&'static str, &str)]) -> Client {
        let proxies = Proxies::parse(&trusted.iter().map(ToString::to_string).collect::<Vec<_>>());
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Client::of(&proxies, Some(peer.parse().unwrap()), &headers, &Uri::from_static("/"))
    }

    #[test]
    fn what_is_forwarded_is_believed_from_trusted_proxies_only() {
        let headers = [
            ("x-forwarded-for", "6.6.6.6, 9.9.9.9, 10.0.0.2"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "Chat.example.org"),
            ("host", "inner:3000"),
        ];
        let believed = client(&["10.0.0.0/8"], "10.1.2.3", &headers);
        assert_eq!(believed.address, "9.9.9.9".parse::<IpAddr>().unwrap());
        assert_eq!((believed.is_https, believed.host.as_deref()), (true, Some("chat.example.org")));

        let stranger = client(&["10.0.0.0/8"], "11.1.2.3", &headers);
        assert_eq!(stranger.address, "11.1.2.3".parse::<IpAddr>().unwrap());
        assert_eq!((stranger.is_https, stranger.host.as_deref()), (false, Some("inner:3000")));
    }

    #[test]
    fn browsers_trust_what_is_encrypted_or_their_own_machine() {
        let secure = |headers: &[_]| client(&["10.0.0.0/8"], "10.1.2.3", headers).is_secure();
        for host in ["localhost:3000", "127.0.0.1", "[::1]:3000"] {
            assert!(secure(&[("host", host)]), "{host}");
        }
        assert!(!secure(&[("host", "192.168.1.5:3000")]) && !secure(&[("host", "chat.lan")]));
        assert!(secure(&[("host", "chat.example.org"), ("x-forwarded-proto", "https")]));
    }

    #[test]
    fn networks_are_compared_by_their_bits() {
        let trusts = |network: &str, address: &str| {
            Proxies::parse(&[network.to_owned()]).trusts(address.parse().unwrap())
        };
        assert!(trusts("10.0.0.0/8", "10.255.0.1") && !trusts("10.0.0.0/8", "11.0.0.1"));
        assert!(trusts("127.0.0.1", "::ffff:127.0.0.1") && !trusts("127.0.0.1", "127.0.0.2"));
        assert!(trusts("fd00::/8", "fd12::1") && !trusts("fd00::/8", "fe80::1"));
        assert!(trusts("0.0.0.0/0", "8.8.8.8") && !trusts("0.0.0.0/0", "::2"));
    }

    #[test]
    fn only_what_plainly_comes_from_this_machine_is_local() {
        let local = |peer, headers: &[_]| client(&[], peer, headers).is_local;
        assert!(local("127.0.0.1", &[("host", "localhost:3000")]));
        assert!(local("::1", &[("host", "[::1]:3000"), ("origin", "http://127.0.0.1:5173")]));
        assert!(!local("192.168.1.5", &[("host", "localhost:3000")]));
        assert!(!local("127.0.0.1", &[("host", "chat.example.org")]));
        assert!(!local("127.0.0.1", &[]));
        assert!(!local("127.0.0.1", &[("host", "localhost"), ("origin", "https://evil.example")]));
        assert!(!local("127.0.0.1", &[("host", "localhost"), ("origin", "null")]));
        for header in ["x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip", "via"] {
            assert!(!local("127.0.0.1", &[("host", "localhost"), (header, "1")]), "{header}");
        }
    }
}
