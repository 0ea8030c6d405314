//! The accounts at other services that sign in to an account: linking with its password, the list, unlinking.

use domain::{Identity, IdentityId, UserId};
use store::{Tx, fold};

use super::{
    super::{
        Device, SignedIn,
        api_keys::needs_sign_in,
        limits, passwords, sessions,
        sign_in::{self, Session, deactivated},
        tokens::Refresh,
    },
    finish::connect,
    flow::{Place, Waiting, ended},
    service,
};
use crate::{
    Actor, App, Error, Result,
    audit::{self, Deed},
};

/// Somebody gives the password of the account that has the e-mail address of who came.
#[derive(Debug, Clone)]
pub struct Link {
    /// The service that who came is from.
    pub provider: String,
    /// The password, exactly as typed.
    pub password: String,
    /// What the browser is known by, if it is.
    pub browser: Option<String>,
    /// Where the request comes from.
    pub device: Device,
}

/// How somebody can sign in.
#[derive(Debug, Clone)]
pub struct Ways {
    /// Whether the account has a password.
    pub has_password: bool,
    /// Accounts at other services, the oldest first.
    pub identities: Vec<Identity>,
}

/// Links who came to the account with the same e-mail address, by its password, and signs in to it.
pub async fn link(app: &App, link: Link) -> Result<SignedIn> {
    service(app, &link.provider)?;
    let place = Place::of_link(&link.browser.ok_or_else(ended)?);
    let waiting: Waiting = place.find(app).await?;
    if waiting.provider != link.provider {
        return Err(ended());
    }
    limits::sign_in(app, link.device.address, &waiting.email)?;
    let found = store::users::credentials_by_name(&app.db, &waiting.email).await?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let is_right = app.accounts.hashing.verify(&link.password, hash).await?;
    let Some(found) = found else { return Err(ended()) };
    if found.password_hash == passwords::NONE {
        return Err(passwords::none());
    }
    if !is_right {
        audit::note(Deed::SignInRefused, Some(found.user), None);
        return Err(passwords::wrong("password"));
    }
    if !found.is_active {
        return Err(deactivated());
    }
    let (app, device) = (app.clone(), link.device);
    app.clone()
        .detached(async move {
            let now = app.now();
            let login = sign_in::new_login(&app, found.user, &device, now);
            let (refresh, expires_at, id) = (Refresh::new(login.id), login.expires_at, login.id);
            let (work, refresh_hash) = (app.clone(), refresh.hash());
            let user = app
                .db
                .write(async move |tx| {
                    let waiting: Waiting = place.take(tx, &work).await?;
                    if !store::users::signed_in(tx, found.user, &found.password_hash, now).await? {
                        return Err(passwords::wrong("password"));
                    }
                    connect(tx, found.user, &waiting.identity(&work)).await?;
                    store::logins::insert(tx, &login, &refresh_hash).await?;
                    store::users::find(&mut *tx, found.user).await?.ok_or_else(ended)
                })
                .await?;
            audit::note(Deed::IdentityLinked, Some(user.id), Some(id));
            audit::note(Deed::SignedIn, Some(user.id), Some(id));
            let session = Session { login: id, generation: 1, expires_at };
            sign_in::hand_out(&app, user, &session, &refresh, &device, None)
        })
        .await
}

/// How the actor can sign in.
pub async fn ways(app: &App, actor: &Actor) -> Result<Ways> {
    needs_sign_in(actor)?;
    let found = store::users::credentials(&app.db, actor.user).await?;
    let found = found.ok_or(Error::Unauthenticated(sessions::ENDED))?;
    let identities = store::identities::of_user(&app.db, actor.user).await?;
    Ok(Ways { has_password: found.password_hash != passwords::NONE, identities })
}

/// An account at another service no longer signs in to the actor's. The last way in stays.
pub async fn unlink(app: &App, actor: &Actor, id: IdentityId) -> Result<()> {
    needs_sign_in(actor)?;
    let user = actor.user;
    let issuers: Vec<String> = app.config.auth.oidc.values().map(|known| known.issuer.clone()).collect();
    app.db
        .write(async move |tx| {
            let found = store::users::lock_credentials(tx, user).await?;
            let found = found.ok_or(Error::Unauthenticated(sessions::ENDED))?;
            if !store::identities::delete(tx, user, id).await? {
                return Err(Error::NotFound("linked account"));
            }
            let left = store::identities::of_user(&mut *tx, user).await?;
            let is_way = |identity: &Identity| issuers.contains(&identity.issuer);
            if found.password_hash == passwords::NONE && !left.iter().any(is_way) {
                return Err(Error::conflict(
                    "last_way_in",
                    "This is the only way to sign in to your account. Choose a password first, or link another account.",
                ));
            }
            Ok(())
        })
        .await?;
    audit::note(Deed::IdentityUnlinked, Some(user), Some(actor.login));
    Ok(())
}

/// After a forgotten password: what somebody else may have linked no longer signs in. What has the account's own e-mail
/// address stays, because the service vouches for it.
pub(in super::super) async fn unlink_strange(tx: &mut Tx, user: UserId) -> Result<()> {
    let Some(account) = store::users::find(&mut *tx, user).await? else { return Ok(()) };
    for identity in store::identities::of_user(&mut *tx, user).await? {
        let is_own = |email: &String| fold::key(email) == fold::key(&account.email);
        if !identity.email.as_ref().is_some_and(is_own) {
            store::identities::delete(tx, user, identity.id).await?;
        }
    }
    Ok(())
}
