//! What a person chose: a few known keys, each with its kind, so that a misspelt one is refused and not forgotten.

use serde_json::{Map, Value};
use store::users::Changes;

use crate::{Actor, App, Error, Result, accounts, events};

/// How much all of it may take, in bytes of JSON.
const MOST_BYTES: usize = 16 * 1024;

/// What a key may hold.
enum Kind {
    /// Yes or no.
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text of so many characters at most.
    Text(usize),
    /// The name of a language, such as `en` or `pt-BR`.
    Language,
}

/// All keys.
const KEYS: &[(&str, Kind)] = &[
    ("theme", Kind::Word(&["system", "light", "dark"])),
    ("language", Kind::Language),
    ("density", Kind::Word(&["comfortable", "compact"])),
    ("font_size", Kind::Word(&["small", "medium", "large"])),
    ("send_on_enter", Kind::Switch),
    ("show_reasoning", Kind::Switch),
    ("wrap_code", Kind::Switch),
    ("whole_answers", Kind::Switch),
    ("single_keys", Kind::Switch),
    ("default_model", Kind::Text(200)),
    (CUSTOM_INSTRUCTIONS, Kind::Text(8_000)),
];

/// What every answer for this person should heed.
const CUSTOM_INSTRUCTIONS: &str = "custom_instructions";

/// What the actor chose.
pub async fn read(app: &App, actor: &Actor) -> Result<Map<String, Value>> {
    Ok(parse(&accounts::me(app, actor).await?.preferences))
}

/// Changes what the actor chose, key by key; null takes a choice back. Gives all of it.
pub async fn merge(app: &App, actor: &Actor, change: Map<String, Value>) -> Result<Map<String, Value>> {
    check(&change)?;
    let (user, now) = (actor.user, app.now());
    let chosen = app
        .db
        .write(async move |tx| {
            let gone = || Error::Unauthenticated("This account has ended.");
            let text = store::users::lock_preferences(tx, user).await?.ok_or_else(gone)?;
            let mut chosen = parse(&text);
            for (key, value) in change {
                if value.is_null() {
                    chosen.remove(&key);
                } else {
                    chosen.insert(key, value);
                }
            }
            let changes = Changes { preferences: Some(fitting(&chosen)?), ..Changes::default() };
            store::users::change(tx, user, changes, now).await?;
            Ok::<_, Error>(chosen)
        })
        .await?;
    events::chosen(app, user);
    Ok(chosen)
}

/// Checks what somebody chose, whole, and gives it as it is stored.
pub(crate) fn checked(chosen: &str) -> Result<String> {
    let mut chosen = parse(chosen);
    check(&chosen)?;
    chosen.retain(|_, value| !value.is_null());
    fitting(&chosen)
}

fn parse(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn fitting(chosen: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string(chosen).map_err(Error::internal)?;
    if text.len() > MOST_BYTES {
        return Err(Error::invalid("preferences", "may have at most 16 KiB"));
    }
    Ok(text)
}

fn check(change: &Map<String, Value>) -> Result<()> {
    for (key, value) in change {
        let Some((name, kind)) = KEYS.iter().find(|(name, _)| name == key) else {
            let known: Vec<_> = KEYS.iter().map(|(name, _)| *name).collect();
            let key: String = key.chars().take(100).collect();
            return Err(Error::invalid(
                "preferences",
                format!("have no {key:?}; there is {}", known.join(", ")),
            ));
        };
        if !value.is_null() {
            kind.check(value).map_err(|reason| Error::invalid(name, reason))?;
        }
    }
    Ok(())
}

impl Kind {
    /// Says what is wrong with a value, as the end of a sentence that begins with its key.
    fn check(&self, value: &Value) -> Result<(), String> {
        let text = value.as_str();
        match self {
            Self::Switch if value.is_boolean() => Ok(()),
            Self::Switch => Err("must be true or false".into()),
            Self::Word(words) if text.is_some_and(|text| words.contains(&text)) => Ok(()),
            Self::Word(words) => Err(format!("must be one of {}", words.join(", "))),
            Self::Language if text.is_some_and(is_language) => Ok(()),
            Self::Language => Err("must be the name of a language, such as en or pt-BR".into()),
            Self::Text(most) => match text.map(|text| text.chars().count()) {
                None => Err("must be a text".into()),
                Some(chars) if chars > *most => Err(format!("has {chars} characters; at most {most} fit")),
                Some(_) => Ok(()),
            },
        }
    }
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_word =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 35
        && parts.next().is_some_and(|first| (2..=3).contains(&first.len()) && is_word(first))
        && parts.all(is_word)
}

/// What every answer for a person should heed, before what a conversation's own instructions say.
pub(crate) fn instructions(custom: Option<String>, own: Option<String>) -> Option<String> {
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    match (said(custom), said(own)) {
        (Some(custom), Some(own)) => Some(format!("{}\n\n{own}", custom.trim_end())),
        (custom, own) => custom.or(own),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(change: &Value) -> String {
        check(change.as_object().unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn a_key_is_known_and_holds_what_it_may() {
        let good =
            json!({ "theme": "dark", "language": "pt-BR", "send_on_enter": false, "default_model": null });
        check(good.as_object().unwrap()).unwrap();
        assert!(refused(&json!({ "colour": 1 })).contains("\"colour\""));
        assert!(refused(&json!({ "theme": "red" })).starts_with("theme: must be one of"));
        assert!(refused(&json!({ "language": "e" })).starts_with("language"));
        assert!(refused(&json!({ "language": "en-" })).starts_with("language"));
        assert!(refused(&json!({ "send_on_enter": "yes" })).starts_with("send_on_enter"));
        assert!(refused(&json!({ "custom_instructions": "x".repeat(8_001) })).contains("8001"));
    }

    #[test]
    fn a_persons_instructions_come_first() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            instructions(some("Be brief.\n"), some("Speak Latin.")).unwrap(),
            "Be brief.\n\nSpeak Latin."
        );
        assert_eq!(instructions(some(" "), some("Speak Latin.")).unwrap(), "Speak Latin.");
        assert_eq!(instructions(None, None), None);
    }
}
