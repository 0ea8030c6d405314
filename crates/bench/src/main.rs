//! `colloquy-bench`: measures the server beside the bare provider. Run by `cargo xtask bench`.

mod accounts;
mod figures;
mod http;
mod programs;
mod reads;
mod report;
mod seed;
mod sockets;
mod streams;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Parser;
use store::{Db, Options};
use tokio::time::sleep;

use accounts::Account;
use figures::{median, ms, quantile};
use programs::Program;
use report::Measured;
use seed::Seeder;
use streams::{Asked, STREAMS};

/// Measures the server beside the bare provider.
#[derive(Parser)]
struct Cli {
    /// The directory of `colloquy` and `fake-openai`
    #[arg(long)]
    programs: PathBuf,
    /// An empty PostgreSQL database
    #[arg(long)]
    postgres: String,
    /// Where the table goes
    #[arg(long)]
    output: PathBuf,
    /// A tenth of everything, to try the benchmark itself
    #[arg(long)]
    quick: bool,
    /// Only this database: sqlite or postgres
    #[arg(long)]
    only: Option<String>,
    /// Only what streams, said and not written: for work on it
    #[arg(long)]
    streams: bool,
    /// Only the memory of streams that are held open, said and not written
    #[arg(long)]
    held: bool,
    /// Only sockets, said and not written
    #[arg(long)]
    sockets: bool,
    /// How often what is unpaced is measured
    #[arg(long)]
    rounds: Option<usize>,
}

/// How much is done.
struct Size {
    rounds: usize,
    long_answer: u32,
    many_conversations: usize,
    all_messages: usize,
}

/// One database and the server on it.
struct Bench<'a> {
    cli: &'a Cli,
    size: Size,
    settings: Vec<(&'static str, String)>,
    database: Options,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let provider = Program::provider(&cli.programs)?;
    let bare = Asked::Provider(provider.address);
    let size = cli.size();
    let (first, _) = streams::first_tokens(&bare, size.rounds.min(5)).await;
    let (cpu_ms, _) = streams::at_100(&bare, &provider, 1, size.long_answer / 10).await?;
    let (crowd_ms, _) = streams::at_100(&bare, &provider, STREAMS, 500).await?;
    let words = format!(
        "first token {:.1} / {:.1} ms (p50 / p99, 64 streams at 50/s); {cpu_ms:.0} ms of its own CPU per 1,000 tokens of one \
         answer at 100/s, {crowd_ms:.1} ms of 64 at once.",
        median(&first),
        quantile(&first, 0.99),
    );
    eprintln!("bare provider: {words}");

    let mut measured = Vec::new();
    for name in ["sqlite", "postgres"] {
        if cli.only.as_ref().is_none_or(|only| only == name) {
            let data = tempfile::tempdir()?;
            let bench = Bench::new(&cli, &provider, name, data.path());
            measured.push(bench.run(&bare, &first).await.with_context(|| format!("on {name}"))?);
        }
    }
    if cli.streams || cli.held || cli.sockets {
        return Ok(());
    }
    if let Some(folder) = cli.output.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&cli.output, report::page(&words, &measured, &machine()))?;
    eprintln!("{} is written", cli.output.display());
    Ok(())
}

/// The limits that are switched off for the time of measuring.
const UNLIMITED: [&str; 5] = [
    "COLLOQUY__LIMITS__PER_USER",
    "COLLOQUY__LIMITS__PER_ADDRESS",
    "COLLOQUY__LIMITS__ALL_PER_ADDRESS",
    "COLLOQUY__LIMITS__SIGN_INS_PER_ADDRESS",
    "COLLOQUY__LIMITS__ASKS_PER_USER",
];

impl Cli {
    fn size(&self) -> Size {
        let size = if self.quick {
            Size { rounds: 1, long_answer: 1_000, many_conversations: 10_000, all_messages: 100_000 }
        } else {
            Size { rounds: 15, long_answer: 20_000, many_conversations: 100_000, all_messages: 1_000_000 }
        };
        Size { rounds: self.rounds.unwrap_or(size.rounds), ..size }
    }
}

impl<'a> Bench<'a> {
    fn new(cli: &'a Cli, provider: &Program, name: &str, data: &Path) -> Self {
        let mut settings = vec![
            ("COLLOQUY_DATA_DIR", data.display().to_string()),
            ("OPENAI_BASE_URL", format!("http://{}/v1", provider.address)),
            ("OPENAI_API_KEY", "sk-bench".to_owned()),
            ("COLLOQUY__AUTH__ACCESS_TOKEN_SECONDS", "86400".to_owned()),
            ("COLLOQUY__AUTH__LIMITS__SIGN_UP_ADDRESS_PER_HOUR", "0".to_owned()),
            // Messages are counted all the same.
            ("COLLOQUY__BILLING__ENFORCED", "false".to_owned()),
        ];
        // Everybody has one address here, and asks as fast as the server answers.
        settings.extend(UNLIMITED.map(|limit| (limit, "0".to_owned())));
        let mut database = Options::Sqlite(data.join("colloquy.db"));
        if name == "postgres" {
            settings.push(("DATABASE_URL", cli.postgres.clone()));
            database = Options::Postgres { url: cli.postgres.clone(), max_connections: 4 };
        }
        Self { cli, size: cli.size(), settings, database }
    }

