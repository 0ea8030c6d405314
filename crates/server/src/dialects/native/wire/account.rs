//! Accounts and login sessions as this API says them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use services::{
    accounts::{self, LoginSession, SignedIn},
    domain::{self, LoginId},
    installation,
};
use utoipa::ToSchema;

use super::{file::FileLimits, identity::SignInProvider, preferences::Preferences, rfc3339};

/// What an account may do to the installation.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserRole {
    /// Uses it.
    User,
    /// Runs it.
    Admin,
}

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct User {
    /// Its id.
    pub(crate) id: i64,
    /// Unique without regard to case.
    pub(crate) username: String,
    /// Unique without regard to case.
    pub(crate) email: String,
    /// The name to show.
    #[schema(required)]
    pub(crate) full_name: Option<String>,
    /// What it may do to the installation.
    pub(crate) role: UserRole,
    /// Whether it may sign in.
    pub(crate) is_active: bool,
    /// Whether the address was shown to be the person's.
    pub(crate) is_verified: bool,
    /// When it was made.
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// When it last signed in.
    #[schema(format = DateTime, required)]
    pub(crate) last_login: Option<String>,
    /// What the person chose.
    pub(crate) preferences: Map<String, Value>,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            id: user.id.0,
            username: user.username,
            email: user.email,
            full_name: user.full_name,
            role: match user.role {
                domain::UserRole::User => UserRole::User,
                domain::UserRole::Admin => UserRole::Admin,
            },
            is_active: user.is_active,
            is_verified: user.is_verified,
            created_at: rfc3339(user.created_at),
            last_login: user.last_login.map(rfc3339),
            preferences: serde_json::from_str(&user.preferences).unwrap_or_default(),
        }
    }
}

/// Who has signed in, and the tokens for it. The web app gets the tokens as cookies only.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuthAnswer {
    /// The account's members once more: some clients look here.
    #[serde(flatten)]
    flat: User,
    /// The account.
    user: User,
    /// Always `bearer`.
    token_type: &'static str,
    /// How long the access token is good for, in seconds.
    expires_in: i64,
    /// For `Authorization: Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access_token: Option<String>,
    /// For one `POST /api/v1/auth/refresh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// What would make the new password better.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    password_hint: Option<String>,
}

impl AuthAnswer {
    /// `in_cookies`: the tokens go there and nowhere else.
    pub(crate) fn of(signed_in: SignedIn, in_cookies: bool) -> Self {
        let user = User::from(signed_in.user);
        Self {
            flat: user.clone(),
            user,
            token_type: "bearer",
            expires_in: signed_in.expires_in,
            access_token: (!in_cookies).then_some(signed_in.access_token),
            refresh_token: (!in_cookies).then_some(signed_in.refresh_token),
            password_hint: signed_in.password_hint,
        }
    }
}

/// Somebody wants an account.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RegisterRequest {
    /// 2 to 50 letters, digits, dots, dashes, underscores or plus signs.
    #[schema(min_length = 2, max_length = 50, pattern = r"^[\p{L}\p{N}._+-]{2,50}$")]
    pub(crate) username: String,
    /// An e-mail address.
    #[schema(format = Email, max_length = 254)]
    pub(crate) email: String,
    /// 8 to 128 characters, exactly as typed.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    pub(crate) password: String,
    /// The name to show.
    #[schema(max_length = 100, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub(crate) full_name: Option<String>,
    /// For the first account: the code that the server's log prints.
    pub(crate) setup_code: Option<String>,
}

/// Somebody wants in: `email` or `username` is there, and either may hold either.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct LoginRequest {
    /// An e-mail address or a user name.
    pub(crate) email: Option<String>,
    /// A user name or an e-mail address.
    pub(crate) username: Option<String>,
    /// The password, exactly as typed.
    #[schema(format = Password)]
    pub(crate) password: String,
}

/// A refresh token, for clients that keep it themselves.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct RefreshRequest {
    /// The newest one; not given: the cookie's.
    pub(crate) refresh_token: Option<String>,
}

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordChangeRequest {
    /// The one until now.
    #[schema(format = Password)]
    pub(crate) current_password: String,
    /// 8 to 128 characters, exactly as typed.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    pub(crate) new_password: String,
}

