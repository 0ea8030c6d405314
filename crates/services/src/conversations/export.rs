//! A conversation as a document: all of it, or the visible branch for reading.

use std::fmt::Write as _;

use domain::{
    Action, Conversation, ConversationId, Message, MessageId, Note, NoteId, Part, Person, Role, UserId,
};

use super::read::add_what_is_seen;
use crate::{Actor, App, Result, access};

/// A conversation with what was said in it.
#[derive(Debug, Clone)]
pub struct Export {
    /// Who reads it.
    pub reader: UserId,
    /// The conversation.
    pub conversation: Conversation,
    /// All messages in all branches, oldest first.
    pub messages: Vec<Message>,
    /// What members noted, oldest first.
    pub notes: Vec<Note>,
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
    Ok(Export { reader: actor.user, conversation, messages, notes: notes(app, actor, id).await? })
}

async fn notes(app: &App, actor: &Actor, id: ConversationId) -> Result<Vec<Note>> {
    let mut notes: Vec<Note> = Vec::new();
    loop {
        let after = notes.last().map_or(NoteId(0), |last| last.id);
        let page = store::notes::list(&app.db, actor.user, id, after, PAGE).await?;
        let is_last = i64::try_from(page.len()).is_ok_and(|count| count < PAGE);
        notes.extend(page);
        if is_last {
            return Ok(notes);
        }
    }
}

/// A tool call as a quotation: what went in, and what came out. Nothing in it ends its blocks.
fn write_call(
    text: &mut String,
    name: &str,
    arguments: &str,
    state: &str,
    result: Option<&str>,
) -> std::fmt::Result {
    writeln!(text, "\n> **Tool** `{name}` ({state})")?;
    for said in [Some(arguments), result].into_iter().flatten() {
        let ticks = said.split(|one| one != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(ticks.max(2) + 1);
        writeln!(text, ">\n> {fence}")?;
        said.lines().try_for_each(|line| writeln!(text, "> {line}"))?;
        writeln!(text, "> {fence}")?;
    }
    writeln!(text)
}

impl Export {
    /// The visible branch as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n", self.conversation.title);
        for message in self.visible_branch() {
            let who = match message.role {
                Role::User => self.called(message.author.as_ref()),
                Role::Assistant => "Assistant",
                Role::System => "System",
                Role::Tool => "Tool",
            };
            let _ = write!(text, "\n## {who}\n\n");
            let is_source = |part: &&Part| matches!(part, Part::Source { .. });
            let parts = message.parts.0.iter();
            // What is cited stands below what cites it.
            for part in parts.clone().filter(|part| !is_source(part)).chain(parts.filter(is_source)) {
                let _ = match part {
                    Part::Text { text: said } => writeln!(text, "{}", said.trim_end()),
                    Part::Reasoning { .. } => Ok(()),
                    Part::ToolCall { name, arguments, state, result, .. } => {
                        write_call(&mut text, name, arguments, state, result.as_deref())
                    }
                    Part::File(file) => writeln!(text, "[File: {}]\n", file.name),
                    Part::Source { n, title, url, .. } => {
                        let title = title.replace(['[', ']', '\n'], " ");
                        let url = url.replace('(', "%28").replace(')', "%29");
                        writeln!(text, "\n[{n}] [{title}]({url})")
                    }
                };
            }
        }
        text
    }

    /// Who asked, as the reader calls that person.
    fn called<'a>(&self, author: Option<&'a Person>) -> &'a str {
        match author {
            Some(author) if author.id == self.reader => "You",
            Some(other) => other.full_name.as_deref().unwrap_or(&other.username),
            None => "Somebody",
        }
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
