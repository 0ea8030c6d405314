//! What people and CI do with this repository: `cargo xtask <task>`.

mod bench;
mod defaults;
mod dev_gateway;
mod machine;
mod openapi;
mod postgres;
mod postman;
mod process;
mod python;
mod run;
mod screenshots;
mod test;
mod tree;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need and run all of them: Rust, web, browser
    Test(test::Options),
    /// Run a command beside a PostgreSQL of its own, whose address is in COLLOQUY_TEST_POSTGRES
    Postgres {
        /// The command and its arguments, after `--`
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Develop: the server without its web app on port 3000, the web app with live reload on port 5173
    Run {
        /// Arguments for the server, after `--`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run a payment gateway that looks like Konnect and moves no money
    DevGateway {
        /// Where it listens
        #[arg(long, default_value = "127.0.0.1:4300")]
        listen: String,
    },
    /// Write web/openapi.json from the server's code, and the types of the web app from that
    Openapi {
        /// Change nothing; fail if something would change
        #[arg(long)]
        check: bool,
    },
    /// Write docs/postman.json from the documents of all APIs
    Postman {
        /// Change nothing; fail if something would change
        #[arg(long)]
        check: bool,
    },
    /// Write crates/server/config.default.toml from the settings in the code
    Defaults,
    /// Take pictures of the main screens in both themes; writes docs/screenshots/
    Screenshots {
        /// Arguments for screenshots.js, after `--`: `--all <directory>` takes more of them, to look at
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure the server beside the bare fake provider; writes docs/benchmarks.md
    Bench {
        /// Arguments for colloquy-bench, after `--`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Test(options) => test::run(&options),
        Task::Postgres { command } => postgres::beside(&command),
        Task::Run { arguments } => run::run(&arguments),
        Task::DevGateway { listen } => dev_gateway::run(&listen),
        Task::Openapi { check } => openapi::run(check),
        Task::Postman { check } => postman::run(check),
        Task::Defaults => defaults::run(),
        Task::Bench { arguments } => bench::run(&arguments),
        Task::Screenshots { arguments } => screenshots::run(&arguments),
    }
}
