//! What a section of the settings is: a struct whose doc comments and defaults can also be read at run time.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use super::{Config, FirstSignUp, LogFormat, ProviderConfig, Secret, SignUp};

/// One setting: its name, its manual and what it takes.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// Its doc comment, line by line.
    pub manual: &'static [&'static str],
    /// What it takes.
    pub shape: Shape,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text, or one of a few words.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// A list of texts.
    List,
    /// A list of tables.
    Tables,
    /// Tables with these settings, each by a name of its own.
    Named(&'static [Field]),
    /// Settings of its own.
    Section(&'static [Field]),
}

/// A type that a setting may have.
pub trait Setting {
    /// What it takes.
    const SHAPE: Shape;
}

/// A table of settings.
pub trait Section {
    /// Its doc comment, line by line.
    const ABOUT: &'static [&'static str];
    /// Its settings, in the order of the manual.
    const FIELDS: &'static [Field];
}

impl<S: Section> Setting for S {
    const SHAPE: Shape = Shape::Section(S::FIELDS);
}

impl<S: Section> Setting for BTreeMap<String, S> {
    const SHAPE: Shape = Shape::Named(S::FIELDS);
}

macro_rules! settings {
    ($($shape:ident: $($kind:ty),+;)+) => {$($(impl Setting for $kind { const SHAPE: Shape = Shape::$shape; })+)+};
}

settings! {
    Text: String, PathBuf, Option<String>, Option<Secret>, SignUp, Option<SignUp>, FirstSignUp, LogFormat, domain::Currency;
    Flag: bool;
    Number: i64, u64, u32, usize;
    List: Vec<String>;
    Tables: Vec<ProviderConfig>;
}

/// Defines a struct of settings, each with its manual and its default.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $name:ident { $(
            $(#[doc = $manual:literal])* $(#[serde($($serde:tt)+)])?
            $field:ident: $kind:ty = $default:expr
        ),+ $(,)? }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[doc = $manual])* $(#[serde($($serde)+)])? pub $field: $kind),+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }

        impl $crate::config::manual::Section for $name {
            const ABOUT: &'static [&'static str] = &[$($about),*];
            const FIELDS: &'static [$crate::config::manual::Field] = &[$($crate::config::manual::Field {
                name: stringify!($field),
                manual: &[$($manual),*],
                shape: <$kind as $crate::config::manual::Setting>::SHAPE,
            }),+];
        }
    };
}
pub(super) use section;

/// The text of `config.default.toml`: every setting with its manual and its default.
pub fn default_toml() -> Result<String, toml::ser::Error> {
    let defaults = toml::Table::try_from(Config::default())?;
    let mut text = String::new();
    comment(&mut text, Config::ABOUT);
    text.push('\n');
    write_section(&mut text, "", Config::FIELDS, &defaults);
    Ok(text)
}

fn write_section(text: &mut String, path: &str, fields: &[Field], values: &toml::Table) {
    for field in fields.iter().filter(|field| !matches!(field.shape, Shape::Section(_))) {
        comment(text, field.manual);
        match (field.shape, values.get(field.name)) {
            (Shape::Tables | Shape::Named(_), _) => {}
            (_, Some(value)) => _ = writeln!(text, "{} = {value}", field.name),
            (_, None) => _ = writeln!(text, "# {} = \"\"", field.name),
        }
        text.push('\n');
    }
    for field in fields {
        let Shape::Section(inner) = field.shape else { continue };
        let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
        let empty = toml::Table::new();
        let values = values.get(field.name).and_then(toml::Value::as_table).unwrap_or(&empty);
        comment(text, field.manual);
        _ = writeln!(text, "[{path}]\n");
        write_section(text, &path, inner, values);
    }
}

fn comment(text: &mut String, lines: &[&str]) {
    for line in lines.iter().filter(|line| !line.trim_start().starts_with("```")) {
        let line = if line.is_empty() { "#".to_owned() } else { format!("#{line}") };
        _ = writeln!(text, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_is_a_file_that_changes_nothing() {
        let text = default_toml().unwrap();
        assert_eq!(Config::parse(&text).unwrap(), Config::default());
    }

    #[test]
    fn every_setting_has_a_manual() {
        fn check(fields: &[Field]) {
            for field in fields {
                assert!(!field.manual.is_empty(), "{} has no doc comment", field.name);
                if let Shape::Section(inner) | Shape::Named(inner) = field.shape {
                    check(inner);
                }
            }
        }
        check(Config::FIELDS);
    }
}
