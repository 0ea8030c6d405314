//! What an account may use now.

use std::{sync::Arc, time::Duration};

use domain::{Feature, Plan, Subscription, Terms, Timestamp, UserId, UserRole};
use jiff::{ToSpan as _, tz::TimeZone};
use store::quotas::{self, Charge};

use crate::{Actor, App, Config, Error, Result};

/// The plans of the configuration.
#[derive(Debug)]
pub struct Plans {
    /// The cheapest first.
    all: Vec<Arc<Plan>>,
    default: Arc<Plan>,
    enforced: bool,
}

/// What an account may use now.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The plan.
    pub plan: Arc<Plan>,
    /// Whether the plan limits the account: it does not limit administrators, and nobody where plans are not enforced.
    pub is_limited: bool,
}

impl Grant {
    /// How many messages a calendar month; `None`: as many as one likes.
    pub fn messages_per_month(&self) -> Option<i64> {
        self.plan.messages_per_month.filter(|_| self.is_limited)
    }

    /// Whether `model`, by the name it is listed with, may answer.
    pub fn allows_model(&self, model: &str) -> bool {
        !self.is_limited || providers::globs::any(&self.plan.models, model)
    }

    /// Whether `feature` may be used.
    pub fn allows(&self, feature: Feature) -> bool {
        !self.is_limited || self.plan.allows(feature)
    }
}

impl Plans {
    /// Reads the plans of the configuration.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let billing = &config.billing;
        let wrong = |what: String| Error::internal(std::io::Error::other(what));
        let all: Vec<_> = billing.read_plans().map_err(wrong)?.into_iter().map(Arc::new).collect();
        let default = all.iter().find(|plan| plan.id == billing.default_plan).cloned();
        let default = default.ok_or_else(|| wrong("no plan is the default".into()))?;
        Ok(Self { all, default, enforced: billing.enforced })
    }

    /// All plans, the cheapest first.
    pub fn all(&self) -> &[Arc<Plan>] {
        &self.all
    }

    /// What was bought under this name: as it was offered then, whatever the plan is now. Models and features are those of
    /// now; of a plan that is no longer there, those of the default plan.
    fn bought(&self, id: &str, terms: Option<Terms>) -> Option<Arc<Plan>> {
        let now = self.find(id);
        let Some(terms) = terms else { return now.cloned() };
        if let Some(now) = now
            && now.messages_per_month == terms.messages_per_month
        {
            return Some(now.clone());
        }
        let like = now.unwrap_or(&self.default);
        Some(Arc::new(Plan {
            id: id.to_owned(),
            name: terms.plan_name,
            price: terms.price,
            messages_per_month: terms.messages_per_month,
            ..(**like).clone()
        }))
    }

    /// The plan of this name.
    pub fn find(&self, id: &str) -> Option<&Arc<Plan>> {
        self.all.iter().find(|plan| plan.id == id)
    }

    /// Whether plans limit accounts of this role.
    fn limits(&self, role: UserRole) -> bool {
        self.enforced && role != UserRole::Admin
    }
}

/// What whoever asks may use now: what was paid for while that is good, else the default plan.
pub async fn of(app: &App, actor: &Actor) -> Result<Grant> {
    let paid = store::subscriptions::find(&app.db, actor.user).await?;
    granted(app, paid.as_ref(), actor.role, app.now()).await
}

/// What an account may use that has paid for this last.
async fn granted(app: &App, paid: Option<&Subscription>, role: UserRole, now: Timestamp) -> Result<Grant> {
    let plans = &app.plans;
    let plan = match paid.filter(|paid| paid.grants(now)) {
        Some(paid) => {
            let terms = store::orders::terms_of(&app.db, paid.user_id).await?;
            plans.bought(&paid.plan, terms.filter(|terms| terms.plan == paid.plan))
        }
        None => None,
    };
    Ok(Grant { plan: plan.unwrap_or_else(|| plans.default.clone()), is_limited: plans.limits(role) })
}

/// What a message may cost now, and what it is counted against.
#[derive(Debug, Clone)]
pub(crate) struct Allowance {
    /// What the account may use.
    pub grant: Grant,
    /// What the message is counted against.
    pub charge: Charge,
}

