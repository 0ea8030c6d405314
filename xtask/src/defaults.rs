//! The commented default settings, as a file.

use anyhow::Result;

use crate::{process, tree};

/// Writes the file anew.
pub(crate) fn run() -> Result<()> {
    let mut command = tree::cargo(&["run", "--quiet", "--package", "server", "--", "config", "--default"]);
    let text = process::output(command.env("COLLOQUY_SKIP_WEB", "1"))?;
    tree::write("crates/server/config.default.toml", &text)?;
    Ok(())
}
