//! Where things lie.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo puts what it builds with `profile`.
pub(crate) fn built(profile: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(target).join(if profile == "dev" { "debug" } else { profile })
}

/// A cargo command at the root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = crate::process::command(cargo);
    command.current_dir(root()).args(arguments);
    command
}

/// Writes `text` to a file of the repository if it says something else. Says whether it did.
pub(crate) fn write(path: &str, text: &str) -> Result<bool> {
    let whole = root().join(path);
    if fs::read_to_string(&whole).is_ok_and(|found| found == text) {
        return Ok(false);
    }
    fs::write(&whole, text).with_context(|| format!("cannot write {path}"))?;
    eprintln!("{path} is written anew");
    Ok(true)
}
