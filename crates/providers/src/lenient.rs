//! Values as servers really write them: numbers as text, text as lists of parts, `null` anywhere.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// A string that knows where it came from.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// Where in memory it was written just as it is said: without escapes.
    pub(crate) address: Option<usize>,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, address: None }
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SaidVisitor)
    }
}

struct SaidVisitor;

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Said, E> {
        Ok(Said { text: text.to_owned(), address: Some(text.as_ptr().addr()) })
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(text.to_owned().into())
    }

    fn visit_string<E>(self, text: String) -> Result<Said, E> {
        Ok(text.into())
    }
}

/// Text: a string, `null`, or a list of parts with `text`. Parts that think are kept apart.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) said: Said,
    pub(crate) thought: String,
}

impl From<Said> for Text {
    fn from(said: Said) -> Self {
        Self { said, thought: String::new() }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

/// One part of a list: `{"type": "text", "text": …}` or `{"type": "thinking", "thinking": …}`.
#[derive(Deserialize)]
struct TextPart {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thinking: Option<Text>,
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text, E> {
        SaidVisitor.visit_borrowed_str(text).map(Text::from)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        SaidVisitor.visit_str(text).map(Text::from)
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Text, E> {
        SaidVisitor.visit_string(text).map(Text::from)
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Text, A::Error> {
        let mut whole = Text::default();
        while let Some(part) = parts.next_element::<TextPart>()? {
            whole.said.text.push_str(part.text.as_deref().unwrap_or_default());
            let thinking = part.thinking.unwrap_or_default();
            whole.thought.push_str(&thinking.said.text);
        }
        Ok(whole)
    }
}

/// A count of tokens: never negative, whatever was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) i64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, count: i64) -> Result<Count, E> {
        Ok(Count(count.max(0)))
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, count: f64) -> Result<Count, E> {
        Ok(Count(count.max(0.0) as i64))
    }

    fn visit_str<E>(self, count: &str) -> Result<Count, E> {
        Ok(Count(count.parse().unwrap_or(0_i64).max(0)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count(0))
    }
}

/// JSON text of a tool's arguments: a string, or the object itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments(pub(crate) String);

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments")
    }

    fn visit_str<E>(self, text: &str) -> Result<Arguments, E> {
        Ok(Arguments(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Arguments, E> {
        Ok(Arguments(text))
    }

    fn visit_unit<E>(self) -> Result<Arguments, E> {
        Ok(Arguments::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Arguments, A::Error> {
        let object = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Arguments(object.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_string_or_parts_or_nothing() {
        let text =
            |json: &str| serde_json::from_str::<Text>(json).map(|text| (text.said.text, text.thought)).ok();
        let both = |said: &str, thought: &str| Some((said.to_owned(), thought.to_owned()));
        assert_eq!(text(r#""a\n""#), both("a\n", ""));
        assert_eq!(text("null"), both("", ""));
        let parts = r#"[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"},{"type":"x"}]"#;
        assert_eq!(text(parts), both("a", "hm"));
        assert_eq!(text("7"), None);
    }

    #[test]
    fn a_count_is_never_negative() {
        let count = |json: &str| serde_json::from_str::<Count>(json).unwrap().0;
        assert_eq!(
            ["7", "-7", "7.9", "\"7\"", "null", "1e300", "{}"].map(count),
            [7, 0, 7, 7, 0, i64::MAX, 0]
        );
    }

    #[test]
    fn arguments_are_text_or_an_object() {
        let arguments = |json: &str| serde_json::from_str::<Arguments>(json).unwrap().0;
        assert_eq!(arguments(r#""{\"a\":""#), r#"{"a":"#);
        assert_eq!(arguments(r#"{"a":1}"#), r#"{"a":1}"#);
        assert_eq!(arguments("null"), "");
    }
}
