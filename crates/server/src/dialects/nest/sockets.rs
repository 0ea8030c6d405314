//! Seed 003's events, on the namespace `/chat`.
//!
//! Its own server asked nobody who they are; here a token is needed, unless the settings allow what it did. Beside what
//! it sent, events bring a `cursor`: a client that comes back joins with the last one it saw and is told what it missed.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    Actor, App, Error, conversations,
    domain::{self, ConversationId, MessageId, Role, UserId},
    live::Heard,
    presence::Seat,
};

use super::wire::Message;
use crate::sockets::{Ask, Growing, More, Named, Place, Told, Words, flips};

/// One socket.
pub(crate) struct Sockets {
    app: App,
    actor: Actor,
    /// Its own name among those that look at a session.
    seat: String,
    growing: Growing,
    /// Who writes where, as far as it was told.
    typing: HashMap<ConversationId, BTreeMap<UserId, String>>,
}

#[derive(Deserialize)]
struct Typing {
    typing: bool,
}

impl Words for Sockets {
    const NAMESPACE: &'static str = "/chat";
    const KNOWS_NOBODY: bool = true;

    async fn open(app: &App, actor: &Actor, socket: &str) -> Result<Self, Error> {
        Ok(Self {
            app: app.clone(),
            actor: *actor,
            seat: socket.to_owned(),
            growing: Growing::default(),
            typing: HashMap::new(),
        })
    }

    fn greeting(&self) -> Vec<Told> {
        Vec::new()
    }

    fn ask(event: &str, data: Value) -> Result<Ask, Error> {
        match event {
            "join" => {
                let Named { conversation, place } = Named::read(&data)?;
                Ok(Ask::Join(conversation, place))
            }
            "leave" => Ok(Ask::Leave(Named::read(&data)?.conversation)),
            "typing" => {
                let typing = Typing::deserialize(&data);
                let Typing { typing } =
                    typing.map_err(|_| Error::invalid("typing", "must be true or false"))?;
                Ok(Ask::Typing(Named::read(&data)?.conversation, typing))
            }
            _ => Err(Error::invalid("event", "is none that this server knows")),
        }
    }

    fn done(&mut self, ask: &Ask, is_new: bool) -> (Vec<Told>, Value) {
        match ask {
            Ask::Join(conversation, Some(place)) if is_new => self.growing.resume(*conversation, *place),
            Ask::Leave(conversation) => {
                self.typing.remove(conversation);
                self.growing.forget(*conversation);
            }
            _ => {}
        }
        (Vec::new(), json!({ "ok": true }))
    }

    fn refused(_: Option<&Ask>, why: &Error) -> (Vec<Told>, Value) {
        let message = match why {
            Error::NotFound(_) => "Session not found".to_owned(),
            _ => why.to_string(),
        };
        let exception = json!({ "status": "error", "message": message });
        (vec![Told::new("exception", exception)], json!({ "ok": false, "error": message }))
    }

    async fn tell(&mut self, heard: Heard) -> Result<Vec<Told>, Error> {
        Ok(match heard {
            Heard::Said { message, cursor } => {
                let is_answer = message.role == Role::Assistant;
                let place = cursor.map(|cursor| self.growing.place(cursor));
                let said = shown(&message, place)?;
                let mut told = vec![Told::new("message:new", said.clone())];
                if is_answer {
                    // It was written down as it is.
                    told.push(Told::new("message:update", said));
                    told.push(Told::new("message:done", json!({ "messageId": message.id.to_string() })));
                }
                told
            }
            Heard::Asked { mut message, cursor } => {
                message.parts = domain::Parts::default();
                let place = cursor.map(|cursor| self.growing.place(cursor));
                vec![Told::new("message:new", shown(&message, place)?)]
            }
            Heard::Event { conversation, message, turn, cursor, event } => {
                let mut told = Vec::new();
                for more in self.growing.more(conversation, turn, event.kind) {
                    let place = self.growing.place(cursor);
                    told.extend(self.more(message, place, more).await?);
                }
                told
            }
            Heard::Present(conversation, seats) => self.typing(conversation, &seats),
            Heard::Gone(conversation) => {
                self.typing.remove(&conversation);
                self.growing.forget(conversation);
                let message = "Session not found";
                let said =
                    json!({ "status": "error", "message": message, "sessionId": conversation.to_string() });
                vec![Told::new("exception", said)]
            }
            Heard::Notification(_) | Heard::Broadcast(_) => Vec::new(),
        })
    }
}

impl Sockets {
    async fn more(&self, message: MessageId, place: Place, more: More) -> Result<Vec<Told>, Error> {
        let id = message.to_string();
        Ok(match more {
            More::Begun | More::Failed => Vec::new(),
            More::Text(text) => {
                let said = json!({ "messageId": id, "delta": text, "cursor": place.to_string() });
                vec![Told::new("message:stream", said)]
            }
            More::Settled { .. } => {
                let done = json!({ "messageId": id, "cursor": place.to_string() });
                let done = Told::new("message:done", done);
                match conversations::message(&self.app, &self.actor, message).await {
                    Ok(answer) => {
                        let mut update = shown(&answer, None)?;
                        if let Some(error) = &answer.error {
                            update["error"] = json!(error.message);
                        }
                        vec![Told::new("message:update", update), done]
                    }
                    // Deleted meanwhile, or no longer this person's to see.
                    Err(Error::NotFound(_)) => vec![done],
                    Err(error) => return Err(error),
                }
            }
        })
    }

    /// Who among the others began to write, and who stopped.
    fn typing(&mut self, conversation: ConversationId, seats: &[Seat]) -> Vec<Told> {
        let (begun, stopped) = flips(self.typing.entry(conversation).or_default(), seats, &self.seat);
        let told = |(user, _): (UserId, String), is_typing: bool| {
            let said = json!({
                "typing": is_typing,
                "sessionId": conversation.to_string(),
                "userId": user.to_string(),
            });
            Told::new("typing", said)
        };
        let begun = begun.into_iter().map(|who| told(who, true));
        begun.chain(stopped.into_iter().map(|who| told(who, false))).collect()
    }
}

fn shown(message: &domain::Message, place: Option<Place>) -> Result<Value, Error> {
    let mut shown = serde_json::to_value(Message::from(message)).map_err(Error::internal)?;
    if let Some(place) = place {
        shown["cursor"] = json!(place.to_string());
    }
    Ok(shown)
}
