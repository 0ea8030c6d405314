//! What can be asked, and how; what of it can be refused without looking anything up.

use domain::{ConversationId, FileId, MessageId, Parts};
use store::idempotency;

use crate::{Actor, App, Error, Result};

/// What is asked.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Something new, in a conversation or in a new one.
    Say {
        /// What is said.
        text: String,
        /// Where; none makes a conversation.
        conversation: Option<ConversationId>,
        /// Names a branch: the active one if it lies on it, else the newest leaf below it.
        parent: Option<MessageId>,
        /// What goes with it.
        files: Vec<FileId>,
    },
    /// The question in other words: a sibling of `message`.
    Edit {
        /// The question.
        message: MessageId,
        /// The other words.
        text: String,
        /// What goes with it; none is what goes with the question.
        files: Option<Vec<FileId>>,
    },
    /// The question of this answer again: a sibling of `message`.
    Regenerate {
        /// The answer.
        message: MessageId,
    },
    /// This answer, which ended before its end, goes on in a sibling.
    Continue {
        /// The answer.
        message: MessageId,
    },
}

/// A key that makes sending twice sending once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// The path of the request.
    pub route: String,
    /// A hash of its body.
    pub body_hash: String,
}

impl IdempotencyKey {
    /// The row of this key, for its user.
    pub(crate) fn row(&self, actor: &Actor) -> idempotency::Key {
        idempotency::Key {
            user: actor.user,
            key: self.key.clone(),
            route: self.route.clone(),
            body_hash: self.body_hash.clone(),
        }
    }

    /// What the first request with this key made, if this one is the same.
    pub(crate) fn joins(&self, first: &idempotency::Claimed) -> Result<i64> {
        if first.route == self.route && first.body_hash == self.body_hash {
            return Ok(first.result_id);
        }
        Err(Error::unfit(
            "Idempotency-Key",
            "was used for another request; send this one with a key of its own",
        ))
    }
}

/// How an answer should differ from the one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// It says more.
    Longer,
    /// It says less.
    Shorter,
}

impl Style {
    /// What the model is told.
    pub(super) fn instruction(self) -> &'static str {
        match self {
            Self::Longer => {
                "The user has read an answer of yours to the last message and asks for a longer one. Answer it anew, \
                 in more depth and detail than you otherwise would, and do not mention this request."
            }
            Self::Shorter => {
                "The user has read an answer of yours to the last message and asks for a shorter one. Answer it anew, \
                 as briefly as its substance allows, and do not mention this request."
            }
        }
    }
}

/// How it is asked.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The model; none means the conversation's, else the default.
    pub model: Option<String>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// The most tokens to answer with.
    pub max_tokens: Option<i64>,
    /// What this answer alone should heed. It is not stored.
    pub style: Option<Style>,
    /// Whether the web is searched first.
    pub use_rag: bool,
    /// Makes a repeat join the turn.
    pub key: Option<IdempotencyKey>,
}

/// What can be known of an ask without looking anything up.
pub(super) fn check(app: &App, ask: &Ask) -> Result<()> {
    match ask {
        Ask::Say { text, files, .. } => {
            if files.is_empty() {
                check_said(&Parts::said([], text))?;
            }
            check_count(app, files)?;
            check_text(app, text)
        }
        Ask::Edit { text, files, .. } => {
            check_count(app, files.as_deref().unwrap_or_default())?;
            check_text(app, text)
        }
        Ask::Regenerate { .. } | Ask::Continue { .. } => Ok(()),
    }
}

/// Something has to be said: words, or a file.
pub(super) fn check_said(asked: &Parts) -> Result<()> {
    if asked.is_empty() { Err(Error::invalid("message", "must not be empty")) } else { Ok(()) }
}

fn check_count(app: &App, files: &[FileId]) -> Result<()> {
    let most = app.config.files.per_message;
    if files.len() > most {
        return Err(Error::invalid("attachments", format!("may name at most {most} files")));
    }
    let distinct: std::collections::HashSet<_> = files.iter().collect();
    if distinct.len() < files.len() {
        return Err(Error::invalid("attachments", "names a file twice"));
    }
    Ok(())
}

pub(super) fn check_text(app: &App, text: &str) -> Result<()> {
    let (chars, most) = (text.chars().count(), app.config.chat.message_chars);
    if chars > most {
        return Err(Error::TooLarge(format!(
            "The message has {chars} characters; at most {most} can be sent at once. Shorten it or send it in parts."
        )));
    }
    Ok(())
}
