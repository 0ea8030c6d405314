//! `fake-smtp`: the fake mail server as a process of its own. Each letter is one line of JSON on standard output.

use std::{io::Write as _, net::SocketAddr};

use clap::Parser;

/// Takes every letter and prints it.
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
    say(&format!("listening on smtp://{}", listener.local_addr()?));
    fakes::serve_smtp(listener, |letter| {
        let shown = serde_json::json!({ "to": letter.to, "readable": letter.readable() });
        say(&shown.to_string());
    })
    .await;
    Ok(())
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
