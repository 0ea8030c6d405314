//! Bodies of JSON: read whole, within a limit, and refused with the place that is wrong.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, error::Category};
use services::{App, domain::id::MAX_ID};

use crate::http::{limits, problem::Problem};

/// A body of JSON. `Option<Json<T>>` also takes no body at all, and null for none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be JSON: send it with `Content-Type: application/json`.",
            ));
        }
        parse(&limits::read(app, &parts.extensions, &parts.headers, body).await?).map(Self)
    }
}

impl<T: DeserializeOwned> OptionalFromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Option<Self>, Problem> {
        if is_json(request.headers()) {
            // Some clients say that it is JSON and then send nothing.
            let (parts, body) = request.into_parts();
            let bytes = limits::read(app, &parts.extensions, &parts.headers, body).await?;
            let is_nothing = bytes.is_empty() || bytes.trim_ascii() == b"null";
            return if is_nothing { Ok(None) } else { parse(&bytes).map(|value| Some(Self(value))) };
        }
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<App>>::from_request(request, app).await.map(Some)
    }
}

/// Reads the fields of a form.
pub(crate) async fn read_form<T: DeserializeOwned>(app: &App, request: Request) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = limits::read(app, &parts.extensions, &parts.headers, body).await?;
    let request = Request::from_parts(parts, Body::from(bytes));
    match axum::Form::<T>::from_request(request, app).await {
        Ok(axum::Form(fields)) => Ok(fields),
        Err(_) => Err(Problem::invalid("", "The form cannot be read, or a field is missing")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    if bytes.is_empty() {
        return Err(malformed("it is empty"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
    // A list of what the members hold would be read as an object, too.
    if text.trim_ascii_start().starts_with('[') {
        let read = serde_json::from_str::<IgnoredAny>(text);
        return Err(read.map_or_else(
            |error| malformed(&error.to_string()),
            |_| Problem::invalid("", "The body must be an object"),
        ));
    }
    match read(text) {
        Err(Unread::OfFraction(problem)) => match with_whole_numbers(text) {
            Some(text) => read(&text).map_err(Unread::into_problem),
            None => Err(problem),
        },
        done => done.map_err(Unread::into_problem),
    }
}

/// Why a text is not what was asked for.
enum Unread {
    /// A number with a point stands where a whole one must.
    OfFraction(Problem),
    Other(Problem),
}

impl Unread {
    fn into_problem(self) -> Problem {
        match self {
            Self::OfFraction(problem) | Self::Other(problem) => problem,
        }
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unread> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize::<_, T>(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        match inner.classify() {
            Category::Data if inner.to_string().starts_with("invalid type: floating point") => {
                Unread::OfFraction(wrong(pointer, &inner))
            }
            Category::Data => Unread::Other(wrong(pointer, &inner)),
            Category::Io | Category::Syntax | Category::Eof => Unread::Other(malformed(&inner.to_string())),
        }
    })?;
    reader.end().map_err(|error| Unread::Other(malformed(&error.to_string())))?;
    match holds_nul(text).then(|| nul_in_what_is_read::<T>(text)).flatten() {
        Some(place) => Err(Unread::Other(Problem::invalid(place, "may not hold the character U+0000"))),
        None => Ok(value),
    }
}

fn malformed(why: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed_json",
        format!("The body cannot be read as JSON: {why}."),
    )
}

/// The same with `2.0` written as `2`, which in JSON are one number.
fn with_whole_numbers(text: &str) -> Option<String> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    make_whole(&mut value);
    Some(value.to_string())
}

fn make_whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            if let Some(whole) = whole.filter(|float| float.abs() <= MAX_ID as f64) {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(members) => members.values_mut().for_each(make_whole),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Where what is read of a body holds the character U+0000. In members that nobody knows it does no harm.
fn nul_in_what_is_read<T: DeserializeOwned>(text: &str) -> Option<String> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    let mut unread = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_ignored::deserialize::<_, _, T>(&mut reader, |path| unread.push(steps(&path))).ok()?;
    for path in unread {
        forget(&mut value, &path);
    }
    nul_at(&value)
}

fn steps(path: &serde_ignored::Path) -> Vec<String> {
    use serde_ignored::Path;
    let (parent, step) = match path {
        Path::Root => return Vec::new(),
        Path::Seq { parent, index } => (parent, Some(index.to_string())),
        Path::Map { parent, key } => (parent, Some(key.clone())),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            (parent, None)
        }
    };
    let mut steps = steps(parent);
    steps.extend(step);
    steps
}

fn forget(value: &mut Value, path: &[String]) {
    match (value, path) {
        (Value::Object(members), [last]) => {
            members.remove(last);
        }
        (Value::Object(members), [first, rest @ ..]) => {
            if let Some(member) = members.get_mut(first) {
                forget(member, rest);
            }
        }
        (Value::Array(items), [first, rest @ ..]) => {
            let item = first.parse().ok().and_then(|index: usize| items.get_mut(index));
            if let Some(item) = item {
                if rest.is_empty() { *item = Value::Null } else { forget(item, rest) }
            }
        }
        _ => {}
    }
}

fn wrong(mut pointer: String, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        pointer = format!("{pointer}/{name}");
        return Problem::invalid(pointer, "is missing");
    }
    if let Some(name) = text.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`')) {
        return Problem::invalid(
            format!("{}/{name}", pointer.trim_end_matches(name).trim_end_matches('/')),
            "is there twice",
        );
    }
    if pointer.is_empty() {
        return Problem::invalid("", format!("The body is not as it must be: {text}"));
    }
    Problem::invalid(pointer, format!("is not as it must be: {text}"))
}

/// `a.b[2]` as `/a/b/2`.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// Whether a text of JSON holds `\u0000`. A backslash before a backslash is none.
fn holds_nul(text: &str) -> bool {
    text.match_indices("\\u0000").any(|(at, _)| {
        let before = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        before % 2 == 0
    })
}

/// Where a value holds the character U+0000.
pub(crate) fn nul_at(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| nul_at(item).map(|place| format!("/{index}{place}"))),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            if name.contains('\0') {
                Some(String::new())
            } else {
                nul_at(member).map(|place| format!("/{name}{place}"))
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read into")]
    struct Body {
        name: String,
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(Debug, Deserialize)]
    struct Part {
        size: i64,
    }

    fn refused(text: &str) -> (u16, String, String) {
        let problem = parse::<Body>(&Bytes::copy_from_slice(text.as_bytes())).unwrap_err();
        let error = problem.errors.first();
        (
            problem.status.as_u16(),
            error.map(|error| error.pointer.clone()).unwrap_or_default(),
            error.map(|error| error.message.clone()).unwrap_or_default(),
        )
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        assert_eq!(refused("{}"), (422, "/name".into(), "is missing.".into()));
        assert_eq!(refused(r#" ["a", []]"#), (422, String::new(), "The body must be an object.".into()));
        assert_eq!(refused(r#"["a""#).0, 400);
        assert_eq!(
            refused(r#"{"name":"a","parts":[{"size":1},{}]}"#),
            (422, "/parts/1/size".into(), "is missing.".into())
        );
        assert_eq!(refused(r#"{"name":1}"#).1, "/name");
        assert_eq!(refused(r#"{"name":"a","parts":[{"size":9223372036854775808}]}"#).1, "/parts/0/size");
        assert_eq!(refused(r#"{"name":"a","name":"b"}"#), (422, "/name".into(), "is there twice.".into()));
        assert_eq!(
            refused(r#"{"name":"a\u0000b"}"#),
            (422, "/name".into(), "may not hold the character U+0000.".into())
        );
        assert_eq!(refused("[]").0, 422);
        assert_eq!(refused("null").0, 422);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = "[".repeat(100_000);
        for text in
            ["", "{", "{\"name\":\"a\"} x", "\u{feff}{}", "{'name':1}", "NaN", r#"{"name":"\ud800"}"#, &deep]
        {
            assert!([400, 422].contains(&refused(text).0), "{text:.20}");
        }
        assert_eq!(refused("{\"name\":\"a\"} x").0, 400);
        assert_eq!(
            parse::<Body>(&Bytes::from_static(b"{\"name\":\"\xff\"}")).unwrap_err().status.as_u16(),
            400
        );
    }

    #[test]
    fn what_nobody_reads_may_hold_anything() {
        let read = |text: &str| parse::<Body>(&Bytes::copy_from_slice(text.as_bytes()));
        for text in [
            r#"{"name":"a","x":"\u0000"}"#,
            r#"{"name":"a","\u0000":1}"#,
            r#"{"name":"a","parts":[{"size":1,"x":["\u0000"]}]}"#,
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert!(read(r#"{"name":"\u0000","x":"\u0000"}"#).is_err());
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let body = parse::<Body>(&Bytes::from_static(br#"{"name":"a","parts":[{"size":2.0}]}"#)).unwrap();
        assert_eq!(body.parts[0].size, 2);
        let strange =
            parse::<Body>(&Bytes::from_static(br#"{"name":"a","parts":[{"size":2.0}],"x":"\u0000"}"#));
        assert!(strange.is_ok());
        assert_eq!(refused(r#"{"name":"a","parts":[{"size":2.5}]}"#).1, "/parts/0/size");
        assert_eq!(refused(r#"{"name":"\u0000","parts":[{"size":2.0}]}"#).0, 422);
    }

    #[test]
    fn an_escaped_backslash_is_no_escape() {
        assert!(parse::<Body>(&Bytes::from_static(br#"{"name":"C:\\u0000"}"#)).is_ok());
        assert!(holds_nul(r"\u0000") && !holds_nul(r"\\u0000") && holds_nul(r"\\\u0000"));
    }
}
