//! The Python that OpenAI's own client runs in: an environment of its own, with the packages that are pinned by their hashes.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

use crate::{process, tree};

const REQUIREMENTS: &str = "e2e/python/requirements.txt";

/// Makes the environment, unless it is there and holds what is asked for. Gives its program.
pub(crate) fn prepare() -> Result<PathBuf> {
    let home = tree::root().join("target/e2e-python");
    let (python, held) = (home.join("bin/python"), home.join("requirements.txt"));
    let wanted =
        fs::read(tree::root().join(REQUIREMENTS)).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    if fs::read(&held).ok().as_ref() == Some(&wanted) {
        return Ok(python);
    }
    process::step("packages for Python");
    process::run(process::command("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    let mut pip = process::command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    pip.args(["--require-hashes", "--only-binary", ":all:", "--requirement"])
        .arg(tree::root().join(REQUIREMENTS));
    process::run(&mut pip)?;
    fs::write(&held, wanted).context("cannot write into target/e2e-python")?;
    Ok(python)
}
