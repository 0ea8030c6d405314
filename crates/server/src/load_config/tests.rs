use std::fs;

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load_with(pairs: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    load(&Flags::default(), environment(pairs), tempfile::tempdir().unwrap().path())
}

fn load_file(text: &str) -> Result<Loaded, LoadError> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(FILE), text).unwrap();
    load(&Flags::default(), Environment::new(), directory.path())
}

fn refused(pairs: &[(&str, &str)]) -> String {
    load_with(pairs).unwrap_err().to_string()
}

const SECRET: &str = "6f1d0c5b9a8e7f3d2c4b6a5e8f7d9c1b";

#[test]
fn nothing_said_is_the_defaults() {
    let loaded = load_with(&[]).unwrap();
    assert_eq!((loaded.config, loaded.notices), (Config::default(), Vec::new()));
}

#[test]
fn flags_outrank_the_environment_which_outranks_dotenv_which_outranks_the_file() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join(FILE),
        "[server]\nlisten = '0.0.0.0:1'\nname = 'file'\n[log]\nlevel = 'warn'",
    )
    .unwrap();
    fs::write(directory.path().join(".env"), "NEXT_PUBLIC_APP_NAME='dot env'\nPORT=2\n# comment\n").unwrap();
    let load = |flags: &Flags, pairs: &[(&str, &str)]| {
        load(flags, environment(pairs), directory.path()).unwrap().config
    };

    let config = load(&Flags::default(), &[]);
    assert_eq!((config.server.listen.as_str(), config.server.name.as_str()), ("0.0.0.0:2", "dot env"));
    assert_eq!(config.log.level, "warn");

    let config = load(&Flags::default(), &[("PORT", "3"), ("COLLOQUY__SERVER__NAME", "variable")]);
    assert_eq!((config.server.listen.as_str(), config.server.name.as_str()), ("0.0.0.0:3", "variable"));

    let flags = Flags { port: Some(4), log: Some("debug".into()), ..Flags::default() };
    let config = load(&flags, &[("PORT", "3")]);
    assert_eq!((config.server.listen.as_str(), config.log.level.as_str()), ("0.0.0.0:4", "debug"));
}

#[test]
fn what_the_environment_says_outranks_dotenv_under_any_name() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join(".env"),
        format!("COLLOQUY__SERVER__LISTEN=0.0.0.0:3000\nCOLLOQUY__SERVER__NAME=file\nJWT_SECRET=x{SECRET}\n"),
    )
    .unwrap();
    let load = |pairs: &[(&str, &str)]| {
        load(&Flags::default(), environment(pairs), directory.path()).unwrap().config
    };
    assert_eq!(load(&[]).server.listen, "0.0.0.0:3000");
    let config = load(&[("PORT", "8080"), ("NEXT_PUBLIC_APP_NAME", "variable"), ("SECRET_KEY", SECRET)]);
    assert_eq!((config.server.listen.as_str(), config.server.name.as_str()), ("0.0.0.0:8080", "variable"));
    assert_eq!(config.auth.secret, Some(SECRET.into()));
}

#[test]
fn the_audit_trail_and_the_set_up_are_logged_at_every_level() {
    use tracing::{Level, enabled, subscriber::with_default};
    let shows = |level: &str| {
        let log = tracing_subscriber::fmt().with_env_filter(log_filter(level).unwrap()).finish();
        with_default(log, || {
            let named = [enabled!(target: "audit", Level::INFO), enabled!(target: "setup", Level::INFO)];
            (named, enabled!(target: "services", Level::INFO))
        })
    };
    assert_eq!(shows("info"), ([true, true], true));
    assert_eq!(shows("warn"), ([true, true], false));
    assert_eq!(shows("off"), ([true, true], false));
    assert_eq!(shows("services=info"), ([true, true], true));
    assert_eq!(shows("warn,audit=off"), ([false, true], false));
    assert!(log_filter("services=loud").is_err());
}

