//! Finding what was said, and titles: newest first, only what the actor is a member of.

mod snippet;

use std::collections::HashMap;

use domain::{ConversationId, MessageId, Role, Timestamp};
use store::search::Terms;

use crate::{
    Actor, App, Result,
    conversations::{self, Page},
};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub conversation: ConversationId,
    /// The message; none if the title was found.
    pub message: Option<MessageId>,
    /// The conversation's title.
    pub title: String,
    /// The passage, HTML-escaped, with the words found in `<mark>`.
    pub snippet: String,
    /// Who said it.
    pub role: Option<Role>,
    /// When it was said, or when the conversation was last active.
    pub at: Timestamp,
}

/// The most rounds of reading ids whose rows then turn out to lie in the trash.
const ROUNDS: usize = 20;

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that the actor is a member of: titles and messages.
    Everything,
    /// The messages of one conversation that are on its visible branch.
    Conversation(ConversationId),
}

/// Searches titles and messages. The next page begins below the id that `next` names.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) for one conversation that the actor is no member of, or that is in the trash.
pub async fn search(
    app: &App,
    actor: &Actor,
    query: &str,
    scope: Scope,
    before: Option<i64>,
    limit: i64,
) -> Result<Page<Hit, i64>> {
    let place = match scope {
        Scope::Everything => Place::Everywhere,
        Scope::Conversation(id) => {
            let found = conversations::kept(app, actor, id).await?;
            let Some(leaf) = found.active_message_id else {
                return Ok(Page { items: Vec::new(), next: None });
            };
            Place::Branch(id, leaf)
        }
    };
    let Some(terms) = Terms::of(query) else { return Ok(Page { items: Vec::new(), next: None }) };
    let mut before = before.unwrap_or(i64::MAX);
    let mut items = Vec::new();
    let wanted = usize::try_from(limit).unwrap_or(0);
    for _ in 0..ROUNDS {
        let ids = newest(app, actor, &terms, place, before, limit).await?;
        let Some(last) = ids.last().copied() else { return Ok(Page { items, next: None }) };
        before = last;
        items.extend(read(app, actor, &terms, &ids).await?);
        let is_last = i64::try_from(ids.len()).is_ok_and(|count| count < limit);
        if is_last && items.len() <= wanted {
            return Ok(Page { items, next: None });
        }
        if items.len() >= wanted {
            items.truncate(wanted);
            break;
        }
    }
    let next = items.last().map(|hit| hit.message.map_or(hit.conversation.0, |id| id.0)).or(Some(before));
    Ok(Page { items, next })
}

/// A scope whose conversation has been read.
#[derive(Clone, Copy)]
enum Place {
    Everywhere,
    /// The branch of this conversation that ends in this message.
    Branch(ConversationId, MessageId),
}

/// The newest ids that hold the terms: of one branch, or from both legs.
async fn newest(
    app: &App,
    actor: &Actor,
    terms: &Terms,
    place: Place,
    before: i64,
    limit: i64,
) -> Result<Vec<i64>> {
    if let Place::Branch(conversation, leaf) = place {
        return Ok(store::search::ids_on_branch(&app.db, (conversation, leaf), terms, before, limit).await?);
    }
    let mut ids = store::search::own_ids(&app.db, actor.user, terms, before, limit).await?;
    ids.extend(store::search::shared_ids(&app.db, actor.user, terms, before, limit).await?);
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.dedup();
    ids.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(ids)
}

/// Reads what was found again through the membership, which alone authorises.
async fn read(app: &App, actor: &Actor, terms: &Terms, ids: &[i64]) -> Result<Vec<Hit>> {
    let mut hits: HashMap<i64, Hit> = HashMap::new();
    for (message, title) in store::messages::of_ids(&app.db, actor.user, ids).await? {
        let hit = Hit {
            conversation: message.conversation_id,
            message: Some(message.id),
            snippet: snippet::cut(&message.parts.text(), terms),
            title,
            role: Some(message.role),
            at: message.created_at,
        };
        hits.insert(message.id.0, hit);
    }
    if hits.len() < ids.len() {
        for (id, title, at) in store::search::titles_of(&app.db, actor.user, ids).await? {
            let snippet = snippet::cut(&title, terms);
            hits.insert(id.0, Hit { conversation: id, message: None, title, snippet, role: None, at });
        }
    }
    Ok(ids.iter().filter_map(|id| hits.remove(id)).collect())
}
