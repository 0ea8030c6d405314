//! What accounts may use, and what they pay for it.

use std::collections::BTreeMap;

use domain::{Currency, Feature, Money, Plan, text_enum::TextEnum as _};

use super::{konnect::Konnect, manual::section};

/// The longest word of a plan.
const ID_BYTES: usize = 32;

section! {
    /// What accounts may use, and what they pay for it.
    Billing {
        /// Whether plans limit what accounts may use. Administrators are never limited.
        enforced: bool = true,
        /// The plan of whoever has paid for none.
        default_plan: String = "free".into(),
        /// The currency of all prices: TND, EUR or USD.
        currency: Currency = Currency::Tnd,
        /// How many days a payment is good for.
        period_days: u32 = 30,
        /// How many orders an account may begin in an hour, after ten at once; 0: no limit.
        orders_per_hour: u32 = 30,
        /// Konnect, the gateway that payments go through.
        konnect: Konnect = Konnect::default(),
        /// The plans, each a table of its own. One that is named here takes the place of all that are built in: `free` (20
        /// messages a month), `basic` (30 TND, 100 messages) and `premium` (60 TND, 1,000 messages).
        ///
        /// ```toml
        /// [billing.plans.team]
        /// name = "Team"                       # not given: the table's name
        /// description = "For daily work"
        /// price = "45.500"                    # a period, in billing.currency; 0: nobody has to pay
        /// messages_per_month = 500            # 0: no limit
        /// models = ["gpt-*"]                  # patterns of the models that may answer; not given: all
        /// features = ["web_search", "tools"]  # what else it allows; not given: both
        /// highlights = ["All GPT models"]     # what it offers, for people
        /// ```
        plans: BTreeMap<String, PlanSettings> = built_in(),
    }
}

section! {
    /// What accounts of one plan may use.
    PlanSettings {
        /// What it is called; not given: the name of its table.
        name: Option<String> = None,
        /// A sentence about it.
        description: String = String::new(),
        /// What a period costs, as a decimal number.
        price: String = "0".into(),
        /// How many messages a calendar month; 0: no limit.
        messages_per_month: u32 = 0,
        /// Patterns of the models that may answer.
        models: Vec<String> = vec!["*".into()],
        /// What else it allows: `web_search`, `tools`.
        features: Vec<String> = ["web_search", "tools"].map(str::to_owned).to_vec(),
        /// What it offers, line by line, for people.
        highlights: Vec<String> = Vec::new(),
    }
}

/// The plans of seed 002. There the models of a plan are told to people and not enforced, and other seeds' clients name
/// models that its free plan does not list: all of them may answer.
fn built_in() -> BTreeMap<String, PlanSettings> {
    let plan = |id: &str, description: &str, price: &str, messages_per_month, highlights: [&str; 3]| {
        let settings = PlanSettings {
            description: description.into(),
            price: price.into(),
            messages_per_month,
            highlights: highlights.map(str::to_owned).to_vec(),
            ..PlanSettings::default()
        };
        (id.to_owned(), settings)
    };
    BTreeMap::from([
        plan("free", "To try it", "0", 20, ["20 messages a month", "All models", "Web search with sources"]),
        plan("basic", "For regular use", "30", 100, ["100 messages a month", "All models", "Basic support"]),
        plan(
            "premium",
            "For daily work",
            "60",
            1000,
            ["1000 messages a month", "All models", "Priority support"],
        ),
    ])
}

impl Billing {
    /// The plans, the cheapest first.
    pub(crate) fn read_plans(&self) -> Result<Vec<Plan>, String> {
        let mut plans = self
            .plans
            .iter()
            .map(|(id, plan)| plan.read(id, self.currency))
            .collect::<Result<Vec<_>, _>>()?;
        plans.sort_by_key(|plan| plan.price.units);
        Ok(plans)
    }

    /// What is wrong with it, if anything.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let plans = self.read_plans().map_err(|expected| ("billing.plans", expected))?;
        if self.period_days == 0 {
            return Err(("billing.period_days", "expected a number of at least 1".into()));
        }
        self.konnect.check()?;
        match plans.iter().find(|plan| plan.id == self.default_plan) {
            None => Err(("billing.default_plan", format!("no plan is named {:?}", self.default_plan))),
            Some(plan) if plan.is_paid() => {
                Err(("billing.default_plan", format!("{:?} has a price, and nobody would pay it", plan.id)))
            }
            Some(_) => Ok(()),
        }
    }
}

impl PlanSettings {
    fn read(&self, id: &str, currency: Currency) -> Result<Plan, String> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > ID_BYTES || !id.bytes().all(is_plain) {
            return Err(format!("{id:?} cannot be a name: expected up to 32 of a-z, 0-9, - and _"));
        }
        let price = Money::parse(&self.price, currency).ok_or_else(|| {
            let decimals = currency.exponent();
            format!("{id}.price: expected a number with at most {decimals} decimals, such as \"30\"")
        })?;
        let feature = |word: &String| {
            Feature::parse(word)
                .map_err(|_| format!("{id}.features: {word:?} is none; expected web_search or tools"))
        };
        Ok(Plan {
            id: id.to_owned(),
            name: self.name.clone().unwrap_or_else(|| title_case(id)),
            description: self.description.clone(),
            price,
            messages_per_month: (self.messages_per_month > 0).then_some(self.messages_per_month.into()),
            models: self.models.clone(),
            features: self.features.iter().map(feature).collect::<Result<_, _>>()?,
            highlights: self.highlights.clone(),
        })
    }
}

fn title_case(id: &str) -> String {
    let mut letters = id.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_plans_are_those_of_seed_002() {
        let plans = Billing::default().read_plans().unwrap();
        let told: Vec<_> =
            plans.iter().map(|p| (p.id.as_str(), p.price.units, p.messages_per_month.unwrap())).collect();
        assert_eq!(told, [("free", 0, 20), ("basic", 30_000, 100), ("premium", 60_000, 1_000)]);
        assert_eq!(Billing::default().check(), Ok(()));
    }

    #[test]
    fn plans_that_cannot_be_meant_are_refused() {
        let with = |id: &str, plan: PlanSettings| Billing {
            default_plan: "free".into(),
            plans: BTreeMap::from([("free".to_owned(), PlanSettings::default()), (id.to_owned(), plan)]),
            ..Billing::default()
        };
        assert_eq!(with("team", PlanSettings::default()).check(), Ok(()));
        assert!(with("Team", PlanSettings::default()).check().is_err());
        assert!(
            with("team", PlanSettings { price: "1.2345".into(), ..PlanSettings::default() }).check().is_err()
        );
        let strange = PlanSettings { features: vec!["teleport".into()], ..PlanSettings::default() };
        assert!(with("team", strange).check().is_err());
        assert!(with("free", PlanSettings { price: "1".into(), ..PlanSettings::default() }).check().is_err());
        assert!(Billing { default_plan: "gold".into(), ..Billing::default() }.check().is_err());
    }
}