#[test]
fn an_address_without_a_port_keeps_the_port() {
    let listen = |flag: &str| {
        let flags = Flags { listen: Some(flag.into()), ..Flags::default() };
        load(&flags, environment(&[("PORT", "5000")]), Path::new("/nowhere")).unwrap().config.server.listen
    };
    assert_eq!(listen("0.0.0.0"), "0.0.0.0:5000");
    assert_eq!(listen("0.0.0.0:80"), "0.0.0.0:80");
    assert_eq!(listen("::"), "[::]:5000");
    assert_eq!(listen("[::1]:80"), "[::1]:80");
    assert_eq!(listen("localhost"), "localhost:5000");
}

#[test]
fn the_environment_of_other_servers_works_as_it_is() {
    let loaded = load_with(&[
        ("PORT", "5000"),
        ("DATABASE_URL", "postgresql://ada:pw@db:5432/chat?schema=public"),
        ("OPENAI_API_KEY", "sk-1234"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
        ("SECRET_KEY", SECRET),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "45"),
        ("CORS_ORIGINS", r#"["http://localhost:3000", "https://a.example"]"#),
        ("ALLOWED_ORIGINS", "https://b.example, https://c.example"),
        ("FRONTEND_URL", "http://localhost:3000"),
        ("NEXT_PUBLIC_APP_NAME", "Our chat"),
        ("DEBUG", "True"),
    ])
    .unwrap();

    let config = loaded.config;
    assert_eq!(config.server.listen, "127.0.0.1:5000");
    assert_eq!(config.database.url, "postgres://ada:pw@db:5432/chat?schema=public");
    assert_eq!(config.auth.secret, Some(SECRET.into()));
    assert_eq!(config.auth.access_token_seconds, 45 * 60);
    assert_eq!(
        config.server.cors_origins,
        ["http://localhost:3000", "https://a.example", "https://b.example", "https://c.example"]
    );
    assert_eq!(config.server.public_url.as_deref(), Some("http://localhost:3000"));
    assert_eq!(config.server.name, "Our chat");
    assert_eq!(config.log.level, "debug");
    let [provider] = &config.providers[..] else { panic!("one provider") };
    assert_eq!((provider.name.as_str(), provider.base_url.as_str()), ("openai", "http://127.0.0.1:9/v1"));
    assert_eq!(provider.api_key.reveal(), "sk-1234");
    assert_eq!(loaded.notices, Vec::<String>::new());
}

#[test]
fn google_signs_in_by_three_variables() {
    let google = |more: &[(&str, &str)]| {
        let variables = [("GOOGLE_CLIENT_ID", "ours"), ("GOOGLE_CLIENT_SECRET", "hunter2")];
        let loaded = load_with(&[&variables[..], more].concat()).unwrap();
        assert_eq!(loaded.notices, Vec::<String>::new());
        loaded.config.auth.oidc["google"].clone()
    };
    let plain = google(&[]);
    assert_eq!((plain.issuer.as_str(), plain.client_id.as_str()), ("https://accounts.google.com", "ours"));
    assert_eq!(plain.client_secret.unwrap().reveal(), "hunter2");
    let url = "http://localhost:3000/auth/google/callback";
    assert_eq!(google(&[("GOOGLE_CALLBACK_URL", url)]).redirect_url.as_deref(), Some(url));
    assert_eq!(google(&[("GOOGLE_ISSUER", "http://localhost:4000")]).issuer, "http://localhost:4000");

    let example = load_with(&[("GOOGLE_CLIENT_ID", "your_google_client_id")]).unwrap();
    assert!(example.config.auth.oidc.is_empty() && example.notices.len() == 1);
    let elsewhere = [("GOOGLE_CLIENT_ID", "ours"), ("GOOGLE_CALLBACK_URL", "https://x.tn/elsewhere")];
    assert_eq!(load_with(&elsewhere).unwrap_err().place, "auth.oidc");
}

#[test]
fn a_sign_in_provider_is_a_table_or_some_variables() {
    let of_table = |text: &str| Config::parse(text).unwrap().auth.oidc["company"].clone();
    let table =
        of_table("[auth.oidc.company]\nissuer = 'https://a.example'\nclient_id = 'x'\nsign_up = 'closed'");
    let loaded = load_with(&[
        ("COLLOQUY__AUTH__OIDC__COMPANY__ISSUER", "https://a.example"),
        ("COLLOQUY__AUTH__OIDC__COMPANY__CLIENT_ID", "x"),
        ("COLLOQUY__AUTH__OIDC__COMPANY__SIGN_UP", "closed"),
    ])
    .unwrap();
    assert_eq!(loaded.config.auth.oidc["company"], table);
    for (name, value) in [
        ("COLLOQUY__AUTH__OIDC__COMPANY__ISUER", "https://a.example"),
        ("COLLOQUY__AUTH__OIDC__COMPANY", "x"),
        ("COLLOQUY__AUTH__OIDC", "x"),
        ("COLLOQUY__AUTH__OIDC__COMPANY__ISSUER", "http://a.example"),
    ] {
        assert!(load_with(&[(name, value)]).is_err(), "{name}");
    }
}

#[test]
fn what_is_not_there_yet_is_accepted_and_said() {
    let loaded = load_with(&[
        ("REDIS_URL", "redis://:hunter2@localhost:6379"),
        ("MONGO_URL", "mongodb://ada:hunter2@localhost:27017"),
        ("DB_NAME", "test_database"),
        ("MONGODB_URI", "mongodb://localhost:27017/chatgpt-clone"),
        ("GOOGLE_CLIENT_SECRET", "hunter2"),
        ("KONNECT_SECRET_KEY", "your_konnect_secret_key"),
        ("SESSION_SECRET", "hunter2"),
        ("ENVIRONMENT", "production"),
        ("NODE_ENV", "development"),
        ("OPENAI_API_KEY", "your_openai_api_key_here"),
        ("DEBUG", "express:*"),
        ("NEXT_PUBLIC_API_URL", "http://localhost:8000"),
        ("REACT_APP_BACKEND_URL", "http://localhost:8001"),
        ("COLLOQUY_PORT", "1"),
    ])
    .unwrap();

    assert_eq!(loaded.config, Config::default());
    assert!(!loaded.notices.iter().any(|notice| notice.contains("hunter2")), "{:?}", loaded.notices);
    for start in [
        "REDIS_URL: ",
        "DB_NAME, MONGODB_URI, MONGO_URL: everything lies in sqlite:./data/colloquy.db",
        "GOOGLE_CLIENT_SECRET: ",
        "KONNECT_SECRET_KEY: is the placeholder",
        "SESSION_SECRET: ",
        "ENVIRONMENT, NODE_ENV: ",
        "NEXT_PUBLIC_API_URL, REACT_APP_BACKEND_URL: ",
        "OPENAI_API_KEY: is the placeholder",
        "DEBUG: ",
        "COLLOQUY_PORT: ",
    ] {
        assert!(
            loaded.notices.iter().any(|notice| notice.starts_with(start)),
            "{start}: {:?}",
            loaded.notices
        );
    }
    assert_eq!(loaded.notices.len(), 10);
}

#[test]
fn an_account_at_konnect_is_given_by_its_own_variables() {
    let konnect = |pairs: &[(&str, &str)]| load_with(pairs).unwrap().config.billing.konnect;
    let given = konnect(&[
        ("KONNECT_SECRET_KEY", "key"),
        ("KONNECT_MERCHANT_ID", "wallet"),
        ("KONNECT_API_URL", "https://api.sandbox.konnect.network/api/v2"),
        ("KONNECT_WEBHOOK_SECRET", "hook"),
    ]);
    assert_eq!(given.api_key.unwrap().reveal(), "key");
    assert_eq!(given.webhook_secret.unwrap().reveal(), "hook");
    assert_eq!(given.wallet_id, "wallet");
    assert_eq!(given.api_url, "https://api.sandbox.konnect.network/api/v2");
    assert!(
        refused(&[("KONNECT_API_URL", "http://api.konnect.network")]).contains("billing.konnect.api_url")
    );
}

#[test]
fn a_key_of_the_environment_goes_to_the_provider_of_that_name() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[[providers]]\nname = 'openai'\nvendor = 'openai'\nmodels = ['gpt-4o*']\n";
    fs::write(directory.path().join(FILE), text).unwrap();
    let environment = environment(&[("OPENAI_API_KEY", "sk-1"), ("ANTHROPIC_API_KEY", "sk-2")]);

    let config = load(&Flags::default(), environment, directory.path()).unwrap().config;

    let keys: Vec<_> = config.providers.iter().map(|p| (p.name.as_str(), p.api_key.reveal())).collect();
    assert_eq!(keys, [("openai", "sk-1"), ("anthropic", "sk-2")]);
    assert_eq!(config.providers[0].models, ["gpt-4o*"]);
}

