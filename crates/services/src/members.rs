//! Who sees a conversation, and as what. Everything is written under the conversation's lock, and after the commit whoever
//! is a member no more reads no further: what is being served for that membership ends at once.

use domain::{Action, ConversationId, Member, MemberRole, TurnId, UserId};
use store::{Tx, conversations::Seen};

use crate::{
    Actor, App, Error, Result, access,
    audit::{self, Deed},
    chat::stop::stop_turns,
    conversations::{lock_for, write_then},
    events, presence,
};

/// What stands for "no such member".
const MEMBER: &str = "member";
/// How many conversations are parted from before it is asked for more.
const SLICE: i64 = 500;

/// Who sees a conversation: the owner, then the others as they came.
pub async fn list(app: &App, actor: &Actor, id: ConversationId) -> Result<Vec<Member>> {
    access::conversation(&app.db, actor, id, Action::Read).await?;
    Ok(store::members::list(&app.db, actor.user, id).await?)
}

/// A role that can be given: a conversation has one owner, who stays that.
pub(crate) fn check_given(role: MemberRole) -> Result<()> {
    match role {
        MemberRole::Owner => Err(Error::invalid("role", "must be `viewer`, `commenter` or `editor`")),
        MemberRole::Editor | MemberRole::Commenter | MemberRole::Viewer => Ok(()),
    }
}

fn owner_stays(message: &str) -> Error {
    Error::conflict("owner_stays", message)
}

/// Gives a member another role. Invitations from before do not change it again.
pub async fn change(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    member: UserId,
    role: MemberRole,
) -> Result<Member> {
    check_given(role)?;
    let (who, now) = (*actor, app.now());
    let job = async move |tx: &mut Tx| {
        lock_for(tx, &who, id, Action::Admit).await?;
        let had = store::members::role_of(&mut *tx, id, member).await?.ok_or(Error::NotFound(MEMBER))?;
        if had == MemberRole::Owner {
            return Err(owner_stays("The owner of a conversation has no other role in it."));
        }
        store::members::put(tx, id, member, role, now).await?;
        store::members::decide(tx, id, member, now).await?;
        Ok(())
    };
    write_then(app, job, move |app, ()| {
        audit::note_in(Deed::MemberChanged, id, who.user, Some(member));
        events::members_changed(app, id);
    })
    .await?;
    let all = store::members::list(&app.db, actor.user, id).await?;
    all.into_iter().find(|one| one.person.id == member).ok_or(Error::NotFound(MEMBER))
}

/// Ends a membership: the owner puts somebody out, for whom invitations from before are good no more, or a member leaves.
/// What that person reads of the conversation ends at once; what that person asked is answered for those who stay. Who is
/// no member stays none.
pub async fn remove(app: &App, actor: &Actor, id: ConversationId, member: UserId) -> Result<()> {
    let (who, now) = (*actor, app.now());
    let leaves = member == actor.user;
    let witness = events::witness(app, id, member).await?;
    let job = async move |tx: &mut Tx| {
        lock_for(tx, &who, id, if leaves { Action::Read } else { Action::Admit }).await?;
        match store::members::role_of(&mut *tx, id, member).await? {
            None => return Ok(false),
            Some(MemberRole::Owner) => {
                return Err(owner_stays(
                    "The owner cannot leave a conversation. Delete it to end it for everybody.",
                ));
            }
            Some(MemberRole::Editor | MemberRole::Commenter | MemberRole::Viewer) => {}
        }
        if !leaves {
            store::members::decide(tx, id, member, now).await?;
        }
        Ok(store::members::remove(tx, id, member).await?)
    };
    write_then(app, job, move |app, was_member| {
        if *was_member {
            let deed = if leaves { Deed::MemberLeft } else { Deed::MemberRemoved };
            audit::note_in(deed, id, who.user, Some(member));
            left(app, id, member, witness);
        }
    })
    .await?;
    Ok(())
}

/// After the commit: nothing of the conversation is served for this person any more.
fn left(app: &App, id: ConversationId, member: UserId, witness: Option<Seen>) {
    app.hub.memberships.end(id, member);
    presence::remove(app, id, member);
    events::member_left(app, id, witness);
}

/// What came of parting.
enum Parted {
    Ended(Vec<TurnId>),
    Left,
    Before,
}

/// Parts an account that is being ended from others: what it owns ends for everybody, and it leaves what it does not own.
pub(crate) async fn part(app: &App, user: UserId) -> Result<()> {
    loop {
        let shared = store::members::shared_with_others(&app.db, user, SLICE).await?;
        if shared.is_empty() {
            return Ok(());
        }
        for id in shared {
            part_from(app, id, user).await?;
        }
    }
}

async fn part_from(app: &App, id: ConversationId, user: UserId) -> Result<()> {
    let now = app.now();
    let witnesses = events::witnesses(app, id).await?;
    let parted: Result<Parted> = app
        .db
        .write(async move |tx| {
            let Some(locked) = store::conversations::lock(tx, id).await? else { return Ok(Parted::Before) };
            if locked.owner == user {
                return Ok(Parted::Ended(store::purge::mark_conversation(tx, id, now).await?));
            }
            let was_member = store::members::remove(tx, id, user).await?;
            Ok(if was_member { Parted::Left } else { Parted::Before })
        })
        .await;
    match parted? {
        Parted::Ended(turns) => {
            stop_turns(app, &turns);
            events::conversation_ended(app, witnesses);
        }
        Parted::Left => left(app, id, user, witnesses.into_iter().find(|seen| seen.by == user)),
        Parted::Before => {}
    }
    Ok(())
}
