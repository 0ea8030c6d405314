//! What concerns the caller, on the wire: one JSON object a `data:` line and nothing else.

use serde::Serialize;
use serde_json::{Map, Value};
use services::domain::{self, News};
use utoipa::ToSchema;

use super::{
    conversation::Conversation,
    message::{MessageRole, MessageState},
    note::Note,
};
use crate::http::time::rfc3339;

/// Something that concerns the caller.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type")]
pub(crate) enum LiveEvent {
    /// Comes first, and again whenever something may have been missed: read again what is shown.
    #[serde(rename = "hello")]
    Hello,
    /// There is a conversation more.
    #[serde(rename = "conversation.created")]
    ConversationCreated { conversation: Box<Conversation> },
    /// It has changed, something was said in it, or it was taken out of the trash.
    #[serde(rename = "conversation.updated")]
    ConversationUpdated { conversation: Box<Conversation> },
    /// It was moved to the trash (then `deleted_at` is set), is gone, or is no longer the listener's to see.
    #[serde(rename = "conversation.deleted")]
    ConversationDeleted { conversation: Box<Conversation> },
    /// Something was said, or an answer was asked for, which is empty yet and may have to wait.
    #[serde(rename = "message.created")]
    MessageCreated {
        #[serde(flatten)]
        passage: Passage,
        role: MessageRole,
    },
    /// A message was deleted, with all that followed it: read again what is shown of the conversation.
    #[serde(rename = "message.deleted")]
    MessageDeleted { conversation_id: i64, message_id: i64 },
    /// An answer begins to be written: follow its turn from the start.
    #[serde(rename = "turn.started")]
    TurnStarted(Passage),
    /// An answer is settled.
    #[serde(rename = "turn.ended")]
    TurnEnded(Passage),
    /// Who sees a conversation, or as what, has changed: read its members again.
    #[serde(rename = "members")]
    Members { conversation_id: i64 },
    /// A note was written.
    #[serde(rename = "note.created")]
    NoteCreated { note: Box<Note> },
    /// A note was deleted.
    #[serde(rename = "note.deleted")]
    NoteDeleted { conversation_id: i64, note_id: i64 },
    /// The listener's groups have changed: there is one more, one has another name, or one is gone, and what was in it is
    /// in none. Read them again.
    #[serde(rename = "groups")]
    Groups,
    /// The listener has chosen something, on this device or another: all that is chosen.
    #[serde(rename = "preferences")]
    Preferences {
        #[schema(value_type = super::preferences::Preferences)]
        preferences: Map<String, Value>,
    },
    /// Who has the conversation open now, the listener included, and who of them is writing.
    #[serde(rename = "presence")]
    Presence { conversation_id: i64, users: Vec<Present> },
    /// Somebody tells the listener something.
    #[serde(rename = "notification")]
    Notification(Notice),
    /// An administrator tells everybody something.
    #[serde(rename = "broadcast")]
    Broadcast(Notice),
    /// The login session has ended. The last line.
    #[serde(rename = "session.ended")]
    SessionEnded,
}

/// A message, and the turn that it belongs to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Passage {
    pub(crate) conversation_id: i64,
    pub(crate) turn_id: i64,
    pub(crate) message_id: i64,
    pub(crate) state: MessageState,
}

/// Somebody who has a conversation open.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Present {
    pub(crate) id: i64,
    pub(crate) username: String,
    #[schema(required = true)]
    pub(crate) full_name: Option<String>,
    /// Whether the person is writing.
    pub(crate) typing: bool,
}

/// Something that is told at once and not kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Notice {
    /// What kind it is, in the sender's words, such as `info`.
    pub(crate) kind: String,
    /// What to show, as it is: no markup.
    pub(crate) message: String,
    /// What programs want to know.
    pub(crate) data: Value,
    /// The account of the sender.
    pub(crate) from: i64,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
}

impl From<&domain::Present> for Present {
    fn from(present: &domain::Present) -> Self {
        Self {
            id: present.person.id.0,
            username: present.person.username.clone(),
            full_name: present.person.full_name.clone(),
            typing: present.is_typing,
        }
    }
}

impl From<&domain::Notice> for Notice {
    fn from(notice: &domain::Notice) -> Self {
        Self {
            kind: notice.kind.clone(),
            message: notice.message.clone(),
            data: serde_json::from_str(&notice.data).unwrap_or_default(),
            from: notice.from.0,
            created_at: rfc3339(notice.at),
        }
    }
}

