//! The native API: what the web app and new clients speak, described by OpenAPI.

mod again;
mod api_keys;
mod archive;
mod auth;
mod billing;
mod bulk;
mod chat;
mod conversations;
mod events;
mod feedback;
mod files;
mod fork;
mod groups;
mod identities;
mod instance;
mod invitations;
mod me;
mod members;
mod messages;
mod models;
mod notes;
mod openapi;
mod pages;
mod passwords;
mod preferences;
mod presence;
pub(super) mod providers;
mod search;
mod shares;
mod tickets;
mod turns;
pub(crate) mod wire;

use services::App;
use utoipa_axum::router::OpenApiRouter;

/// Paths under these are answered in this API's words, also when there is nothing.
pub(crate) const PREFIXES: [&str; 1] = ["/api/v1"];

pub(crate) fn router() -> OpenApiRouter<App> {
    let api = OpenApiRouter::new()
        .merge(auth::router())
        .merge(passwords::router())
        .merge(providers::router())
        .merge(identities::router())
        .merge(api_keys::router())
        .merge(tickets::router())
        .merge(me::router())
        .merge(instance::router())
        .merge(models::router())
        .merge(conversations::router())
        .merge(bulk::router())
        .merge(fork::router())
        .merge(shares::router())
        .merge(members::router())
        .merge(invitations::router())
        .merge(notes::router())
        .merge(groups::router())
        .merge(feedback::router())
        .merge(messages::router())
        .merge(files::router())
        .merge(preferences::router())
        .merge(archive::router())
        .merge(chat::router())
        .merge(again::router())
        .merge(turns::router())
        .merge(events::router())
        .merge(presence::router())
        .merge(search::router())
        .merge(billing::router());
    OpenApiRouter::new().nest(PREFIXES[0], api)
}
