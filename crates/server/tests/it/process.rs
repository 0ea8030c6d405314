//! The built program in a process of its own, which can be killed.

use std::{
    fs::File,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Whether tests may take long: `cargo xtask test --full`.
pub(crate) fn is_full() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the test runner says so")]
    std::env::var("COLLOQUY_TEST_FULL").is_ok_and(|value| value == "1")
}

/// A client without limits of its own.
pub(crate) fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a test talks to its own server")]
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// The file in the data directory that holds what it logs.
pub(crate) const LOG: &str = "stderr.log";

/// A running server.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
}

/// How to start it.
pub(crate) struct Setup<'a> {
    pub(crate) data: &'a Path,
    /// Empty: SQLite in the data directory.
    pub(crate) database_url: &'a str,
    pub(crate) provider: &'a str,
    pub(crate) variables: &'a [(&'a str, &'a str)],
}

impl Process {
    /// Starts the program and waits until it answers.
    pub(crate) async fn start(setup: &Setup<'_>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_colloquy"));
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("COLLOQUY_DATA_DIR", setup.data)
            .env("OPENAI_API_KEY", "sk-test")
            .env("OPENAI_BASE_URL", setup.provider)
            .env("COLLOQUY__CHAT__TITLES", "false")
            .env("COLLOQUY__LIMITS__ALL_PER_ADDRESS", "0")
            .env("COLLOQUY__LIMITS__PER_USER", "0")
            .env("COLLOQUY__LIMITS__ASKS_PER_USER", "0")
            .envs(setup.variables.iter().copied())
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .current_dir(setup.data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(setup.data.join(LOG)).unwrap());
        if !setup.database_url.is_empty() {
            command.env("DATABASE_URL", setup.database_url);
        }
        let child = command.spawn().unwrap();
        let mut process = Self { child, base: format!("http://127.0.0.1:{port}") };
        let (client, end) = (client(), Instant::now() + Duration::from_secs(30));
        while client.get(format!("{}/health", process.base)).send().await.is_err() {
            assert!(Instant::now() < end, "the server does not answer");
            let ended = process.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended at once: {ended:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        process
    }

    /// `SIGKILL`. Says when it was sent.
    pub(crate) fn kill(mut self) -> Instant {
        let at = Instant::now();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        at
    }

    /// Makes an account and gives its access token.
    pub(crate) async fn register(&self, name: &str) -> String {
        let body =
            json!({ "username": name, "email": format!("{name}@example.org"), "password": "correct horse" });
        let answer =
            client().post(format!("{}/api/v1/auth/register", self.base)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let answer: Value = answer.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
