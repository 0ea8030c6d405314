//! Outside services, and a client, for development and tests: they speak their real protocol and can misbehave.
//!
//! A mail server ([`FakeSmtp`]), search engines with pages ([`FakeWeb`]), a payment gateway
//! ([`FakeKonnect`]), a service whose accounts sign in elsewhere ([`FakeOidc`]), and a model provider that speaks OpenAI (`/v1/chat/completions`, `/v1/models`) and Anthropic
//! (`/v1/messages`) on one port. What it does with a request is, in this order: the answer to a request for a title;
//! the next [`Script`] of the queue; the commands in the last user message, `[tokens=200 rate=40]`, or behind the
//! model's name, `fake:tokens=200,rate=0`; a short friendly answer. The commands are those of [`Script`].

mod answer;
mod anthropic;
mod embeddings;
mod konnect;
mod oidc;
mod openai;
mod play;
mod question;
mod record;
mod router;
mod script;
mod serving;
mod smtp;
mod socket;
mod stage;
mod web;

use std::{net::SocketAddr, sync::Arc};

use axum::Router;

use serving::Serving;

pub use konnect::{FakeKonnect, KonnectManners, serve_konnect};
pub use oidc::{FakeOidc, Manners, Signature};
pub use record::{Counts, Disconnect, Received, wall_clock};
pub use router::serve;
pub use script::Script;
pub use smtp::{FakeSmtp, Letter, serve_smtp};
pub use socket::Socket;
pub use stage::Stage;
pub use web::{AskedFor, FakeWeb, Mood, Paper};

/// A fake provider on a port of its own. Dropping it closes the port and every connection.
pub struct Fake {
    address: SocketAddr,
    stage: Arc<Stage>,
    _serving: Serving,
}

impl Fake {
    /// Starts one that does not pace its answers.
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts one at a given address, such as that of one that was dropped.
    #[expect(clippy::unused_async, reason = "callers need not know that nothing is awaited")]
    pub async fn start_at(address: SocketAddr) -> Self {
        let (listener, address) = serving::bind(address).expect("the address is free");
        let stage = Arc::new(Stage::new(0.0));
        let router = router::router(stage.clone());
        let serving = Serving::start(listener, move |listener| router::serve(listener, router));
        Self { address, stage, _serving: serving }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a provider's `base_url` is set to, for both protocols.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Puts a script into the queue: one request plays it. Requests for titles take none.
    pub fn next(&self, script: impl Into<Script>) {
        self.stage.push(script.into());
    }

    /// What it knows and was told; also answers `/_fake/…` of the binary.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Received> {
        self.stage.record().requests()
    }

    /// The clients that left before their answer was complete, oldest first.
    pub fn disconnects(&self) -> Vec<Disconnect> {
        self.stage.record().disconnects()
    }

    /// How many streams were opened, are open, came to their end …
    pub fn counts(&self) -> Counts {
        self.stage.record().counts()
    }

    /// Waits until the counts are as wanted. Callers put a limit on it.
    pub async fn until(&self, wanted: impl Fn(&Counts) -> bool) {
        self.stage.record().until(wanted).await;
    }

    /// The routes, to serve them elsewhere.
    pub fn router(&self) -> Router {
        router::router(self.stage.clone())
    }
}
