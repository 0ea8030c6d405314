//! How often one may try.

use std::net::IpAddr;

use hub::{Limit, TooMany};
use store::fold;

use crate::{Actor, App, Error, Result, limits::place};

/// Counts a sign-in: from its address, and to its account, known or not.
pub(super) fn sign_in(app: &App, address: IpAddr, name: &str) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_address = Limit {
        name: "login.address",
        burst: settings.login_address_burst,
        per_hour: settings.login_address_per_hour,
    };
    check(app, by_address, &place(address), "Too many sign-ins from this address.")?;
    let by_account = Limit {
        name: "login.account",
        burst: settings.login_account_burst,
        per_hour: settings.login_account_per_hour,
    };
    check(app, by_account, &fold::key(fold::head(name, 1024)), "Too many sign-ins to this account.")
}

/// Counts a way to another service that begins here.
pub(super) fn leave(app: &App, address: IpAddr) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_address = Limit {
        name: "provider.address",
        burst: settings.login_address_burst,
        per_hour: settings.login_address_per_hour,
    };
    check(app, by_address, &place(address), "Too many sign-ins from this address.")
}

/// Counts an attempt to make an account.
pub(super) fn sign_up(app: &App, address: IpAddr) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_address = Limit {
        name: "sign-up.address",
        burst: settings.sign_up_address_burst,
        per_hour: settings.sign_up_address_per_hour,
    };
    check(app, by_address, &place(address), "Too many new accounts from this address.")
}

/// Counts a refresh token that is presented, whatever it is.
pub(super) fn refresh(app: &App, address: IpAddr) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_address = Limit {
        name: "refresh.address",
        burst: settings.refresh_address_burst,
        per_hour: settings.refresh_address_per_hour,
    };
    check(app, by_address, &place(address), "Too many refreshes from this address.")
}

/// Counts a link for another password that is asked for: from its address, and for its account, known or not.
pub(super) fn forgot(app: &App, address: IpAddr, email: &str) -> Result<()> {
    reset(app, address)?;
    let settings = &app.config.auth.limits;
    let by_account = Limit {
        name: "reset.account",
        burst: settings.reset_account_burst,
        per_hour: settings.reset_account_per_hour,
    };
    check(app, by_account, &fold::key(fold::head(email, 1024)), "Too many links for this account.")
}

/// Counts a use of such a link, whatever it is.
pub(super) fn reset(app: &App, address: IpAddr) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_address = Limit {
        name: "reset.address",
        burst: settings.reset_address_burst,
        per_hour: settings.reset_address_per_hour,
    };
    check(app, by_address, &place(address), "Too many attempts from this address.")
}

/// Counts a reading of what a link to a conversation shows.
pub(crate) fn shared(app: &App, address: IpAddr) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_address = Limit {
        name: "shared.address",
        burst: settings.shared_address_burst,
        per_hour: settings.shared_address_per_hour,
    };
    check(app, by_address, &place(address), "Too many shared conversations read from this address.")
}

/// Counts an invitation that is mailed: of who invites, and to its address.
pub(crate) fn invitation(app: &App, actor: &Actor, email: &str) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_account = Limit {
        name: "invitation.account",
        burst: settings.invitation_account_burst,
        per_hour: settings.invitation_account_per_hour,
    };
    check(app, by_account, &actor.user.to_string(), "Too many invitations by e-mail.")?;
    let by_address = Limit {
        name: "invitation.address",
        burst: settings.invitation_address_burst,
        per_hour: settings.invitation_address_per_hour,
    };
    check(app, by_address, &fold::key(fold::head(email, 1024)), "Too many invitations to this address.")
}

/// Counts a password asked of somebody who is signed in.
pub(super) fn password_check(app: &App, actor: &Actor) -> Result<()> {
    let settings = &app.config.auth.limits;
    let by_account = Limit {
        name: "password.account",
        burst: settings.login_account_burst,
        per_hour: settings.login_account_per_hour,
    };
    check(app, by_account, &actor.user.to_string(), "Too many attempts.")
}

fn check(app: &App, limit: Limit, key: &str, what: &str) -> Result<()> {
    app.hub.limits.check(limit, key).map_err(|TooMany { retry_after }| Error::TooMany {
        code: "rate_limited",
        message: format!("{what} Try again in {} seconds.", retry_after.as_secs() + 1),
        retry_after,
    })
}
