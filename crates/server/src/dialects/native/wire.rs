//! The native dialect's words: what goes over the wire, and how our own types become it. Pure.

pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod archive;
pub(crate) mod billing;
pub(crate) mod conversation;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod identity;
pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod model;
pub(crate) mod news;
pub(crate) mod note;
pub(crate) mod preferences;
pub(crate) mod search;
pub(crate) mod share;

pub(crate) use crate::http::time::rfc3339;
