//! The port, the database and the log.

use domain::text_enum;

use super::manual::section;

section! {
    /// The port, the names and who is trusted.
    Server {
        /// Address and port to listen on. `0.0.0.0:3000` is reachable from other machines: sign up before you open it.
        /// `PORT` sets the port alone.
        listen: String = "127.0.0.1:3000".into(),
        /// The address that people type, for links and for the check of where a request comes from, such as
        /// `https://chat.example.org`. Also `FRONTEND_URL`.
        public_url: Option<String> = None,
        /// Other origins whose pages may call the API, such as `https://app.example.org`. `*` admits every page, but
        /// never with cookies. Also `CORS_ORIGINS` and `ALLOWED_ORIGINS`, with commas or as JSON.
        cors_origins: Vec<String> = Vec::new(),
        /// Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-*` headers are believed.
        trusted_proxies: Vec<String> = Vec::new(),
        /// Whether sockets that do not say whose they are may follow every conversation whose id they know, as the server
        /// allowed whose clients connect to `/chat`. Leave it off unless such a client cannot send a token: ids are no
        /// secrets.
        anonymous_sockets: bool = false,
        /// What the installation calls itself. Also `NEXT_PUBLIC_APP_NAME`.
        name: String = "Colloquy".into(),
        /// The largest JSON body of a request, in bytes.
        body_limit_bytes: usize = 1024 * 1024,
        /// How long the head of a request may take to arrive, and how long a connection without a request stays open, in
        /// seconds.
        header_seconds: u64 = 30,
        /// How long a shutdown waits for running answers before it ends them, in seconds.
        shutdown_seconds: u64 = 10,
    }
}

section! {
    /// Where rows are kept.
    Database {
        /// `sqlite:<file>` for one machine, `postgres://user:password@host/name` for a database server. Empty:
        /// `colloquy.db` in the data directory. Also `DATABASE_URL`.
        url: String = String::new(),
        /// The most connections to PostgreSQL. A few for each processor of its machine are enough.
        max_connections: u32 = 8,
    }
}

text_enum! {
    /// How a line of the log looks.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

section! {
    /// What is written to the standard error stream.
    Log {
        /// `error`, `warn`, `info`, `debug` or `trace`; also by module, such as `info,sqlx=debug`. The audit
        /// trail is written at every level, unless `audit=off` says otherwise.
        level: String = "info".into(),
        /// `text` for people, `json` for machines.
        format: LogFormat = LogFormat::Text,
    }
}