#[test]
fn every_setting_has_a_variable() {
    let config = load_with(&[
        ("COLLOQUY_DATA_DIR", "/srv/a"),
        ("COLLOQUY__SERVER__NAME", "1234"),
        ("COLLOQUY__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("COLLOQUY__SERVER__LISTEN", "0.0.0.0"),
        ("COLLOQUY__AUTH__PASSWORD__STRICT", "yes"),
        ("COLLOQUY__AUTH__SIGN_UP", "closed"),
        ("COLLOQUY__CHAT__CHECKPOINT_MS", "10"),
        (
            "COLLOQUY__PROVIDERS",
            r#"[{"name": "local", "base_url": "http://127.0.0.1:1/v1", "max_attempts": 1}]"#,
        ),
    ])
    .unwrap()
    .config;

    assert_eq!(config.data_dir, PathBuf::from("/srv/a"));
    assert_eq!(config.server.name, "1234");
    assert_eq!(config.server.trusted_proxies, ["10.0.0.0/8", "::1"]);
    assert_eq!(config.server.listen, "0.0.0.0:3000");
    assert!(config.auth.password.strict);
    assert_eq!(config.auth.sign_up, services::config::SignUp::Closed);
    assert_eq!(config.chat.checkpoint_ms, 10);
    assert_eq!((config.providers[0].name.as_str(), config.providers[0].max_attempts), ("local", 1));
}

#[test]
fn what_cannot_be_used_is_refused_by_its_name() {
    for (pairs, expected) in [
        (("PORT", "http"), "PORT: expected a number from 0 to 65535"),
        (("PORT", "70000"), "PORT: expected a number from 0 to 65535"),
        (
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "soon"),
            "ACCESS_TOKEN_EXPIRE_MINUTES: expected a whole number of at least 1",
        ),
        (("CORS_ORIGINS", "[\"http://a\""), "CORS_ORIGINS: expected a list, with commas or as JSON"),
        (("FRONTEND_URL", "localhost"), "FRONTEND_URL (server.public_url): expected the address people type"),
        (
            ("DATABASE_URL", "mysql://a:hunter2@b/c"),
            "DATABASE_URL (database.url): expected sqlite:<file> or postgres:",
        ),
        (
            ("COLLOQUY__SERVER__ADRESS", "x"),
            "COLLOQUY__SERVER__ADRESS: there is no such setting; expected one of listen,",
        ),
        (
            ("COLLOQUY__LISTEN", "x"),
            "COLLOQUY__LISTEN: there is no such setting; expected one of data_dir, server,",
        ),
        (("COLLOQUY__SERVER", "x"), "COLLOQUY__SERVER: is a section, not a setting"),
        (
            ("COLLOQUY__CHAT__TITLES", "perhaps"),
            "COLLOQUY__CHAT__TITLES (chat.titles): expected true or false",
        ),
        (
            ("COLLOQUY__CHAT__CHECKPOINT_MS", "x"),
            "COLLOQUY__CHAT__CHECKPOINT_MS (chat.checkpoint_ms): expected a whole number",
        ),
        (("COLLOQUY__AUTH__SIGN_UP", "x"), "COLLOQUY__AUTH__SIGN_UP (auth.sign_up): expected open or closed"),
        (("COLLOQUY__LOG__LEVEL", "a=b=c"), "COLLOQUY__LOG__LEVEL (log.level): expected error, warn, info"),
        (("COLLOQUY__PROVIDERS", "x"), "COLLOQUY__PROVIDERS: expected a list of objects as JSON"),
    ] {
        let error = refused(&[pairs]);
        assert!(error.starts_with(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_mistake_in_the_file_is_refused_by_its_key() {
    for (text, expected) in [
        (
            "[server]\nadress = 'x'",
            "colloquy.toml: server.adress: there is no such setting; expected one of listen,",
        ),
        (
            "[serve]\nlisten = 'x'",
            "colloquy.toml: serve: there is no such setting; expected one of data_dir,",
        ),
        ("[server]\nlisten = 3000", "colloquy.toml: server.listen: expected text, found a whole number"),
        (
            "[chat]\ncheckpoint_ms = -1",
            "colloquy.toml: chat.checkpoint_ms: expected a whole number that is not negative",
        ),
        ("[chat]\ncheckpoint_ms = 0", "colloquy.toml: chat.checkpoint_ms: expected a number of at least 1"),
        ("[auth]\nsecret = 12345", "colloquy.toml: auth.secret: expected text, found a whole number"),
        ("server = 1", "colloquy.toml: server: expected a section, found a whole number"),
        (
            "[[providers]]\nname = 'a'\napi_kay = 'hunter2'",
            "colloquy.toml: providers.0.api_kay: there is no such setting",
        ),
        ("[auth]\n\nsecret = 'hunter2", "colloquy.toml, line 3: "),
    ] {
        let error = load_file(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn secrets_of_examples_and_short_ones_are_refused_and_the_way_out_is_said() {
    for name in ["SECRET_KEY", "JWT_SECRET"] {
        for secret in [
            "",
            "cambia-questa-chiave",
            "your_secret_key_here",
            "your_secure_production_key",
            "your-super-secret-session-key-change-this-in-production",
            "your-super-secret-jwt-key-change-this-in-production",
            "0123456789abcdef0123456789abcde",
        ] {
            let error = refused(&[(name, secret)]);
            assert!(error.starts_with(&format!("{name} (auth.secret): ")), "{error}");
            assert!(error.contains("openssl rand -hex 32"), "{error}");
        }
    }
    assert!(load_with(&[("JWT_SECRET", SECRET)]).is_ok());
    let both =
        load_with(&[("JWT_SECRET", "7a1d0c5b9a8e7f3d2c4b6a5e8f7d9c1b"), ("SECRET_KEY", SECRET)]).unwrap();
    assert_eq!(both.config.auth.secret, Some(SECRET.into()));
    assert_eq!(both.notices.len(), 1);
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let flags = Flags { config: Some("elsewhere.toml".into()), ..Flags::default() };
    let error =
        load(&flags, Environment::new(), tempfile::tempdir().unwrap().path()).unwrap_err().to_string();
    assert!(error.starts_with("elsewhere.toml: cannot be read"), "{error}");
}

#[test]
fn a_broken_line_of_dotenv_is_refused_without_its_value() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(".env"), "A=1\nOUR NAME=hunter2\n").unwrap();
    let error = load(&Flags::default(), Environment::new(), directory.path()).unwrap_err().to_string();
    assert!(error.starts_with(".env: ") && !error.contains("hunter2"), "{error}");
}

#[test]
fn the_commented_defaults_are_those_of_the_program() {
    let made = services::config::default_toml().unwrap();
    assert_eq!(made, include_str!("../../config.default.toml"), "write it anew with `cargo xtask defaults`");
}
