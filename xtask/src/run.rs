//! Development: the server, and the web app with live reload in front of it.

use anyhow::Result;

use crate::{
    process::{self, Beside},
    tree, web,
};

/// Runs both until the server ends.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    web::install("web")?;
    let mut build = tree::cargo(&["build", "--package", "server"]);
    process::run(build.env("COLLOQUY_SKIP_WEB", "1"))?;
    let _vite = Beside::start(web::npm("web").args(["run", "dev"]))?;
    let mut server = process::command(tree::built("dev").join("colloquy"));
    Beside::start(server.args(arguments).current_dir(tree::root()))?.wait()
}
