//! Letting people into a conversation, by a link or by a letter with one.
//!
//! The token is made like that of a shared conversation, of a random number in the row and of the server's key, so that the
//! owner can be given the link again. Who opens it is told who invites and to what, and nothing of what was said. One that
//! was mailed is good for the first account that accepts it, whichever address that has. Nobody is told whether there is
//! an account with an address: the letter is the same, and all that differs happens in the background.

mod words;

use std::net::IpAddr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use domain::{
    Action, ConversationId, Invitation, InvitationId, MemberRole, Timestamp,
    invitation::{DEFAULT_DAYS, MOST_DAYS, MOST_INVITATIONS},
    member::MOST_MEMBERS,
    time::DAY_MS,
};
use store::{
    Tx, idempotency,
    invitations::{Kept, Shown},
};

use crate::{
    Actor, App, Error, Result, access, accounts,
    audit::{self, Deed},
    chat::IdempotencyKey,
    conversations::{lock_for, write_then},
    events, installation,
    mail::{self, Language},
    members,
};

/// What stands for "no such invitation", whatever the reason.
const INVITATION: &str = "invitation";

/// An invitation to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// What it makes of who accepts it.
    pub role: MemberRole,
    /// Where it is mailed to; none makes a link for many.
    pub email: Option<String>,
    /// How many days it is good for.
    pub days: Option<i64>,
    /// What the browser prefers, for letters to people who have chosen no language.
    pub language: Option<String>,
    /// Makes a repeat give the same invitation, and send no other letter.
    pub key: Option<IdempotencyKey>,
}

/// An invitation with what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The invitation.
    pub invitation: Invitation,
    /// What opens it. None once the server's key is another.
    pub token: Option<String>,
}

/// What somebody who has the link may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leads {
    /// What the conversation is called.
    pub title: String,
    /// Who invites.
    pub invited_by: String,
    /// What it makes of who accepts it.
    pub role: MemberRole,
    /// From when on it is good for nothing.
    pub expires_at: Timestamp,
}

/// Where somebody is a member now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The conversation.
    pub conversation: ConversationId,
    /// The role there, which may be higher than the invitation's.
    pub role: MemberRole,
}

/// The page that an invitation opens.
pub fn page(token: &str) -> String {
    format!("/invite/{token}")
}

/// Makes an invitation, and mails it if it is for one address.
pub async fn create(app: &App, actor: &Actor, id: ConversationId, new: New) -> Result<Opened> {
    members::check_given(new.role)?;
    let days = new.days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::invalid("expires_in_days", format!("must be between 1 and {MOST_DAYS}")));
    }
    let email = new.email.as_deref().map(accounts::clean_email).transpose()?;
    access::conversation(&app.db, actor, id, Action::Admit).await?;
    if let Some(email) = &email {
        accounts::count_invitation(app, actor, email)?;
    }
    let (now, nonce, key) = (app.now(), accounts::hex(&app.random::<16>()), new.key);
    let kept = Kept {
        invitation: Invitation {
            id: InvitationId(app.new_id()),
            conversation_id: id,
            role: new.role,
            email,
            created_at: now,
            expires_at: now.plus_ms(days * DAY_MS),
            uses: 0,
        },
        token_hash: hash(&token_of(app, &nonce)),
        nonce,
    };
    let (who, made) = (*actor, kept.invitation.id);
    let job = async move |tx: &mut Tx| {
        if let Some(key) = key
            && let Some(first) = idempotency::claim(tx, &key.row(&who), made.0, now).await?
        {
            let first = InvitationId(key.joins(&first)?);
            let found = store::invitations::find(tx, who.user, first).await?;
            return found.ok_or(Error::NotFound(INVITATION));
        }
        let locked = lock_for(tx, &who, id, Action::Admit).await?;
        if locked.deleted_at.is_some() {
            return Err(Error::conflict(
                "in_trash",
                "This conversation is in the trash. Restore it before you invite people.",
            ));
        }
        if store::invitations::count(&mut *tx, id, now).await? >= MOST_INVITATIONS {
            return Err(Error::conflict(
                "too_many_invitations",
                format!(
                    "There are {MOST_INVITATIONS} invitations to this conversation already. Withdraw one to make room."
                ),
            ));
        }
        store::invitations::insert(tx, &kept).await?;
        Ok(kept)
    };
    let kept = write_then(app, job, move |app, kept| {
        if kept.invitation.id == made {
            audit::note_in(Deed::InvitationMade, id, who.user, None);
            post(app, &who, kept.clone(), new.language);
        }
    })
    .await?;
    Ok(opened(app, kept))
}

/// Mails an invitation in the background, if it is for one address.
fn post(app: &App, actor: &Actor, kept: Kept, language: Option<String>) {
    let Some(email) = kept.invitation.email.clone() else { return };
    let (work, who) = (app.clone(), *actor);
    app.spawn(async move {
        if let Err(error) = write_letter(&work, &who, &email, &kept, language.as_deref()).await {
            tracing::error!(error = ?error, "an invitation could not be mailed");
        }
    });
}

