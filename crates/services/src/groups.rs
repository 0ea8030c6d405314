//! Groups: a person's folders of conversations.

use domain::{Group, GroupId, group::NAME_CHARS};
use store::{Tx, groups::Deletion, idempotency};

use crate::{Actor, App, Error, Result, chat::IdempotencyKey, conversations::Page, events};

/// What stands for "no such group".
const GROUP: &str = "group";
/// The most groups of one person.
const MOST: i64 = 1_000;

fn clean_name(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = name.chars().count();
    if chars == 0 {
        return Err(Error::invalid("name", "must not be empty"));
    }
    if chars > NAME_CHARS {
        return Err(Error::invalid("name", format!("has {chars} characters; at most {NAME_CHARS} fit")));
    }
    Ok(name)
}

/// A page of the actor's groups, the newest first. The next page begins below the id that `next` names.
pub async fn list(
    app: &App,
    actor: &Actor,
    before: Option<GroupId>,
    limit: i64,
) -> Result<Page<Group, GroupId>> {
    let before = before.unwrap_or(GroupId(i64::MAX));
    let mut items = store::groups::list(&app.db, actor.user, before, limit + 1).await?;
    let more = i64::try_from(items.len()).is_ok_and(|count| count > limit);
    items.truncate(usize::try_from(limit).unwrap_or(0));
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(Page { items, next })
}

/// A group of the actor.
pub async fn find(app: &App, actor: &Actor, id: GroupId) -> Result<Group> {
    store::groups::find(&app.db, actor.user, id).await?.ok_or(Error::NotFound(GROUP))
}

/// Makes a group.
pub async fn create(app: &App, actor: &Actor, name: &str, key: Option<IdempotencyKey>) -> Result<Group> {
    let name = clean_name(name)?;
    let (id, now, who) = (GroupId(app.new_id()), app.now(), *actor);
    let made: Result<GroupId> = app
        .db
        .write(async move |tx| {
            if let Some(key) = key
                && let Some(first) = idempotency::claim(tx, &key.row(&who), id.0, now).await?
            {
                return key.joins(&first).map(GroupId);
            }
            if store::groups::count(&mut *tx, who.user).await? >= MOST {
                return Err(Error::conflict(
                    "too_many_groups",
                    format!("There are {MOST} groups already. Delete one to make room."),
                ));
            }
            store::groups::insert(tx, id, who.user, &name, now).await?;
            Ok(id)
        })
        .await;
    let made = made?;
    events::groups_changed(app, actor.user);
    find(app, actor, made).await
}

/// Gives a group another name.
pub async fn rename(app: &App, actor: &Actor, id: GroupId, name: &str) -> Result<Group> {
    let name = clean_name(name)?;
    let (owner, now) = (actor.user, app.now());
    let has_it = app.db.write(async move |tx| store::groups::rename(tx, owner, id, &name, now).await).await?;
    if !has_it {
        return Err(Error::NotFound(GROUP));
    }
    events::groups_changed(app, actor.user);
    find(app, actor, id).await
}

/// Deletes a group. Its conversations stay, in no group.
pub async fn delete(app: &App, actor: &Actor, id: GroupId) -> Result<()> {
    let owner = actor.user;
    let work = app.clone();
    app.detached(async move {
        loop {
            match work.db.write(async move |tx| store::groups::delete(tx, owner, id).await).await? {
                Deletion::NoSuchGroup => return Err(Error::NotFound(GROUP)),
                Deletion::Begun => {}
                Deletion::Done => {
                    events::groups_changed(&work, owner);
                    return Ok(());
                }
            }
        }
    })
    .await
}

/// Keeps a group of the actor from going while something is put into it.
pub(crate) async fn hold(tx: &mut Tx, actor: &Actor, id: GroupId) -> Result<()> {
    if store::groups::hold(tx, actor.user, id).await? { Ok(()) } else { Err(Error::NotFound(GROUP)) }
}
