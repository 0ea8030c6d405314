//! The next pair of tokens for a refresh token that is used once.

use domain::LoginId;
use store::logins::{Presented, Presenting};

use super::{
    Device, SignedIn,
    keys::Keys,
    limits, sessions,
    sign_in::{Session, hand_out},
    tokens::Refresh,
};
use crate::{
    App, Error, Result,
    audit::{self, Deed},
};

/// How far back a token is recognised: a session of 90 days that refreshes every half hour has 4,320 generations.
const MOST_GENERATIONS: i64 = 10_000;
/// After how many generations others have their turn.
const YIELD_EVERY: i64 = 256;

/// The number of a request in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival(i64);

impl Arrival {
    /// A request arrives.
    pub fn now(app: &App) -> Self {
        Self(app.new_id())
    }
}

/// Gives the next pair of tokens.
///
/// An answer that was lost can be asked for again: the same token gets the same successor until anything of the new
/// generation was presented. A token that comes back after that was stolen: the session ends for everybody.
pub async fn refresh(app: &App, token: &str, arrived: Arrival, device: &Device) -> Result<SignedIn> {
    limits::refresh(app, device.address)?;
    let Some(token) = Refresh::parse(token) else { return Err(refused()) };
    let (app, device) = (app.clone(), device.clone());
    app.clone()
        .detached(async move {
            let now = app.now();
            let successor = token.successor(&app.accounts.keys);
            let presenting = Presenting {
                id: token.login,
                hash: token.hash(),
                successor: successor.hash(),
                arrived: arrived.0,
                now,
                idle_expires_at: now.plus_ms(sessions::idle_ms(&app)),
            };
            let (presented, user) = app
                .db
                .write(async move |tx| {
                    let presented = store::logins::present(tx, &presenting).await?;
                    let user = match &presented {
                        Presented::Good { user, .. } => store::users::find(&mut *tx, *user).await?,
                        _ => None,
                    };
                    Ok::<_, store::Error>((presented, user))
                })
                .await?;
            match presented {
                Presented::Good { generation, expires_at, .. } => {
                    app.accounts.sessions.forget(&[token.login]);
                    let session = Session { login: token.login, generation, expires_at };
                    hand_out(&app, user.ok_or_else(refused)?, &session, &successor, &device, None)
                }
                Presented::Reused { user } => Err(stolen(&app, token.login, user)),
                Presented::Stranger { refresh_hash, generation } => {
                    if !is_ancestor(&app.accounts.keys, successor, &refresh_hash, generation).await {
                        return Err(refused());
                    }
                    let ended =
                        app.db.write(async move |tx| store::logins::end_stolen(tx, token.login, now).await);
                    Err(ended.await?.map_or_else(refused, |user| stolen(&app, token.login, user)))
                }
                Presented::Gone => Err(refused()),
            }
        })
        .await
}

/// Whether a token's successors lead to the newest one of the session: then it was one of its own, long ago.
async fn is_ancestor(keys: &Keys, mut successor: Refresh, newest_hash: &str, generations: i64) -> bool {
    for generation in 1..=generations.min(MOST_GENERATIONS) {
        if successor.hash() == newest_hash {
            return true;
        }
        successor = successor.successor(keys);
        if generation % YIELD_EVERY == 0 {
            tokio::task::yield_now().await;
        }
    }
    false
}

fn stolen(app: &App, login: LoginId, user: domain::UserId) -> Error {
    // A used token came back: somebody has a copy.
    audit::note(Deed::TokenReused, Some(user), Some(login));
    sessions::ended(app, &[login]);
    refused()
}

fn refused() -> Error {
    Error::Unauthenticated("The refresh token is not valid any more. Sign in again.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[tokio::test]
    async fn a_token_is_recognised_from_long_ago_and_a_stranger_costs_little() {
        let mut config = Config::default();
        config.auth.secret = Some("0123456789abcdefghijklmnopqrstuvwxyz".into());
        let keys = Keys::open(&config).unwrap();
        let first = Refresh::new(LoginId(7));
        let newest = (0..600).fold(first.clone(), |token, _| token.successor(&keys));
        assert!(is_ancestor(&keys, first.clone(), &newest.hash(), 601).await);
        assert!(!is_ancestor(&keys, first.clone(), &newest.hash(), 600).await);
        assert!(!is_ancestor(&keys, first, "of nobody", i64::MAX).await, "and it ends");
    }
}
