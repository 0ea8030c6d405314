//! The measured table: the server beside the bare provider, on both databases.

use anyhow::Result;

use crate::{machine, postgres::Postgres, process, tree};

/// Builds what is measured and measures it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::prepare()?;
    process::step("what is measured");
    process::run(&mut tree::cargo(&[
        "build",
        "--profile",
        "ci",
        "--workspace",
        "--bins",
        "--exclude",
        "xtask",
    ]))?;
    let postgres = Postgres::start_durable()?;
    process::step("benchmarks");
    let programs = tree::built("ci");
    let mut command = process::command(programs.join("colloquy-bench"));
    command
        .arg("--programs")
        .arg(&programs)
        .args(["--postgres", &postgres.url])
        .args(["--output", "docs/benchmarks.md"]);
    process::run(command.args(arguments).current_dir(tree::root()))
}
