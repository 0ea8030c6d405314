//! Numbers as they are worked with: fractions, and whether they are exact.

use std::fmt;

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{One as _, Pow as _, Signed as _, ToPrimitive as _, Zero as _};

/// The longest numerator and denominator together, in bits: about 3,000 digits.
const BITS: u64 = 10_000;
/// The largest number whose factorial is worked out.
const FACTORIAL: u32 = 1_000;
/// The most digits of an exponent in a number such as `1e20` may shift it by.
const SHIFT: i32 = 3_000;
/// How many digits are told of what is exact and has no end, and of roots.
const ROOT_DIGITS: usize = 30;
/// How many digits of what a function says are right.
const FLOAT_DIGITS: usize = 15;
/// The most decimals that are written out of a number that has an end.
const DECIMALS: u32 = 100;

type Result<T> = std::result::Result<T, String>;

/// A number.
#[derive(Debug, Clone)]
pub(super) struct Number {
    value: BigRational,
    /// How many digits are right; `None`: all of them.
    digits: Option<usize>,
}

impl Number {
    fn exact(value: BigRational) -> Result<Self> {
        Self { value, digits: None }.bounded()
    }

    /// What comes of two numbers is as exact as the less exact one.
    fn of(value: BigRational, one: &Self, other: &Self) -> Result<Self> {
        let digits = [one.digits, other.digits].into_iter().flatten().min();
        Self { value, digits }.bounded()
    }

    fn bounded(self) -> Result<Self> {
        if bits(&self.value) > BITS { Err(too_long()) } else { Ok(self) }
    }

    fn float(value: f64) -> Result<Self> {
        let value = BigRational::from_float(value).ok_or("The result is not a number.")?;
        Ok(Self { value, digits: Some(FLOAT_DIGITS) })
    }

    /// Digits with at most one point, and an exponent behind an `e`.
    pub(super) fn read(text: &str) -> Result<Self> {
        let wrong = || format!("`{}` is not a number.", text.chars().take(40).collect::<String>());
        let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && decimals.is_empty()) || decimals.contains('.') {
            return Err(wrong());
        }
        let shift = exponent.parse::<i32>().ok().filter(|shift| shift.abs() <= SHIFT).ok_or_else(too_long)?;
        let shift = shift - i32::try_from(decimals.len()).map_err(|_| wrong())?;
        let value: BigInt = format!("{whole}{decimals}").parse().map_err(|_| wrong())?;
        Self::exact(shifted(BigRational::from(value), shift))
    }

    /// A number that has a name.
    pub(super) fn constant(name: &str) -> Option<Self> {
        let value = match name {
            "pi" => std::f64::consts::PI,
            "e" => std::f64::consts::E,
            _ => return None,
        };
        Self::float(value).ok()
    }

    /// What a function makes of what it is given.
    pub(super) fn apply(name: &str, given: Vec<Self>) -> Result<Self> {
        match name {
            "min" | "max" => {
                let mut given = given.into_iter();
                let first = given.next().ok_or_else(|| format!("{name} takes at least one number."))?;
                let is_better = |one: &Self, best: &Self| match name {
                    "min" => one.value < best.value,
                    _ => one.value > best.value,
                };
                return Ok(given.fold(first, |best, one| if is_better(&one, &best) { one } else { best }));
            }
            "sqrt" | "abs" | "floor" | "ceil" | "round" | "exp" | "ln" | "log10" | "log2" | "sin" | "cos"
            | "tan" => {}
            _ => {
                let named: String = name.chars().take(40).collect();
                return Err(format!("There is no function `{named}`."));
            }
        }
        let [number] = <[Self; 1]>::try_from(given).map_err(|_| format!("{name} takes one number."))?;
        let whole = |value: BigRational| Ok(Self { value, digits: number.digits });
        match name {
            "sqrt" => number.root(),
            "abs" => whole(number.value.abs()),
            "floor" => whole(number.value.floor()),
            "ceil" => whole(number.value.ceil()),
            "round" => whole(number.value.round()),
            _ => {
                let given = number.value.to_f64().unwrap_or(f64::NAN);
                Self::float(match name {
                    "exp" => given.exp(),
                    "ln" => given.ln(),
                    "log10" => given.log10(),
                    "log2" => given.log2(),
                    "sin" => given.sin(),
                    "cos" => given.cos(),
                    _ => given.tan(),
                })
            }
        }
    }

    pub(super) fn plus(&self, other: &Self) -> Result<Self> {
        Self::of(&self.value + &other.value, self, other)
    }

    pub(super) fn minus(&self, other: &Self) -> Result<Self> {
        Self::of(&self.value - &other.value, self, other)
    }

    pub(super) fn times(&self, other: &Self) -> Result<Self> {
        Self::of(&self.value * &other.value, self, other)
    }

    pub(super) fn divided_by(&self, other: &Self) -> Result<Self> {
        if other.value.is_zero() {
            return Err(by_zero());
        }
        Self::of(&self.value / &other.value, self, other)
    }

    /// What is left of it, with its sign.
    pub(super) fn remainder_of(&self, other: &Self) -> Result<Self> {
        if other.value.is_zero() {
            return Err(by_zero());
        }
        Self::of(&self.value % &other.value, self, other)
    }

    pub(super) fn negated(self) -> Self {
        Self { value: -self.value, digits: self.digits }
    }

    pub(super) fn factorial(&self) -> Result<Self> {
        let of = self.value.is_integer().then(|| self.value.to_integer());
        let of = of.filter(|of| !of.is_negative());
        let of = of.ok_or("Only a whole number that is not negative has a factorial.")?;
        let of = of.to_u32().filter(|of| *of <= FACTORIAL).ok_or_else(too_long)?;
        let product = (1..=of).fold(BigInt::one(), |product, factor| product * factor);
        Self::exact(BigRational::from(product))
    }

    pub(super) fn to_the(&self, exponent: &Self) -> Result<Self> {
        if !exponent.value.is_integer() {
            if exponent.value == BigRational::new(1.into(), 2.into()) {
                return self.root();
            }
            let (base, power) = (self.value.to_f64(), exponent.value.to_f64());
            return Self::float(base.zip(power).map_or(f64::NAN, |(base, power)| base.powf(power)));
        }
        if exponent.value.is_zero() {
            return Self::exact(BigRational::one());
        }
        if self.value.is_zero() {
            return if exponent.value.is_negative() { Err(by_zero()) } else { Ok(self.clone()) };
        }
        let power = exponent.value.to_integer().to_i32().ok_or_else(too_long)?;
        if bits(&self.value).saturating_sub(2).max(1).saturating_mul(power.unsigned_abs().into()) > BITS {
            return Err(too_long());
        }
        Self::of(self.value.clone().pow(power), self, exponent)
    }

    fn root(&self) -> Result<Self> {
        if self.value.is_negative() {
            return Err("The square root of a negative number is not a real number.".into());
        }
        let (numerator, denominator) = (self.value.numer().sqrt(), self.value.denom().sqrt());
        let root = BigRational::new(numerator, denominator);
        if &root * &root == self.value {
            return Ok(Self { value: root, digits: self.digits });
        }
        let missing = length(self.value.denom()).saturating_sub(length(self.value.numer()));
        let places = u32::try_from(ROOT_DIGITS + 5 + missing).map_err(|_| too_long())?;
        let scaled = self.value.numer() * ten_to(2 * places) / self.value.denom();
        let value = BigRational::new(scaled.sqrt(), ten_to(places));
        Self { value, digits: Some(self.digits.unwrap_or(ROOT_DIGITS).min(ROOT_DIGITS)) }.bounded()
    }
}

