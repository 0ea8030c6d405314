//! Accounts and login sessions through the native API.

mod bodies;
mod cookies;
mod ending;
mod forgotten;
pub(crate) mod providers;
mod refresh;
mod sign_in;
mod sign_up;
