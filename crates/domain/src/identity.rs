//! An account at another service that signs in to an account here.

use crate::{IdentityId, Timestamp};

/// An account at another service, as the owner of the account here sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id here.
    pub id: IdentityId,
    /// What the settings call the service.
    pub provider: String,
    /// What the service calls itself: with the subject it says for all time who somebody is.
    pub issuer: String,
    /// What the service calls the account.
    pub subject: String,
    /// The e-mail address there, if the service has seen that it is the person's.
    pub email: Option<String>,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When somebody last came in with it.
    pub last_used_at: Timestamp,
}
