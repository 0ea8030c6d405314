//! What an account says about itself, and where it is signed in.

use domain::User;
use store::users::Changes;

use super::{LoginSession, names, sessions, sign_in};
use crate::{Actor, App, Error, Result, preferences};

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
    let (user, now) = (actor.user, app.now());
    app.db
        .write(async move |tx| {
            let old =
                store::users::find(&mut *tx, user).await?.ok_or(Error::Unauthenticated(sessions::ENDED))?;
            let (username, email) = (
                changes.username.as_ref().unwrap_or(&old.username),
                changes.email.as_ref().unwrap_or(&old.email),
            );
            if let Some(taken) = store::users::taken(tx, username, email, Some(user)).await? {
                return Err(sign_in::taken_error(taken));
            }
            store::users::change(tx, user, changes, now).await.map_err(sign_in::or_taken)?;
            store::users::find(&mut *tx, user).await?.ok_or(Error::Unauthenticated(sessions::ENDED))
        })
        .await
}

/// Where the actor is signed in, the session used last first.
pub async fn logins(app: &App, actor: &Actor) -> Result<Vec<LoginSession>> {
    Ok(store::logins::of_user(&app.db, actor.user, app.now()).await?)
}
