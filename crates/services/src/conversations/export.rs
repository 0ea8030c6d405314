//! A conversation as a document: all of it, or the visible branch for reading.

use std::fmt::Write as _;

use domain::{Action, Conversation, ConversationId, Message, MessageId, Part, Role};

use super::read::add_what_is_seen;
use crate::{Actor, App, Result, access};

/// A conversation with what was said in it.
#[derive(Debug, Clone)]
pub struct Export {
    /// The conversation.
    pub conversation: Conversation,
    /// All messages in all branches, oldest first.
    pub messages: Vec<Message>,
}

/// How many messages are read at once.
const PAGE: i64 = 500;

/// Reads all of a conversation.
pub async fn export(app: &App, actor: &Actor, id: ConversationId) -> Result<Export> {
    let conversation = access::conversation(&app.db, actor, id, Action::Read).await?;
    let mut messages: Vec<Message> = Vec::new();
    loop {
        let after = messages.last().map_or(MessageId(0), |last| last.id);
        let page = store::messages::tree(&app.db, actor.user, id, after, PAGE).await?;
        let is_last = i64::try_from(page.len()).is_ok_and(|count| count < PAGE);
        messages.extend(page);
        if is_last {
            break;
        }
    }
    add_what_is_seen(app, actor, id, &mut messages).await?;
    Ok(Export { conversation, messages })
}

impl Export {
    /// The visible branch as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n", self.conversation.title);
        for message in self.visible_branch() {
            let who = match message.role {
                Role::User => "You",
                Role::Assistant => "Assistant",
                Role::System => "System",
                Role::Tool => "Tool",
            };
            let _ = write!(text, "\n## {who}\n\n");
            for part in &message.parts.0 {
                let _ = match part {
                    Part::Text { text: said } => writeln!(text, "{}", said.trim_end()),
                    Part::Reasoning { .. } => Ok(()),
                    Part::ToolCall { name, arguments, .. } => {
                        writeln!(text, "\n> Tool `{name}`: `{arguments}`")
                    }
                    Part::File(file) => writeln!(text, "[File: {}]\n", file.name),
                    Part::Source { n, title, url, .. } => writeln!(text, "\n[{n}] [{title}]({url})"),
                };
            }
        }
        text
    }

    fn visible_branch(&self) -> Vec<&Message> {
        let by_id: std::collections::HashMap<_, _> =
            self.messages.iter().map(|message| (message.id, message)).collect();
        let mut branch = Vec::new();
        let mut next = self.conversation.active_message_id;
        while let Some(message) = next.and_then(|id| by_id.get(&id)) {
            branch.push(*message);
            next = message.parent_id;
        }
        branch.reverse();
        branch
    }
}
