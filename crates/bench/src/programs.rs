//! The programs that are measured, and what the system says about them.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::http::{Connection, request};

/// A program that runs until this is dropped.
pub(crate) struct Program {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Program {
    /// The provider that plays a script.
    pub(crate) fn provider(programs: &Path) -> Result<Self> {
        let mut command = Command::new(programs.join("fake-openai"));
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start fake-openai")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let address = line.trim().rsplit('/').next().and_then(|address| address.parse().ok());
        Ok(Self { child, address: address.with_context(|| format!("fake-openai said {line:?}"))? })
    }

    /// The server, on an empty or a filled database. Also says how long it took to its first answer.
    pub(crate) async fn server(programs: &Path, settings: &[(&str, String)]) -> Result<(Self, Duration)> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = Command::new(programs.join("colloquy"));
        command.args(["--port", &port.to_string(), "--log", "warn"]).env_clear();
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let begun = Instant::now();
        let mut child = command.stderr(Stdio::piped()).spawn().context("cannot start colloquy")?;
        // Its notices of what people did are not ours to repeat.
        let said = BufReader::new(child.stderr.take().context("no log")?);
        std::thread::spawn(move || {
            let lines = said.lines().map_while(Result::ok);
            lines.filter(|line| !line.contains(" INFO ")).for_each(|line| eprintln!("    {line}"));
        });
        let mut program = Self { child, address: (Ipv4Addr::LOCALHOST, port).into() };
        let health = request("GET", "/health", &[], "");
        loop {
            if let Ok(mut connection) = Connection::open(program.address).await
                && connection.ask(&health).await.is_ok_and(|(status, _)| status == 200)
            {
                return Ok((program, begun.elapsed()));
            }
            if let Some(status) = program.child.try_wait()? {
                bail!("colloquy ended with {status}");
            }
            if begun.elapsed() > Duration::from_mins(2) {
                bail!("colloquy does not answer");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Ends it as an operator would, and waits.
    pub(crate) fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Processor time of all its threads so far, of those that have ended too, in milliseconds.
    ///
    /// From `/proc/<pid>/stat`, in steps of 10 ms. Only how it is divided between user and system is sampled by ticks; the
    /// sum is what the scheduler counted.
    pub(crate) fn cpu_ms(&self) -> Result<f64> {
        const TICK_MS: f64 = 10.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no figures in stat")?;
        let ticks: Option<Vec<f64>> =
            fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().ok()).collect();
        Ok(ticks.context("no processor time in stat")?.iter().sum::<f64>() * TICK_MS)
    }

    /// Memory that is its own, and its share of what is shared, in KiB.
    pub(crate) fn pss_kib(&self) -> Result<f64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
