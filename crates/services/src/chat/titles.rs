//! A model's title: asked for once, a second after the first answer was, and never over a manual one.

use std::{sync::Arc, time::Duration};

use domain::{EventKind, Role, Turn, conversation::TITLE_CHARS};
use futures_util::StreamExt as _;
use hub::Log;
use providers::{ChatMessage, ChatRequest, Delta};

use crate::{App, Result, events};

/// How long after the answer a title is asked for: the first words of the answer come first, also from a provider that
/// serves one request after the other.
const PAUSE: Duration = Duration::from_secs(1);
/// How much of the first message the model reads.
const WORDS_CHARS: usize = 2_000;

/// Asks in the background. The answer never waits for it.
pub(super) fn ask(app: &App, turn: &Turn, log: Arc<Log>, words: &str) {
    if !app.config.chat.titles {
        return;
    }
    let words: String = words.chars().take(WORDS_CHARS).collect();
    let (app, turn) = (app.clone(), turn.clone());
    app.clone().spawn(async move {
        let limit = Duration::from_millis(app.config.chat.title_timeout_ms);
        let propose = async {
            tokio::time::sleep(PAUSE).await;
            tokio::time::timeout(limit, propose(&app, &turn, &words)).await
        };
        let title = tokio::select! {
            () = app.stopping().cancelled() => return,
            title = propose => title,
        };
        let Ok(Ok(Some(title))) = title else { return };
        match rename(&app, &turn, &title).await {
            Ok(true) => {
                log.append(EventKind::Title(title));
                events::conversation_updated(&app, turn.conversation_id);
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(turn.id = turn.id.0, %error, "a title could not be stored"),
        }
    });
}

async fn propose(app: &App, turn: &Turn, words: &str) -> Result<Option<String>> {
    let chosen = app.models.find(app.config.chat.title_model.as_deref().unwrap_or(&turn.model))?;
    let request = ChatRequest {
        model: chosen.vendor_model,
        messages: vec![
            ChatMessage::text(
                Role::System,
                "Write a title for this conversation, which begins with the message below: at most six words, in the \
                 language of the message, without quotation marks and without a full stop. Answer with the title alone.",
            ),
            ChatMessage::text(Role::User, words),
        ],
        temperature: None,
        max_tokens: Some(64),
        tools: Vec::new(),
        tool_choice: None,
    };
    let mut deltas = chosen.provider.stream(request);
    let mut said = String::new();
    while let Some(delta) = deltas.next().await {
        match delta {
            Ok(Delta::Text(text)) => said.push_str(&text),
            Ok(_) => {}
            Err(_) => return Ok(None),
        }
        if said.len() > 4 * TITLE_CHARS {
            break;
        }
    }
    Ok(clean(&said))
}

/// The title in what a model said, if it is one.
fn clean(said: &str) -> Option<String> {
    let line = said.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.trim_start_matches(['#', '*', ' ']).trim_end_matches(['*', '.', ' ']);
    let line =
        line.strip_prefix("Title:").unwrap_or(line).trim().trim_matches(['"', '“', '”', '«', '»', '\'']);
    let title: String = line.chars().filter(|c| !c.is_control()).take(80).collect();
    (!title.trim().is_empty()).then(|| title.trim().to_owned())
}

async fn rename(app: &App, turn: &Turn, title: &str) -> Result<bool> {
    let (id, title, now) = (turn.conversation_id, title.to_owned(), app.now());
    Ok(app.db.write(async move |tx| store::conversations::name(tx, id, &title, now).await).await?)
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_title_is_one_plain_line() {
        assert_eq!(
            clean("\n**Title: \"Upgrading PostgreSQL\".**\nmore").as_deref(),
            Some("Upgrading PostgreSQL")
        );
        assert_eq!(clean(" \n"), None);
    }
}
