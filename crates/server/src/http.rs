//! What all client APIs share of HTTP: who asks, from where, what may be read, and how a refusal looks.

pub(crate) mod client;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod disposition;
pub(crate) mod extract;
pub(crate) mod frame;
pub(crate) mod headers;
pub(crate) mod limits;
pub(crate) mod problem;
pub(crate) mod sse;
pub(crate) mod upload;