impl fmt::Display for Number {
    /// All digits where there is an end of them, else a fraction and the first digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(digits) = self.digits {
            return write!(f, "≈ {}", significant(&self.value, digits));
        }
        if self.value.is_integer() {
            return write!(f, "{}", self.value.numer());
        }
        match decimals(self.value.denom()) {
            Some(places) => {
                let whole = (&self.value * BigRational::from(ten_to(places))).to_integer();
                f.write_str(&pointed(&whole, places as usize))
            }
            None => write!(f, "{} ≈ {}", self.value, significant(&self.value, ROOT_DIGITS)),
        }
    }
}

fn by_zero() -> String {
    "Nothing can be divided by zero.".into()
}

fn too_long() -> String {
    "The number has too many digits.".into()
}

fn bits(value: &BigRational) -> u64 {
    value.numer().bits() + value.denom().bits()
}

fn ten_to(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

/// The value times ten to the power of `places`.
fn shifted(value: BigRational, places: i32) -> BigRational {
    let factor = BigRational::from(ten_to(places.unsigned_abs()));
    if places < 0 { value / factor } else { value * factor }
}

/// How many digits a whole number has, its sign aside.
fn length(number: &BigInt) -> usize {
    number.magnitude().to_string().len()
}

/// How many decimals a fraction in lowest terms with this denominator has, if it has an end that is worth writing out.
fn decimals(denominator: &BigInt) -> Option<u32> {
    let mut rest = denominator.clone();
    let mut count = |prime: u32| {
        let mut times = 0;
        while times <= DECIMALS && (&rest % prime).is_zero() {
            rest /= prime;
            times += 1;
        }
        times
    };
    let places = count(2).max(count(5));
    (rest.is_one() && places <= DECIMALS).then_some(places)
}

/// A whole number with a point before its last `places` digits.
fn pointed(number: &BigInt, places: usize) -> String {
    let digits = number.magnitude().to_string();
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    let sign = if number.sign() == Sign::Minus { "-" } else { "" };
    match decimals.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        decimals => format!("{sign}{whole}.{decimals}"),
    }
}

/// The first `digits` digits, rounded; with an exponent where the point is far from them.
fn significant(value: &BigRational, digits: usize) -> String {
    if value.is_zero() {
        return "0".into();
    }
    let size = value.abs();
    // The place of the first digit: 0 for 1 to 9, -1 for 0.1 to 0.9.
    let mut first = length(size.numer()) as i32 - length(size.denom()) as i32;
    if size < shifted(BigRational::one(), first) {
        first -= 1;
    }
    let places = digits as i32 - 1 - first;
    let rounded = shifted(value.clone(), places).round().to_integer();
    if (-7..digits as i32).contains(&first) {
        return match usize::try_from(places) {
            Ok(places) => pointed(&rounded, places),
            Err(_) => rounded.to_string(),
        };
    }
    // Rounding may have made one digit more.
    let behind = length(&rounded) - 1;
    format!("{}e{}", pointed(&rounded, behind), behind as i32 - places)
}
