//! A service whose accounts can be used to sign in.

use super::{Secret, SignUp, manual::section, shown};

/// Names that would hide addresses of ours.
const RESERVED: [&str; 2] = ["password", "sessions"];
/// The longest name of a table.
const ID_BYTES: usize = 32;

section! {
    /// A service whose accounts can be used to sign in, by OpenID Connect.
    OidcProvider {
        /// What buttons call it; not given: the name of its table.
        name: Option<String> = None,
        /// The service's address, as the service itself writes it: `https`, or a port of this machine.
        issuer: String = String::new(),
        /// What the service calls this server.
        client_id: String = String::new(),
        /// What this server shows to the service; not given for a public client.
        #[serde(serialize_with = "shown::secret")]
        client_secret: Option<Secret> = None,
        /// What is asked for.
        scopes: Vec<String> = ["openid", "email", "profile"].map(str::to_owned).to_vec(),
        /// Where the service sends people back to, if not to `server.public_url` and `/api/v1/auth/<name>/callback`.
        redirect_url: Option<String> = None,
        /// Whether people without an account get one; not given: as `auth.sign_up` says.
        sign_up: Option<SignUp> = None,
    }
}

impl OidcProvider {
    /// What buttons call it.
    pub fn shown_name(&self, id: &str) -> String {
        let mut letters = id.chars();
        let of_id = || letters.next().map(|first| first.to_uppercase().chain(letters).collect());
        self.name.clone().filter(|name| !name.is_empty()).or_else(of_id).unwrap_or_default()
    }

    /// What is wrong with it, if anything.
    pub(super) fn check(&self, id: &str) -> Result<(), String> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if id.is_empty() || id.len() > ID_BYTES || !id.bytes().all(is_plain) || RESERVED.contains(&id) {
            return Err(format!("{id:?} cannot be a name: expected up to 32 of a-z, 0-9 and -"));
        }
        if !is_safe(&self.issuer) {
            return Err(format!("{id}.issuer: expected https://…, or http:// and a port of this machine"));
        }
        if self.client_id.is_empty() {
            return Err(format!("{id}.client_id is missing"));
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err(format!("{id}.scopes: `openid` is missing"));
        }
        let ends = [format!("/api/v1/auth/{id}/callback"), format!("/auth/{id}/callback")];
        let is_ours = |url: &String| {
            let is_web = url.starts_with("https://") || url.starts_with("http://");
            is_web && ends.iter().any(|end| url.ends_with(end.as_str()))
        };
        if !self.redirect_url.as_ref().is_none_or(is_ours) {
            return Err(format!("{id}.redirect_url: expected this server's address and {}", ends[0]));
        }
        Ok(())
    }
}

/// Whether what is said there cannot be read or changed on the way: `https`, or this very machine.
pub(crate) fn is_safe(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return false;
    }
    match url.scheme() {
        "https" => url.has_host(),
        "http" => means_here(&url),
        _ => false,
    }
}

/// Whether an address means the machine on which it is used.
pub(crate) fn is_here(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| means_here(&url))
}

fn means_here(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> OidcProvider {
        OidcProvider {
            issuer: "https://login.example.org".into(),
            client_id: "colloquy".into(),
            ..OidcProvider::default()
        }
    }

    #[test]
    fn what_is_said_to_a_provider_is_encrypted_or_stays_on_this_machine() {
        for good in ["https://a.example", "https://a.example/b/", "http://localhost:1", "http://[::1]:1"] {
            assert!(is_safe(good), "{good}");
        }
        for bad in
            ["", "a.example", "http://a.example", "ftp://localhost", "https://u:p@a.example", "https://"]
        {
            assert!(!is_safe(bad), "{bad}");
        }
    }

    #[test]
    fn a_provider_that_cannot_work_is_refused() {
        assert_eq!(provider().check("company"), Ok(()));
        for id in ["", "Company", "a/b", "password", &"a".repeat(33)] {
            assert!(provider().check(id).is_err(), "{id}");
        }
        let redirect =
            |url: &str| OidcProvider { redirect_url: Some(url.into()), ..provider() }.check("google");
        assert_eq!(redirect("https://chat.example.org/auth/google/callback"), Ok(()));
        assert!(redirect("https://chat.example.org/elsewhere").is_err());
        assert!(OidcProvider { issuer: "http://a.example".into(), ..provider() }.check("a").is_err());
        assert!(OidcProvider { client_id: String::new(), ..provider() }.check("a").is_err());
        assert!(OidcProvider { scopes: vec!["email".into()], ..provider() }.check("a").is_err());
    }

    #[test]
    fn buttons_have_a_name() {
        assert_eq!(provider().shown_name("google"), "Google");
        assert_eq!(
            OidcProvider { name: Some("Our login".into()), ..provider() }.shown_name("x"),
            "Our login"
        );
    }
}
