//! An account.

use crate::{Timestamp, UserId, text_enum};

text_enum! {
    /// What an account may do to the installation.
    pub enum UserRole {
        /// Uses it.
        User = "user",
        /// Runs it.
        Admin = "admin",
    }
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Unique without regard to case; holds no `@`.
    pub username: String,
    /// Unique without regard to case.
    pub email: String,
    /// The name to show, if the person gave one.
    pub full_name: Option<String>,
    /// What it may do to the installation.
    pub role: UserRole,
    /// An inactive account cannot sign in and its sessions have ended.
    pub is_active: bool,
    /// Whether the e-mail address was shown to belong to the person.
    pub is_verified: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub last_login: Option<Timestamp>,
    /// What the person chose, as a JSON object.
    pub preferences: String,
}

/// A person as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The name that the person goes by.
    pub full_name: Option<String>,
}

impl Person {
    /// About how many bytes it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        self.username.len() + self.full_name.as_ref().map_or(0, String::len)
    }
}
