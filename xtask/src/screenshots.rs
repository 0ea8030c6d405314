//! Pictures of the main screens, for the README and for whoever changes how they look.

use anyhow::Result;

use crate::{machine, process, test, web};

/// Builds the program and writes `docs/screenshots/`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    machine::prepare()?;
    web::install("web")?;
    web::install("e2e")?;
    test::build_programs()?;
    process::step("screenshots");
    process::run(test::browser_scripts()?.arg("screenshots.js").args(arguments))
}
