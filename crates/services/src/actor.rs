//! Who asks. A parameter of every use case, so that it cannot be forgotten.

use domain::{ApiKeyId, LoginId, Timestamp, UserId, UserRole};

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
    pub key: Option<Key>,
}

/// A key that a program shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Which one.
    pub id: ApiKeyId,
    /// Whether it is good for reading and for changing what is stored.
    pub reads_and_writes: bool,
    /// From when on it is good for nothing, if ever.
    pub expires_at: Option<Timestamp>,
}
