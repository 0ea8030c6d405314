//! Who asks. A parameter of every use case, so that it cannot be forgotten.

use domain::{ApiKeyId, LoginId, UserId, UserRole};

/// A person who has signed in, through one login session, or a program that shows a key of that person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user: UserId,
    /// What it may do to the installation.
    pub role: UserRole,
    /// The login session that the request came with; of a key, a number that no session has.
    pub login: LoginId,
    /// The key that the request came with, if it was none of a session.
    pub key: Option<ApiKeyId>,
}
