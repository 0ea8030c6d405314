//! What an account holds and used.

use std::collections::HashMap;

use domain::{ConversationId, Timestamp, UserId};

use crate::{Actor, App, Result};

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
    let month_began_at = month_of(app.now());
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

fn month_of(now: Timestamp) -> Timestamp {
    let began = jiff::Timestamp::from_millisecond(now.0)
        .and_then(|now| now.to_zoned(jiff::tz::TimeZone::UTC).first_of_month()?.start_of_day());
    began.map_or(now, |began| Timestamp(began.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_its_first_day_at_midnight() {
        let now: jiff::Timestamp = "2026-11-21T17:00:00.5Z".parse().unwrap();
        let first: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        assert_eq!(month_of(Timestamp(now.as_millisecond())), Timestamp(first.as_millisecond()));
    }
}
