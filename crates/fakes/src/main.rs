//! `fake-openai`: the fake provider as a process of its own.

use std::{io::Write, net::SocketAddr, sync::Arc};

use clap::Parser;

/// Speaks the OpenAI and Anthropic protocols and misbehaves on request.
#[derive(Parser)]
struct Options {
    /// Where to listen. Port 0: any; the first line of output says which.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Tokens per second where a request does not say. 0: as fast as possible.
    #[arg(long, default_value_t = 40.0)]
    rate: f64,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    fakes::serve(listener, fakes::Stage::router(&Arc::new(fakes::Stage::new(options.rate)))).await;
    Ok(())
}
