//! Other programs: run to their end, or kept running as long as we do.

use std::{
    ffi::OsStr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// A command that ends with us, however we end, where the system can promise that.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    wrapped(program.as_ref(), &["--pdeathsig", "TERM"])
}

/// The same for PostgreSQL, which takes an interrupt as the wish to end at once and refuses to be root.
pub(crate) fn postgres(user: Option<&str>, program: impl AsRef<OsStr>) -> Command {
    match user {
        None => wrapped(program.as_ref(), &["--pdeathsig", "INT"]),
        Some(user) => {
            let options = ["--pdeathsig", "INT", "--reuid", user, "--regid", user, "--clear-groups"];
            wrapped(program.as_ref(), &options)
        }
    }
}

fn wrapped(program: &OsStr, options: &[&str]) -> Command {
    if !cfg!(target_os = "linux") || !crate::machine::has("setpriv") {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(options).arg("--").arg(program);
    command
}

/// Runs `command` to its end. Says what it was if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let words = words(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{words}`"))?;
    if !status.success() {
        bail!("`{words}` failed ({status})");
    }
    Ok(())
}

/// What `command` prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let words = words(command);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start `{words}`"))?;
    if !output.status.success() {
        bail!("`{words}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{words}` printed something that is no text"))
}

/// The command as one would type it.
fn words(command: &Command) -> String {
    let mut words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if words[0] == "setpriv" {
        words = words.split_off(words.iter().position(|word| word == "--").map_or(0, |place| place + 1));
    }
    words.join(" ")
}

/// A program that runs beside us and ends when this is dropped.
pub(crate) struct Beside(Child);

impl Beside {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let words = words(command);
        Ok(Self(command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{words}`"))?))
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let status = self.0.wait()?;
        if !status.success() {
            bail!("it ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Says which step begins.
pub(crate) fn step(what: &str) {
    eprintln!("\n==> {what}");
}
