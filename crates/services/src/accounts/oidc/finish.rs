//! Somebody comes back from another service.

use domain::{Identity, IdentityId, LoginId, Timestamp, User, UserId, UserRole};
use store::Tx;

use super::{
    super::{
        Device, SignedIn, names, passwords, sessions,
        sign_in::{self, NewAccount, Session, deactivated},
        tokens::Refresh,
    },
    flow::{Away, Place, Waiting, ended},
    person::Person,
    service,
    service::{Redeem, Service},
};
use crate::{
    App, Error, Result,
    audit::{self, Deed},
    installation,
};

/// What a service sent somebody back with.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    /// Which try it was.
    pub state: Option<String>,
    /// What can be exchanged for who somebody is.
    pub code: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// What the service calls itself.
    pub issuer: Option<String>,
}

/// Somebody came back.
#[derive(Debug, Clone)]
pub struct Finish {
    /// The service whose address was called.
    pub provider: String,
    /// What it says.
    pub callback: Callback,
    /// What the browser is known by, if it is.
    pub browser: Option<String>,
    /// Where the request comes from.
    pub device: Device,
}

/// A way that began here has come to its end.
#[derive(Debug)]
pub struct Arrived {
    /// The page of the app to go to.
    pub from: String,
    /// Whether it was to link an account, and not to sign in.
    pub is_link: bool,
    /// How it ended.
    pub outcome: Result<Outcome>,
}

/// How a way to another service ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Somebody is signed in.
    SignedIn(Box<SignedIn>),
    /// The account there signs in to the account here from now on.
    Linked,
    /// An account has this e-mail address: its password links it.
    PasswordNeeded,
}

/// Ends a way that began here. Refused if it did not begin in this browser, or has ended already.
pub async fn finish(app: &App, finish: Finish) -> Result<Arrived> {
    let service = service(app, &finish.provider)?;
    let (Some(state), Some(browser)) = (&finish.callback.state, finish.browser.clone()) else {
        return Err(ended());
    };
    let (place, work) = (Place::of_state(state, &browser), app.clone());
    let away: Away = app.db.write(async move |tx| place.take(tx, &work).await).await?;
    if away.provider != finish.provider {
        return Err(ended());
    }
    let outcome = async {
        let come = identify(app, service, &away, finish.callback).await?;
        if let Some((user, login)) = away.links {
            return attach(app, user, login, come).await;
        }
        let entering = Entering {
            come,
            may_be_first: away.may_be_first,
            is_open: service.is_open(app),
            name: service.name.clone(),
            browser,
        };
        enter(app, entering, finish.device).await
    };
    let outcome = outcome.await;
    Ok(Arrived { from: away.from, is_link: away.links.is_some(), outcome })
}

/// Somebody of whom a service says who it is.
struct Come {
    identity: Identity,
    person: Person,
}

async fn identify(app: &App, service: &Service, away: &Away, callback: Callback) -> Result<Come> {
    let now = app.now();
    let issuer = &service.settings.issuer;
    let names_itself = service.told(now).await?.names_itself;
    if callback.issuer.as_ref().map_or(names_itself, |said| said != issuer) {
        return Err(service.strange("another service than the one that was asked sent somebody back"));
    }
    let code = match (callback.code, callback.error) {
        (Some(code), None) if !code.is_empty() => code,
        (_, why) => {
            tracing::debug!(issuer, why, "a sign-in provider sent somebody back without a code");
            let message = format!("{} did not let you in, or you stopped there. Try again.", service.name);
            return Err(Error::forbidden("sign_in_stopped", message));
        }
    };
    let redeem = Redeem {
        code: &code,
        verifier: &away.verifier,
        redirect_url: &away.redirect_url,
        nonce: &away.nonce,
    };
    let (subject, person) = service.redeem(now, redeem).await?;
    let identity = Identity {
        id: IdentityId(app.new_id()),
        provider: away.provider.clone(),
        issuer: issuer.clone(),
        subject,
        email: person.verified_email(),
        created_at: now,
        last_used_at: now,
    };
    Ok(Come { identity, person })
}

/// Links to the account of the session that wanted it, if that is still good.
async fn attach(app: &App, user: UserId, login: LoginId, come: Come) -> Result<Outcome> {
    if sessions::open_session(app, login, app.now()).await?.user != user {
        return Err(Error::Unauthenticated(sessions::ENDED));
    }
    let identity = come.identity;
    app.db.write(async move |tx| connect(tx, user, &identity).await).await?;
    audit::note(Deed::IdentityLinked, Some(user), Some(login));
    Ok(Outcome::Linked)
}

