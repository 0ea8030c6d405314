//! Money: whole numbers of a currency's smallest unit, never fractions.

use serde::{Deserialize, Serialize};

use crate::{text_enum, text_enum::TextEnum as _};

text_enum! {
    /// A currency by its ISO 4217 code.
    pub enum Currency {
        /// The Tunisian dinar, of 1,000 millimes.
        Tnd = "TND",
        /// The euro, of 100 cents.
        Eur = "EUR",
        /// The United States dollar, of 100 cents.
        Usd = "USD",
    }
}

impl Currency {
    /// How many decimals its smallest unit has: the exponent of ISO 4217.
    pub fn exponent(self) -> u32 {
        match self {
            Self::Tnd => 3,
            Self::Eur | Self::Usd => 2,
        }
    }

    fn units(self) -> i64 {
        10_i64.pow(self.exponent())
    }
}

/// An amount in one currency. Amounts of two currencies are never added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How many of the currency's smallest unit: 30 TND are 30,000.
    pub units: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// So many of the currency's smallest unit.
    pub fn new(units: i64, currency: Currency) -> Self {
        Self { units, currency }
    }

    /// Reads a decimal number that is not negative, such as `30` or `29.900`, exactly. `None` for anything else, also for
    /// more decimals than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let exponent = currency.exponent();
        if !is_digits(whole) || !is_digits(decimals) || decimals.len() > exponent as usize {
            return None;
        }
        let missing = exponent - u32::try_from(decimals.len()).ok()?;
        let decimals: i64 = decimals.parse().ok()?;
        let units = whole.parse::<i64>().ok()?.checked_mul(currency.units())?;
        let units = units.checked_add(decimals * 10_i64.pow(missing))?;
        Some(Self::new(units, currency))
    }

    /// The amount as a decimal number, without zeros that say nothing: `30`, `29.9`.
    pub fn decimal(self) -> String {
        let (sign, units) = (if self.units < 0 { "-" } else { "" }, self.units.unsigned_abs());
        let one = self.currency.units().unsigned_abs();
        let decimals = format!("{:0width$}", units % one, width = self.currency.exponent() as usize);
        let text = format!("{sign}{}.{decimals}", units / one);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_exactly_or_not_at_all() {
        let tnd = |text| Money::parse(text, Currency::Tnd).map(|money| money.units);
        assert_eq!(tnd("30"), Some(30_000));
        assert_eq!(tnd("29.9"), Some(29_900));
        assert_eq!(tnd("0.001"), Some(1));
        assert_eq!(Money::parse("29.99", Currency::Eur).map(|money| money.units), Some(2_999));
        for bad in ["", ".5", "5.", "-1", "+1", "1e3", "1,5", "0.0001", " 1", "9223372036854775807"] {
            assert_eq!(tnd(bad), None, "{bad}");
        }
        assert_eq!(Money::parse("1.001", Currency::Eur), None);
    }

    #[test]
    fn an_amount_is_shown_as_people_write_it() {
        for (units, text) in
            [(30_000, "30 TND"), (29_900, "29.9 TND"), (1, "0.001 TND"), (-1_500, "-1.5 TND")]
        {
            assert_eq!(Money::new(units, Currency::Tnd).to_string(), text);
        }
        assert_eq!(Money::new(100, Currency::Usd).to_string(), "1 USD");
    }
}