impl From<domain::Passage> for Passage {
    fn from(passage: domain::Passage) -> Self {
        Self {
            conversation_id: passage.conversation.0,
            turn_id: passage.turn.0,
            message_id: passage.message.0,
            state: passage.state.into(),
        }
    }
}

impl From<&News> for LiveEvent {
    fn from(news: &News) -> Self {
        let shown = |one: &domain::Conversation| Box::new(Conversation::from(one.clone()));
        match news {
            News::Hello => Self::Hello,
            News::ConversationCreated(one) => Self::ConversationCreated { conversation: shown(one) },
            News::ConversationUpdated(one) => Self::ConversationUpdated { conversation: shown(one) },
            News::ConversationDeleted(one) => Self::ConversationDeleted { conversation: shown(one) },
            News::MessageCreated(passage, role) => {
                Self::MessageCreated { passage: (*passage).into(), role: (*role).into() }
            }
            News::MessageDeleted(conversation, message) => {
                Self::MessageDeleted { conversation_id: conversation.0, message_id: message.0 }
            }
            News::TurnStarted(passage) => Self::TurnStarted((*passage).into()),
            News::TurnEnded(passage) => Self::TurnEnded((*passage).into()),
            News::Members(conversation) => Self::Members { conversation_id: conversation.0 },
            News::NoteCreated(note) => Self::NoteCreated { note: Box::new(Note::from((**note).clone())) },
            News::NoteDeleted(conversation, note) => {
                Self::NoteDeleted { conversation_id: conversation.0, note_id: note.0 }
            }
            News::Groups => Self::Groups,
            News::Presence(conversation, people) => Self::Presence {
                conversation_id: conversation.0,
                users: people.iter().map(Present::from).collect(),
            },
            News::Notification(notice) => Self::Notification(Notice::from(&**notice)),
            News::Broadcast(notice) => Self::Broadcast(Notice::from(&**notice)),
            News::Preferences(chosen) => {
                Self::Preferences { preferences: serde_json::from_str(chosen).unwrap_or_default() }
            }
        }
    }
}

impl LiveEvent {
    /// The line of this event.
    pub(crate) fn line(&self) -> String {
        let data = serde_json::to_string(self).unwrap_or_default();
        format!("data: {data}\n\n")
    }
}

#[cfg(test)]
mod tests {
    use domain::{ConversationId, MessageId, NoteId, Role, State, TurnId};

    use super::*;

    #[test]
    fn an_event_is_one_line_of_json() {
        let passage = domain::Passage {
            conversation: ConversationId(1),
            turn: TurnId(2),
            message: MessageId(3),
            state: State::Running,
        };
        assert_eq!(LiveEvent::from(&News::Hello).line(), "data: {\"type\":\"hello\"}\n\n");
        assert_eq!(
            LiveEvent::from(&News::TurnStarted(passage)).line(),
            "data: {\"type\":\"turn.started\",\"conversation_id\":1,\"turn_id\":2,\"message_id\":3,\
             \"state\":\"running\"}\n\n"
        );
        assert_eq!(
            LiveEvent::from(&News::MessageCreated(passage, Role::Assistant)).line(),
            "data: {\"type\":\"message.created\",\"conversation_id\":1,\"turn_id\":2,\"message_id\":3,\
             \"state\":\"running\",\"role\":\"assistant\"}\n\n"
        );
        assert_eq!(
            LiveEvent::from(&News::MessageDeleted(ConversationId(1), MessageId(3))).line(),
            "data: {\"type\":\"message.deleted\",\"conversation_id\":1,\"message_id\":3}\n\n"
        );
        assert_eq!(
            LiveEvent::from(&News::Preferences(r#"{"theme":"dark"}"#.into())).line(),
            "data: {\"type\":\"preferences\",\"preferences\":{\"theme\":\"dark\"}}\n\n"
        );
        assert_eq!(
            LiveEvent::from(&News::Members(ConversationId(1))).line(),
            "data: {\"type\":\"members\",\"conversation_id\":1}\n\n"
        );
        assert_eq!(
            LiveEvent::from(&News::NoteDeleted(ConversationId(1), NoteId(4))).line(),
            "data: {\"type\":\"note.deleted\",\"conversation_id\":1,\"note_id\":4}\n\n"
        );
        assert_eq!(LiveEvent::from(&News::Groups).line(), "data: {\"type\":\"groups\"}\n\n");
        assert_eq!(LiveEvent::SessionEnded.line(), "data: {\"type\":\"session.ended\"}\n\n");
    }
}
