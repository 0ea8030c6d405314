//! Many answers at once, from the server or straight from the provider.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    accounts::{Account, bare},
    figures::{median, ms},
    http::{self, Streamed},
    programs::Program,
};

/// Streams of the two crowded measurements.
pub(crate) const STREAMS: usize = 64;

/// Who is asked.
#[derive(Clone)]
pub(crate) enum Asked {
    /// The provider itself.
    Provider(SocketAddr),
    /// The server, by these people in turn.
    Server(SocketAddr, Vec<Account>),
}

impl Asked {
    fn address(&self) -> SocketAddr {
        match self {
            Self::Provider(address) | Self::Server(address, _) => *address,
        }
    }

    fn request(&self, message: &str, number: usize) -> Vec<u8> {
        match self {
            Self::Provider(_) => bare(message),
            Self::Server(_, people) => people[number % people.len()].chat(message, unique()),
        }
    }

    /// Starts `count` streams, `apart` from each other, and waits for all of them.
    async fn streams(&self, count: usize, apart: Duration, tokens: u32, rate: u32) -> Vec<Result<Streamed>> {
        let mut running = JoinSet::new();
        let message = format!("Please count. [tokens={tokens} rate={rate}]");
        for number in 0..count {
            let (address, request) = (self.address(), self.request(&message, number));
            running.spawn(async move {
                sleep(apart * number as u32).await;
                http::stream(address, &request, tokens).await
            });
        }
        let mut ended = Vec::new();
        while let Some(stream) = running.join_next().await {
            ended.push(stream.unwrap_or_else(|error| Err(error.into())));
        }
        ended
    }
}

/// No key is used twice, on no database.
fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn failed(streams: &[Result<Streamed>]) -> usize {
    let failures = streams.iter().filter(|stream| !stream.as_ref().is_ok_and(|stream| stream.whole));
    failures.inspect(|failure| eprintln!("    failed: {failure:?}")).count()
}

/// How fast tokens come when nothing holds them back.
pub(crate) struct Throughput {
    /// Tokens a second through the server: the median of the rounds.
    pub(crate) server: f64,
    /// The same straight from the provider, each round just before the server's.
    pub(crate) provider: f64,
    /// Processor time of the server for 1,000 tokens, in milliseconds.
    pub(crate) cpu_ms: f64,
    /// Streams that broke off, lost or repeated a token.
    pub(crate) failed: usize,
}

/// 64 streams × 500 tokens, unpaced, in so many rounds after one that does not count.
pub(crate) async fn throughput(
    asked: &Asked,
    server: &Program,
    bare: &Asked,
    rounds: usize,
) -> Result<Throughput> {
    const TOKENS: u32 = 500;
    let all = f64::from(TOKENS) * STREAMS as f64;
    let round = async |asked: &Asked| {
        let begun = Instant::now();
        let ended = asked.streams(STREAMS, Duration::ZERO, TOKENS, 0).await;
        (all / begun.elapsed().as_secs_f64(), failed(&ended))
    };
    let (mut ours, mut theirs, mut cpu_ms, mut lost) = (Vec::new(), Vec::new(), 0.0, 0);
    for number in 0..=rounds {
        let (speed, _) = round(bare).await;
        let before = server.cpu_ms()?;
        let (server_speed, server_lost) = round(asked).await;
        // What is still asked for and written down after the last token, such as titles, counts too, and is over before
        // the next round.
        sleep(Duration::from_secs(2)).await;
        if number > 0 {
            theirs.push(speed);
            ours.push(server_speed);
            cpu_ms += server.cpu_ms()? - before;
        }
        lost += server_lost;
    }
    let cpu_ms = cpu_ms / (all * rounds as f64 / 1_000.0);
    Ok(Throughput { server: median(&ours), provider: median(&theirs), cpu_ms, failed: lost })
}

/// Processor time for 1,000 tokens of so many answers at once, each at 100 tokens a second, in milliseconds.
pub(crate) async fn at_100(
    asked: &Asked,
    program: &Program,
    count: usize,
    tokens: u32,
) -> Result<(f64, usize)> {
    let before = program.cpu_ms()?;
    let ended = asked.streams(count, Duration::from_millis(10), tokens, 100).await;
    sleep(Duration::from_millis(500)).await;
    let all = count as f64 * f64::from(tokens) / 1_000.0;
    Ok(((program.cpu_ms()? - before) / all, failed(&ended)))
}

/// Times to the first token while 64 streams run at 50 tokens a second, in milliseconds.
pub(crate) async fn first_tokens(asked: &Asked, rounds: usize) -> (Vec<f64>, usize) {
    const TOKENS: u32 = 100;
    const RATE: u32 = 50;
    // Each begins when one before it ends: there are always 64, and never all begin at once.
    let apart = Duration::from_secs(u64::from(TOKENS / RATE)) / STREAMS as u32;
    let ended = asked.streams(STREAMS * (rounds + 2), apart, TOKENS, RATE).await;
    let lost = failed(&ended);
    (ended.into_iter().flatten().map(|stream| ms(stream.first)).collect(), lost)
}

/// What 500 streams cost that are held open at 2 tokens a second: memory of each in KiB, and how many failed.
pub(crate) async fn held(asked: &Asked, program: &Program) -> Result<(f64, usize)> {
    const COUNT: usize = 500;
    const TOKENS: u32 = 60;
    // One stream first, so that what every process needs once does not count.
    asked.streams(1, Duration::ZERO, 20, 100).await;
    sleep(Duration::from_secs(2)).await;
    let before = program.pss_kib()?;
    let all = asked.streams(COUNT, Duration::from_millis(10), TOKENS, 2);
    let look = async {
        sleep(Duration::from_secs(20)).await;
        program.pss_kib()
    };
    let (ended, during) = tokio::join!(all, look);
    Ok(((during? - before) / COUNT as f64, failed(&ended)))
}
