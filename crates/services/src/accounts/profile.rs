//! What an account says about itself, and where it is signed in.

use domain::User;
use store::{fold, users::Changes};

use super::{LoginSession, api_keys::needs_sign_in, names, passwords, sessions, sign_in};
use crate::{Actor, App, Error, Result, events, preferences};

/// What is to be different; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The user name.
    pub username: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name to show; an empty one is none.
    pub full_name: Option<String>,
    /// What the person chose, as a JSON object.
    pub preferences: Option<String>,
    /// The password, which another e-mail address asks for: a link for another password goes there.
    pub current_password: Option<String>,
}

/// The actor's account.
pub async fn me(app: &App, actor: &Actor) -> Result<User> {
    store::users::find(&app.db, actor.user).await?.ok_or(Error::Unauthenticated(sessions::ENDED))
}

/// Changes the actor's account.
pub async fn update(app: &App, actor: &Actor, profile: Profile) -> Result<User> {
    let changes = Changes {
        username: profile.username.as_deref().map(names::username).transpose()?,
        email: profile.email.as_deref().map(names::email).transpose()?,
        full_name: profile.full_name.as_deref().map(names::full_name).transpose()?,
        preferences: profile.preferences.as_deref().map(preferences::checked).transpose()?,
    };
    let old = me(app, actor).await?;
    let old_email = old.email;
    if changes.username.as_ref().is_some_and(|name| *name != old.username) {
        needs_sign_in(actor)?;
    }
    let has_new_email =
        |old: &str| changes.email.as_deref().is_some_and(|new| fold::key(new) != fold::key(old));
    if has_new_email(&old_email) {
        let password = profile.current_password.unwrap_or_default();
        passwords::check_current(app, actor, &password, "current_password").await?;
    }
    let chose = changes.preferences.is_some();
    let (user, now) = (actor.user, app.now());
    let changed = app
        .db
        .write(async move |tx| {
            let old =
                store::users::find(&mut *tx, user).await?.ok_or(Error::Unauthenticated(sessions::ENDED))?;
            // Somebody else changed it meanwhile: the password was given for another address.
            if old.email != old_email {
                return Err(Error::conflict(
                    "email_changed",
                    "The e-mail address was just changed. Try again.",
                ));
            }
            let (username, email) = (
                changes.username.as_ref().unwrap_or(&old.username),
                changes.email.as_ref().unwrap_or(&old.email),
            );
            if let Some(taken) = store::users::taken(tx, username, email, Some(user)).await? {
                return Err(sign_in::taken_error(taken));
            }
            if changes.email.as_deref().is_some_and(|new| fold::key(new) != fold::key(&old.email)) {
                // A link that was mailed to the old address is good for nothing any more.
                store::password_resets::end(tx, user).await?;
            }
            store::users::change(tx, user, changes, now).await.map_err(sign_in::or_taken)?;
            store::users::find(&mut *tx, user).await?.ok_or(Error::Unauthenticated(sessions::ENDED))
        })
        .await?;
    if chose {
        events::chosen(app, user);
    }
    Ok(changed)
}

/// Where the actor is signed in, the session used last first.
pub async fn logins(app: &App, actor: &Actor) -> Result<Vec<LoginSession>> {
    needs_sign_in(actor)?;
    Ok(store::logins::of_user(&app.db, actor.user, app.now()).await?)
}
