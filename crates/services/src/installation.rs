//! The installation itself: where its database is, who may make the first account, whether it is about to stop.

use std::{
    net::SocketAddr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    App, Config, Error, Result, accounts,
    config::{FirstSignUp, SignUp},
    web_search,
};

/// The set-up code and what follows from it.
#[derive(Debug)]
pub struct State {
    setup_code: SetupCode,
    /// Where the server can be reached, once it listens.
    address: OnceLock<String>,
    refuses_sends: AtomicBool,
}

/// 128 random bits; made anew at every start.
struct SetupCode(String);

impl std::fmt::Debug for SetupCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            setup_code: SetupCode(accounts::hex(&rand::random::<[u8; 16]>())),
            address: OnceLock::new(),
            refuses_sends: AtomicBool::new(false),
        }
    }
}

impl State {
    /// From now on nothing new is answered: the process is about to stop.
    pub fn refuse_sends(&self) {
        self.refuses_sends.store(true, Ordering::SeqCst);
    }

    /// Whether the process is about to stop.
    pub fn refuses_sends(&self) -> bool {
        self.refuses_sends.load(Ordering::SeqCst)
    }

    /// The server listens: `http://127.0.0.1:3000`, or `http://localhost:3000` if it listens on every address.
    pub fn listens_on(&self, address: SocketAddr) {
        let url = if address.ip().to_canonical().is_unspecified() {
            format!("http://localhost:{}", address.port())
        } else {
            format!("http://{address}")
        };
        let _ = self.address.set(url);
    }

    /// The code that the first account needs, unless it is made on this machine.
    pub fn setup_code(&self) -> &str {
        &self.setup_code.0
    }
}

/// What anybody may know about the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// What it calls itself.
    pub name: String,
    /// The version of the server.
    pub version: &'static str,
    /// Whether an account can be made.
    pub sign_up_open: bool,
    /// Whether anybody has an account.
    pub has_accounts: bool,
    /// Whether letters reach people; else what would be mailed stands in the server's log.
    pub mail_reaches_people: bool,
    /// Whether the next account is the first and needs the set-up code from the log.
    pub setup_code_needed: bool,
    /// Other services whose accounts can be used to sign in.
    pub sign_in_providers: Vec<accounts::SignInProvider>,
    /// Whether the web can be searched for an answer.
    pub web_search: bool,
}

/// How the parts that a request needs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether the database answers.
    pub database: bool,
    /// Whether the process is about to stop.
    pub is_stopping: bool,
}

/// Makes the data directory, readable by the user who runs the server alone.
pub(crate) fn make_data_dir(config: &Config) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let folder = &config.data_dir;
    builder.create(folder).map_err(|error| {
        Error::internal(anyhow::anyhow!("the data directory {} cannot be made: {error}", folder.display()))
    })
}

/// Where the database is.
pub fn database_options(config: &Config) -> Result<store::Options> {
    let url = config.database_url();
    if url.starts_with("postgres://") {
        return Ok(store::Options::Postgres { url, max_connections: config.database.max_connections });
    }
    let file = url.strip_prefix("sqlite:").map(|file| file.strip_prefix("//").unwrap_or(file));
    match file {
        Some(file) if !file.is_empty() => Ok(store::Options::Sqlite(file.into())),
        _ => Err(Error::internal(anyhow::anyhow!("database.url: expected sqlite:<file> or postgres://…"))),
    }
}

/// What anybody may know. `is_local`: the request plainly comes from this machine.
pub async fn instance(app: &App, is_local: bool) -> Result<Instance> {
    let is_claimed = store::installation::is_claimed(&app.db).await?;
    Ok(Instance {
        has_accounts: is_claimed || store::users::any(&app.db).await?,
        mail_reaches_people: app.mail.reaches_people(),
        name: app.config.server.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        sign_up_open: !is_claimed || app.config.auth.sign_up == SignUp::Open,
        setup_code_needed: !is_claimed && may_be_first(app, None, is_local).is_err(),
        sign_in_providers: accounts::sign_in_providers(app),
        web_search: web_search::is_on(app),
    })
}

