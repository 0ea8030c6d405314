//! Something that somebody wants to pay for, and what came of it.

use crate::{Money, OrderId, Subscription, SubscriptionStatus, Timestamp, UserId, text_enum, time::DAY_MS};

text_enum! {
    /// How an order stands.
    pub enum OrderState {
        /// It waits for its payment.
        Open = "open",
        /// It was paid for, and what was ordered was given.
        Paid = "paid",
        /// The payment was declined, or could not be begun. A payment that succeeds after all is taken.
        Failed = "failed",
        /// Nobody paid in time. A payment that comes late is taken.
        Expired = "expired",
    }
}

/// Something that somebody wants to pay for. It remembers what was offered, whatever the plan becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its row.
    pub id: OrderId,
    /// What everybody else calls it. Nobody can guess it.
    pub public_id: String,
    /// Whose; `None` once the account is gone.
    pub user_id: Option<UserId>,
    /// The payment gateway's word.
    pub gateway: String,
    /// The plan's word.
    pub plan: String,
    /// What the plan was called.
    pub plan_name: String,
    /// What is to be paid.
    pub price: Money,
    /// How many messages a calendar month the plan allowed; `None`: as many as one likes.
    pub messages_per_month: Option<i64>,
    /// How many days it is good for.
    pub period_days: i64,
    /// How it stands.
    pub state: OrderState,
    /// What the gateway calls the payment, once it is known.
    pub payment_ref: Option<String>,
    /// The wallet that is to receive the payment; `None` for an old order: that of today's settings.
    pub wallet: Option<String>,
    /// How often the gateway was asked about it without an end.
    pub asks: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is to be paid.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
}

/// What a running subscription was bought for: what its time is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The plan's word.
    pub plan: String,
    /// What the plan was called.
    pub plan_name: String,
    /// What was paid.
    pub price: Money,
    /// How many messages a calendar month the plan allowed; `None`: as many as one likes.
    pub messages_per_month: Option<i64>,
    /// How many days that was for.
    pub period_days: i64,
}

impl Order {
    /// The subscription of `user` once this is paid, at `now`, after the one before and what that was bought for.
    ///
    /// The same plan goes on from its end. Another plan begins at once, and what is left of the time before is counted by
    /// what the two cost: 10 days of a plan are 5 of one that costs twice as much. So no order of payments loses anything.
    pub fn subscribes(
        &self,
        user: UserId,
        before: Option<(&Subscription, Option<&Terms>)>,
        now: Timestamp,
    ) -> Subscription {
        let before = before.filter(|(before, _)| before.grants(now));
        let period = self.period_days.saturating_mul(DAY_MS);
        let ends_at = match before {
            None => now.plus_ms(period),
            Some((before, _)) if before.plan == self.plan => before.ends_at.plus_ms(period),
            Some((before, terms)) => {
                let left = before.ends_at.ms_since(now);
                now.plus_ms(period).plus_ms(terms.map_or(left, |terms| self.worth(left, terms)))
            }
        };
        Subscription {
            user_id: user,
            plan: self.plan.clone(),
            status: SubscriptionStatus::Active,
            started_at: before.map_or(now, |(before, _)| before.started_at),
            ends_at,
        }
    }

    /// How long this plan is had, in milliseconds, for what `left` milliseconds of another cost. Prices that cannot be
    /// compared leave the time as it is.
    fn worth(&self, left: i64, other: &Terms) -> i64 {
        if self.price.currency != other.price.currency || self.price.units <= 0 || other.period_days <= 0 {
            return left;
        }
        let worth = i128::from(left) * i128::from(other.price.units) * i128::from(self.period_days);
        let price = i128::from(self.price.units) * i128::from(other.period_days);
        i64::try_from(worth / price).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn order(plan: &str, units: i64) -> Order {
        Order {
            id: OrderId(1),
            public_id: "sub_1".into(),
            user_id: Some(UserId(1)),
            gateway: "konnect".into(),
            plan: plan.into(),
            plan_name: plan.into(),
            price: Money::new(units, Currency::Tnd),
            messages_per_month: Some(100),
            period_days: 30,
            state: OrderState::Open,
            payment_ref: None,
            wallet: None,
            asks: 0,
            created_at: Timestamp(0),
            expires_at: Timestamp(0),
            paid_at: None,
        }
    }

    fn terms(order: &Order) -> Terms {
        Terms {
            plan: order.plan.clone(),
            plan_name: order.plan_name.clone(),
            price: order.price,
            messages_per_month: order.messages_per_month,
            period_days: order.period_days,
        }
    }

    const DAYS: fn(i64) -> Timestamp = |days| Timestamp(days * DAY_MS);

    #[test]
    fn the_same_plan_goes_on_from_its_end() {
        let basic = order("basic", 30_000);
        let first = basic.subscribes(UserId(1), None, DAYS(100));
        assert_eq!((first.started_at, first.ends_at), (DAYS(100), DAYS(130)));
        let cancelled = Subscription { status: SubscriptionStatus::Canceled, ..first };
        let second = basic.subscribes(UserId(1), Some((&cancelled, Some(&terms(&basic)))), DAYS(110));
        assert_eq!((second.started_at, second.ends_at), (DAYS(100), DAYS(160)));
        assert_eq!(second.status, SubscriptionStatus::Active);
        let late = basic.subscribes(UserId(1), Some((&second, Some(&terms(&basic)))), DAYS(160));
        assert_eq!((late.started_at, late.ends_at), (DAYS(160), DAYS(190)));
    }

    #[test]
    fn another_plan_begins_at_once_and_what_is_left_is_counted_by_the_prices() {
        let (basic, premium) = (order("basic", 30_000), order("premium", 60_000));
        let had = basic.subscribes(UserId(1), None, DAYS(0));
        let up = premium.subscribes(UserId(1), Some((&had, Some(&terms(&basic)))), DAYS(20));
        assert_eq!((up.plan.as_str(), up.ends_at), ("premium", DAYS(20 + 30 + 5)));
        let down = basic.subscribes(UserId(1), Some((&up, Some(&terms(&premium)))), DAYS(50));
        assert_eq!((down.plan.as_str(), down.ends_at), ("basic", DAYS(50 + 30 + 10)));
        let unknown = premium.subscribes(UserId(1), Some((&had, None)), DAYS(20));
        assert_eq!(unknown.ends_at, DAYS(20 + 30 + 10), "time stays time");
    }
}
