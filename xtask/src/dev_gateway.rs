//! A payment gateway for development, which looks like Konnect and moves no money.

use anyhow::Result;

use crate::{
    process::{self, Beside},
    tree,
};

/// Runs it until it is stopped, and says how a server is told of it.
pub(crate) fn run(listen: &str) -> Result<()> {
    process::run(&mut tree::cargo(&["build", "--package", "fakes", "--bin", "fake-konnect"]))?;
    eprintln!(
        "A server takes payments there with\n  KONNECT_API_URL=http://{listen}/api/v2 KONNECT_SECRET_KEY=any \
         KONNECT_MERCHANT_ID=wallet"
    );
    let mut gateway = process::command(tree::built("dev").join("fake-konnect"));
    Beside::start(gateway.args(["--listen", listen]))?.wait()
}
