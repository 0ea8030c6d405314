//! Signing in with an account at another service, by OpenID Connect.
//!
//! The service says who somebody is by its issuer and a subject, for ever. An e-mail address never signs anybody in to an
//! account that is there: such an account is linked with its password, or by who is signed in to it. What is to be
//! remembered meanwhile is a row that only the browser can use in which it began, once.

mod begin;
mod finish;
mod flow;
mod id_token;
mod link;
mod person;
mod service;

use std::collections::BTreeMap;

pub use begin::{Begin, Begun, begin, begin_link};
pub use finish::{Arrived, Callback, Finish, Outcome, finish};
pub(super) use link::unlink_strange;
pub use link::{Link, Ways, link, unlink, ways};

use crate::{App, Config, Error, Result};
use service::Service;

/// Another service whose accounts can be used to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name in addresses.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// The services of the settings, by their ids.
#[derive(Debug)]
pub(super) struct Services(BTreeMap<String, Service>);

impl Services {
    pub(super) fn open(config: &Config) -> Result<Self> {
        let opened =
            config.auth.oidc.iter().map(|(id, settings)| Ok((id.clone(), Service::open(id, settings)?)));
        Ok(Self(opened.collect::<Result<_>>()?))
    }
}

/// The services whose accounts can be used to sign in.
pub fn providers(app: &App) -> Vec<Provider> {
    let named = |(id, service): (&String, &Service)| Provider { id: id.clone(), name: service.name.clone() };
    app.accounts.oidc.0.iter().map(named).collect()
}

fn service<'a>(app: &'a App, id: &str) -> Result<&'a Service> {
    app.accounts.oidc.0.get(id).ok_or(Error::NotFound("sign-in provider"))
}
