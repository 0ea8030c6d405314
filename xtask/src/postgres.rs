//! A PostgreSQL to throw away: made in a moment, on a socket in its own directory, gone with us.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    machine,
    process::{self, Beside},
};

/// The variable by which tests find it.
pub(crate) const VARIABLE: &str = "COLLOQUY_TEST_POSTGRES";
/// Durability is for data that somebody wants to keep.
const FORGETFUL: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];
const SETTINGS: [&str; 5] = [
    "listen_addresses=",
    "max_connections=400",
    "shared_buffers=128MB",
    "max_wal_size=4GB",
    "logging_collector=off",
];
const DIRECTORY: &str = "colloquy-postgres-";

/// A running server.
pub(crate) struct Postgres {
    /// Its address, for a user that may do everything. Databases are made and dropped by the tests.
    pub(crate) url: String,
    server: Option<Server>,
}

struct Server {
    process: Beside,
    home: Home,
    programs: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killed, it would leave its shared memory behind.
        let mut stop = self.home.command(&self.programs.join("pg_ctl"));
        stop.args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.home.directory.join("data"));
        if process::run(&mut stop).is_ok() {
            self.process.wait().ok();
        }
    }
}

impl Postgres {
    /// Starts one for tests, or takes the one that the environment names.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(&FORGETFUL)
    }

    /// Starts one that keeps what it acknowledges, for measurements, or takes the one that the environment names.
    pub(crate) fn start_durable() -> Result<Self> {
        Self::start_with(&[])
    }

    fn start_with(more: &[&str]) -> Result<Self> {
        if let Some(url) = env::var_os(VARIABLE).and_then(|url| url.into_string().ok()) {
            return Ok(Self { url, server: None });
        }
        let programs = machine::postgres_programs().context("PostgreSQL 15 or newer is not installed")?;
        Home::sweep();
        let home = Home::make()?;
        let data = home.directory.join("data");
        let mut initdb = home.command(&programs.join("initdb"));
        initdb
            .args(["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data);
        process::run(initdb.stdout(Stdio::null()))?;

        let log = fs::File::create(home.directory.join("log"))?;
        let mut server = home.command(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&home.directory);
        for setting in SETTINGS.iter().chain(more) {
            server.args(["-c", setting]);
        }
        let server = Beside::start(server.stdout(log.try_clone()?).stderr(log))?;
        let url = format!("postgres://postgres@localhost/postgres?host={}", home.directory.display());
        let postgres =
            Self { url, server: Some(Server { process: server, home, programs: programs.clone() }) };
        postgres.wait_until_ready()?;
        Ok(postgres)
    }

    fn wait_until_ready(&self) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let begun = Instant::now();
        loop {
            let log = fs::read_to_string(server.home.directory.join("log"))?;
            if log.contains("database system is ready to accept connections") {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("PostgreSQL did not start:\n{log}");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs a command beside a server.
pub(crate) fn beside(command: &[String]) -> Result<()> {
    let postgres = Postgres::start()?;
    let [program, arguments @ ..] = command else { bail!("expected a command after --") };
    process::run(process::command(program).args(arguments).env(VARIABLE, &postgres.url))
}

/// The directory of a server, and who owns it: PostgreSQL refuses to be root.
struct Home {
    directory: PathBuf,
    user: Option<&'static str>,
}

impl Home {
    fn make() -> Result<Self> {
        let directory = env::temp_dir().join(format!("{DIRECTORY}{}", std::process::id()));
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let mut home = Self { directory, user: None };
        if machine::is_root() {
            let user = ["postgres", "nobody"].into_iter().find(|user| machine::id_of(Some(user)).is_some());
            let user =
                user.context("PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`")?;
            chown(&home.directory, machine::id_of(Some(user)), machine::group_of(user))?;
            home.user = Some(user);
        }
        Ok(home)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = process::postgres(self.user, program);
        command.current_dir(&self.directory);
        command
    }

    /// Removes what servers left whose starter was killed.
    fn sweep() {
        let entries = fs::read_dir(env::temp_dir()).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(process) = name.strip_prefix(DIRECTORY) else { continue };
            if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
                fs::remove_dir_all(entry.path()).ok();
            }
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // The last backends may still be writing while they die.
        for _ in 0..50 {
            if fs::remove_dir_all(&self.directory).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(unix)]
fn chown(path: &Path, user: Option<u32>, group: Option<u32>) -> io::Result<()> {
    std::os::unix::fs::chown(path, user, group)
}

#[cfg(not(unix))]
fn chown(_: &Path, _: Option<u32>, _: Option<u32>) -> io::Result<()> {
    Ok(())
}
