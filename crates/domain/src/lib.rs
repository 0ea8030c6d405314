//! The words of the product: plain data and rules without I/O.

pub mod access;
pub mod conversation;
pub mod event;
pub mod id;
pub mod message;
pub mod model;
pub mod text_enum;
pub mod time;
pub mod turn;
pub mod user;

pub use access::{Action, MemberRole};
pub use conversation::{Conversation, TitleOrigin};
pub use event::{Event, EventKind, Seq};
pub use id::{ConversationId, IdSource, LoginId, MessageId, TurnId, UserId};
pub use message::{Message, MessageError, Part, Parts, Role, State, Usage};
pub use model::{Capabilities, ModelCard};
pub use time::Timestamp;
pub use turn::{Turn, TurnKind};
pub use user::{User, UserRole};
