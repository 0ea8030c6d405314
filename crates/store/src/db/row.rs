//! Reading rows: columns in the order they were selected, the same on both databases.

use std::cell::Cell;

use domain::{
    ApiKeyId, ConversationId, Currency, FileId, FileKind, GroupId, IdentityId, InvitationId, LoginId,
    MemberRole, MessageError, MessageId, NoteId, OrderId, OrderState, Parts, Rating, Role, State,
    SubscriptionStatus, Timestamp, TitleOrigin, TurnId, TurnKind, Usage, UserId, UserRole,
    text_enum::TextEnum,
};
use rusqlite::types::ValueRef;
use sqlx::{Row as _, postgres::PgRow};

use crate::error::{Error, Result};

enum Backend<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

/// A row that is read from its first column to its last.
pub struct Row<'r> {
    row: Backend<'r>,
    at: Cell<usize>,
}

impl<'r> Row<'r> {
    pub(super) fn sqlite(row: &'r rusqlite::Row<'r>) -> Self {
        Self { row: Backend::Sqlite(row), at: Cell::new(0) }
    }

    pub(super) fn postgres(row: &'r PgRow) -> Self {
        Self { row: Backend::Postgres(row), at: Cell::new(0) }
    }

    /// Without the first column, which says whom of a gathered statement it is for.
    pub(super) fn after_place(self) -> Self {
        self.at.set(1);
        self
    }

    /// The next column.
    pub fn next<T: Column>(&self) -> Result<T> {
        let at = self.at.get();
        self.at.set(at + 1);
        T::read(self, at)
    }

    fn int(&self, at: usize) -> Result<Option<i64>> {
        match self.row {
            Backend::Sqlite(row) => match row.get_ref(at)? {
                ValueRef::Null => Ok(None),
                ValueRef::Integer(n) => Ok(Some(n)),
                other => Err(odd(at, "a whole number", other)),
            },
            Backend::Postgres(row) => Ok(row.try_get(at)?),
        }
    }

    fn text(&self, at: usize) -> Result<Option<String>> {
        match self.row {
            Backend::Sqlite(row) => match row.get_ref(at)? {
                ValueRef::Null => Ok(None),
                ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Some).map_err(Error::decode),
                other => Err(odd(at, "text", other)),
            },
            Backend::Postgres(row) => Ok(row.try_get(at)?),
        }
    }

    fn bool(&self, at: usize) -> Result<Option<bool>> {
        match self.row {
            Backend::Sqlite(_) => Ok(self.int(at)?.map(|n| n != 0)),
            Backend::Postgres(row) => Ok(row.try_get(at)?),
        }
    }
}

fn odd(at: usize, wanted: &str, found: ValueRef<'_>) -> Error {
    Error::decode(format!("column {at} is no {wanted} but {}", found.data_type()))
}

/// Something that a column can hold.
pub trait Column: Sized + Send + 'static {
    /// Reads the column; `None` is NULL.
    fn read_optional(row: &Row<'_>, at: usize) -> Result<Option<Self>>;

    /// Reads the column, which must not be NULL.
    fn read(row: &Row<'_>, at: usize) -> Result<Self> {
        Self::read_optional(row, at)?.ok_or_else(|| Error::decode(format!("column {at} is NULL")))
    }
}

impl<T: Column> Column for Option<T> {
    fn read_optional(row: &Row<'_>, at: usize) -> Result<Option<Self>> {
        T::read_optional(row, at).map(Some)
    }
    fn read(row: &Row<'_>, at: usize) -> Result<Self> {
        T::read_optional(row, at)
    }
}

macro_rules! plain {
    ($($type:ty => $method:ident, $wrap:expr;)+) => {$(
        impl Column for $type {
            fn read_optional(row: &Row<'_>, at: usize) -> Result<Option<Self>> {
                Ok(row.$method(at)?.map($wrap))
            }
        }
    )+};
}

plain! {
    i64 => int, |n| n;
    bool => bool, |b| b;
    String => text, |s| s;
    Timestamp => int, Timestamp;
    UserId => int, UserId;
    LoginId => int, LoginId;
    ConversationId => int, ConversationId;
    MessageId => int, MessageId;
    TurnId => int, TurnId;
    GroupId => int, GroupId;
    FileId => int, FileId;
    ApiKeyId => int, ApiKeyId;
    InvitationId => int, InvitationId;
    NoteId => int, NoteId;
    IdentityId => int, IdentityId;
    OrderId => int, OrderId;
}

macro_rules! words {
    ($($type:ty),+) => {$(
        impl Column for $type {
            fn read_optional(row: &Row<'_>, at: usize) -> Result<Option<Self>> {
                row.text(at)?.map(|word| <$type>::parse(&word).map_err(Error::decode)).transpose()
            }
        }
    )+};
}

words!(
    FileKind,
    Rating,
    Role,
    State,
    TurnKind,
    TitleOrigin,
    MemberRole,
    UserRole,
    SubscriptionStatus,
    OrderState,
    Currency
);

macro_rules! json {
    ($($type:ty),+) => {$(
        impl Column for $type {
            fn read_optional(row: &Row<'_>, at: usize) -> Result<Option<Self>> {
                row.text(at)?.map(|text| serde_json::from_str(&text).map_err(Error::decode)).transpose()
            }
        }
    )+};
}

json!(Parts, Usage, MessageError, Vec<i64>);

/// Something that is made of a row.
pub trait FromRow: Sized + Send + 'static {
    /// Reads the columns in the order they were selected.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

impl<A: Column> FromRow for (A,) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.next()?,))
    }
}
impl<A: Column, B: Column> FromRow for (A, B) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.next()?, row.next()?))
    }
}
impl<A: Column, B: Column, C: Column> FromRow for (A, B, C) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.next()?, row.next()?, row.next()?))
    }
}
impl<A: Column, B: Column, C: Column, D: Column> FromRow for (A, B, C, D) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.next()?, row.next()?, row.next()?, row.next()?))
    }
}
