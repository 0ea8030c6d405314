//! Where the settings come from: defaults < `colloquy.toml` < `.env` < the environment < flags.
//!
//! The only place that reads files and variables. The environment is handed in, so that tests own it. What cannot be
//! used is refused with the name of its key and what is expected there; values are never repeated, they may be secret.

mod layers;
mod seeds;
mod variables;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use services::config::Config;
use tracing_subscriber::{EnvFilter, filter::ParseError};

use crate::cli::Flags;
use layers::Layers;

/// The settings file that is read if nothing else is said.
pub const FILE: &str = "colloquy.toml";

/// Names and values of variables.
pub type Environment = BTreeMap<String, String>;

/// Settings that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// What the log should say about where they came from: whole sentences, no values.
    pub notices: Vec<String>,
}

/// Why the settings cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct LoadError {
    /// The file, the variable or the flag, and the key.
    pub place: String,
    /// What is expected there.
    pub reason: String,
}

impl LoadError {
    fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

/// Reads the settings of a process that was started in `directory`.
pub fn load(flags: &Flags, environment: Environment, directory: &Path) -> Result<Loaded, LoadError> {
    let mut dotenv = read_dotenv(directory)?;
    dotenv.retain(|name, _| !environment.contains_key(name));
    let mut layers = Layers::default();
    read_file(&mut layers, flags, directory)?;
    for variables in [&dotenv, &environment] {
        seeds::apply(&mut layers, variables)?;
        variables::apply(&mut layers, variables)?;
    }
    apply_flags(&mut layers, flags)?;

    let mut environment = environment;
    environment.append(&mut dotenv);
    let mut config = layers.extract()?;
    let mut notices = seeds::add_providers(&mut config, &environment);
    notices.extend(seeds::add_google(&mut config, &environment));
    notices.extend(seeds::add_konnect(&mut config, &environment));
    layers.check(&config)?;
    log_filter(&config.log.level).map_err(|_| {
        layers.refuse("log.level", "expected error, warn, info, debug or trace, also as module=level")
    })?;
    notices.extend(seeds::notices(&config, &environment));
    notices.extend(variables::notices(&environment));
    Ok(Loaded { config, notices })
}

/// What of the log is written: what the level says, and always the audit trail, the link of the set-up and what would be mailed, unless the
/// level speaks of them by name.
pub fn log_filter(level: &str) -> Result<EnvFilter, ParseError> {
    let speaks_of = |target: &str| level.split(',').any(|part| part.trim().starts_with(target));
    let always = ["audit", "setup", "mail"].into_iter().filter(|target| !speaks_of(target));
    let level = always.fold(level.to_owned(), |level, target| format!("{level},{target}=info"));
    EnvFilter::builder().parse(level)
}

/// The variables of this process; names and values that are not Unicode are nobody's settings.
pub fn process_environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// What `.env` says.
fn read_dotenv(directory: &Path) -> Result<Environment, LoadError> {
    let mut variables = Environment::new();
    let path = directory.join(".env");
    let lines = match dotenvy::from_path_iter(&path) {
        Ok(lines) => lines,
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(variables),
        Err(error) => return Err(dotenv_error(&error)),
    };
    for line in lines {
        let (name, value) = line.map_err(|error| dotenv_error(&error))?;
        variables.entry(name).or_insert(value);
    }
    Ok(variables)
}

fn dotenv_error(error: &dotenvy::Error) -> LoadError {
    let reason = match error {
        // The line itself may hold a secret: only what stands before the `=` is shown.
        dotenvy::Error::LineParse(line, _) => {
            let name = line.split('=').next().unwrap_or_default().trim();
            format!("the line of {name:?} cannot be read: expected NAME=value, with quotes around spaces")
        }
        dotenvy::Error::Io(error) => format!("cannot be read: {error}"),
        _ => "cannot be read: expected lines of NAME=value".into(),
    };
    LoadError::new(".env", reason)
}

fn read_file(layers: &mut Layers, flags: &Flags, directory: &Path) -> Result<(), LoadError> {
    let path = flags.config.clone().unwrap_or_else(|| PathBuf::from(FILE));
    let name = path.display().to_string();
    match fs::read_to_string(directory.join(&path)) {
        Ok(text) => layers.add_toml(&name, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound && flags.config.is_none() => Ok(()),
        Err(error) => Err(LoadError::new(name, format!("cannot be read: {error}"))),
    }
}

fn apply_flags(layers: &mut Layers, flags: &Flags) -> Result<(), LoadError> {
    if let Some(listen) = &flags.listen {
        layers.set_listen("--listen", listen);
    }
    if let Some(port) = flags.port {
        layers.set_port("--port", port);
    }
    if let Some(directory) = &flags.data_dir {
        let Some(text) = directory.to_str() else {
            return Err(LoadError::new("--data-dir", "expected a path of Unicode text"));
        };
        layers.set("--data-dir", "data_dir", text);
    }
    if let Some(url) = &flags.database_url {
        layers.set("--database-url", "database.url", variables::database_url(url));
    }
    if let Some(level) = &flags.log {
        layers.set("--log", "log.level", level.as_str());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
