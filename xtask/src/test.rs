//! All tests: Rust on both databases, the web app's, and those in a browser.

use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::{machine, openapi, postgres, postman, process, python, tree, web};

/// Which tests.
#[derive(Args)]
pub(crate) struct Options {
    /// Also those that take long
    #[arg(long)]
    full: bool,
    /// Only one kind
    #[arg(long)]
    only: Option<Kind>,
    /// Only those whose name holds this
    filter: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Unit and API tests of the crates
    Rust,
    /// Unit tests of the web app
    Web,
    /// The built program in a browser
    Browser,
}

/// Installs what they need and runs them, the quick ones first.
pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted = |kind| options.only.is_none_or(|only| only == kind);
    machine::prepare()?;
    web::install("web")?;
    if wanted(Kind::Web) {
        web_tests(options)?;
    }
    if wanted(Kind::Rust) {
        rust_tests(options)?;
    }
    if wanted(Kind::Browser) {
        browser_tests(options)?;
    }
    eprintln!("\nAll tests passed.");
    Ok(())
}

fn rust_tests(options: &Options) -> Result<()> {
    let postgres = postgres::Postgres::start()?;
    let nextest = machine::has_cargo("nextest");
    let mut command = if nextest {
        tree::cargo(&["nextest", "run", "--workspace", "--no-tests=pass"])
    } else {
        tree::cargo(&["test", "--workspace"])
    };
    command.args(&options.filter);
    if options.full {
        command.args(if nextest { ["--run-ignored", "all"] } else { ["--", "--include-ignored"] });
    }
    process::step("Rust tests, on SQLite and PostgreSQL");
    run_with(options, command.env(postgres::VARIABLE, &postgres.url))?;
    if nextest && options.filter.is_none() {
        process::step("examples in the documentation");
        process::run(&mut tree::cargo(&["test", "--quiet", "--workspace", "--doc"]))?;
    }
    Ok(())
}

fn web_tests(options: &Options) -> Result<()> {
    process::step("web tests");
    let mut command = web::npm("web");
    command.args(["test", "--", "--passWithNoTests"]).args(&options.filter);
    run_with(options, &mut command)
}

fn browser_tests(options: &Options) -> Result<()> {
    web::install("e2e")?;
    let python = python::prepare()?;
    build_programs()?;
    if options.filter.is_none() {
        openapi::run(true)?;
        postman::run(true)?;
    }
    process::step("browser tests");
    run_with(options, node_tests(options, "e2e/tests", &[])?.env("PYTHON_BIN", python))?;
    process::step("budgets of speed, one at a time");
    run_with(options, &mut node_tests(options, "e2e/measured", &["--test-concurrency=1"])?)
}

/// Builds the programs that browsers are pointed at.
pub(crate) fn build_programs() -> Result<()> {
    process::step("the program that the browser tests use");
    process::run(&mut tree::cargo(&["build", "--package", "server", "--package", "fakes", "--bins"]))
}

/// Node with the tests of a directory, and the programs that they use.
fn node_tests(options: &Options, directory: &str, how: &[&str]) -> Result<Command> {
    let mut command = browser_scripts()?;
    command
        .args(["--test", "--test-reporter=spec"])
        .args(how)
        .args(options.filter.iter().map(|filter| format!("--test-name-pattern={filter}")))
        .args(web::tests_in(directory)?);
    Ok(command)
}

/// Node in `e2e/`, told where the built programs and the browser are.
pub(crate) fn browser_scripts() -> Result<Command> {
    let programs = tree::built("dev");
    let browser = machine::chromium().context("no Chromium")?;
    let mut command = process::command("node");
    command
        .current_dir(tree::root().join("e2e"))
        .env("COLLOQUY_BIN", programs.join("colloquy"))
        .env("FAKE_OPENAI_BIN", programs.join("fake-openai"))
        .env("FAKE_SMTP_BIN", programs.join("fake-smtp"))
        .env("FAKE_KONNECT_BIN", programs.join("fake-konnect"))
        .env("CHROME_PATH", browser);
    Ok(command)
}

/// Tests see in `COLLOQUY_TEST_FULL` whether they may take long.
fn run_with(options: &Options, command: &mut Command) -> Result<()> {
    if options.full {
        command.env("COLLOQUY_TEST_FULL", "1");
    }
    process::run(command)
}