/// Reads what a message of whoever asks is counted against, before the job that counts it. `now` decides the month.
pub(crate) async fn allowance(app: &App, actor: &Actor, now: Timestamp) -> Result<Allowance> {
    let month = Month::of(now);
    if !app.plans.limits(actor.role) {
        // What limits nobody need not be read.
        let grant = Grant { plan: app.plans.default.clone(), is_limited: false };
        return Ok(Allowance { grant, charge: Charge { month: month.0, limit: None, used: 0 } });
    }
    let standing = quotas::standing(&app.db, actor.user, month.0).await?;
    let grant = granted(app, standing.paid.as_ref(), actor.role, now).await?;
    let charge = Charge { month: month.0, limit: grant.messages_per_month(), used: standing.used };
    Ok(Allowance { grant, charge })
}

impl Allowance {
    /// The refusal of one message more, of which `used` were used.
    pub(crate) fn exhausted(&self, used: i64, now: Timestamp) -> Error {
        let resets_at = Month(self.charge.month).next().start();
        let ms = u64::try_from(resets_at.ms_since(now)).unwrap_or_default();
        Error::QuotaExhausted {
            used,
            limit: self.charge.limit.unwrap_or_default(),
            plan: self.grant.plan.id.clone(),
            resets_at,
            retry_after: Duration::from_millis(ms),
        }
    }
}

/// How an account stands this month.
#[derive(Debug, Clone)]
pub struct Usage {
    /// What it may use.
    pub grant: Grant,
    /// What it has paid for, while that is good.
    pub paid: Option<Subscription>,
    /// How many messages of the month it has used.
    pub used: i64,
    /// The first moment of the month.
    pub began_at: Timestamp,
    /// The first moment of the next: then the count begins anew.
    pub resets_at: Timestamp,
}

impl Usage {
    /// How many messages are left; `None`: as many as one likes.
    pub fn remaining(&self) -> Option<i64> {
        self.grant.messages_per_month().map(|limit| (limit - self.used).max(0))
    }
}

/// How an account stands this month.
pub async fn usage(app: &App, user: UserId, role: UserRole) -> Result<Usage> {
    let now = app.now();
    let month = Month::of(now);
    let standing = quotas::standing(&app.db, user, month.0).await?;
    Ok(Usage {
        grant: granted(app, standing.paid.as_ref(), role, now).await?,
        paid: standing.paid.filter(|paid| paid.grants(now)),
        used: standing.used,
        began_at: month.start(),
        resets_at: month.next().start(),
    })
}

/// The day of a moment in UTC, such as `2026-12-01`.
pub(crate) fn day(moment: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    moment.to_zoned(TimeZone::UTC).date().to_string()
}

/// A calendar month in UTC: the number of months since January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(pub i64);

impl Month {
    /// The month of a moment.
    pub fn of(moment: Timestamp) -> Self {
        let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
        let date = moment.to_zoned(TimeZone::UTC);
        Self((i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1)
    }

    /// Its first moment.
    pub fn start(self) -> Timestamp {
        let epoch = jiff::civil::date(1970, 1, 1);
        let first = epoch.saturating_add(self.0.months());
        Timestamp(first.to_zoned(TimeZone::UTC).map_or(0, |start| start.timestamp().as_millisecond()))
    }

    /// The one after it: what is counted by the month begins anew then.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_midnight_of_utc() {
        let at = |text: &str| {
            let moment = text.parse::<jiff::Timestamp>().unwrap();
            Timestamp(moment.as_millisecond())
        };
        for (last, first) in [
            ("2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00Z"),
            ("2028-02-29T23:59:59.999Z", "2028-03-01T00:00:00Z"),
            ("2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z"),
            ("2100-02-28T23:59:59.999Z", "2100-03-01T00:00:00Z"),
        ] {
            let month = Month::of(at(first));
            assert_eq!(Month::of(at(last)).next(), month, "{first}");
            assert_eq!(month.start(), at(first), "{first}");
        }
        assert_eq!(Month::of(Timestamp(0)), Month(0));
    }
}
