//! Other services to sign in with, and the accounts there, on the wire.

use serde::{Deserialize, Serialize};
use services::{accounts, domain};
use utoipa::ToSchema;

use super::rfc3339;

/// Another service whose accounts can be used to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInProvider {
    /// Its name in addresses.
    id: String,
    /// What people call it.
    name: String,
    /// Where a browser begins to sign in with it; `?from=` is the page of the app to come back to.
    login_url: String,
}

impl From<accounts::SignInProvider> for SignInProvider {
    fn from(provider: accounts::SignInProvider) -> Self {
        let login_url = format!("/api/v1/auth/{}/login", provider.id);
        Self { id: provider.id, name: provider.name, login_url }
    }
}

/// The password of the account that is to be linked.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LinkRequest {
    /// Exactly as typed.
    pub(crate) password: String,
}

/// An account at another service is to be linked.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewIdentity {
    /// The service.
    pub(crate) provider: String,
    /// The page of the app to come back to.
    pub(crate) from: Option<String>,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Onward {
    /// The page of the other service.
    pub(crate) url: String,
}

/// How the account can be signed in to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInWays {
    /// Whether it has a password.
    has_password: bool,
    /// The accounts at other services that sign in to it, the oldest first.
    identities: Vec<Identity>,
}

/// An account at another service.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity {
    id: i64,
    /// The service.
    provider: String,
    /// The e-mail address there, if the service vouches for it.
    #[schema(required)]
    email: Option<String>,
    /// When it was linked.
    #[schema(format = DateTime)]
    created_at: String,
    /// When somebody last came in with it.
    #[schema(format = DateTime)]
    last_used_at: String,
}

impl From<domain::Identity> for Identity {
    fn from(identity: domain::Identity) -> Self {
        Self {
            id: identity.id.0,
            provider: identity.provider,
            email: identity.email,
            created_at: rfc3339(identity.created_at),
            last_used_at: rfc3339(identity.last_used_at),
        }
    }
}

impl From<accounts::Ways> for SignInWays {
    fn from(ways: accounts::Ways) -> Self {
        let identities = ways.identities.into_iter().map(Identity::from).collect();
        Self { has_password: ways.has_password, identities }
    }
}
