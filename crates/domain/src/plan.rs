//! What an account may use, and what it pays for that.

use crate::{Money, Timestamp, UserId, text_enum};

/// A plan as the configuration describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The word it is asked for by.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// What a period costs; nothing for a plan that nobody has to buy.
    pub price: Money,
    /// How many messages a calendar month (UTC) it allows; `None`: as many as one likes.
    pub messages_per_month: Option<i64>,
    /// Patterns of the models that may answer.
    pub models: Vec<String>,
    /// What else it allows.
    pub features: Vec<Feature>,
    /// What it offers, line by line, for people.
    pub highlights: Vec<String>,
}

impl Plan {
    /// Whether it has to be paid for.
    pub fn is_paid(&self) -> bool {
        self.price.units > 0
    }

    /// Whether it allows `feature`.
    pub fn allows(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}

text_enum! {
    /// What a plan can allow beside answers.
    pub enum Feature {
        /// Answers that lean on what is found in the web.
        WebSearch = "web_search",
        /// Models may call tools.
        Tools = "tools",
    }
}

text_enum! {
    /// How a subscription stands.
    pub enum SubscriptionStatus {
        /// It is paid for.
        Active = "active",
        /// It was cancelled, and is good until its end.
        Canceled = "canceled",
    }
}

/// What an account has paid for. One that never paid has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Whose.
    pub user_id: UserId,
    /// The plan's word.
    pub plan: String,
    /// How it stands.
    pub status: SubscriptionStatus,
    /// When it was first paid for, without a gap since.
    pub started_at: Timestamp,
    /// From this moment on it grants nothing.
    pub ends_at: Timestamp,
}

impl Subscription {
    /// Whether it grants its plan at a moment. One that was cancelled does so until its end.
    pub fn grants(&self, now: Timestamp) -> bool {
        match self.status {
            SubscriptionStatus::Active | SubscriptionStatus::Canceled => now < self.ends_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_good_until_its_end_cancelled_or_not() {
        for status in [SubscriptionStatus::Active, SubscriptionStatus::Canceled] {
            let paid = Subscription {
                user_id: UserId(1),
                plan: "basic".into(),
                status,
                started_at: Timestamp(0),
                ends_at: Timestamp(100),
            };
            assert!(paid.grants(Timestamp(99)) && !paid.grants(Timestamp(100)));
        }
    }
}
