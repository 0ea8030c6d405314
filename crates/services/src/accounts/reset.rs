//! Another password for who has forgotten the old one: by a link that is mailed to the address of the account.
//!
//! Whoever asks is told the same after the same time, whether there is such an account or not: all that depends on it
//! happens in the background. A link is good once and for an hour, and ends when a newer one is asked for or the password
//! changes. Its token is 256 random bits, of which the database holds the hash.

mod words;

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::time::SECOND_MS;

use super::{limits, names, oidc, passwords, sessions, tokens};
use crate::{
    App, Error, Result,
    audit::{self, Deed},
    installation,
    mail::{self, Language},
};

/// Longer than any token of ours.
const MAX_LENGTH: usize = 256;

/// Somebody has forgotten a password.
#[derive(Debug, Clone)]
pub struct Forgot {
    /// The e-mail address of the account.
    pub email: String,
    /// What the browser prefers, for accounts that have chosen no language.
    pub language: Option<String>,
    /// Where the request comes from.
    pub address: IpAddr,
}

/// Somebody follows a link.
#[derive(Debug, Clone)]
pub struct Reset {
    /// What the link ends with.
    pub token: String,
    /// The new password, exactly as typed.
    pub password: String,
    /// The fewest characters that it may have.
    pub min_chars: usize,
    /// Where the request comes from.
    pub address: IpAddr,
}

/// Mails a link to the account with this address, if there is one that may sign in.
pub fn forgot(app: &App, forgot: Forgot) -> Result<()> {
    let email = names::email(&forgot.email)?;
    limits::forgot(app, forgot.address, &email)?;
    let work = app.clone();
    app.spawn(async move {
        if let Err(error) = mail_link(&work, &email, forgot.language.as_deref()).await {
            tracing::error!(error = ?error, "a link for another password could not be made");
        }
    });
    Ok(())
}

async fn mail_link(app: &App, email: &str, language: Option<&str>) -> Result<()> {
    let Some(user) = store::users::by_email(&app.db, email).await? else { return Ok(()) };
    let token = URL_SAFE_NO_PAD.encode(app.random::<32>());
    let (id, now, token_hash) = (user.id, app.now(), hash(&token));
    let expires_at = now.plus_ms(app.config.auth.reset_seconds.saturating_mul(SECOND_MS));
    app.db
        .write(async move |tx| store::password_resets::put(tx, id, &token_hash, now, expires_at).await)
        .await?;
    audit::note(Deed::PasswordForgotten, Some(id), None);
    let link = installation::link(app, &format!("/reset?token={token}"));
    let minutes = app.config.auth.reset_seconds.div_euclid(60).max(1);
    let language = Language::for_user(&user, language);
    mail::send(app, words::letter(language, &app.config.server.name, &user, &link, minutes));
    Ok(())
}

/// Gives the account of a link another password. All its sessions end; the link is good for nothing any more.
pub async fn reset(app: &App, reset: Reset) -> Result<()> {
    limits::reset(app, reset.address)?;
    if reset.token.len() > MAX_LENGTH {
        return Err(ended());
    }
    let token_hash = hash(&reset.token);
    // Looked at before the password is worked on, and used after: a password that is refused costs no link.
    let user = store::password_resets::find(&app.db, &token_hash, app.now()).await?.ok_or_else(ended)?;
    let user = store::users::find(&app.db, user).await?.ok_or_else(ended)?;
    let about = vec![user.username, user.email];
    let made = passwords::make(app, "password", &reset.password, reset.min_chars, about).await?;
    let app = app.clone();
    app.clone()
        .detached(async move {
            let now = app.now();
            let (user, logins) = app
                .db
                .write(async move |tx| {
                    let user = store::password_resets::take(tx, &token_hash, now).await?.ok_or_else(ended)?;
                    if !store::users::reset_password(tx, user, &made.hash, now).await? {
                        return Err(ended());
                    }
                    let logins = store::logins::end_all(tx, user, None, now, "password reset").await?;
                    store::api_keys::delete_all(tx, user).await?;
                    oidc::unlink_strange(tx, user).await?;
                    Ok((user, logins))
                })
                .await?;
            audit::note(Deed::PasswordReset, Some(user), None);
            sessions::ended(&app, &logins);
            app.hub.revocations.end_user(user);
            Ok(())
        })
        .await
}

fn hash(token: &str) -> String {
    tokens::hex(&tokens::hash(token.as_bytes()))
}

fn ended() -> Error {
    Error::forbidden(
        "reset_link_ended",
        "This link was used, has expired, or a newer one was asked for. Ask for another one.",
    )
}
