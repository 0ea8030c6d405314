//! Stopping an answer when its reader leaves: for clients that have no other way to stop.

use services::{
    App,
    chat::stop::stop_turns,
    domain::{Event, TurnId},
};

/// Stops a turn when this is dropped before the turn's end was heard.
pub(crate) struct StopsOnLeaving {
    app: App,
    turn: TurnId,
    is_over: bool,
}

impl StopsOnLeaving {
    pub(crate) fn new(app: &App, turn: TurnId) -> Self {
        Self { app: app.clone(), turn, is_over: false }
    }

    /// Notes what the reader is told.
    pub(crate) fn has_heard(&mut self, event: &Event) {
        self.is_over |= event.is_done();
    }
}

impl Drop for StopsOnLeaving {
    fn drop(&mut self) {
        // A server that stops lets answers go as interrupted, to be continued.
        if !self.is_over && !self.app.stopping().is_cancelled() {
            stop_turns(&self.app, &[self.turn]);
        }
    }
}
