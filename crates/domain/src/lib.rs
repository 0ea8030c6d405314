//! The words of the product: plain data and rules without I/O.

pub mod access;
pub mod api_key;
pub mod conversation;
pub mod event;
pub mod file;
pub mod group;
pub mod id;
pub mod identity;
pub mod invitation;
pub mod member;
pub mod message;
pub mod model;
pub mod money;
pub mod news;
pub mod note;
pub mod order;
pub mod plan;
pub mod presence;
pub mod text_enum;
pub mod time;
pub mod turn;
pub mod user;

pub use access::{Action, MemberRole};
pub use api_key::{ApiKey, Scope};
pub use conversation::{Conversation, TitleOrigin};
pub use event::{Event, EventKind, Seq};
pub use file::{Attachment, File, FileKind};
pub use group::Group;
pub use id::{
    ApiKeyId, ConversationId, FileId, GroupId, IdSource, IdentityId, InvitationId, LoginId, MessageId,
    NoteId, OrderId, TurnId, UserId,
};
pub use identity::Identity;
pub use invitation::Invitation;
pub use member::Member;
pub use message::{CallState, Feedback, Message, MessageError, Part, Parts, Rating, Role, State, Usage};
pub use model::{Capabilities, ModelCard};
pub use money::{Currency, Money};
pub use news::{News, Passage};
pub use note::Note;
pub use order::{Order, OrderState, Terms};
pub use plan::{Feature, Plan, Subscription, SubscriptionStatus};
pub use presence::{Notice, Present};
pub use time::Timestamp;
pub use turn::{Turn, TurnKind};
pub use user::{Person, User, UserRole};
