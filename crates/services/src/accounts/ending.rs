//! How sessions and accounts end: at once, and with everything that is served for them.

use domain::{LoginId, TurnId, UserId, UserRole};

use super::{api_keys::needs_sign_in, passwords, sessions, tokens::Refresh};
use crate::{
    Actor, App, Error, Result,
    audit::{self, Deed},
    chat, installation, members,
};

/// Ends the session that the request came with.
pub async fn logout(app: &App, actor: &Actor) -> Result<()> {
    needs_sign_in(actor)?;
    end(app, actor.user, actor.login, "sign-out").await?;
    Ok(())
}

/// Ends the session that a refresh token belongs to, for callers whose access token has expired. No session, no matter.
pub async fn logout_by_refresh(app: &App, token: &str) -> Result<()> {
    let Some(token) = Refresh::parse(token) else { return Ok(()) };
    let app = app.clone();
    app.clone()
        .detached(async move {
            let (now, login, hash) = (app.now(), token.login, token.hash());
            let ended = app
                .db
                .write(async move |tx| store::logins::end_by_refresh(tx, login, &hash, now).await)
                .await?;
            if ended {
                audit::note(Deed::SessionEnded, None, Some(login));
                sessions::ended(&app, &[login]);
            }
            Ok(())
        })
        .await
}

/// Ends all sessions of the actor, this one included. Keys stay as they are.
pub async fn logout_all(app: &App, actor: &Actor) -> Result<()> {
    needs_sign_in(actor)?;
    let (app, user) = (app.clone(), actor.user);
    app.clone()
        .detached(async move {
            let now = app.now();
            let ended = app
                .db
                .write(async move |tx| {
                    store::logins::end_all(tx, user, None, now, "sign-out everywhere").await
                })
                .await?;
            for login in &ended {
                audit::note(Deed::SessionEnded, Some(user), Some(*login));
            }
            sessions::ended(&app, &ended);
            app.hub.revocations.end_user(user);
            Ok(())
        })
        .await
}

/// Ends all sessions of the actor but the one that asks.
pub async fn end_others(app: &App, actor: &Actor) -> Result<()> {
    needs_sign_in(actor)?;
    let (app, actor) = (app.clone(), *actor);
    app.clone()
        .detached(async move {
            let now = app.now();
            let ended = app
                .db
                .write(async move |tx| {
                    store::logins::end_all(tx, actor.user, Some(actor.login), now, "ended by its owner").await
                })
                .await?;
            for login in &ended {
                audit::note(Deed::SessionEnded, Some(actor.user), Some(*login));
            }
            sessions::ended(&app, &ended);
            Ok(())
        })
        .await
}

/// Ends one session of the actor.
pub async fn end_login(app: &App, actor: &Actor, login: LoginId) -> Result<()> {
    needs_sign_in(actor)?;
    if end(app, actor.user, login, "ended by its owner").await? {
        Ok(())
    } else {
        Err(Error::NotFound("login session"))
    }
}

async fn end(app: &App, user: UserId, login: LoginId, why: &'static str) -> Result<bool> {
    let app = app.clone();
    app.clone()
        .detached(async move {
            let now = app.now();
            let ended =
                app.db.write(async move |tx| store::logins::end(tx, user, login, now, why).await).await?;
            if ended {
                audit::note(Deed::SessionEnded, Some(user), Some(login));
                sessions::ended(&app, &[login]);
            }
            Ok(ended)
        })
        .await
}

/// Bars an account: nobody can sign in to it, its sessions end and its answers stop. What it has stays.
pub async fn deactivate(app: &App, user: UserId) -> Result<()> {
    let app = app.clone();
    app.clone()
        .detached(async move {
            let now = app.now();
            let (logins, turns) = app
                .db
                .write(async move |tx| {
                    if !store::users::set_active(tx, user, false, now).await? {
                        return Err(Error::NotFound("user"));
                    }
                    let logins = store::logins::end_all(tx, user, None, now, "deactivated").await?;
                    Ok((logins, store::turns::unsettled_of_user(&mut *tx, user).await?))
                })
                .await?;
            audit::note(Deed::AccountDeactivated, Some(user), None);
            cut(&app, user, &logins, &turns);
            Ok(())
        })
        .await
}

/// Lets a barred account sign in again.
pub async fn reactivate(app: &App, user: UserId) -> Result<()> {
    let now = app.now();
    let found = app.db.write(async move |tx| store::users::set_active(tx, user, true, now).await).await?;
    if !found {
        return Err(Error::NotFound("user"));
    }
    audit::note(Deed::AccountReactivated, Some(user), None);
    Ok(())
}

/// Ends the actor's account and everything of it. Nobody can see any of it from here on; the rows go in slices.
///
/// When the last administrator goes, the next sign-up that could have been the first one runs the installation.
pub async fn delete(app: &App, actor: &Actor, password: &str) -> Result<()> {
    let hash = passwords::check_current(app, actor, password, "password").await?;
    let (app, actor) = (app.clone(), *actor);
    app.clone()
        .detached(async move {
            let now = app.now();
            let user = actor.user;
            let (logins, turns, is_ownerless) = app
                .db
                .write(async move |tx| {
                    let was_admin = actor.role == UserRole::Admin;
                    if was_admin {
                        store::installation::lock(tx).await?;
                    }
                    if !store::users::end(tx, user, &hash, now).await? {
                        return Err(passwords::wrong("password"));
                    }
                    let logins = store::logins::end_all(tx, user, None, now, "account deleted").await?;
                    // Whoever was signed in by them may begin anew.
                    store::identities::delete_all(tx, user).await?;
                    let turns = store::purge::mark_account(tx, user).await?;
                    let is_ownerless = was_admin && store::users::count_admins(&mut *tx).await? == 0;
                    if is_ownerless {
                        store::installation::unclaim(tx).await?;
                    }
                    Ok((logins, turns, is_ownerless))
                })
                .await?;
            audit::note(Deed::AccountDeleted, Some(user), None);
            cut(&app, user, &logins, &turns);
            if let Err(error) = members::part(&app, user).await {
                tracing::warn!(user.id = user.0, %error, "an ended account shares something still; the next sweep ends that");
            }
            if is_ownerless {
                installation::announce(&app).await?;
            }
            Ok(())
        })
        .await
}

/// After the commit: nothing goes on for this account.
fn cut(app: &App, user: UserId, logins: &[LoginId], turns: &[TurnId]) {
    sessions::ended(app, logins);
    app.hub.revocations.end_user(user);
    chat::stop::stop_turns(app, turns);
}
