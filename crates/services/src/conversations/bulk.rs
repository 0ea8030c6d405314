//! The same for several conversations: all or none.

use domain::{Action, Conversation, ConversationId, GroupId, TurnId};
use store::{Tx, members::Marks};

use super::change::write_then;
use crate::{Actor, App, Error, Result, access, chat::stop::stop_turns, events, groups};

/// How many can be changed at once.
pub const MOST_AT_ONCE: usize = 100;

/// What is done to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToAll {
    /// The actor puts them away, or takes them back.
    Archive(bool),
    /// The actor's own mark.
    Favorite(bool),
    /// Into the trash. Their answers stop.
    Delete,
    /// Out of the trash.
    Restore,
    /// Into a group of the actor, or out of all.
    Move(Option<GroupId>),
}

impl ToAll {
    fn action(self) -> Action {
        match self {
            Self::Archive(_) | Self::Favorite(_) | Self::Move(_) => Action::Read,
            Self::Delete | Self::Restore => Action::Delete,
        }
    }
}

/// Does the same to all conversations of a list, and gives them as they are then. If the actor may not do it to one of
/// them, or sees one of them not at all, nothing is changed.
pub async fn change_all(
    app: &App,
    actor: &Actor,
    ids: &[ConversationId],
    what: ToAll,
) -> Result<Vec<Conversation>> {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.is_empty() {
        return Err(Error::invalid("ids", "must name at least one conversation"));
    }
    if sorted.len() > MOST_AT_ONCE {
        return Err(Error::invalid(
            "ids",
            format!("name {} conversations; at most {MOST_AT_ONCE} can be changed at once", sorted.len()),
        ));
    }
    let (who, now) = (*actor, app.now());
    let (locked, told) = (sorted.clone(), sorted.clone());
    let job = async move |tx: &mut Tx| {
        // Before the members' rows: whoever deletes a group takes it first, then the rows of those in it.
        if let ToAll::Move(Some(group)) = what {
            groups::hold(tx, &who, group).await?;
        }
        lock_all(tx, &who, &locked, what.action()).await?;
        let mut turns = Vec::new();
        let marks = match what {
            ToAll::Archive(archived) => {
                Marks { archived_at: Some(archived.then_some(now)), ..Marks::default() }
            }
            ToAll::Favorite(favorite) => Marks { favorite: Some(favorite), ..Marks::default() },
            ToAll::Move(group) => Marks { group: Some(group), ..Marks::default() },
            ToAll::Restore => {
                store::conversations::set_deleted_all(tx, &locked, None).await?;
                return Ok(turns);
            }
            ToAll::Delete => {
                let fresh = store::conversations::outside_trash(&mut *tx, &locked).await?;
                store::conversations::set_deleted_all(tx, &fresh, Some(now)).await?;
                for id in &locked {
                    turns.extend(store::turns::unsettled_of_conversation(&mut *tx, *id).await?);
                }
                return Ok(turns);
            }
        };
        store::members::mark_all(tx, &locked, who.user, marks).await?;
        Ok(turns)
    };
    write_then(app, job, move |app, turns: &Vec<TurnId>| {
        stop_turns(app, turns);
        for id in told {
            match what {
                ToAll::Archive(_) | ToAll::Favorite(_) | ToAll::Move(_) => {
                    events::conversation_marked(app, id, who.user);
                }
                ToAll::Delete => events::conversation_deleted(app, id),
                ToAll::Restore => events::conversation_updated(app, id),
            }
        }
    })
    .await?;
    Ok(store::conversations::of_ids(&app.db, actor.user, &sorted).await?)
}

/// Locks all of them and lets the actor do this to each, or says why not.
async fn lock_all(tx: &mut Tx, actor: &Actor, ids: &[ConversationId], action: Action) -> Result<()> {
    let there = store::conversations::lock_all(tx, ids).await?;
    let roles = store::members::roles_of(tx, &there, actor.user).await?;
    if roles.len() < ids.len() {
        return Err(Error::NotFound(access::CONVERSATION));
    }
    roles.into_iter().try_for_each(|(_, role)| access::may(Some(role), action))
}
