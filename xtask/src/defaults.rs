//! The commented default settings, as a file.

use anyhow::Result;

use crate::{process, tree};

/// Writes the file anew.
pub(crate) fn run() -> Result<()> {
    let text = process::output(&mut tree::cargo(&[
        "run",
        "--quiet",
        "--package",
        "server",
        "--",
        "config",
        "--default",
    ]))?;
    tree::write("crates/server/config.default.toml", &text)?;
    Ok(())
}
