//! Builds the web app and lays it, compressed, where `src/web.rs` embeds it from.
//!
//! `COLLOQUY_WEB_DIST=<directory>` takes a web app that is built already, `COLLOQUY_SKIP_WEB=1` a page that says there is
//! none. Nothing is written into the source tree but `web/node_modules`, and npm runs only when a web file has changed.

use std::{
    env, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::SystemTime,
};

/// The oldest Node that the web app's tools run on.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// What the build of the web app reads, below `web/`. Never `web/` itself: it holds what npm writes.
const INPUTS: [&str; 13] = [
    "src",
    "reference",
    "reference-pages.ts",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "sandbox-pages.ts",
    "page-plugins.ts",
    "service-worker-plugin.ts",
    "service-worker.js",
    "tsconfig.json",
];
/// Files worth compressing; pictures and fonts are compressed as they are.
const TEXT: [&str; 8] = ["html", "js", "css", "svg", "json", "webmanifest", "txt", "map"];

/// Large, asked for by few, and by browsers alone: it is kept in the one form that all of them read.
const PACKED_ONLY: &str = "assets/reference";

/// Why there is no web app, as one sentence.
enum Missing {
    /// The tools are not there: no build goes on without them unless it is told to.
    Tools(String),
    /// The tools failed. That ends a release build; a debug build goes on without the web app, so that work on the
    /// server does not wait for it.
    App {
        sentence: String,
        /// Something outside the inputs may cure it (the network of npm): look again at the next build.
        look_again: bool,
    },
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=COLLOQUY_WEB_DIST");
    println!("cargo::rerun-if-env-changed=COLLOQUY_SKIP_WEB");
    if let Err(error) = run() {
        println!("cargo::error=cannot prepare the web app: {error}");
    }
}

fn run() -> io::Result<()> {
    let out = PathBuf::from(variable("OUT_DIR").unwrap_or_default());
    let embedded = out.join("web");
    if embedded.exists() {
        fs::remove_dir_all(&embedded)?;
    }
    fs::create_dir_all(&embedded)?;

    if variable("COLLOQUY_SKIP_WEB").is_some_and(|value| value != "0") {
        return placeholder(&embedded, "It was left out of this build (<code>COLLOQUY_SKIP_WEB</code>).");
    }
    if let Some(dist) = variable("COLLOQUY_WEB_DIST") {
        // A relative path counts from the root of the workspace, where people call cargo.
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(dist);
        println!("cargo::rerun-if-changed={}", dist.display());
        return embed(&dist, &embedded);
    }
    match build(&out) {
        Ok(dist) => embed(&dist, &embedded),
        Err(Missing::Tools(sentence)) => {
            println!("cargo::error={sentence}");
            Ok(())
        }
        Err(Missing::App { sentence, .. }) if variable("PROFILE").as_deref() == Some("release") => {
            println!("cargo::error={sentence}");
            Ok(())
        }
        Err(Missing::App { sentence, look_again }) => {
            println!("cargo::warning={sentence} This debug build holds a placeholder page.");
            if look_again {
                println!("cargo::rerun-if-changed={}", out.join("there-is-never-such-a-file").display());
            }
            placeholder(&embedded, &sentence)
        }
    }
}

/// Builds the web app of this source tree and says where it lies.
fn build(out: &Path) -> Result<PathBuf, Missing> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    for input in INPUTS {
        println!("cargo::rerun-if-changed={}", web.join(input).display());
    }
    check_node()?;
    if is_older(&web.join("node_modules/.package-lock.json"), &web.join("package-lock.json")) {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        // Debian's package of Node comes without it.
        said_by(npm, "--version").ok_or_else(|| install("npm was not found"))?;
        let mut npm = Command::new(npm);
        npm.args(["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]);
        run_in(&web, &mut npm).map_err(|why| Missing::App {
            sentence: format!("`npm ci` failed in web/: {why}"),
            look_again: true,
        })?;
    }
    let (dist, begun, done) = (out.join("dist"), out.join("dist.begun"), out.join("dist.done"));
    // What an earlier run left is good for other settings of this build too, unless an input is newer.
    let made = fs::metadata(&done).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    if INPUTS.iter().all(|input| newest(&web.join(input)) < made) {
        return Ok(dist);
    }
    let failed =
        |why| Missing::App { sentence: format!("`vite build` failed in web/: {why}"), look_again: false };
    // As old as the beginning: a file that changes meanwhile is newer.
    fs::write(&begun, "").map_err(|error| failed(error.to_string()))?;
    let mut vite = Command::new("node");
    vite.args(["node_modules/vite/bin/vite.js", "build", "--emptyOutDir", "--logLevel", "warn", "--outDir"])
        .arg(&dist);
    // The page that shows every component is for those who work on them.
    if variable("PROFILE").as_deref() == Some("debug") {
        vite.env("VITE_COMPONENTS", "1");
    }
    run_in(&web, &mut vite).map_err(failed)?;
    fs::rename(&begun, &done).map_err(|error| failed(error.to_string()))?;
    Ok(dist)
}

/// When a file, or anything in a directory, was last changed.
fn newest(path: &Path) -> SystemTime {
    let own = fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let inside = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| newest(&entry.path()));
    inside.fold(own, SystemTime::max)
}