/// Somebody has forgotten a password.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordForgotRequest {
    /// The e-mail address of the account.
    #[schema(format = Email, max_length = 254)]
    pub(crate) email: String,
}

/// The same for everybody who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordForgotten {
    /// A sentence.
    detail: &'static str,
}

impl Default for PasswordForgotten {
    fn default() -> Self {
        Self { detail: "If there is an account with this e-mail address, a link is on its way to it." }
    }
}

/// Another password, by a link.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordResetRequest {
    /// What the link ends with.
    pub(crate) token: String,
    /// 8 to 128 characters, exactly as typed.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    pub(crate) password: String,
}

/// What is to be different about an account; what is not there stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ProfileChange {
    /// 2 to 50 letters, digits, dots, dashes, underscores or plus signs.
    #[schema(min_length = 2, max_length = 50, pattern = r"^[\p{L}\p{N}._+-]{2,50}$")]
    username: Option<String>,
    /// An e-mail address.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    /// The name to show; an empty one is none.
    #[schema(max_length = 100, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    full_name: Option<String>,
    /// What the person chose, whole.
    #[schema(value_type = Option<Preferences>)]
    preferences: Option<Map<String, Value>>,
    /// The password: needed for another e-mail address.
    #[schema(format = Password)]
    current_password: Option<String>,
}

impl From<ProfileChange> for accounts::Profile {
    fn from(change: ProfileChange) -> Self {
        Self {
            username: change.username,
            email: change.email,
            full_name: change.full_name,
            preferences: change.preferences.map(|chosen| Value::Object(chosen).to_string()),
            current_password: change.current_password,
        }
    }
}

/// The password once more, for what cannot be undone.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PasswordRequest {
    /// The password of the account.
    #[schema(format = Password)]
    pub(crate) password: String,
}

/// A sign-in on a device. (In the API a "login session"; not a conversation.)
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoginSession)]
pub(crate) struct Session {
    /// Its id.
    id: i64,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// The address it came from.
    #[schema(required)]
    ip: Option<String>,
    /// What the client calls itself.
    #[schema(required)]
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl Session {
    pub(crate) fn of(session: LoginSession, current: LoginId) -> Self {
        let known = |text: String| (!text.is_empty()).then_some(text);
        Self {
            id: session.id.0,
            created_at: rfc3339(session.created_at),
            last_seen_at: rfc3339(session.last_seen_at),
            ip: known(session.ip),
            user_agent: known(session.user_agent),
            current: session.id == current,
        }
    }
}

/// What opens one stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StreamTicket {
    /// For `?ticket=` of one stream.
    ticket: String,
    /// How long it is good for, in seconds.
    expires_in: i64,
}

impl From<accounts::Ticket> for StreamTicket {
    fn from(ticket: accounts::Ticket) -> Self {
        Self { ticket: ticket.ticket, expires_in: ticket.expires_in }
    }
}

/// What anybody may know about the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Instance {
    /// What it calls itself.
    name: String,
    /// The version of the server.
    version: &'static str,
    /// Whether an account can be made.
    sign_up_open: bool,
    /// Whether the next account is the first one and needs the code that the server's log prints.
    setup_code_needed: bool,
    /// Whether anybody has an account.
    has_accounts: bool,
    /// Whether mail reaches people. If not, links for another password stand in the server's log.
    mail_reaches_people: bool,
    /// Other services whose accounts can be used to sign in.
    sign_in_providers: Vec<SignInProvider>,
    /// What can be sent beside words.
    files: FileLimits,
    /// Whether the web can be searched for an answer, where the account's plan allows that.
    web_search: bool,
}

impl Instance {
    pub(crate) fn of(instance: installation::Instance, files: &services::config::Files) -> Self {
        Self {
            name: instance.name,
            version: instance.version,
            sign_up_open: instance.sign_up_open,
            setup_code_needed: instance.setup_code_needed,
            has_accounts: instance.has_accounts,
            mail_reaches_people: instance.mail_reaches_people,
            sign_in_providers: instance.sign_in_providers.into_iter().map(SignInProvider::from).collect(),
            files: files.into(),
            web_search: instance.web_search,
        }
    }
}
