//! Seed 002's events, on the namespace `/`.
//!
//! Beside what its own server sent, events bring a `cursor`: a client that comes back joins with the last one it saw and
//! is told what it missed.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};
use services::{
    Actor, App, Error, conversations,
    domain::{ConversationId, Message, MessageId, Notice, Role, UserId},
    live::Heard,
    presence::Seat,
};

use super::{
    EXHAUSTED,
    conversations::{asked_with, default_model, whole},
    wire::{self, hex},
};
use crate::{
    http::time::rfc3339,
    sockets::{Ask, Growing, More, Named, Place, Told, Words, flips},
};

/// One socket.
pub(crate) struct Sockets {
    app: App,
    actor: Actor,
    /// Its own name among those that look at a conversation.
    seat: String,
    growing: Growing,
    /// Who writes where, as far as it was told.
    typing: HashMap<ConversationId, BTreeMap<UserId, String>>,
}

/// Something to say.
#[derive(Deserialize)]
struct Say {
    message: String,
    model: Option<String>,
}

impl Words for Sockets {
    const NAMESPACE: &'static str = "/";
    const KNOWS_NOBODY: bool = false;

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
        let message = "Successfully connected to chat server";
        vec![Told::new("connected", json!({ "userId": hex(self.actor.user.0), "message": message }))]
    }

    fn ask(event: &str, data: Value) -> Result<Ask, Error> {
        let Named { conversation, place } = match event {
            "join-conversation" | "leave-conversation" | "stream-message" | "typing-start"
            | "typing-stop" => Named::read(&data)?,
            _ => return Err(Error::invalid("event", "is none that this server knows")),
        };
        Ok(match event {
            "join-conversation" => Ask::Join(conversation, place),
            "leave-conversation" => Ask::Leave(conversation),
            "typing-start" => Ask::Typing(conversation, true),
            "typing-stop" => Ask::Typing(conversation, false),
            _ => {
                let said = Say::deserialize(&data);
                let Say { message, model } = said.map_err(|_| Error::invalid("message", "must be a text"))?;
                Ask::Say { conversation, text: message, options: asked_with(model) }
            }
        })
    }

    fn done(&mut self, ask: &Ask, is_new: bool) -> (Vec<Told>, Value) {
        let told = match ask {
            Ask::Join(conversation, place) => {
                if let Some(place) = place.filter(|_| is_new) {
                    self.growing.resume(*conversation, place);
                }
                let message = "Joined conversation room";
                let said = json!({ "conversationId": hex(conversation.0), "message": message });
                vec![Told::new("joined-conversation", said)]
            }
            Ask::Leave(conversation) => {
                self.typing.remove(conversation);
                self.growing.forget(*conversation);
                Vec::new()
            }
            Ask::Say { .. } | Ask::Typing(..) => Vec::new(),
        };
        (told, json!({ "success": true }))
    }

    fn refused(ask: Option<&Ask>, why: &Error) -> (Vec<Told>, Value) {
        let message = match (why, ask) {
            (Error::NotFound(_), _) => "Conversation not found or access denied".to_owned(),
            (Error::QuotaExhausted { used, limit, plan, resets_at, .. }, _) => {
                let mut told = json!({
                    "message": EXHAUSTED, "currentUsage": used, "limit": limit, "plan": plan,
                    "resetsAt": rfc3339(*resets_at),
                });
                let error = vec![Told::new("error", told.clone())];
                told["success"] = json!(false);
                told["error"] = json!(EXHAUSTED);
                return (error, told);
            }
            (Error::Internal(_), Some(Ask::Say { .. })) => "Failed to process message".to_owned(),
            _ => why.to_string(),
        };
        let acknowledged = json!({ "success": false, "error": message });
        (vec![Told::new("error", json!({ "message": message }))], acknowledged)
    }

    async fn tell(&mut self, heard: Heard) -> Result<Vec<Told>, Error> {
        Ok(match heard {
            Heard::Said { message, cursor } if message.role == Role::User => {
                vec![said(&message, cursor.map(|cursor| self.growing.place(cursor)))]
            }
            // An answer that was written down as it is.
            Heard::Said { message, .. } => vec![self.complete(&message, None).await?],
            Heard::Asked { .. } => Vec::new(),
            Heard::Event { conversation, message, turn, cursor, event } => {
                let mut told = Vec::new();
                for more in self.growing.more(conversation, turn, event.kind) {
                    let place = self.growing.place(cursor);
                    told.extend(self.more(conversation, message, place, more).await?);
                }
                told
            }
            Heard::Present(conversation, seats) => self.typing(conversation, &seats),
            Heard::Gone(conversation) => {
                self.typing.remove(&conversation);
                self.growing.forget(conversation);
                let message = "Conversation not found or access denied";
                let said = json!({ "message": message, "conversationId": hex(conversation.0) });
                vec![Told::new("error", said)]
            }
            Heard::Notification(notice) => vec![Told::new("notification", self::notice(&notice))],
            Heard::Broadcast(notice) => vec![Told::new("broadcast", self::notice(&notice))],
        })
    }
}

