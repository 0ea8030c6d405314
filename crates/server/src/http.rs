//! What all client APIs share of HTTP: who asks, from where, what may be read, and how a refusal looks.

pub(crate) mod away;
pub(crate) mod client;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod disposition;
pub(crate) mod extract;
pub(crate) mod frame;
pub(crate) mod headers;
pub(crate) mod idempotency;
pub(crate) mod leaving;
pub(crate) mod limits;
pub(crate) mod problem;
pub(crate) mod rates;
pub(crate) mod routes;
pub(crate) mod sources;
pub(crate) mod sse;
pub(crate) mod time;
pub(crate) mod upload;
pub(crate) mod words;