fn check_node() -> Result<(), Missing> {
    let said = said_by("node", "--version").ok_or_else(|| install("Node.js was not found"))?;
    let version = said.trim().trim_start_matches('v');
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST_NODE { Err(install(&format!("Node.js {version} is too old"))) } else { Ok(()) }
}

fn install(what: &str) -> Missing {
    let (major, minor) = OLDEST_NODE;
    Missing::Tools(format!(
        "{what}: install Node.js {major}.{minor} or newer (with npm) to build the web app, or set \
         COLLOQUY_WEB_DIST=<directory> to a built one, or COLLOQUY_SKIP_WEB=1 to go without."
    ))
}

/// What a program prints, if it is there and works.
fn said_by(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a tool of the web app. What it prints is shown only if it fails.
fn run_in(web: &Path, command: &mut Command) -> Result<(), String> {
    // NODE_ENV is a setting of servers that may run here; it would change what is installed and built.
    let output =
        command.current_dir(web).env_remove("NODE_ENV").output().map_err(|error| error.to_string())?;
    let Output { status, stdout, stderr } = output;
    if status.success() {
        return Ok(());
    }
    io::stderr().write_all(&stdout).and_then(|()| io::stderr().write_all(&stderr)).ok();
    let said = [stderr, stdout].concat();
    let said = String::from_utf8_lossy(&said);
    let lines = || {
        said.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && *line != "error during build:" && !line.contains("error code"))
    };
    let line = lines().find(|line| line.to_lowercase().contains("error")).or_else(|| lines().next());
    let line = line.unwrap_or("no reason given");
    Err(format!("{line} ({status})"))
}

/// Says whether `made` is missing or older than `source`.
fn is_older(made: &Path, source: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    match (time(made), time(source)) {
        (Ok(made), Ok(source)) => made < source,
        _ => true,
    }
}

fn placeholder(embedded: &Path, why: &str) -> io::Result<()> {
    let why =
        if why.contains("<code>") { why.to_owned() } else { why.replace('&', "&amp;").replace('<', "&lt;") };
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Colloquy</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <style>body{{font:16px/1.5 system-ui;max-width:40rem;margin:15vh auto;padding:0 1rem}}</style>\n\
         <h1>The server runs, its web app is not there</h1>\n<p>{why}</p>\n\
         <p>The API works: its description is at <a href=\"/openapi.json\">/openapi.json</a>.</p>\n</html>\n"
    );
    fs::write(embedded.join("index.html"), &page)?;
    fs::create_dir_all(embedded.join("reference"))?;
    ["docs", "redoc"]
        .into_iter()
        .try_for_each(|name| fs::write(embedded.join(format!("reference/{name}.html")), &page))
}

/// Copies a built web app and puts a `.br` and a `.gz` beside each text file.
fn embed(dist: &Path, embedded: &Path) -> io::Result<()> {
    if !dist.join("index.html").is_file() {
        return Err(io::Error::other(format!("there is no index.html in {}", dist.display())));
    }
    let mut files = Vec::new();
    copy(dist, embedded, &mut files)?;
    let quality = if variable("PROFILE").as_deref() == Some("release") { 11 } else { 5 };
    // The largest first, so that the threads end together.
    files.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let files = std::sync::Mutex::new(files.into_iter());
    let next = || files.lock().ok().and_then(|mut files| files.next());
    thread::scope(|scope| {
        let work = || -> io::Result<()> {
            while let Some((path, _)) = next() {
                if path.starts_with(embedded.join(PACKED_ONLY)) {
                    pack(&path)?;
                } else {
                    compress(&path, quality)?;
                }
            }
            Ok(())
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread died"))))
    })
}

fn copy(from: &Path, to: &Path, files: &mut Vec<(PathBuf, u64)>) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        // `.vite/manifest.json` is a note of the build to itself.
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target, files)?;
        } else {
            let size = fs::copy(entry.path(), &target)?;
            files.push((target, size));
        }
    }
    Ok(())
}

fn compress(path: &Path, quality: u32) -> io::Result<()> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    if !TEXT.contains(&extension.as_str()) {
        return Ok(());
    }
    let plain = fs::read(path)?;
    let mut smaller = Vec::new();
    brotli::CompressorWriter::new(&mut smaller, 64 * 1024, quality, 22).write_all(&plain)?;
    keep(path, "br", &smaller, &plain)?;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&plain)?;
    keep(path, "gz", &encoder.finish()?, &plain)
}

/// Leaves nothing of a file but its `.gz`.
fn pack(path: &Path) -> io::Result<()> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&fs::read(path)?)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    fs::write(name, encoder.finish()?)?;
    fs::remove_file(path)
}

/// Keeps what became smaller.
fn keep(path: &Path, extension: &str, smaller: &[u8], plain: &[u8]) -> io::Result<()> {
    if smaller.len() >= plain.len() {
        return Ok(());
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    fs::write(name, smaller)
}

/// A variable that is set and not empty.
fn variable(name: &str) -> Option<String> {
    env::var_os(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}
