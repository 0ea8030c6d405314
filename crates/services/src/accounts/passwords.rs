//! Passwords: hashed with Argon2id, exactly as typed, a few at a time.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use super::{Device, SignedIn, api_keys::needs_sign_in, sessions, sign_in, tokens::Refresh};
use crate::{
    Actor, App, Error, Result,
    audit::{self, Deed},
};

/// The fewest characters of a new password on the native API; some older clients know fewer.
pub const MIN_CHARS: usize = 8;
/// The most characters of a new password.
const MAX_CHARS: usize = 128;
/// How long a caller waits for its turn.
const WAIT: Duration = Duration::from_secs(10);
/// What a password is checked against when there is no account, so that this takes as long as if there were.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y29sbG9xdXktbm9ib2R5IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Works on a few passwords at a time: each takes 19 MiB and a core.
#[derive(Debug)]
pub(super) struct Hashing {
    permits: Arc<Semaphore>,
    /// With which parameters passwords were checked, one for each check.
    #[cfg(any(test, feature = "testing"))]
    pub(super) checks: Arc<std::sync::Mutex<Vec<String>>>,
}

/// What stands in the place of the hash of an account without a password: it signs in with a provider.
pub(super) const NONE: &str = "";

/// A new password, hashed.
pub(super) struct Hashed {
    pub(super) hash: String,
    pub(super) hint: Option<String>,
}

impl Hashing {
    pub(super) fn new(parallel: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let parallel = if parallel == 0 { cores() } else { parallel };
        Self {
            permits: Arc::new(Semaphore::new(parallel)),
            #[cfg(any(test, feature = "testing"))]
            checks: Arc::default(),
        }
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || Error::Unavailable {
            code: "sign_in_busy",
            message: "Too many people sign in at this moment. Try again in a few seconds.".into(),
        };
        let waited = tokio::time::timeout(WAIT, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = waited.map_err(|_| busy())?.map_err(|_| busy())?;
        // The permit goes along: work whose caller left still takes its memory.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        done.await.map_err(Error::internal)
    }

    /// Whether this is the password; never, but after the same time, if there is no account or it has no password.
    pub(super) async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let password = password.to_owned();
        let hash = hash.filter(|hash| hash != NONE);
        #[cfg(any(test, feature = "testing"))]
        let checks = Arc::clone(&self.checks);
        self.work(move || {
            let is_somebody = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let Ok(parsed) = PasswordHash::new(&hash) else { return false };
            #[cfg(any(test, feature = "testing"))]
            if let Ok(mut checks) = checks.lock() {
                checks.push(format!("{} {:?} {}", parsed.algorithm, parsed.version, parsed.params));
            }
            argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
                && is_somebody
        })
        .await
    }

