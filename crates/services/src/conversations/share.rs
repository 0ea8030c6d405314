//! Showing a conversation to everybody who has a link, as it was when it was shared.
//!
//! A copy is kept of the visible branch, without what is nobody's business: the arguments and results of tools, the
//! instructions, ids and names of people. So edits change nothing of it, and there is no way from a link to the
//! conversation. The token is made of a random number in the row and of the server's key: the owner can be given the
//! link again, but somebody who reads the database cannot make it.

use std::net::IpAddr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use domain::{Action, Attachment, ConversationId, FileId, Message, Part, Role, Timestamp};
use serde::{Deserialize, Serialize};
use store::shares::Share;

use super::{Page, change::lock_for};
use crate::{Actor, App, Error, Result, access, accounts};

/// How much a link may show, in bytes of JSON.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// How many messages are read at once.
const PAGE: i64 = 500;
/// What stands for "no such link".
const LINK: &str = "shared conversation";

/// A link, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// What opens it. None once the server's key is another: sharing again makes a new link.
    pub token: Option<String>,
    /// When it was shared first.
    pub created_at: Timestamp,
    /// When it was last brought up to date.
    pub updated_at: Timestamp,
}

/// A link in the list of its owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedOf {
    /// What is shared.
    pub conversation: ConversationId,
    /// Its title as the link shows it.
    pub title: String,
    /// The link.
    pub shared: Shared,
}

/// What a link shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedView {
    /// The title as it was.
    pub title: String,
    /// When it was last brought up to date.
    pub updated_at: Timestamp,
    /// What was said, oldest first.
    pub messages: Vec<SharedMessage>,
}

/// A message that a link shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SharedMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub parts: Vec<SharedPart>,
    /// When it was said.
    pub created_at: Timestamp,
}

/// A piece of a message that a link shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SharedPart {
    /// Markdown.
    Text {
        /// What is said.
        text: String,
    },
    /// Markdown.
    Reasoning {
        /// What the model thought before it spoke.
        text: String,
        /// How long it thought, in milliseconds, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<i64>,
    },
    /// A tool that the model called; with what, and what came of it, is not shown.
    ToolCall {
        /// The tool's name.
        name: String,
        /// `called`, `running`, `completed` or `failed`.
        state: String,
    },
    /// A page or document that the answer leans on.
    Source {
        /// The number used to cite it.
        n: i64,
        /// Its title.
        title: String,
        /// Its address.
        url: String,
        /// The passage that matters.
        snippet: String,
    },
    /// A file that goes with what a person says; the link's token opens it, and nothing else without signing in.
    File(Attachment),
}

impl From<Part> for SharedPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Text { text } => Self::Text { text },
            Part::Reasoning { text, duration_ms } => Self::Reasoning { text, duration_ms },
            Part::ToolCall { name, state, .. } => Self::ToolCall { name, state },
            Part::Source { n, title, url, snippet } => Self::Source { n, title, url, snippet },
            Part::File(file) => Self::File(file),
        }
    }
}

impl SharedView {
    /// Whether this file is shown.
    pub(crate) fn holds(&self, id: FileId) -> bool {
        let mut parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.any(|part| matches!(part, SharedPart::File(file) if file.id == id))
    }
}

/// What everybody may see of a message. Nothing of one that is still being written or says nothing.
fn visible(message: Message) -> Option<SharedMessage> {
    let is_said = matches!(message.role, Role::User | Role::Assistant)
        && message.state.is_settled()
        && !message.parts.is_empty();
    is_said.then(|| SharedMessage {
        role: message.role,
        parts: message.parts.0.into_iter().map(SharedPart::from).collect(),
        created_at: message.created_at,
    })
}

/// Shares the visible branch as it is now. What was shared before is brought up to date, under the same link.
pub async fn share(app: &App, actor: &Actor, id: ConversationId) -> Result<Shared> {
    let conversation = access::conversation(&app.db, actor, id, Action::Share).await?;
    let messages = branch(app, actor, id, conversation.active_message_id).await?;
    let text = serde_json::to_string(&messages).map_err(Error::internal)?;
    if text.len() > MOST_BYTES {
        return Err(Error::TooLarge("This conversation is too long to be shared by a link.".into()));
    }
    let (who, now, nonce, keys) = (*actor, app.now(), app.random::<16>(), app.clone());
    app.db
        .write(async move |tx| {
            let locked = lock_for(tx, &who, id, Action::Share).await?;
            if locked.deleted_at.is_some() {
                return Err(Error::conflict(
                    "in_trash",
                    "This conversation is in the trash. Restore it to share it.",
                ));
            }
            let known = store::shares::find(&mut *tx, who.user, id).await?;
            let still_known =
                known.as_ref().and_then(|share| Some((share.nonce.clone(), token(&keys, share)?)));
            let (nonce, token) = still_known.unwrap_or_else(|| {
                let nonce = accounts::hex(&nonce);
                let token = token_of(&keys, &nonce);
                (nonce, token)
            });
            let created_at = known.map_or(now, |share| share.created_at);
            let share = Share { nonce, token_hash: hash(&token), created_at, updated_at: now };
            store::shares::put(tx, id, who.user, &share, &locked.title, &text).await?;
            Ok(Shared { token: Some(token), created_at, updated_at: now })
        })
        .await
}

