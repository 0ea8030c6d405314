//! Settings that are fixed while the server runs: defaults here, then `colloquy.toml`, `.env` and the environment, flags.
//!
//! The doc comment of a setting is its manual: `config.default.toml` is made of the comments and defaults below and
//! compared with them in a test. Only `server/load_config.rs` reads files and variables; a test builds a `Config`.

mod auth;
mod billing;
mod chat;
mod check;
mod files;
mod konnect;
mod limits;
mod mail;
mod manual;
mod oidc;
mod server;
mod shown;
mod tools;
mod web_search;

pub use auth::{Auth, FirstSignUp, Limits, Password, SignUp};
pub use billing::{Billing, PlanSettings};
pub use chat::Chat;
pub use check::{BadSetting, port_of};
pub use files::Files;
pub use konnect::Konnect;
pub use limits::Requests;
pub use mail::Mail;
pub use manual::{Field, Section, Setting, Shape, default_toml};
pub use oidc::OidcProvider;
pub(crate) use oidc::{is_here, is_safe};
pub use providers::{ProviderConfig, Secret};
pub use server::{Database, Log, LogFormat, Server};
pub use shown::{HIDDEN, without_password};
pub use tools::Tools;
pub use web_search::WebSearch;

use std::path::PathBuf;

use manual::section;

section! {
    /// Settings of Colloquy. Every value below is the default: a file of your own needs only what differs.
    ///
    /// A setting can also be given by the environment: `server.listen` is the variable `COLLOQUY__SERVER__LISTEN`.
    /// `colloquy config` prints what is in effect.
    Config {
        /// Where everything lies that must survive: the SQLite database, the signing key, uploaded files. Made at the
        /// first start. Also `COLLOQUY_DATA_DIR`.
        data_dir: PathBuf = PathBuf::from("./data"),
        /// The port, the names and who is trusted.
        server: Server = Server::default(),
        /// Where rows are kept.
        database: Database = Database::default(),
        /// Who may sign in, and for how long.
        auth: Auth = Auth::default(),
        /// How many requests anybody may make, on every client API and over sockets: so many in a window of time that begins
        /// with the first of them; 0: no limit. `/health`, `/ready` and the files of the web app are not counted, a stream
        /// counts once. Answers say in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) how it
        /// stands; over the limit the answer is 429 with `Retry-After`. Behind a proxy, name it in
        /// `server.trusted_proxies`: else everybody has its address. Of IPv6, a network of 64 bits counts as one address.
        limits: Requests = Requests::default(),
        /// How answers are produced, kept and delivered.
        chat: Chat = Chat::default(),
        /// What models may call while they answer.
        tools: Tools = Tools::default(),
        /// What accounts may use, and what they pay for it.
        billing: Billing = Billing::default(),
        /// How letters leave: links for another password.
        mail: Mail = Mail::default(),
        /// Files that people hand to models.
        files: Files = Files::default(),
        /// How the web is searched for answers that lean on it.
        web_search: WebSearch = WebSearch::default(),
        /// What is written to the standard error stream.
        log: Log = Log::default(),
        /// The LLM providers to ask, each a table like this one. `OPENAI_API_KEY` (with `OPENAI_BASE_URL`) and
        /// `ANTHROPIC_API_KEY` make one each; without any the built-in `demo` answers. `vision` holds patterns of the
        /// models that see images, where neither the provider's list nor their names tell; `tools` patterns of those that
        /// call tools, likewise; `embeddings` patterns of those that make vectors of texts, where they do not have `embed` in
        /// their names.
        ///
        /// ```toml
        /// [[providers]]
        /// name = "local"
        /// protocol = "openai"
        /// base_url = "http://127.0.0.1:11434/v1"
        /// api_key = ""
        /// vision = ["my-vision-model*"]
        /// tools = ["my-model*"]
        /// ```
        #[serde(serialize_with = "shown::providers")]
        providers: Vec<ProviderConfig> = Vec::new(),
    }
}

impl Config {
    /// Reads a whole configuration from the text of a `colloquy.toml`.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The address of the database: the one given, else `colloquy.db` in the data directory.
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!("sqlite:{}", self.data_dir.join("colloquy.db").display())
        } else {
            self.database.url.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_an_error() {
        assert!(Config::parse("[server]\nadress = '0.0.0.0:1'").is_err());
        assert!(Config::parse("[serve]\nlisten = '0.0.0.0:1'").is_err());
    }

    #[test]
    fn what_is_not_said_stays_as_it_is() {
        let config = Config::parse("[auth.password]\nstrict = true").unwrap();
        assert!(config.auth.password.strict);
        assert_eq!(config.server.listen, "127.0.0.1:3000");
    }

    #[test]
    fn the_database_lies_in_the_data_directory() {
        let mut config = Config { data_dir: PathBuf::from("/srv/colloquy"), ..Config::default() };
        assert_eq!(config.database_url(), "sqlite:/srv/colloquy/colloquy.db");
        config.database.url = "postgres://db/colloquy".into();
        assert_eq!(config.database_url(), "postgres://db/colloquy");
    }
}
