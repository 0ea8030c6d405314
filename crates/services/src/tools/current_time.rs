//! What time it is, here or elsewhere.

use domain::Feature;
use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{About, Call, Told, Tool};

/// The longest name of a time zone that is looked up.
const NAME_CHARS: usize = 64;

/// Tells date, weekday and time.
pub(super) struct CurrentTime;

impl Tool for CurrentTime {
    fn about(&self) -> About {
        About {
            name: "current_time",
            description: "Tells the current date, weekday and time in a time zone. Call it whenever an answer depends \
                          on today's date or on the time of day.",
            parameters: json!({
                "type": "object",
                "properties": {
                    "time_zone": {
                        "type": "string",
                        "description": "A name of the IANA time zone database, such as Europe/Rome. Left out: UTC.",
                    },
                },
                "required": [],
                "additionalProperties": false,
            }),
            feature: Feature::Tools,
        }
    }

    fn run<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<Told, String>> {
        let told = call.text("time_zone").and_then(|zone| tell(call.app.now().0, zone.unwrap_or("UTC")));
        std::future::ready(told.map(Told::Text)).boxed()
    }
}

/// A moment, in milliseconds since 1970, as a line of text.
fn tell(now_ms: i64, zone: &str) -> Result<String, String> {
    let unknown = || {
        let named: String = zone.chars().take(NAME_CHARS).collect();
        format!("There is no time zone {named:?}. Use a name such as Europe/Rome or UTC.")
    };
    if zone.chars().count() > NAME_CHARS {
        return Err(unknown());
    }
    let zone = TimeZone::get(zone).map_err(|_| unknown())?;
    let now = jiff::Timestamp::from_millisecond(now_ms)
        .map_err(|_| "The server's clock cannot be read.".to_owned())?
        .to_zoned(zone);
    Ok(now.strftime("%A, %Y-%m-%d %H:%M:%S %:z (%Q), week %V of the year").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_the_time_of_a_place() {
        let noon = "2026-11-22T23:30:05Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
        for (zone, told) in [
            ("UTC", "Sunday, 2026-11-22 23:30:05 +00:00 (UTC), week 47 of the year"),
            ("Europe/Rome", "Monday, 2026-11-23 00:30:05 +01:00 (Europe/Rome), week 48 of the year"),
            (
                "america/new_york",
                "Sunday, 2026-11-22 18:30:05 -05:00 (America/New_York), week 47 of the year",
            ),
            ("Asia/Kathmandu", "Monday, 2026-11-23 05:15:05 +05:45 (Asia/Kathmandu), week 48 of the year"),
        ] {
            assert_eq!(tell(noon, zone).unwrap(), told);
        }
    }

    #[test]
    fn a_place_that_is_not_known_is_an_error_that_helps() {
        for zone in ["Mars/Olympus", "../../etc/passwd", "", &"x".repeat(10_000)] {
            let error = tell(0, zone).unwrap_err();
            assert!(error.contains("Europe/Rome") && error.len() < 200, "{error}");
        }
    }
}