    async fn hash(&self, password: String, about: Vec<String>) -> Result<(String, Strength)> {
        self.work(move || {
            let strength = Strength::of(&password, &about);
            let failed = |error: argon2::password_hash::Error| Error::internal(anyhow::anyhow!("{error}"));
            let hash = argon2()?.hash_password(password.as_bytes()).map_err(failed)?.to_string();
            Ok((hash, strength))
        })
        .await?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params =
        Params::new(19_456, 2, 1, None).map_err(|error| Error::internal(anyhow::anyhow!("{error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// How soon a password would be guessed.
struct Strength {
    is_common: bool,
    hint: Option<String>,
}

impl Strength {
    fn of(password: &str, about: &[String]) -> Self {
        let about: Vec<&str> = about.iter().map(String::as_str).collect();
        let guessed = zxcvbn::zxcvbn(password, &about);
        let hint = guessed.feedback().map(|feedback| {
            let warning = feedback.warning().map(|warning| warning.to_string());
            let suggestions = feedback.suggestions().iter().map(ToString::to_string);
            warning.into_iter().chain(suggestions).collect::<Vec<_>>().join(" ")
        });
        Self { is_common: guessed.score() < zxcvbn::Score::Two, hint: hint.filter(|hint| !hint.is_empty()) }
    }
}

/// Checks and hashes a new password. `about` is what an attacker would try first: the names of the person.
pub(super) async fn make(
    app: &App,
    field: &'static str,
    password: &str,
    min_chars: usize,
    about: Vec<String>,
) -> Result<Hashed> {
    let settings = &app.config.auth.password;
    let min_chars = if settings.strict { min_chars.max(MIN_CHARS) } else { min_chars };
    let chars = password.chars().count();
    if chars < min_chars.max(1) {
        return Err(Error::invalid(field, format!("must have at least {} characters", min_chars.max(1))));
    }
    if chars > MAX_CHARS {
        return Err(Error::invalid(field, format!("may have at most {MAX_CHARS} characters")));
    }
    if password.contains('\0') {
        return Err(Error::invalid(field, "may not hold the character U+0000"));
    }
    let (hash, strength) = app.accounts.hashing.hash(password.to_owned(), about).await?;
    if settings.reject_common && strength.is_common {
        let hint = strength.hint.unwrap_or_default();
        return Err(Error::invalid(
            field,
            format!("is one that would be guessed soon. {hint}").trim_end().to_owned(),
        ));
    }
    Ok(Hashed { hash, hint: strength.hint })
}

/// Gives the actor's account another password. All other sessions end; this one goes on with the tokens given back. Keys
/// stay as they are.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    current: &str,
    new: &str,
    min_chars: usize,
    device: &Device,
) -> Result<SignedIn> {
    let old = check_current(app, actor, current, "current_password").await?;
    let user =
        store::users::find(&app.db, actor.user).await?.ok_or(Error::Unauthenticated(sessions::ENDED))?;
    let made =
        make(app, "new_password", new, min_chars, vec![user.username.clone(), user.email.clone()]).await?;
    let (app, actor, device) = (app.clone(), *actor, device.clone());
    let refresh = Refresh::new(actor.login);
    app.clone()
        .detached(async move {
            let now = app.now();
            let idle = now.plus_ms(sessions::idle_ms(&app));
            let (hash, refresh_hash) = (made.hash, refresh.hash());
            let (others, renewed) = app
                .db
                .write(async move |tx| {
                    if !store::users::set_password(tx, actor.user, &old, &hash, now).await? {
                        return Err(wrong("current_password"));
                    }
                    store::password_resets::end(tx, actor.user).await?;
                    let others =
                        store::logins::end_all(tx, actor.user, Some(actor.login), now, "password changed")
                            .await?;
                    let renewed = store::logins::renew(tx, actor.login, &refresh_hash, now, idle).await?;
                    Ok::<_, Error>((others, renewed.ok_or(Error::Unauthenticated(sessions::ENDED))?))
                })
                .await?;
            audit::note(Deed::PasswordChanged, Some(actor.user), Some(actor.login));
            sessions::ended(&app, &others);
            app.accounts.sessions.forget(&[actor.login]);
            let (generation, expires_at) = renewed;
            let session = sign_in::Session { login: actor.login, generation, expires_at };
            sign_in::hand_out(&app, user, &session, &refresh, &device, made.hint)
        })
        .await
}

/// The stored hash, if this is the actor's password, and a person asks. Counts as a sign-in: it may not be guessed here either.
pub(super) async fn check_current(
    app: &App,
    actor: &Actor,
    password: &str,
    field: &'static str,
) -> Result<String> {
    needs_sign_in(actor)?;
    let found = store::users::credentials(&app.db, actor.user).await?;
    let hash = found.map(|found| found.password_hash).ok_or(Error::Unauthenticated(sessions::ENDED))?;
    if hash == NONE {
        return Err(none());
    }
    super::limits::password_check(app, actor)?;
    if app.accounts.hashing.verify(password, Some(hash.clone())).await? {
        Ok(hash)
    } else {
        Err(wrong(field))
    }
}

/// This needs a password, and the account has none.
pub(super) fn none() -> Error {
    Error::conflict(
        "no_password",
        "This account has no password yet. Choose one first: ask for a link with “Forgot your password?” on the page \
         where one signs in.",
    )
}

pub(super) fn wrong(field: &'static str) -> Error {
    Error::WrongPassword { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_a_hash_like_everybody() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = argon2().unwrap().hash_password(b"password123").unwrap();
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.version, somebody.version);
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.map(|hash| hash.len()), somebody.hash.map(|hash| hash.len()));
        assert_eq!(nobody.salt.map(|salt| salt.len()), somebody.salt.map(|salt| salt.len()));
    }

    #[tokio::test]
    async fn a_password_is_taken_whole_and_exactly_as_typed() {
        let hashing = Hashing::new(1);
        let long = format!("{}tail-one", "x".repeat(92));
        let (hash, _) = hashing.hash(long.clone(), Vec::new()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hashing.verify(&long, Some(hash.clone())).await.unwrap());
        for other in [format!("{}tail-two", "x".repeat(92)), format!(" {long}"), long.to_uppercase()] {
            assert!(!hashing.verify(&other, Some(hash.clone())).await.unwrap());
        }
        assert!(!hashing.verify(&long, None).await.unwrap());
    }

    #[test]
    fn what_everybody_tries_first_gets_a_hint() {
        let weak = Strength::of("password123", &[]);
        assert!(weak.is_common && weak.hint.is_some());
        let good = Strength::of("correct horse battery staple", &[]);
        assert!(!good.is_common && good.hint.is_none());
    }
}
