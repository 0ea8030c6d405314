//! Which addresses may be fetched that somebody other than an administrator named: those of the public web.
//!
//! There is one reader of addresses: what is checked here is what is connected to. An address that is written as a number in
//! whatever way has been made a plain one by then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// The longest address, in bytes.
const MAX_URL_BYTES: usize = 2048;
/// Names that never lead to the public web, whatever a name server says.
const PRIVATE_NAMES: [&str; 8] =
    ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa"];
/// Networks of IPv4 that are not public: address and the number of its bits.
const PRIVATE_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32), // the inner side of a cloud
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::BROADCAST, 32),
];
/// The one network of IPv6 that is given out to the public.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What of it is not public: protocols (Teredo among them), documentation, and 6to4, which wraps addresses of IPv4.
const PRIVATE_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address belongs to the public web. Forms of IPv6 that hold an address of IPv4 (mapped, translated, tunnelled)
/// do not, whichever it is.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !PRIVATE_V4.iter().any(|(network, bits)| {
            let mask = u32::MAX << (32 - bits);
            v4.to_bits() & mask == network.to_bits() & mask
        }),
        IpAddr::V6(v6) => {
            let is_in = |(network, bits): &(Ipv6Addr, u32)| {
                let mask = u128::MAX << (128 - bits);
                v6.to_bits() & mask == network.to_bits() & mask
            };
            is_in(&PUBLIC_V6) && !PRIVATE_V6.iter().any(is_in)
        }
    }
}

/// Places that an administrator allows although they are not of the public web: each exactly as `host:port`.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<String>);

impl Allowed {
    /// Reads `host:port`, one each. `None` if one of them is something else.
    pub fn read<T: AsRef<str>>(places: &[T]) -> Option<Self> {
        let read = |place: &T| {
            let place = place.as_ref();
            let url = Url::parse(&format!("http://{place}")).ok()?;
            let (host, port) = place.rsplit_once(':')?;
            let port: u16 = port.parse().ok()?;
            let is_whole = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            let is_plain = is_whole && url.username().is_empty() && !place.contains(['@', '/', '*']);
            (is_plain && !host.is_empty()).then(|| Some(format!("{}:{port}", url.host_str()?)))?
        };
        places.iter().map(read).collect::<Option<_>>().map(Self)
    }

    fn has(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
        let place = format!("{host}:{port}");
        self.0.contains(&place)
    }
}

/// An address that may be asked for, once its name is known to lead to public addresses alone.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) url: Url,
    /// An administrator allows this very place.
    pub(super) is_named: bool,
}

/// Reads an address that a stranger wrote. `None`: it is not asked for.
pub(super) fn read(text: &str, allowed: &Allowed, ports: &[u16]) -> Option<Checked> {
    let text = text.trim();
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.len() > MAX_URL_BYTES || text.contains(is_odd) {
        return None;
    }
    check(Url::parse(text).ok()?, allowed, ports)
}

/// The same for one that is read.
pub(super) fn check(mut url: Url, allowed: &Allowed, ports: &[u16]) -> Option<Checked> {
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_fragment(None);
    if allowed.has(&url) {
        return Some(Checked { url, is_named: true });
    }
    if !ports.contains(&url.port_or_known_default()?) {
        return None;
    }
    let is_open = is_open(url.host_str()?);
    is_open.then_some(Checked { url, is_named: false })
}

/// Whether a host is a public address, or a name that may lead to some.
fn is_open(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[') {
        return v6
            .strip_suffix(']')
            .and_then(|v6| v6.parse().ok())
            .is_some_and(|v6| is_public(IpAddr::V6(v6)));
    }
    if let Ok(v4) = host.parse() {
        return is_public(IpAddr::V4(v4));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_private =
        |private: &str| name.strip_suffix(private).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !name.ends_with('.') && !PRIVATE_NAMES.into_iter().any(is_private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_are_not_public_are_known_to_their_edges() {
        for private in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:7f00:1",
            "::8.8.8.8",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff:ffff::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "3ffe::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn what_an_administrator_allows_is_that_place_alone() {
        let allowed = Allowed::read(&["Wiki.lan:8080", "127.0.0.1:9000", "[::1]:9000"]).unwrap();
        for url in
            ["http://wiki.lan:8080/a", "https://WIKI.lan:8080/", "http://127.1:9000/", "http://[0::1]:9000"]
        {
            assert!(read(url, &allowed, &[80, 443]).is_some_and(|checked| checked.is_named), "{url}");
        }
        for url in [
            "http://wiki.lan/",
            "http://wiki.lan:80801/",
            "http://wiki.lan:808/",
            "http://a.wiki.lan:8080/",
            "http://xwiki.lan:8080/",
            "http://wiki.lan.:8080/",
            "http://wiki.lan:8080@127.0.0.1/",
            "http://127.0.0.1:9001/",
            "http://127.0.0.1/",
            "http://127.0.0.2:9000/",
            "ftp://wiki.lan:8080/",
        ] {
            assert!(read(url, &allowed, &[80, 443]).is_none(), "{url}");
        }
        for odd in
            ["wiki", "wiki:", ":80", "http://wiki:80", "*.lan:80", "wiki:80/x", "u@wiki:80", "wiki:99999"]
        {
            assert!(Allowed::read(&[odd]).is_none(), "{odd}");
        }
    }
}