/// The settled part of the branch that ends at `leaf`, oldest first.
async fn branch(
    app: &App,
    actor: &Actor,
    id: ConversationId,
    leaf: Option<domain::MessageId>,
) -> Result<Vec<SharedMessage>> {
    let mut pages = Vec::new();
    let mut next = leaf;
    while let Some(leaf) = next {
        let page = store::messages::branch(&app.db, actor.user, id, leaf, PAGE).await?;
        next = page.first().and_then(|oldest| oldest.parent_id);
        pages.push(page);
    }
    Ok(pages.into_iter().rev().flatten().filter_map(visible).collect())
}

/// How the actor shares a conversation; `None` if it is not shared.
pub async fn share_of(app: &App, actor: &Actor, id: ConversationId) -> Result<Option<Shared>> {
    access::conversation(&app.db, actor, id, Action::Share).await?;
    let share = store::shares::find(&app.db, actor.user, id).await?;
    Ok(share.map(|share| Shared {
        token: token(app, &share),
        created_at: share.created_at,
        updated_at: share.updated_at,
    }))
}

/// What the actor shares, the newest conversation first; `before` is where the last page ended.
pub async fn shares(
    app: &App,
    actor: &Actor,
    before: Option<ConversationId>,
    limit: i64,
) -> Result<Page<SharedOf, ConversationId>> {
    let before = before.unwrap_or(ConversationId(i64::MAX));
    let mut rows = store::shares::of_user(&app.db, actor.user, before, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| has_more).map(|last| last.conversation);
    let items = rows.into_iter().map(|row| SharedOf {
        conversation: row.conversation,
        title: row.title,
        shared: Shared {
            token: token(app, &row.share),
            created_at: row.share.created_at,
            updated_at: row.share.updated_at,
        },
    });
    Ok(Page { items: items.collect(), next })
}

/// Ends the link of a conversation, if there is one. Shared again, the conversation gets another.
pub async fn unshare(app: &App, actor: &Actor, id: ConversationId) -> Result<()> {
    let who = *actor;
    app.db
        .write(async move |tx| {
            lock_for(tx, &who, id, Action::Share).await?;
            store::shares::end(tx, id).await?;
            Ok(())
        })
        .await
}

/// What the link with this token shows, to whoever asks.
pub async fn read_shared(app: &App, token: &str, address: IpAddr) -> Result<SharedView> {
    accounts::count_shared(app, address)?;
    shown(app, token).await
}

/// The same for the parts of a page that was asked for already: whoever asks is not counted again.
pub(crate) async fn shown(app: &App, token: &str) -> Result<SharedView> {
    let shown = store::shares::by_token(&app.db, &hash(token)).await?.ok_or(Error::NotFound(LINK))?;
    let messages = serde_json::from_str(&shown.messages).map_err(Error::internal)?;
    Ok(SharedView { title: shown.title, updated_at: shown.updated_at, messages })
}

/// The token that a row was made with, if the server's key is still the same.
fn token(app: &App, share: &Share) -> Option<String> {
    let token = token_of(app, &share.nonce);
    (hash(&token) == share.token_hash).then_some(token)
}

fn token_of(app: &App, nonce: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(&app.accounts.link_key(nonce.as_bytes())[..24])
}

fn hash(token: &str) -> String {
    accounts::hex(&accounts::hash(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tool_was_called_with_is_nobodys_business() {
        let call = Part::ToolCall {
            id: "call_1".into(),
            name: "search".into(),
            arguments: "{\"secret\":1}".into(),
            state: "completed".into(),
            result: Some("secret".into()),
            duration_ms: Some(1),
        };
        let text = serde_json::to_string(&SharedPart::from(call)).unwrap();
        assert_eq!(text, r#"{"type":"tool_call","name":"search","state":"completed"}"#);
    }
}
