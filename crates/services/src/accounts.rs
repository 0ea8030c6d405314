//! Accounts and login sessions: who somebody is, for how long, and how that ends.
//!
//! Every token names a login session, a row that every request looks at. What ends a session ends everything that is
//! served for it within a second, because the row is read again at least that often and streams are told at once.

mod api_keys;
mod ending;
mod keys;
mod limits;
mod names;
mod oidc;
mod passwords;
mod profile;
mod refresh;
mod reset;
mod sessions;
mod sign_in;
mod tokens;

pub(crate) use api_keys::needs_sign_in;
pub use api_keys::{
    MadeKey, NewKey, api_keys, authenticate_key, create_api_key, is_api_key, needs_read_and_write,
    revoke_api_key,
};
pub use ending::{
    deactivate, delete, end_login, end_others, logout, logout_all, logout_by_refresh, reactivate,
};
pub use hub::Served;
pub(crate) use limits::{invitation as count_invitation, shared as count_shared};
pub(crate) use names::email as clean_email;
pub use oidc::{
    Arrived, Begin, Begun, Callback, Finish, Link, Outcome, Provider as SignInProvider, Ways, begin,
    begin_link, finish, link, providers as sign_in_providers, unlink, ways,
};
pub use passwords::{MIN_CHARS, change_password};
pub use profile::{Profile, logins, me, update};
pub use refresh::{Arrival, refresh};
pub use reset::{Forgot, Reset, forgot, reset};
pub use sessions::{Authenticated, Ticket, authenticate, check_alive, recognize, redeem, serve, ticket};
pub use sign_in::{Login, Register, login, register};
pub use store::logins::Login as LoginSession;
pub(crate) use tokens::{hash, hex};

use std::net::IpAddr;

use domain::{LoginId, User};

use crate::{Config, Result};

/// Keys, hashing and the cache of login sessions.
#[derive(Debug)]
pub struct State {
    keys: keys::Keys,
    hashing: passwords::Hashing,
    sessions: sessions::Sessions,
    noting: api_keys::Noting,
    oidc: oidc::Services,
}

impl State {
    /// Reads the signing key, or makes one at the first start.
    pub fn open(config: &Config) -> Result<Self> {
        Ok(Self {
            keys: keys::Keys::open(config)?,
            hashing: passwords::Hashing::new(config.auth.password.parallel),
            sessions: sessions::Sessions::default(),
            noting: api_keys::Noting::default(),
            oidc: oidc::Services::open(config)?,
        })
    }
}

impl State {
    /// What the link to a shared conversation is made of: nobody without the server's key can say.
    pub(crate) fn link_key(&self, nonce: &[u8]) -> [u8; 32] {
        self.keys.link(nonce)
    }
}

#[cfg(any(test, feature = "testing"))]
impl State {
    /// With which parameters passwords were checked since this was asked, one for each check.
    pub(crate) fn take_password_checks(&self) -> Vec<String> {
        self.hashing.checks.lock().map(|mut checks| std::mem::take(&mut *checks)).unwrap_or_default()
    }
}

/// Where a sign-in comes from.
#[derive(Debug, Clone)]
pub struct Device {
    /// The address of the client.
    pub address: IpAddr,
    /// What the client calls itself.
    pub user_agent: String,
    /// The client API that it speaks.
    pub dialect: &'static str,
    /// How long its access tokens are good for, in seconds, if not as the settings say: clients that know no refresh.
    pub access_seconds: Option<i64>,
    /// The most sessions that an account has through this client API: the oldest end.
    pub most_sessions: Option<i64>,
}

/// Somebody has signed in, or goes on being so.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// The login session.
    pub login: LoginId,
    /// The access token.
    pub access_token: String,
    /// How long it is good for, in seconds.
    pub expires_in: i64,
    /// The token that gets the next pair.
    pub refresh_token: String,
    /// How long that one is good for, in seconds.
    pub refresh_expires_in: i64,
    /// What would make the new password better.
    pub password_hint: Option<String>,
}