async fn write_letter(
    app: &App,
    actor: &Actor,
    email: &str,
    kept: &Kept,
    language: Option<&str>,
) -> Result<()> {
    let Some(shown) = store::invitations::by_token(&app.db, &kept.token_hash, app.now()).await? else {
        return Ok(());
    };
    let language = match store::users::by_email(&app.db, email).await? {
        Some(known) => Language::for_user(&known, language),
        None => match store::users::find(&app.db, actor.user).await? {
            Some(inviting) => Language::for_user(&inviting, language),
            None => Language::of(language.unwrap_or_default()),
        },
    };
    let link = installation::link(app, &page(&token_of(app, &kept.nonce)));
    let days = shown.expires_at.ms_since(shown.created_at).div_euclid(DAY_MS);
    mail::send(app, words::letter(language, &app.config.server.name, email, &shown, &link, days));
    Ok(())
}

/// The invitations to a conversation that are good, oldest first: without those that were used or whose time is over.
pub async fn list(app: &App, actor: &Actor, id: ConversationId) -> Result<Vec<Opened>> {
    access::conversation(&app.db, actor, id, Action::Admit).await?;
    let all = store::invitations::list(&app.db, actor.user, id, app.now()).await?;
    Ok(all.into_iter().map(|kept| opened(app, kept)).collect())
}

/// Withdraws an invitation: it lets nobody in any more. Who came in by it stays.
pub async fn withdraw(app: &App, actor: &Actor, id: ConversationId, invitation: InvitationId) -> Result<()> {
    let who = *actor;
    let job = async move |tx: &mut Tx| {
        lock_for(tx, &who, id, Action::Admit).await?;
        if store::invitations::delete(tx, id, invitation).await? {
            Ok(())
        } else {
            Err(Error::NotFound(INVITATION))
        }
    };
    write_then(app, job, move |_, ()| audit::note_in(Deed::InvitationWithdrawn, id, who.user, None)).await
}

/// What the link with this token leads to, for whoever has it.
pub async fn read(app: &App, token: &str, address: IpAddr) -> Result<Leads> {
    accounts::count_shared(app, address)?;
    let shown = store::invitations::by_token(&app.db, &hash(token), app.now()).await?;
    let shown = shown.filter(|shown| shown.used_by.is_none()).ok_or(Error::NotFound(INVITATION))?;
    let Shown { title, invited_by, role, expires_at, .. } = shown;
    Ok(Leads { title, invited_by, role, expires_at })
}

/// Makes the actor a member, or raises the actor's role to that of the invitation. Who may do as much already stays as it
/// is, and uses nothing. For a person alone, not for a program with a key.
pub async fn accept(app: &App, actor: &Actor, token: &str, address: IpAddr) -> Result<Accepted> {
    accounts::needs_sign_in(actor)?;
    accounts::count_shared(app, address)?;
    let (who, now, token_hash) = (*actor, app.now(), hash(token));
    let job = async move |tx: &mut Tx| {
        let nothing = || Error::NotFound(INVITATION);
        let found = store::invitations::by_token(&mut *tx, &token_hash, now).await?.ok_or_else(nothing)?;
        let id = found.conversation;
        store::conversations::lock(tx, id).await?.ok_or_else(nothing)?;
        // Read again: it may have been used or withdrawn before the lock was free.
        let shown = store::invitations::by_token(&mut *tx, &token_hash, now).await?.ok_or_else(nothing)?;
        let had = store::members::role_of(&mut *tx, id, who.user).await?;
        let decided = store::members::decided_at(&mut *tx, id, who.user).await?;
        let is_outweighed = decided.is_some_and(|at| at >= shown.created_at);
        if let Some(role) = had
            && (role.includes(shown.role) || is_outweighed)
        {
            return Ok((Accepted { conversation: id, role }, had));
        }
        if is_outweighed || shown.used_by.is_some() {
            return Err(nothing());
        }
        if had.is_none() && store::members::count(&mut *tx, id).await? >= MOST_MEMBERS {
            return Err(Error::conflict(
                "too_many_members",
                format!("{MOST_MEMBERS} people are in this conversation already, which is as many as fit."),
            ));
        }
        store::members::put(tx, id, who.user, shown.role, now).await?;
        store::invitations::used(tx, shown.id, who.user).await?;
        Ok((Accepted { conversation: id, role: shown.role }, had))
    };
    let (accepted, _) = write_then(app, job, move |app, (accepted, had): &(Accepted, _)| {
        let Accepted { conversation, role } = *accepted;
        match had {
            None => {
                audit::note_in(Deed::MemberJoined, conversation, who.user, None);
                events::member_joined(app, conversation, who.user);
            }
            Some(had) if *had != role => {
                audit::note_in(Deed::MemberChanged, conversation, who.user, None);
                events::members_changed(app, conversation);
            }
            Some(_) => {}
        }
    })
    .await?;
    Ok(accepted)
}

fn opened(app: &App, kept: Kept) -> Opened {
    let token = token_of(app, &kept.nonce);
    let token = (hash(&token) == kept.token_hash).then_some(token);
    Opened { invitation: kept.invitation, token }
}

/// Never that of a shared conversation, whose random numbers are written without the word.
fn token_of(app: &App, nonce: &str) -> String {
    let made = app.accounts.link_key(format!("invitation {nonce}").as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&made[..24])
}

fn hash(token: &str) -> String {
    accounts::hex(&accounts::hash(token.as_bytes()))
}