impl Sockets {
    async fn more(
        &self,
        conversation: ConversationId,
        message: MessageId,
        place: Place,
        more: More,
    ) -> Result<Vec<Told>, Error> {
        let id = hex(conversation.0);
        Ok(match more {
            More::Begun => vec![Told::new(
                "ai-typing-start",
                json!({ "conversationId": id, "message": "AI is thinking..." }),
            )],
            More::Text(text) => vec![Told::new(
                "ai-stream-chunk",
                json!({
                    "conversationId": id,
                    "chunk": text,
                    "isComplete": false,
                    "messageId": hex(message.0),
                    "cursor": place.to_string(),
                }),
            )],
            More::Failed => vec![Told::new(
                "ai-stream-error",
                json!({ "conversationId": id, "error": "Failed to generate AI response" }),
            )],
            More::Settled { has_failed } => {
                let stop = Told::new("ai-typing-stop", json!({ "conversationId": id }));
                if has_failed {
                    return Ok(vec![stop]);
                }
                let answer = services::conversations::message(&self.app, &self.actor, message).await;
                match answer {
                    Ok(answer) => vec![self.complete(&answer, Some(place)).await?, stop],
                    // Deleted meanwhile, or no longer this person's to see.
                    Err(Error::NotFound(_)) => vec![stop],
                    Err(error) => return Err(error),
                }
            }
        })
    }

    /// A whole answer. The newest comes with the whole conversation, which pages of its clients show from then on.
    async fn complete(&self, answer: &Message, place: Option<Place>) -> Result<Told, Error> {
        let conversation = conversations::find(&self.app, &self.actor, answer.conversation_id).await?;
        let model = default_model(&self.app);
        let mut data = json!({
            "conversationId": hex(answer.conversation_id.0),
            "message": wire::message(answer, &model),
        });
        if conversation.active_message_id == Some(answer.id) {
            let (conversation, _) = whole(&self.app, &self.actor, &conversation).await?;
            data["conversation"] = conversation;
        }
        if let Some(place) = place {
            data["cursor"] = json!(place.to_string());
        }
        Ok(Told::new("ai-stream-complete", data))
    }

    /// Who among the others began to write, and who stopped.
    fn typing(&mut self, conversation: ConversationId, seats: &[Seat]) -> Vec<Told> {
        let (begun, stopped) = flips(self.typing.entry(conversation).or_default(), seats, &self.seat);
        let told = |event, (user, name): (UserId, String)| {
            let said =
                json!({ "conversationId": hex(conversation.0), "userId": hex(user.0), "username": name });
            Told::new(event, said)
        };
        let begun = begun.into_iter().map(|who| told("typing-start", who));
        begun.chain(stopped.into_iter().map(|who| told("typing-stopped", who))).collect()
    }
}

fn said(message: &Message, place: Option<Place>) -> Told {
    let author = message.author.as_ref();
    let mut data = json!({
        "conversationId": hex(message.conversation_id.0),
        "message": {
            "_id": hex(message.id.0),
            "role": "user",
            "content": message.parts.text(),
            "timestamp": rfc3339(message.created_at),
            "userId": author.map(|author| hex(author.id.0)),
            "username": author.map(|author| &author.username),
        },
    });
    if let Some(place) = place {
        data["cursor"] = json!(place.to_string());
    }
    Told::new("message-sent", data)
}

fn notice(notice: &Notice) -> Value {
    json!({
        "type": notice.kind,
        "message": notice.message,
        "data": serde_json::from_str::<Value>(&notice.data).unwrap_or_default(),
        "timestamp": rfc3339(notice.at),
        "from": hex(notice.from.0),
    })
}
