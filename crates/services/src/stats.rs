//! What an account holds and used.

use std::collections::HashMap;

use domain::{ConversationId, Timestamp, UserId};

use crate::{Actor, App, Result, plans::Month};

/// Figures of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Conversations outside the trash.
    pub conversations: i64,
    /// Messages in them, in all branches.
    pub messages: i64,
    /// The first moment of this month (UTC).
    pub month_began_at: Timestamp,
    /// Answers asked for in this month.
    pub answers: i64,
    /// Tokens of the requests of this month.
    pub prompt_tokens: i64,
    /// Tokens of the answers of this month.
    pub completion_tokens: i64,
    /// Tools that answers to the account have called, as far as these answers are kept.
    pub tool_calls: i64,
    /// Those of this month.
    pub month_tool_calls: i64,
}

/// The actor's figures.
pub async fn read(app: &App, actor: &Actor) -> Result<Stats> {
    of(app, actor.user).await
}

/// The figures of an account that has just signed in.
pub async fn of(app: &App, user: UserId) -> Result<Stats> {
    let month_began_at = Month::of(app.now()).start();
    let (conversations, messages) = store::conversations::count(&app.db, user).await?;
    let (answers, prompt_tokens, completion_tokens) =
        store::usage::since(&app.db, user, month_began_at).await?;
    let (tool_calls, month_tool_calls) = store::tool_calls::count(&app.db, user, month_began_at).await?;
    Ok(Stats {
        conversations,
        messages,
        month_began_at,
        answers,
        prompt_tokens,
        completion_tokens,
        tool_calls,
        month_tool_calls,
    })
}

/// The tokens of the answers in some of the actor's conversations; those without any are left out.
pub async fn tokens(
    app: &App,
    actor: &Actor,
    conversations: &[ConversationId],
) -> Result<HashMap<ConversationId, i64>> {
    Ok(store::usage::of_conversations(&app.db, actor.user, conversations).await?.into_iter().collect())
}
