//! The description of the API, and the web app's types made from it: both are written by programs and committed.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{process, tree, web};

const DOCUMENT: &str = "web/openapi.json";
const TYPES: &str = "web/src/lib/schema.d.ts";

/// Writes both files, or fails if they would change.
pub(crate) fn run(check: bool) -> Result<()> {
    web::install("web")?;
    let document =
        process::output(&mut tree::cargo(&["run", "--quiet", "--package", "server", "--", "openapi"]))?;
    let document = format!("{}\n", document.trim_end());
    let fresh = tree::root().join("target/xtask-openapi");
    fs::create_dir_all(&fresh)?;
    fs::write(fresh.join("openapi.json"), &document)?;
    let types = types_of(&fresh)?;

    for (path, text) in [(DOCUMENT, &document), (TYPES, &types)] {
        if !check {
            tree::write(path, text)?;
        } else if fs::read_to_string(tree::root().join(path)).ok().as_ref() != Some(text) {
            bail!("{path} is not what the code says; run `cargo xtask openapi` and commit it");
        }
    }
    Ok(())
}

fn types_of(directory: &Path) -> Result<String> {
    let types = directory.join("schema.d.ts");
    let mut npm = web::npm("web");
    npm.args(["exec", "--offline", "--", "openapi-typescript"]).arg(directory.join("openapi.json"));
    process::output(npm.arg("--output").arg(&types))?;
    fs::read_to_string(&types).context("openapi-typescript wrote nothing")
}
