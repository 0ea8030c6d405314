//! Who may sign in, and for how long.

use std::collections::BTreeMap;

use domain::text_enum;

use super::{OidcProvider, Secret, manual::section, shown};

text_enum! {
    /// Who may make an account.
    pub enum SignUp {
        /// Everybody who reaches the page.
        Open = "open",
        /// Nobody, once there is an administrator.
        Closed = "closed",
    }
}

text_enum! {
    /// Who may make the first account, which is the administrator's.
    pub enum FirstSignUp {
        /// A browser on this machine, or whoever holds the set-up code.
        Local = "local",
        /// Only who holds the set-up code.
        Code = "code",
    }
}

section! {
    /// Who may sign in, and for how long.
    Auth {
        /// The key that signs access tokens: at least 32 bytes, made by `openssl rand -hex 32`. Not given: made at the
        /// first start and kept in the data directory. Also `SECRET_KEY` or `JWT_SECRET`.
        #[serde(serialize_with = "shown::secret")]
        secret: Option<Secret> = None,
        /// `open`: everybody who reaches the page may make an account; `closed`: nobody, once there is an administrator.
        sign_up: SignUp = SignUp::Open,
        /// Who makes the first account, which is the administrator's. `local`: a browser on this machine, or whoever
        /// holds the set-up code that the log prints; `code`: only who holds the code.
        first_sign_up: FirstSignUp = FirstSignUp::Local,
        /// How long an access token is good for. Also `ACCESS_TOKEN_EXPIRE_MINUTES`.
        access_token_seconds: i64 = 30 * 60,
        /// How long a login session lives without being used.
        refresh_idle_seconds: i64 = 30 * 24 * 3600,
        /// How long a login session lives in all.
        refresh_absolute_seconds: i64 = 90 * 24 * 3600,
        /// How long a ticket for one stream is good for.
        ticket_seconds: i64 = 30,
        /// How long a link for another password is good for.
        reset_seconds: i64 = 3600,
        /// Whether a sign-in through `/api/auth` also sets the cookie `authToken`, which scripts of the page can read, for
        /// clients of seed 002.
        script_cookie: bool = true,
        /// Services whose accounts can be used to sign in, by OpenID Connect: each a table of its own, whose name stands in
        /// the addresses. Register `<server.public_url>/api/v1/auth/<name>/callback` there. Google alone is also set by
        /// `GOOGLE_CLIENT_ID`, `GOOGLE_CLIENT_SECRET` and, for another address than that, `GOOGLE_CALLBACK_URL`.
        ///
        /// ```toml
        /// [auth.oidc.company]
        /// name = "Company account"                  # as buttons call it; not given: the table's name
        /// issuer = "https://login.example.org"      # as the service itself writes it
        /// client_id = "colloquy"
        /// client_secret = "..."
        /// scopes = ["openid", "email", "profile"]
        /// redirect_url = "https://chat.example.org/api/v1/auth/company/callback"
        /// sign_up = "open"                          # who has no account gets one; not given: as auth.sign_up
        /// ```
        oidc: BTreeMap<String, OidcProvider> = BTreeMap::new(),
        /// What a password must be.
        password: Password = Password::default(),
        /// How often one may try: so many at once, then so many an hour; 0 an hour: no limit. The limits by account are
        /// lenient, so that a stranger cannot lock anybody out.
        limits: Limits = Limits::default(),
    }
}

section! {
    /// What a password must be.
    Password {
        /// At least eight characters on every client API, also on those whose clients know six.
        strict: bool = false,
        /// Refuse the passwords that everybody tries first. Off: the answer carries a hint about the strength.
        reject_common: bool = false,
        /// How many passwords are worked on at once (each takes 19 MiB); 0: as many as there are processor cores.
        parallel: usize = 0,
    }
}

section! {
    /// How often one may try.
    Limits {
        /// Sign-ins from one address, at once.
        login_address_burst: u32 = 20,
        /// Sign-ins from one address, an hour.
        login_address_per_hour: u32 = 300,
        /// Sign-ins to one account, at once.
        login_account_burst: u32 = 30,
        /// Sign-ins to one account, an hour.
        login_account_per_hour: u32 = 1800,
        /// New accounts from one address, at once.
        sign_up_address_burst: u32 = 10,
        /// New accounts from one address, an hour.
        sign_up_address_per_hour: u32 = 60,
        /// Links for another password asked for from one address, and uses of such links, at once.
        reset_address_burst: u32 = 10,
        /// Links for another password asked for from one address, and uses of such links, an hour.
        reset_address_per_hour: u32 = 30,
        /// Links for another password asked for one account, at once.
        reset_account_burst: u32 = 3,
        /// Links for another password asked for one account, an hour.
        reset_account_per_hour: u32 = 6,
        /// Invitations that one account mails, at once.
        invitation_account_burst: u32 = 20,
        /// Invitations that one account mails, an hour.
        invitation_account_per_hour: u32 = 60,
        /// Invitations mailed to one address, by whomever, at once.
        invitation_address_burst: u32 = 3,
        /// Invitations mailed to one address, by whomever, an hour.
        invitation_address_per_hour: u32 = 6,
        /// Readings of shared conversations and invitations from one address, at once.
        shared_address_burst: u32 = 120,
        /// Readings of shared conversations and invitations from one address, an hour.
        shared_address_per_hour: u32 = 3600,
        /// Refreshes from one address, at once.
        refresh_address_burst: u32 = 60,
        /// Refreshes from one address, an hour.
        refresh_address_per_hour: u32 = 3600,
    }
}
