//! The two Node projects: `web/` and `e2e/`.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{process, tree};

/// Installs the packages of a project if its lock file is newer than what is installed.
pub(crate) fn install(project: &str) -> Result<()> {
    let directory = tree::root().join(project);
    let time = |path: &str| fs::metadata(directory.join(path)).and_then(|metadata| metadata.modified());
    if time("node_modules/.package-lock.json").ok() >= Some(time("package-lock.json")?) {
        return Ok(());
    }
    process::step(&format!("npm ci in {project}/"));
    process::run(npm(project).args(["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]))
}

/// npm in a project.
pub(crate) fn npm(project: &str) -> Command {
    let mut command = process::command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(tree::root().join(project)).env_remove("NODE_ENV");
    command
}

/// The test files in a directory, as absolute paths.
pub(crate) fn tests_in(directory: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(tree::root().join(directory))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}
