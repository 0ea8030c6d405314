//! What may be bound to a statement: the few kinds that both databases know.

use domain::{
    ApiKeyId, ConversationId, Currency, FileId, FileKind, GroupId, IdentityId, InvitationId, LoginId,
    MemberRole, MessageId, NoteId, OrderId, OrderState, Parts, Rating, Role, State, SubscriptionStatus,
    Timestamp, TitleOrigin, TurnId, TurnKind, UserId, UserRole, text_enum::TextEnum,
};

/// A bound value. The kind is kept for NULL too, because PostgreSQL types its parameters.
#[derive(Debug, Clone)]
pub enum Value {
    /// A whole number, an id or a time.
    Int(Option<i64>),
    /// Text, an enum's word or JSON.
    Text(Option<String>),
    /// Yes or no.
    Bool(Option<bool>),
}

/// Something that can be bound.
pub trait Bind {
    /// As a value.
    fn value(self) -> Value;
    /// NULL of the same kind.
    fn null() -> Value;
}

impl<T: Bind> Bind for Option<T> {
    fn value(self) -> Value {
        self.map_or_else(T::null, T::value)
    }
    fn null() -> Value {
        T::null()
    }
}

macro_rules! bind {
    ($($type:ty => $kind:ident, |$value:ident| $as:expr;)+) => {$(
        impl Bind for $type {
            fn value(self) -> Value {
                let $value = self;
                Value::$kind(Some($as))
            }
            fn null() -> Value {
                Value::$kind(None)
            }
        }
    )+};
}

bind! {
    i64 => Int, |n| n;
    Timestamp => Int, |t| t.0;
    UserId => Int, |id| id.0;
    LoginId => Int, |id| id.0;
    ConversationId => Int, |id| id.0;
    MessageId => Int, |id| id.0;
    TurnId => Int, |id| id.0;
    GroupId => Int, |id| id.0;
    FileId => Int, |id| id.0;
    ApiKeyId => Int, |id| id.0;
    InvitationId => Int, |id| id.0;
    NoteId => Int, |id| id.0;
    IdentityId => Int, |id| id.0;
    OrderId => Int, |id| id.0;
    bool => Bool, |b| b;
    String => Text, |s| s;
    &str => Text, |s| s.to_owned();
    &String => Text, |s| s.clone();
    FileKind => Text, |e| e.as_str().to_owned();
    Rating => Text, |e| e.as_str().to_owned();
    Role => Text, |e| e.as_str().to_owned();
    State => Text, |e| e.as_str().to_owned();
    TurnKind => Text, |e| e.as_str().to_owned();
    TitleOrigin => Text, |e| e.as_str().to_owned();
    MemberRole => Text, |e| e.as_str().to_owned();
    UserRole => Text, |e| e.as_str().to_owned();
    SubscriptionStatus => Text, |e| e.as_str().to_owned();
    OrderState => Text, |e| e.as_str().to_owned();
    Currency => Text, |e| e.as_str().to_owned();
    &Parts => Text, |parts| to_json(parts);
}

/// JSON text of a value that always has one.
pub fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
