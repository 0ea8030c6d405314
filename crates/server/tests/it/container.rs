//! What a container is made of names what there is, and asks the program itself whether it is well.

use std::{collections::BTreeMap, fs, net::TcpListener, path::Path, process::Command};

use clap::Parser as _;
use server::{
    cli::{Cli, Flags},
    health, load_config,
};

use crate::support::TestServer;

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
}

#[test]
fn the_container_files_name_what_there_is() {
    let dockerfile = read("Dockerfile");
    for path in ["web/package.json", "web/package-lock.json"] {
        assert!(dockerfile.contains(path) && !read(path).is_empty(), "{path}");
    }
    let images: Vec<&str> = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    assert_eq!(images.len(), 3);
    for image in &images {
        let tag = image.split(' ').next().unwrap().split_once(':').unwrap().1;
        assert!(tag.starts_with(|c: char| c.is_ascii_digit()), "{image} is pinned");
    }
    let rust =
        read("Cargo.toml").split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(dockerfile.contains(&format!("FROM rust:{rust}")), "the oldest Rust that builds it is {rust}");

    // Nobody runs it as root, and it asks itself.
    let asked = dockerfile.split("HEALTHCHECK").nth(1).unwrap().split("CMD ").nth(1).unwrap();
    let command: Vec<String> = serde_json::from_str(asked.lines().next().unwrap()).unwrap();
    assert!(Cli::try_parse_from(&command).is_ok(), "{command:?}");
    assert!(dockerfile.contains("\nUSER 10001:10001\n"));

    // Its variables are settings.
    let line = dockerfile.lines().find(|line| line.starts_with("ENV COLLOQUY_DATA_DIR")).unwrap();
    let variables: BTreeMap<String, String> = (line.trim_start_matches("ENV ").split(' '))
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let loaded = load_config::load(&Flags::default(), variables, folder.path()).unwrap();
    assert_eq!(loaded.config.server.listen, "0.0.0.0:3000");
    assert_eq!(loaded.config.data_dir, Path::new("/data"));
}

#[test]
fn no_password_is_there_before_somebody_chose_one() {
    let compose = read("compose.yaml");
    let passwords: Vec<&str> = compose.lines().filter(|line| line.contains("PASSWORD:")).collect();
    assert_eq!(passwords, ["      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-}"]);
    assert!(!compose.contains("5432:"), "the database is not published");
    let ignored = read(".dockerignore");
    assert!(ignored.lines().any(|line| line == "*") && ignored.contains("**/.env"), "secrets stay out");
}

#[tokio::test]
async fn the_program_says_whether_a_server_is_well() {
    let server = TestServer::start().await;
    let listen = server.address.to_string();
    let ask = async |listen: String| {
        let folder = tempfile::tempdir().unwrap();
        let asked = tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_colloquy"));
            command.env_clear().args(["health", "--listen", &listen]).current_dir(folder.path());
            command.output().unwrap()
        });
        asked.await.unwrap()
    };
    let well = ask(listen).await;
    assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stderr));

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = ask(free.to_string()).await;
    assert!(!gone.status.success());
    assert!(String::from_utf8_lossy(&gone.stderr).contains("nobody answers"));
    assert!(health::check("nowhere").is_err());
}
