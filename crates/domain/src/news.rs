//! What concerns a person, whatever page is open: news of the conversations that the person sees.
//!
//! News are told once to whoever listens, and never again. Who may have missed some hears `Hello`, and reads again.

use crate::{
    Conversation, ConversationId, MessageId, Note, NoteId, Notice, Present, Role, State, Turn, TurnId,
};

/// Something that its listener wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// What was shown so far may be old: read again.
    Hello,
    /// There is a conversation more.
    ConversationCreated(Box<Conversation>),
    /// It has changed, or was taken out of the trash.
    ConversationUpdated(Box<Conversation>),
    /// It was moved to the trash, has ended, or is no longer the listener's to see.
    ConversationDeleted(Box<Conversation>),
    /// Something was said, or an answer was asked for that is empty yet.
    MessageCreated(Passage, Role),
    /// A message was deleted, with all that followed it.
    MessageDeleted(ConversationId, MessageId),
    /// An answer begins to be written.
    TurnStarted(Passage),
    /// An answer is settled.
    TurnEnded(Passage),
    /// Who sees a conversation, or as what, has changed.
    Members(ConversationId),
    /// A note was written.
    NoteCreated(Box<Note>),
    /// A note was deleted.
    NoteDeleted(ConversationId, NoteId),
    /// The listener's groups have changed: there is one more, one has another name, or one is gone.
    Groups,
    /// The listener has chosen something, on this device or another: all that is chosen, as a JSON object.
    Preferences(String),
    /// Who has the conversation open now, and who of them is writing: all of them, the listener included.
    Presence(ConversationId, Vec<Present>),
    /// Somebody tells the listener something.
    Notification(Box<Notice>),
    /// An administrator tells everybody something.
    Broadcast(Box<Notice>),
}

/// A message, and the turn that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Where.
    pub conversation: ConversationId,
    /// Its turn.
    pub turn: TurnId,
    /// The message.
    pub message: MessageId,
    /// How far it has come.
    pub state: State,
}

impl Passage {
    /// The answer of a turn.
    pub fn answer(turn: &Turn, state: State) -> Self {
        Self { conversation: turn.conversation_id, turn: turn.id, message: turn.message_id, state }
    }

    /// The question of a turn.
    pub fn question(turn: &Turn) -> Self {
        Self { message: turn.user_message_id, ..Self::answer(turn, State::Completed) }
    }
}

impl News {
    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> usize {
        let text = match self {
            Self::ConversationCreated(one)
            | Self::ConversationUpdated(one)
            | Self::ConversationDeleted(one) => {
                let beside = [&one.model, &one.instructions].into_iter().flatten().map(String::len);
                size_of::<Conversation>() + one.title.len() + beside.sum::<usize>()
            }
            Self::Preferences(chosen) => chosen.len(),
            Self::Presence(_, present) => present.iter().map(Present::weight).sum(),
            Self::Notification(notice) | Self::Broadcast(notice) => notice.weight(),
            Self::NoteCreated(note) => size_of::<Note>() + note.content.len(),
            Self::Hello
            | Self::MessageCreated(..)
            | Self::MessageDeleted(..)
            | Self::TurnStarted(_)
            | Self::TurnEnded(_)
            | Self::Members(_)
            | Self::NoteDeleted(..)
            | Self::Groups => 0,
        };
        size_of::<Self>() + text
    }
}
