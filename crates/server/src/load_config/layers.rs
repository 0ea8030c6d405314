//! Settings on top of each other, each knowing where it came from.

use figment::{
    Figment, Metadata, Profile, Provider,
    error::{Actual, Kind},
    util::nest,
    value::{Dict, Map, Value},
};
use services::config::{Config, port_of};

use super::LoadError;

/// What was said so far; later layers outrank earlier ones.
#[derive(Default)]
pub(super) struct Layers(Figment);

/// What one file, variable or flag says.
struct Layer {
    place: String,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.place.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

impl Layers {
    /// Adds a whole file.
    pub(super) fn add_toml(&mut self, place: &str, text: &str) -> Result<(), LoadError> {
        let values = toml::from_str(text).map_err(|error| {
            let line =
                error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            LoadError::new(format!("{place}, line {line}"), error.message())
        })?;
        self.add(place, values);
        Ok(())
    }

    /// Adds one setting, given by its whole key.
    pub(super) fn set(&mut self, place: &str, key: &str, value: impl Into<Value>) {
        if let Value::Dict(_, values) = nest(key, value.into()) {
            self.add(place, values);
        }
    }

    /// Changes the port and leaves the address.
    pub(super) fn set_port(&mut self, place: &str, port: u16) {
        let listen = self.listen();
        let host = listen.rsplit_once(':').map_or("127.0.0.1", |(host, _)| host);
        self.set(place, "server.listen", format!("{host}:{port}"));
    }

    /// Changes the address, and the port if there is one in it.
    pub(super) fn set_listen(&mut self, place: &str, listen: &str) {
        let listen = match listen.parse() {
            Ok(std::net::IpAddr::V6(address)) => format!("[{address}]"),
            _ => listen.to_owned(),
        };
        let whole = if port_of(&listen).is_some() || (listen.contains(':') && !listen.ends_with(']')) {
            listen
        } else {
            format!("{listen}:{}", port_of(&self.listen()).unwrap_or(3000))
        };
        self.set(place, "server.listen", whole);
    }

    /// The settings, typed.
    pub(super) fn extract(&self) -> Result<Config, LoadError> {
        self.0.extract().map_err(|error| worded(&error))
    }

    /// Refuses values that have the right type and are wrong all the same.
    pub(super) fn check(&self, config: &Config) -> Result<(), LoadError> {
        config.check().map_err(|bad| self.refuse(bad.key, bad.expected))
    }

    /// What is wrong with the value of `key`, and where it was said.
    pub(super) fn refuse(&self, key: &str, expected: impl Into<String>) -> LoadError {
        let place = self.0.find_metadata(key).map(|from| from.name.as_ref());
        LoadError::new(with_key(place, key), expected)
    }

    fn add(&mut self, place: &str, values: Dict) {
        let below = std::mem::take(&mut self.0);
        self.0 = below.merge(Layer { place: place.to_owned(), values });
    }

    fn listen(&self) -> String {
        self.0.extract_inner("server.listen").unwrap_or_else(|_| Config::default().server.listen)
    }
}

/// `colloquy.toml: server.listen`, `PORT (server.listen)`, `server.listen`.
fn with_key(place: Option<&str>, key: &str) -> String {
    match place {
        Some(file) if file.contains('.') => format!("{file}: {key}"),
        Some(variable) => format!("{variable} ({key})"),
        None => key.to_owned(),
    }
}

fn worded(error: &figment::Error) -> LoadError {
    let key = error.path.join(".");
    let place = with_key(error.metadata.as_ref().map(|from| from.name.as_ref()), &key);
    let reason = match &error.kind {
        Kind::UnknownField(_, known) => {
            format!("there is no such setting; expected one of {}", known.join(", "))
        }
        Kind::UnknownVariant(_, known) => format!("expected {}", known.join(" or ")),
        Kind::MissingField(field) => format!("{field} is missing"),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("expected {}, found {}", in_words(expected), kind_of(found))
        }
        Kind::Message(message) => message.clone(),
        _ => "cannot be used".into(),
    };
    LoadError::new(place, reason)
}

fn in_words(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "path string" | "string" => "text",
        "a sequence" => "a list",
        other if other.starts_with("struct ") => "a section",
        other => other,
    }
}

/// What was found, without its value.
fn kind_of(found: &Actual) -> &'static str {
    match found {
        Actual::Bool(_) => "true or false",
        Actual::Signed(number) if *number < 0 => "a negative number",
        Actual::Unsigned(_) | Actual::Signed(_) => "a whole number",
        Actual::Float(_) => "a number with a fraction",
        Actual::Str(text) if text.is_empty() => "nothing",
        Actual::Str(_) | Actual::Char(_) => "other text",
        Actual::Seq => "a list",
        Actual::Map => "a section",
        _ => "something else",
    }
}
