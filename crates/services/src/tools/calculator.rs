//! Arithmetic, exact where it can be: fractions of whole numbers of any length.

mod number;
mod parse;

use domain::Feature;
use futures_util::{FutureExt as _, future::BoxFuture};
use serde_json::json;

use self::number::Number;
use super::{About, Call, Told, Tool};

/// The longest expression, in characters.
const EXPRESSION_CHARS: usize = 1_000;

/// Works out an expression.
pub(super) struct Calculator;

impl Tool for Calculator {
    fn about(&self) -> About {
        About {
            name: "calculator",
            description: "Works out an arithmetic expression exactly, with whole numbers of any length and fractions. \
                          Knows + - * / % ^ ! and parentheses, decimal numbers, pi, e, and the functions sqrt, abs, \
                          floor, ceil, round, min, max, exp, ln, log10, log2, sin, cos, tan (angles in radians). Call \
                          it for every calculation that is not trivial.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "expression": {
                        "type": "string",
                        "description": "The expression, such as (17.5 + 3) * 2^10 / sqrt(2). Numbers are written with \
                                        a decimal point and without separators of thousands.",
                    },
                },
                "required": ["expression"],
                "additionalProperties": false,
            }),
            feature: Feature::Tools,
        }
    }

    fn run<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Told, String>> {
        async move {
            let expression =
                call.text("expression")?.ok_or("The argument `expression` is missing.")?.to_owned();
            // Large numbers take a while: nobody else waits for them.
            let working = tokio::task::spawn_blocking(move || work_out(&expression));
            working.await.map_err(|_| "The expression cannot be worked out.".to_owned())?.map(Told::Text)
        }
        .boxed()
    }
}

/// What an expression comes to, as text; `≈` stands before what is not exact.
fn work_out(expression: &str) -> Result<String, String> {
    if expression.chars().count() > EXPRESSION_CHARS {
        return Err(format!("The expression has more than {EXPRESSION_CHARS} characters."));
    }
    parse::expression(expression).map(|number| Number::to_string(&number))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn is(expression: &str, expected: &str) {
        assert_eq!(work_out(expression).as_deref(), Ok(expected), "{expression}");
    }

    #[test]
    fn whole_numbers_and_decimals_are_exact() {
        is("2+2*10", "22");
        is("0.1 + 0.2", "0.3");
        is("(1 + 2) * -3", "-9");
        is("2^3^2", "512");
        is("-2^2", "-4");
        is("2^-2", "0.25");
        is("10 / 4", "2.5");
        is("7 % 3 + -7 % 3", "0");
        is("25!", "15511210043330985984000000");
        is("3!!", "720");
        is("1.5e3 + 1E-2", "1500.01");
        is("2 × 3 ÷ 4 − 1", "0.5");
        is("12345678901234567890 * 98765432109876543210", "1219326311370217952237463801111263526900");
        is("round(2.5) + floor(-1.5) + ceil(1.2) + abs(-3)", "6");
        is("min(3, 1, 2) + max(4, 5)", "6");
        is("sqrt(144) + sqrt(1/4)", "12.5");
        is("2(3+4)", "14");
        is("sqrt(2)^0", "1");
    }

    #[test]
    fn what_is_not_exact_says_so() {
        is("1/3", "1/3 ≈ 0.333333333333333333333333333333");
        is("-22/7", "-22/7 ≈ -3.14285714285714285714285714286");
        is("sqrt(2)", "≈ 1.41421356237309504880168872421");
        is("pi", "≈ 3.14159265358979");
        is("sin(0) + cos(0)", "≈ 1");
        is("ln(e)", "≈ 1");
        is("log10(1000) + log2(8)", "≈ 6");
        is("10^-9", "0.000000001");
        is("exp(-30)", "≈ 9.35762296884017e-14");
        is(
            "1/3 * 10^50",
            "100000000000000000000000000000000000000000000000000/3 ≈ 3.33333333333333333333333333333e49",
        );
    }

    #[test]
    fn what_cannot_be_worked_out_says_why() {
        for (expression, why) in [
            ("1/0", "by zero"),
            ("5 % 0", "by zero"),
            ("0^-1", "by zero"),
            ("2 +", "ends too early"),
            ("(1 + 2", "`)`"),
            ("1 2", "character 3"),
            ("2 ** 3", "character 4"),
            ("import os", "`import`"),
            ("__import__('os')", "character 1"),
            ("sqrt(-1)", "negative"),
            ("ln(0)", "not a number"),
            ("sqrt(1, 2)", "one number"),
            ("min()", "number"),
            ("1.5!", "whole number"),
            ("(-1)!", "whole number"),
            ("2^0.5.1", "number"),
            ("", "ends too early"),
        ] {
            let error = work_out(expression).unwrap_err();
            assert!(error.contains(why), "{expression}: {error}");
            assert!(error.ends_with('.'), "{error}");
        }
    }

    #[test]
    fn nothing_takes_long_or_runs_deep() {
        let begun = Instant::now();
        for expression in [
            "9^9^9^9".to_owned(),
            "99999999!".to_owned(),
            "2^2^100000".to_owned(),
            "1e999999999".to_owned(),
            "0.5^1000000".to_owned(),
            format!("{}1{}", "(".repeat(400), ")".repeat(400)),
            "-".repeat(900) + "1",
            "2^".repeat(300) + "1.5",
            "1".repeat(1_001),
            ["1000!"; 160].join("*"),
        ] {
            let refused = work_out(&expression).unwrap_err();
            assert!(refused.len() < 300, "{refused}");
        }
        let terms: Vec<_> = (2..140).map(|n| format!("1/{n}^99")).collect();
        let _ = work_out(&terms.join("+"));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }

    #[test]
    fn no_text_makes_it_panic() {
        let pieces = [
            "1", "2.5", "(", ")", "^", "!", "-", "+", "*", "/", "%", "sqrt", "max", ",", "e", "pi", ".", " ",
            "é",
        ];
        let mut seed: u64 = 7;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let _ = work_out(&text);
        }
    }
}
