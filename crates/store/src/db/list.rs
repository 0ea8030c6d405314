//! Lists of ids in a statement: they travel as one JSON parameter.

/// A statement's text for both databases with `IN (…)` over a parameter that is a JSON list of ids.
macro_rules! among {
    ($before:expr, $parameter:literal, $after:expr) => {
        $crate::Sql {
            sqlite: concat!($before, " IN (SELECT value FROM json_each(", $parameter, "))", $after),
            postgres: concat!(
                $before,
                " IN (SELECT CAST(jsonb_array_elements_text(CAST(",
                $parameter,
                " AS JSONB)) AS BIGINT))",
                $after
            ),
        }
    };
}
pub(crate) use among;