/// Links an account there to one here, unless it signs in to another.
pub(super) async fn connect(tx: &mut Tx, user: UserId, identity: &Identity) -> Result<()> {
    if store::identities::insert(tx, user, identity).await? {
        return Ok(());
    }
    let (issuer, subject, now) = (&identity.issuer, &identity.subject, identity.created_at);
    let has = store::identities::enter(tx, issuer, subject, identity.email.as_deref(), now).await?;
    if has == Some(user) {
        return Ok(());
    }
    Err(Error::conflict(
        "identity_taken",
        "This account signs in to another account here. Unlink it there first, or choose another.",
    ))
}

/// Somebody who wants in.
struct Entering {
    come: Come,
    may_be_first: bool,
    is_open: bool,
    /// The service, as people call it.
    name: String,
    browser: String,
}

/// What came of it in the database.
enum Entered {
    In { user: User, is_new: bool, ended: Vec<LoginId> },
    PasswordNeeded,
}

async fn enter(app: &App, entering: Entering, device: Device) -> Result<Outcome> {
    let app = app.clone();
    app.clone()
        .detached(async move {
            let now = app.now();
            let new = new_user(&app, &entering.come, now);
            let login = sign_in::new_login(&app, new.id, &device, now);
            let (refresh, expires_at, id) = (Refresh::new(login.id), login.expires_at, login.id);
            let (work, hash, most) = (app.clone(), refresh.hash(), device.most_sessions);
            let entered = app
                .db
                .write(async move |tx| {
                    let door = Door { app: &work, login, hash: &hash, most };
                    door.enter(tx, entering, new, now).await
                })
                .await?;
            let Entered::In { user, is_new, ended } = entered else { return Ok(Outcome::PasswordNeeded) };
            for login in &ended {
                audit::note(Deed::SessionEnded, Some(user.id), Some(*login));
            }
            sessions::ended(&app, &ended);
            audit::note(if is_new { Deed::AccountMade } else { Deed::SignedIn }, Some(user.id), Some(id));
            let session = Session { login: id, generation: 1, expires_at };
            let signed_in = sign_in::hand_out(&app, user, &session, &refresh, &device, None)?;
            Ok(Outcome::SignedIn(Box::new(signed_in)))
        })
        .await
}

/// The account that is made if there is none.
fn new_user(app: &App, come: &Come, now: Timestamp) -> User {
    let email = come.identity.email.clone().unwrap_or_default();
    User {
        id: UserId(app.new_id()),
        username: names::from_email(&come.person.base_of_username(&email), 0),
        full_name: come.person.full_name(),
        email,
        role: UserRole::User,
        is_active: true,
        is_verified: true,
        created_at: now,
        last_login: Some(now),
        preferences: "{}".into(),
    }
}

/// The session to be.
struct Door<'a> {
    app: &'a App,
    login: store::logins::Login,
    hash: &'a str,
    most: Option<i64>,
}

impl Door<'_> {
    async fn enter(self, tx: &mut Tx, entering: Entering, new: User, now: Timestamp) -> Result<Entered> {
        let Come { identity, person } = entering.come;
        let email = identity.email.as_deref();
        if let Some(user) =
            store::identities::enter(tx, &identity.issuer, &identity.subject, email, now).await?
        {
            if !store::users::entered(tx, user, now).await? {
                return Err(deactivated());
            }
            let ended = self.open(tx, user, now).await?;
            let user = store::users::find(&mut *tx, user).await?.ok_or_else(deactivated)?;
            return Ok(Entered::In { user, is_new: false, ended });
        }
        let Some(email) = identity.email.clone() else { return Err(not_verified(&entering.name)) };
        if store::users::has_email(&mut *tx, &email).await? {
            let waiting = Waiting {
                provider: identity.provider,
                issuer: identity.issuer,
                subject: identity.subject,
                email,
            };
            Place::of_link(&entering.browser).put(tx, self.app, &waiting).await?;
            return Ok(Entered::PasswordNeeded);
        }
        let may_be_first =
            if entering.may_be_first { Ok(()) } else { installation::may_be_first(self.app, None, false) };
        let new = NewAccount {
            user: new,
            hash: passwords::NONE.to_owned(),
            base: Some(person.base_of_username(&email)),
            may_be_first,
            is_open: entering.is_open,
        };
        let user = sign_in::open_account(tx, new).await?;
        connect(tx, user.id, &identity).await?;
        let ended = self.open(tx, user.id, now).await?;
        Ok(Entered::In { user, is_new: true, ended })
    }

    async fn open(self, tx: &mut Tx, user: UserId, now: Timestamp) -> Result<Vec<LoginId>> {
        let login = store::logins::Login { user, ..self.login };
        store::logins::insert(tx, &login, self.hash).await?;
        match self.most {
            Some(most) => Ok(store::logins::end_oldest(tx, user, &login.dialect, most, now).await?),
            None => Ok(Vec::new()),
        }
    }
}

fn not_verified(name: &str) -> Error {
    Error::forbidden(
        "email_not_verified",
        format!(
            "{name} does not vouch for an e-mail address of yours. Verify it there first, or sign up here."
        ),
    )
}
