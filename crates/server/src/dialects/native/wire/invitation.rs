//! An invitation on the wire: for the owner of the conversation, and for everybody with the link.

use serde::{Deserialize, Serialize};
use services::{
    chat::IdempotencyKey,
    invitations::{Accepted, Leads, New, Opened},
};
use utoipa::ToSchema;

use super::{conversation::MemberRole, member::GivenRole, rfc3339};

/// An invitation to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct NewInvitation {
    /// What it makes of who accepts it.
    role: GivenRole,
    /// Where a letter with the link goes; then one account can use it, once. None: a link for many.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    /// 1 to 30; 7 unless given.
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<i64>,
}

impl NewInvitation {
    pub(crate) fn into_new(self, language: Option<String>, key: Option<IdempotencyKey>) -> New {
        New { role: self.role.into(), email: self.email, days: self.expires_in_days, language, key }
    }
}

/// An invitation that is good.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invitation {
    id: i64,
    role: MemberRole,
    /// Where the letter went.
    #[schema(required = true)]
    email: Option<String>,
    /// The page that it opens. Null if the server's key is another since: then nobody can be given this link again.
    #[schema(required = true)]
    url: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// How many people have come in by it.
    uses: i64,
}

impl Invitation {
    pub(crate) fn of(opened: Opened, address: impl Fn(&str) -> String) -> Self {
        let Opened { invitation, token } = opened;
        Self {
            id: invitation.id.0,
            role: invitation.role.into(),
            email: invitation.email,
            url: token.as_deref().map(address),
            created_at: rfc3339(invitation.created_at),
            expires_at: rfc3339(invitation.expires_at),
            uses: invitation.uses,
        }
    }
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeInvitation {
    #[serde(flatten)]
    invitation: Invitation,
    /// What opens it.
    #[schema(required = true)]
    token: Option<String>,
}

impl MadeInvitation {
    pub(crate) fn of(opened: Opened, address: impl Fn(&str) -> String) -> Self {
        Self { token: opened.token.clone(), invitation: Invitation::of(opened, address) }
    }
}

/// What an invitation leads to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    conversation_title: String,
    /// The name of who invites.
    invited_by: String,
    role: MemberRole,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<Leads> for InvitationView {
    fn from(leads: Leads) -> Self {
        Self {
            conversation_title: leads.title,
            invited_by: leads.invited_by,
            role: leads.role.into(),
            expires_at: rfc3339(leads.expires_at),
        }
    }
}

/// Where the caller is a member now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Membership {
    conversation_id: i64,
    /// Higher than the invitation's, if the caller had a higher one.
    role: MemberRole,
}

impl From<Accepted> for Membership {
    fn from(accepted: Accepted) -> Self {
        Self { conversation_id: accepted.conversation.0, role: accepted.role.into() }
    }
}