    async fn run(&self, bare: &Asked, bare_first: &[f64]) -> Result<Measured> {
        let postgres = matches!(self.database, Options::Postgres { .. });
        let mut measured =
            Measured { database: if postgres { "PostgreSQL" } else { "SQLite" }, cells: Vec::new() };
        let mut say = |cell: String| {
            eprintln!("{}: {}: {cell}", measured.database, report::ROWS[measured.cells.len()].what);
            measured.cells.push(cell);
        };

        let (server, empty_start) = self.start().await?;
        sleep(Duration::from_secs(3)).await;
        let idle = server.pss_kib()?;
        let mut people = Vec::new();
        for number in 0..64 {
            people.push(Account::register(server.address, &format!("bench{number}")).await?);
        }
        let asked = Asked::Server(server.address, people.clone());
        if self.cli.sockets {
            eprintln!("{}: {}", measured.database, self.sockets(&server, &people).await?.join("; "));
            server.stop()?;
            return Ok(measured);
        }
        if self.cli.held {
            let (each, failed) = streams::held(&asked, &server).await?;
            eprintln!(
                "{}: memory (PSS) of each held stream: {each:.0} KiB, {failed} failed",
                measured.database
            );
            server.stop()?;
            return Ok(measured);
        }

        let through = streams::throughput(&asked, &server, bare, self.size.rounds).await?;
        let ratio = through.server / through.provider;
        say(format!(
            "{ratio:.3} ({:.0} of {:.0}), {} failed",
            through.server, through.provider, through.failed
        ));
        say(format!("{:.1} ms", through.cpu_ms));
        for (count, tokens) in [(1, self.size.long_answer), (STREAMS, 500)] {
            let (cpu_ms, failed) = streams::at_100(&asked, &server, count, tokens).await?;
            say(format!("{cpu_ms:.1} ms, {failed} failed"));
        }
        let (first, failed) = streams::first_tokens(&asked, self.size.rounds.min(5)).await;
        let added = |q| quantile(&first, q) - quantile(bare_first, q);
        say(format!("{:.1} / {:.1} ms, {failed} failed", added(0.5), added(0.99)));
        server.stop()?;

        let (server, _) = self.start().await?;
        let (each, failed) = streams::held(&Asked::Server(server.address, people.clone()), &server).await?;
        say(format!("{each:.0} KiB, {failed} failed"));
        server.stop()?;
        if self.cli.streams {
            return Ok(measured);
        }

        let (server, _) = self.start().await?;
        for cell in self.sockets(&server, &people).await? {
            say(cell);
        }
        server.stop()?;

        self.seed(&people).await?;
        let (server, filled_start) = self.start().await?;
        let [few, many, searcher] = [&people[0], &people[1], &people[2]];
        let [few, many] =
            reads::times(server.address, [few, many], "/api/v1/conversations?limit=50", "Conversation")
                .await?;
        let (few, many) = (median(&few), median(&many));
        say(format!("{:.2} ({many:.2} against {few:.2} ms)", many / few));
        let path = format!("/api/v1/search?q={}", seed::COMMONEST);
        let [found] = reads::times(server.address, [searcher], &path, "message_id").await?;
        say(format!("{:.1} ms (p50 {:.1})", quantile(&found, 0.95), median(&found)));
        server.stop()?;

        say(format!("{:.0} ms", ms(empty_start)));
        say(format!("{:.0} ms", ms(filled_start)));
        say(format!("{:.1} MB", idle / 1_024.0));
        let size = fs::metadata(self.cli.programs.join("colloquy"))?.len();
        say(format!("{:.1} MB", size as f64 / 1e6));
        Ok(measured)
    }

    async fn sockets(&self, server: &Program, people: &[Account]) -> Result<[String; 2]> {
        let (each, failed) = sockets::idle(server, people).await?;
        let idle = format!("{each:.0} KB, {failed} failed");
        let heard = sockets::streaming(server.address, people).await?;
        let late = |q| quantile(&heard.late_ms, q);
        let (p50, p95, failed) = (late(0.5), late(0.95), heard.failed);
        Ok([idle, format!("{p50:.1} / {p95:.1} ms, {failed} failed")])
    }

    async fn start(&self) -> Result<(Program, Duration)> {
        let (server, took) = Program::server(&self.cli.programs, &self.settings).await?;
        // The models of the provider are asked for in the background.
        sleep(Duration::from_millis(500)).await;
        Ok((server, took))
    }

    /// Accounts 0, 1 and 2 have 100 conversations, 100,000, and 300 messages; the others share the rest of the messages.
    async fn seed(&self, people: &[Account]) -> Result<()> {
        eprintln!(
            "seeding {} messages and {} conversations",
            self.size.all_messages, self.size.many_conversations
        );
        let db = Db::open(self.database.clone()).await?;
        let mut seeder = Seeder::new(&db);
        seeder.conversations(people[0].id, 100).await?;
        seeder.conversations(people[1].id, self.size.many_conversations).await?;
        let crowd = &people[3..];
        for person in &crowd[..crowd.len() / 2] {
            seeder.messages(person.id, self.size.all_messages / crowd.len()).await?;
        }
        seeder.messages(people[2].id, 300).await?;
        for person in &crowd[crowd.len() / 2..] {
            seeder.messages(person.id, self.size.all_messages / crowd.len()).await?;
        }
        seeder.finish().await?;
        db.close().await;
        Ok(())
    }
}

fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    format!("Machine: {cpus} × {}.", model.trim_start_matches(['\t', ' ', ':']))
}