/// Asks the parts that a request needs.
pub async fn health(app: &App) -> Health {
    let asked = tokio::time::timeout(std::time::Duration::from_secs(2), app.db.ping()).await;
    Health { database: matches!(asked, Ok(Ok(()))), is_stopping: app.installation.refuses_sends() }
}

/// Why a sign-up cannot be the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotFirst {
    is_wrong: bool,
}

impl From<NotFirst> for Error {
    fn from(why: NotFirst) -> Self {
        if why.is_wrong {
            Self::forbidden(
                "setup_code_wrong",
                "This is not the set-up code. The server's log has the right link.",
            )
        } else {
            Self::forbidden(
                "setup_code_needed",
                "The first account is the administrator's and needs the set-up code. The server's log has a ready link.",
            )
        }
    }
}

/// Lets a sign-up be the first one, and so the administrator's, or says why not.
pub(crate) fn may_be_first(app: &App, code: Option<&str>, is_local: bool) -> Result<(), NotFirst> {
    let hash = |text: &str| accounts::hash(text.trim().as_bytes());
    // Compared as hashes, so that the time tells nothing about the code.
    let is_right = code.is_some_and(|code| hash(code) == hash(app.installation.setup_code()));
    let is_trusted = is_local && app.config.auth.first_sign_up == FirstSignUp::Local;
    if is_right || is_trusted {
        Ok(())
    } else {
        Err(NotFirst { is_wrong: code.is_some_and(|code| !code.is_empty()) })
    }
}

/// Logs the link that makes the first account, while there is no administrator. Its target is `setup`, which the log
/// shows at every level: without it nobody gets in.
pub async fn announce(app: &App) -> Result<()> {
    if store::installation::is_claimed(&app.db).await? {
        return Ok(());
    }
    tracing::info!(
        target: "setup",
        "nobody runs this installation yet; make the first account at {}",
        link(app, &format!("/register#code={}", app.installation.setup_code()))
    );
    Ok(())
}

/// A page of this installation as people can open it: at its public address, else where it listens. What a request says
/// about that is not asked, it may be forged.
pub(crate) fn link(app: &App, page: &str) -> String {
    let base = app.config.server.public_url.as_deref();
    let base = base.or(app.installation.address.get().map(String::as_str)).unwrap_or_default();
    format!("{}{page}", base.trim_end_matches('/'))
}

/// The bytes of memory that the process really uses, where Linux says it.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// How long processors have worked for the process, where Linux says it. Its ticks are hundredths of a second on every
/// architecture that is built for.
pub fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in brackets, may hold anything; `utime` and `stime` are the 12th and 13th after it.
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || after_name.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_leads_to_an_address_that_can_be_opened() {
        let link = |address: &str| {
            let state = State::default();
            state.listens_on(address.parse().unwrap());
            state.address.get().unwrap().clone()
        };
        assert_eq!(link("127.0.0.1:3000"), "http://127.0.0.1:3000");
        assert_eq!(link("[::1]:3000"), "http://[::1]:3000");
        for everywhere in ["0.0.0.0:80", "[::]:80", "[::ffff:0.0.0.0]:80"] {
            assert_eq!(link(everywhere), "http://localhost:80");
        }
    }

    #[test]
    fn the_database_is_where_its_address_says() {
        let file = |url: &str| {
            let mut config = Config::default();
            config.database.url = url.into();
            match database_options(&config) {
                Ok(store::Options::Sqlite(file)) => Some(file.display().to_string()),
                _ => None,
            }
        };
        assert_eq!(file(""), Some("./data/colloquy.db".into()));
        assert_eq!(file("sqlite:x.db"), Some("x.db".into()));
        assert_eq!(file("sqlite:///srv/x.db"), Some("/srv/x.db".into()));
        assert_eq!(file("sqlite:"), None);
        assert_eq!(file("postgres://db/x"), None);
    }
}
