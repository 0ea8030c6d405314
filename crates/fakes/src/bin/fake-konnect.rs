//! `fake-konnect`: the payment gateway that looks like Konnect as a process of its own. `POST /_fake/behave` lets it
//! misbehave.

use std::{io::Write as _, net::SocketAddr};

use clap::Parser;

/// Speaks version 2 of Konnect's API and has a page to pay on. No money moves.
#[derive(Parser)]
struct Options {
    /// Where to listen. Port 0: any; the first line of output says which.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "listening on http://{}", listener.local_addr()?)?;
        out.flush()?;
    }
    fakes::serve_konnect(listener).await
}
