//! Who asks. A parameter of every use case, so that it cannot be forgotten.

use domain::{LoginId, UserId, UserRole};

/// A person who has signed in, through one login session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user: UserId,
    /// What it may do to the installation.
    pub role: UserRole,
    /// The login session that the request came with.
    pub login: LoginId,
}
