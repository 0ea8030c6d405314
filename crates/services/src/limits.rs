//! How many requests anybody may make.
//!
//! People who are signed in are counted by account, so that those behind one address take nothing from each other; all
//! others by address. A ceiling for each address holds for both.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use domain::UserId;
use hub::Rate;

use crate::{App, Error, Result, config::Requests};

/// What is counted, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Anything from an address.
    Address(IpAddr),
    /// A request of somebody who is not signed in.
    Stranger(IpAddr),
    /// An attempt to get in: a password, a new account, a link for another password.
    SignIn(IpAddr),
    /// A request of somebody who is signed in.
    User(UserId),
    /// A question to a model.
    Ask(UserId),
}

/// How a limit stands after one more was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many are allowed in a window.
    pub most: u32,
    /// How many are left of it.
    pub left: u32,
    /// How long the whole window is.
    pub window: Duration,
    /// When it ends.
    pub resets_in: Duration,
    /// Whether this one was still allowed.
    pub is_allowed: bool,
}

impl Standing {
    /// The one of two that is reached first.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        let key = |one: &Self| (one.is_allowed, one.left);
        if key(&other) <= key(&self) { other } else { self }
    }

    /// Refuses what was not allowed any more.
    pub fn check(self) -> Result<()> {
        if self.is_allowed {
            return Ok(());
        }
        let seconds = self.resets_in.as_millis().div_ceil(1000).max(1);
        Err(Error::TooMany {
            code: "rate_limited",
            message: format!("Too many requests. Try again in {seconds} seconds."),
            retry_after: self.resets_in,
        })
    }
}

/// Counts one; `None` where the settings set no limit.
pub async fn count(app: &App, of: Of) -> Option<Standing> {
    let rate = rate(&app.config.limits, of);
    if rate.most == 0 {
        return None;
    }
    let key = match of {
        Of::Address(address) | Of::Stranger(address) | Of::SignIn(address) => place(address),
        Of::User(user) | Of::Ask(user) => user.to_string(),
    };
    let counted = app.hub.rates.count(rate, &key, app.now()).await;
    Some(Standing {
        most: rate.most,
        left: rate.most.saturating_sub(counted.used),
        window: rate.window,
        resets_in: counted.resets_in,
        is_allowed: counted.is_allowed,
    })
}

/// Counts a question to a model, and refuses one too many.
pub async fn ask(app: &App, user: UserId) -> Result<()> {
    count(app, Of::Ask(user)).await.map_or(Ok(()), Standing::check)
}

fn rate(settings: &Requests, of: Of) -> Rate {
    let (name, most, seconds) = match of {
        Of::Address(_) => ("requests.all", settings.all_per_address, settings.window_seconds),
        Of::Stranger(_) => ("requests.address", settings.per_address, settings.window_seconds),
        Of::SignIn(_) => ("requests.sign-in", settings.sign_ins_per_address, settings.window_seconds),
        Of::User(_) => ("requests.user", settings.per_user, settings.window_seconds),
        Of::Ask(_) => ("requests.ask", settings.asks_per_user, settings.asks_window_seconds),
    };
    Rate { name, most, window: Duration::from_secs(seconds) }
}

/// What counts as one address: of IPv6 the network, because one customer has all of it.
pub(crate) fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let place = |text: &str| place(text.parse().unwrap());
        assert_eq!(place("2001:db8:1:2:3::4"), place("2001:db8:1:2:ffff::1"));
        assert_ne!(place("2001:db8:1:2::"), place("2001:db8:1:3::"));
        assert_eq!(place("::ffff:10.0.0.1"), "10.0.0.1");
    }

    #[test]
    fn of_two_limits_the_one_that_is_reached_first_is_told() {
        let standing = |left, is_allowed| Standing {
            most: 10,
            left,
            window: Duration::from_mins(1),
            resets_in: Duration::from_millis(1500),
            is_allowed,
        };
        assert_eq!(standing(3, true).tighter(standing(2, true)).left, 2);
        assert_eq!(standing(2, true).tighter(standing(3, true)).left, 2);
        assert!(!standing(0, false).tighter(standing(0, true)).is_allowed);
        assert!(standing(0, true).check().is_ok());
        let refused = standing(0, false).check().unwrap_err().to_string();
        assert_eq!(refused, "Too many requests. Try again in 2 seconds.");
    }
}
