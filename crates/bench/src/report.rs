//! The table for people.

use std::fmt::Write as _;

/// What one run measured on one database.
#[derive(Default)]
pub(crate) struct Measured {
    /// Its name.
    pub(crate) database: &'static str,
    /// In the order of [`ROWS`].
    pub(crate) cells: Vec<String>,
}

/// One row.
pub(crate) struct Row {
    /// What is measured.
    pub(crate) what: &'static str,
    /// What to reach.
    goal: &'static str,
}

/// All rows of the table.
pub(crate) const ROWS: [Row; 14] = [
    Row {
        what: "64 streams × 500 tokens, unpaced: tokens/s, share of the bare provider's",
        goal: "≥ 0.5, 0 failed",
    },
    Row { what: "server CPU per 1,000 tokens in that run", goal: "≤ 15 ms" },
    Row { what: "server CPU per 1,000 tokens of one answer of 20,000 tokens at 100/s", goal: "≤ 15 ms" },
    Row { what: "the same of 64 such answers at once, 500 tokens each", goal: "–" },
    Row {
        what: "added to the first token, 64 streams at 50/s, stored before the acknowledgement: p50 / p99",
        goal: "≤ 5 / 50 ms",
    },
    Row { what: "500 streams held at 2 tokens/s: memory (PSS) of each", goal: "≤ 60 KiB, 0 failed" },
    Row { what: "1,000 idle Socket.IO connections: memory (PSS) of each", goal: "≤ 40 KB, 0 failed" },
    Row {
        what: "200 sockets that each hear an answer at 20 tokens/s: from the provider's write to the event: p50 / p95",
        goal: "p95 ≤ 50 ms, 0 failed",
    },
    Row {
        what: "list of 50 conversations, account with 100,000 against one with 100: p50 of 200",
        goal: "ratio < 1.5",
    },
    Row {
        what: "search, 1 M messages in the database, the commonest word, account with 300 messages: p95 of 200",
        goal: "≤ 50 ms",
    },
    Row { what: "process start to the first answer, empty data directory", goal: "< 500 ms" },
    Row { what: "process start to the first answer, 1 M messages in the database", goal: "–" },
    Row { what: "idle memory (PSS), 3 s after the start", goal: "< 60 MB" },
    Row { what: "the program of this profile, stripped, with the web app", goal: "released: < 40 MB" },
];

/// The whole page.
pub(crate) fn page(provider: &str, measured: &[Measured], machine: &str) -> String {
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`: the server beside the bare fake provider, with the same client, in one \
         run. Server, provider,\ndatabase and client share the machine, so read ratios rather than figures.\n\n",
    );
    _ = writeln!(page, "{machine}\n\nThe bare provider: {provider}\n");
    let names: Vec<_> = measured.iter().map(|measured| measured.database).collect();
    _ = writeln!(
        page,
        "| what | to reach | {} |\n| --- | --- |{}",
        names.join(" | "),
        " --- |".repeat(names.len())
    );
    for (place, row) in ROWS.iter().enumerate() {
        let cells: Vec<_> =
            measured.iter().map(|measured| measured.cells.get(place).map_or("–", String::as_str)).collect();
        _ = writeln!(page, "| {} | {} | {} |", row.what, row.goal, cells.join(" | "));
    }
    page.push_str(
        "\nHow: every stream has a connection of its own and a new conversation, sent with an `Idempotency-Key`; the client \
         checks that every\ntoken comes once and in order. Speed is the median of rounds, the provider's just before the server's; the provider writes each\ntoken by itself; CPU is what the scheduler counts for all threads of the \
         server process, what\nit writes after the last token included. One answer at 100/s leaves the processor idle between \
         its tokens, and\nwhat runs then runs from cold caches: hence the bare provider's own figure above, and the row of 64 \
         such answers. The first token is timed while 64 streams \
         are always running. Lists and searches alternate\nbetween the accounts on one connection. The program is that of the \
         profile `ci` (no link-time optimisation).\n",
    );
    page
}
