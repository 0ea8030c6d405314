//! The audit trail: what was done to accounts and access, as structured lines of the log under the target `audit`.

use domain::{ConversationId, LoginId, UserId};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    AccountMade,
    SignedIn,
    SignInRefused,
    SessionEnded,
    TokenReused,
    PasswordChanged,
    PasswordForgotten,
    PasswordReset,
    AccountDeactivated,
    AccountReactivated,
    AccountDeleted,
    KeyMade,
    KeyRevoked,
    InvitationMade,
    InvitationWithdrawn,
    MemberJoined,
    MemberChanged,
    MemberRemoved,
    MemberLeft,
    IdentityLinked,
    IdentityUnlinked,
    PlanOrdered,
    PlanPaid,
    PlanCanceled,
    PlanResumed,
}

impl Deed {
    fn name(self) -> &'static str {
        match self {
            Self::AccountMade => "account.made",
            Self::SignedIn => "login.made",
            Self::SignInRefused => "login.refused",
            Self::SessionEnded => "login.ended",
            Self::TokenReused => "login.token_reused",
            Self::PasswordChanged => "account.password_changed",
            Self::PasswordForgotten => "account.password_forgotten",
            Self::PasswordReset => "account.password_reset",
            Self::AccountDeactivated => "account.deactivated",
            Self::AccountReactivated => "account.reactivated",
            Self::AccountDeleted => "account.deleted",
            Self::KeyMade => "api_key.made",
            Self::KeyRevoked => "api_key.revoked",
            Self::InvitationMade => "invitation.made",
            Self::InvitationWithdrawn => "invitation.withdrawn",
            Self::MemberJoined => "member.joined",
            Self::MemberChanged => "member.changed",
            Self::MemberRemoved => "member.removed",
            Self::MemberLeft => "member.left",
            Self::IdentityLinked => "identity.linked",
            Self::IdentityUnlinked => "identity.unlinked",
            Self::PlanOrdered => "plan.ordered",
            Self::PlanPaid => "plan.paid",
            Self::PlanCanceled => "plan.canceled",
            Self::PlanResumed => "plan.resumed",
        }
    }
}

/// Notes a deed after its commit. Never names, addresses of people or secrets: ids alone.
pub(crate) fn note(deed: Deed, user: Option<UserId>, login: Option<LoginId>) {
    tracing::info!(
        target: "audit",
        deed = deed.name(),
        user.id = user.map(|id| id.0),
        login.id = login.map(|id| id.0),
        "{}",
        deed.name()
    );
}

/// The same for a deed about who sees a conversation: done by `user`, to `member` if it was done to somebody.
pub(crate) fn note_in(deed: Deed, conversation: ConversationId, user: UserId, member: Option<UserId>) {
    tracing::info!(
        target: "audit",
        deed = deed.name(),
        conversation.id = conversation.0,
        user.id = user.0,
        member.id = member.map(|id| id.0),
        "{}",
        deed.name()
    );
}
