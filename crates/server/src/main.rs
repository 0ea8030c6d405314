//! The program `colloquy`.

use std::{io::IsTerminal as _, path::Path, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser as _;
use server::{
    cli::{Cli, Command},
    health, load_config,
};
use services::{App, Config, clock::Clock, config::LogFormat, installation, mail};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The log may not be there yet, and nobody may look at it.
            eprintln!("colloquy: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Openapi { all: true }) => {
            let all: serde_json::Map<_, _> =
                server::documents().into_iter().map(|(name, document)| (name.to_owned(), document)).collect();
            println!("{}", serde_json::to_string(&all)?);
            return Ok(());
        }
        Some(Command::Openapi { all: false }) => {
            println!("{}", serde_json::to_string_pretty(&server::openapi())?);
            return Ok(());
        }
        Some(Command::Config { default: true }) => {
            print!("{}", services::config::default_toml()?);
            return Ok(());
        }
        Some(Command::Config { default: false } | Command::Health) | None => {}
    }
    let loaded = load_config::load(&cli.flags, load_config::process_environment(), Path::new("."))?;
    if cli.command == Some(Command::Health) {
        return health::check(&loaded.config.server.listen);
    }
    if cli.command.is_some() {
        print!("{}", loaded.config.shown()?);
        return Ok(());
    }
    start_log(&loaded.config)?;
    for notice in &loaded.notices {
        tracing::info!("{notice}");
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(loaded.config))
}

async fn serve(config: Config) -> Result<()> {
    let listen = config.server.listen.clone();
    let listener = TcpListener::bind(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let app = App::start(config, Clock::System).await.map_err(cause)?;
    app.installation.listens_on(address);
    tracing::info!("listening on http://{address}");
    installation::announce(&app).await?;
    mail::announce(&app);
    server::serve(app, listener, server::signals()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Here the operator asks, who may know what callers may not.
fn cause(error: services::Error) -> anyhow::Error {
    match error {
        services::Error::Internal(cause) => cause,
        error => error.into(),
    }
}

fn start_log(config: &Config) -> Result<()> {
    let filter = load_config::log_filter(&config.log.level).context("log.level")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
