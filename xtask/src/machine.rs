//! What the machine has, and what it still needs.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::process;

/// A program that tests need: how to find it, and how it is called where it can be installed.
struct Need {
    name: &'static str,
    find: fn() -> Option<PathBuf>,
    debian: &'static str,
    elsewhere: &'static str,
}

/// The oldest Node that the web app's tools run on; `crates/server/build.rs` says the same.
const OLDEST_NODE: (u32, u32) = (20, 19);

const NEEDS: [Need; 5] = [
    Need {
        name: "PostgreSQL 15 or newer (the server's programs)",
        find: postgres_programs,
        debian: "postgresql",
        elsewhere: "https://www.postgresql.org/download/ (on macOS: brew install postgresql@17)",
    },
    Need {
        name: "Chromium or Chrome",
        find: chromium,
        debian: "chromium",
        elsewhere: "https://www.chromium.org/getting-involved/download-chromium/ (on macOS: brew install --cask chromium)",
    },
    Need {
        name: "Python 3.10 or newer, with venv",
        find: || which("python3").filter(|_| makes_environments()),
        debian: "python3-venv",
        elsewhere: "https://www.python.org/downloads/",
    },
    Need { name: "curl", find: || which("curl"), debian: "curl", elsewhere: "https://curl.se/download.html" },
    Need {
        name: "Node.js 20.19 or newer, with npm",
        find: || which("npm").filter(|_| node_version().is_some_and(|version| version >= OLDEST_NODE)),
        debian: "",
        elsewhere: "https://nodejs.org/en/download",
    },
];

/// Installs what is missing, where it is known how and allowed; else says what to install.
pub(crate) fn prepare() -> Result<()> {
    let missing = || NEEDS.iter().filter(|need| (need.find)().is_none());
    let packages: Vec<_> = missing().map(|need| need.debian).filter(|package| !package.is_empty()).collect();
    if !packages.is_empty() && Path::new("/etc/debian_version").exists() && is_root() {
        process::step(&format!("apt-get install {}", packages.join(" ")));
        let apt = || {
            let mut command = process::command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        };
        process::run(apt().args(["update", "-qq"]))?;
        process::run(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(&packages))?;
    }
    let missing: Vec<_> = missing().map(|need| format!("  {}: {}", need.name, install_words(need))).collect();
    if !missing.is_empty() {
        bail!("the tests need programs that are not installed:\n{}", missing.join("\n"));
    }
    Ok(())
}

fn install_words(need: &Need) -> String {
    if Path::new("/etc/debian_version").exists() && !need.debian.is_empty() {
        format!("as root, apt-get install {}", need.debian)
    } else {
        need.elsewhere.to_owned()
    }
}

/// Says whether a program is on the path.
pub(crate) fn has(program: &str) -> bool {
    which(program).is_some()
}

/// Says whether cargo has this subcommand.
pub(crate) fn has_cargo(subcommand: &str) -> bool {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn which(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program.as_ref())).find(|path| path.is_file())
}

/// Says whether we are root.
pub(crate) fn is_root() -> bool {
    id_of(None).is_some_and(|id| id == 0)
}

/// The number of a user, by default our own.
pub(crate) fn id_of(user: Option<&str>) -> Option<u32> {
    id(user, "-u")
}

/// The number of a user's group.
pub(crate) fn group_of(user: &str) -> Option<u32> {
    id(Some(user), "-g")
}

fn id(user: Option<&str>, what: &str) -> Option<u32> {
    let output = Command::new("id").arg(what).args(user).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok().filter(|_| output.status.success())
}

/// The directory of the newest PostgreSQL's programs.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let homes = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql"];
    let mut found: Vec<_> = homes
        .iter()
        .filter_map(|home| fs::read_dir(home).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .chain(which("initdb").and_then(|path| Some(path.parent()?.to_owned())))
        .filter_map(|programs| Some((postgres_version(&programs)?, programs)))
        .filter(|(version, _)| *version >= 15)
        .collect();
    found.sort();
    found.pop().map(|(_, programs)| programs)
}

fn postgres_version(programs: &Path) -> Option<u32> {
    let output =
        Command::new(programs.join("postgres")).arg("--version").stderr(Stdio::null()).output().ok()?;
    programs.join("initdb").is_file().then_some(())?;
    // "postgres (PostgreSQL) 17.2 (Debian …)"
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok())
}

/// Says whether Python can make environments of its own: on Debian that is a package apart.
fn makes_environments() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))"]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn node_version() -> Option<(u32, u32)> {
    let output = Command::new("node").arg("--version").stderr(Stdio::null()).output().ok()?;
    node_version_of(&String::from_utf8(output.stdout).ok()?)
}

/// Reads `v20.19.4`.
fn node_version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// The browser that tests drive: `CHROME_PATH`, or one on the path.
pub(crate) fn chromium() -> Option<PathBuf> {
    let named = env::var_os("CHROME_PATH").map(PathBuf::from).filter(|path| path.is_file());
    let mac = "/Applications/Chromium.app/Contents/MacOS/Chromium";
    named
        .or_else(|| {
            ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].iter().find_map(which)
        })
        .or_else(|| Some(PathBuf::from(mac)).filter(|path| path.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_known_by_its_version() {
        assert_eq!(node_version_of("v20.19.4\n"), Some(OLDEST_NODE));
        assert!(node_version_of("v18.20.4") < Some(OLDEST_NODE));
        assert!(node_version_of("v22.1.0") > Some(OLDEST_NODE));
        assert_eq!(node_version_of("nonsense"), None);
    }
}
