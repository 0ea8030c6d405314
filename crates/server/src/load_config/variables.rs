//! Variables that are ours: `COLLOQUY__SECTION__KEY` for every setting, and `COLLOQUY_DATA_DIR`.

use figment::value::Value;
use services::config::{Config, Field, Section, Shape};

use super::{Environment, LoadError, layers::Layers};

const PREFIX: &str = "COLLOQUY__";
/// Names with single underscores that somebody reads: the server, its build and its tests.
const PLAIN: [&str; 3] = ["COLLOQUY_DATA_DIR", "COLLOQUY_WEB_DIST", "COLLOQUY_SKIP_WEB"];
const OF_TESTS: &str = "COLLOQUY_TEST_";

/// Adds what our variables say. One that names no setting is refused.
pub(super) fn apply(layers: &mut Layers, environment: &Environment) -> Result<(), LoadError> {
    if let Some(directory) = environment.get("COLLOQUY_DATA_DIR").filter(|text| !text.is_empty()) {
        layers.set("COLLOQUY_DATA_DIR", "data_dir", directory.as_str());
    }
    for (name, text) in environment {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let key = path.to_lowercase().replace("__", ".");
        let shape = find(Config::FIELDS, &key).map_err(|reason| LoadError::new(name, reason))?;
        match key.as_str() {
            "server.listen" => layers.set_listen(name, text),
            "database.url" => layers.set(name, &key, database_url(text)),
            _ => layers.set(name, &key, value(name, shape, text)?),
        }
    }
    Ok(())
}

/// What to say about variables that look like ours and are not.
pub(super) fn notices(environment: &Environment) -> Vec<String> {
    environment
        .keys()
        .filter(|name| {
            name.starts_with("COLLOQUY_") && !name.starts_with(PREFIX) && !name.starts_with(OF_TESTS)
        })
        .filter(|name| !PLAIN.contains(&name.as_str()))
        .map(|name| format!("{name}: not a setting; settings are written COLLOQUY__SECTION__KEY."))
        .collect()
}

/// Spellings of other frameworks for the same database.
pub(super) fn database_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match scheme.split('+').next() {
        Some("postgres" | "postgresql") => format!("postgres://{rest}"),
        _ => url.to_owned(),
    }
}

/// Reads `text` as what `shape` takes. Text that is none is left to be refused by its type.
fn value(name: &str, shape: Shape, text: &str) -> Result<Value, LoadError> {
    Ok(match shape {
        Shape::Text => text.into(),
        Shape::Flag => flag(text).map_or_else(|| text.into(), Value::from),
        Shape::Number => text.trim().parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Shape::List => list(text).ok_or_else(|| LoadError::new(name, EXPECTED_LIST))?.into(),
        Shape::Tables => serde_json::from_str(text)
            .map_err(|_| LoadError::new(name, "expected a list of objects as JSON"))?,
        Shape::Section(_) | Shape::Named(_) => {
            return Err(LoadError::new(name, "is a section, not a setting"));
        }
    })
}

/// What a variable that holds a list looks like.
pub(super) const EXPECTED_LIST: &str = "expected a list, with commas or as JSON";

/// `true`, `1`, `yes`, `on` and their opposites, in any case.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// `a, b` or `["a", "b"]`.
pub(super) fn list(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    Some(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

fn find(fields: &'static [Field], key: &str) -> Result<Shape, String> {
    let (name, rest) = key.split_once('.').map_or((key, None), |(name, rest)| (name, Some(rest)));
    let found = fields.iter().find(|field| field.name == name).map(|field| field.shape);
    match (found, rest) {
        (Some(Shape::Section(inner)), Some(rest)) => find(inner, rest),
        (Some(Shape::Named(inner)), Some(rest)) => {
            let (_, rest) = rest.split_once('.').ok_or("is a section, not a setting")?;
            find(inner, rest)
        }
        (Some(shape), None) => Ok(shape),
        _ => {
            let known: Vec<_> = fields.iter().map(|field| field.name).collect();
            Err(format!(
                "there is no such setting; expected one of {} in the place of {name}",
                known.join(", ")
            ))
        }
    }
}
