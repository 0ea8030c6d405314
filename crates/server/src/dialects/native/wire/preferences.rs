//! What a person chose, and figures, on the wire.

use serde::Serialize;
use services::{plans, stats};
use utoipa::ToSchema;

use super::rfc3339;

/// What a person chose. Null takes a choice back.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a description: the use case knows the keys and what they hold")]
pub(crate) struct Preferences {
    theme: Option<Theme>,
    /// Such as `en` or `pt-BR`.
    #[schema(max_length = 35, pattern = "^[A-Za-z0-9]{2,3}(-[A-Za-z0-9]{1,8})*$")]
    language: Option<String>,
    density: Option<Density>,
    font_size: Option<FontSize>,
    send_on_enter: Option<bool>,
    show_reasoning: Option<bool>,
    wrap_code: Option<bool>,
    /// Answers are shown when they are whole, and not while they are being written.
    whole_answers: Option<bool>,
    /// Keys such as `?` and J do something by themselves, without Ctrl or Cmd.
    single_keys: Option<bool>,
    #[schema(max_length = 200)]
    default_model: Option<String>,
    /// What every answer for this person should heed, before what a conversation's own instructions say. At most 8,000
    /// characters.
    #[schema(max_length = 8_000)]
    custom_instructions: Option<String>,
}

/// How the app looks.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "a description")]
enum Theme {
    System,
    Light,
    Dark,
}

/// How much room there is between things.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "a description")]
enum Density {
    Comfortable,
    Compact,
}

/// How large text is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "a description")]
enum FontSize {
    Small,
    Medium,
    Large,
}

/// Figures of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// Outside the trash.
    conversations: i64,
    /// In them, in all branches.
    messages: i64,
    /// Tools that models have called for the caller, in answers that are kept.
    tool_calls: i64,
    this_month: Month,
}

/// What was used since a month began.
#[derive(Debug, Serialize, ToSchema)]
struct Month {
    /// In UTC.
    #[schema(format = DateTime)]
    began_at: String,
    answers: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    tool_calls: i64,
}

impl From<stats::Stats> for Stats {
    fn from(stats: stats::Stats) -> Self {
        Self {
            conversations: stats.conversations,
            messages: stats.messages,
            tool_calls: stats.tool_calls,
            this_month: Month {
                began_at: rfc3339(stats.month_began_at),
                answers: stats.answers,
                prompt_tokens: stats.prompt_tokens,
                completion_tokens: stats.completion_tokens,
                tool_calls: stats.month_tool_calls,
            },
        }
    }
}

/// What an account used of this month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonthUsage {
    /// The plan's word.
    plan: String,
    /// What it is called.
    plan_name: String,
    /// How many messages a month it allows; null: as many as one likes.
    #[schema(required = true)]
    limit: Option<i64>,
    /// How many were used.
    used: i64,
    /// How many are left; null: as many as one likes.
    #[schema(required = true)]
    remaining: Option<i64>,
    /// When the count begins anew: the first moment of the next month, in UTC.
    #[schema(format = DateTime)]
    resets_at: String,
    /// Tokens of the requests.
    prompt_tokens: i64,
    /// Tokens of the answers.
    completion_tokens: i64,
}

impl MonthUsage {
    pub(crate) fn of(usage: &plans::Usage, stats: &stats::Stats) -> Self {
        Self {
            plan: usage.grant.plan.id.clone(),
            plan_name: usage.grant.plan.name.clone(),
            limit: usage.grant.messages_per_month(),
            used: usage.used,
            remaining: usage.remaining(),
            resets_at: rfc3339(usage.resets_at),
            prompt_tokens: stats.prompt_tokens,
            completion_tokens: stats.completion_tokens,
        }
    }
}
