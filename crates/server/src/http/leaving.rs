//! Stopping an answer when its reader leaves: for clients that have no other way to stop.

use futures_util::{Stream, StreamExt as _, stream};
use services::{
    App,
    chat::{Sent, stop::stop_turns},
    domain::{Event, TurnId},
};

/// The events of a turn that is stopped when this is dropped before their end. Who is put out of the conversation hears no
/// more and has not left: the turn goes on.
pub(crate) fn stop_on_leaving(app: &App, sent: Sent) -> impl Stream<Item = Event> + Send + use<> {
    let leaving = StopsOnLeaving { app: app.clone(), turn: sent.turn, is_over: false };
    stream::unfold((sent.events, leaving), async |(mut events, mut leaving)| {
        let heard = events.next().await;
        leaving.is_over |= heard.as_ref().is_none_or(Event::is_done);
        heard.map(|event| (event, (events, leaving)))
    })
}

/// Stops a turn when this is dropped before its events were over.
struct StopsOnLeaving {
    app: App,
    turn: TurnId,
    is_over: bool,
}

impl Drop for StopsOnLeaving {
    fn drop(&mut self) {
        // A server that stops lets answers go as interrupted, to be continued.
        if !self.is_over && !self.app.stopping().is_cancelled() {
            stop_turns(&self.app, &[self.turn]);
        }
    }
}
