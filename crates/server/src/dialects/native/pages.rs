//! Lists in pages: bare arrays, with the next page in `Link: <…>; rel="next"`.

use std::fmt::Display;

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use services::{Error, conversations::Page};

use crate::http::problem::Problem;

/// How many rows a page has unless the caller says.
const DEFAULT_LIMIT: i64 = 50;
/// The most rows of a page.
const MAX_LIMIT: i64 = 200;

/// The limit that was asked for, or the default.
pub(super) fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(Error::invalid("limit", format!("must be between 1 and {MAX_LIMIT}")).into()),
    }
}

/// The limit that a parameter asked for, or the default; `None` for 0, which asks for no rows.
pub(super) fn limit_or_none(parameter: &'static str, asked: Option<i64>) -> Result<Option<i64>, Problem> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        0 => Ok(None),
        limit if (1..=MAX_LIMIT).contains(&limit) => Ok(Some(limit)),
        _ => Err(Error::invalid(parameter, format!("must be between 0 and {MAX_LIMIT}")).into()),
    }
}

/// A cursor that is an id.
pub(super) fn id_cursor(text: &str) -> Result<i64, Problem> {
    let is_number = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| Error::invalid("cursor", "is not one that this server gave").into())
}

/// The page as a bare array.
pub(super) fn respond<T, C: Display, W: Serialize>(
    uri: &Uri,
    page: Page<T, C>,
    word: impl Fn(T) -> W,
) -> Response {
    let items: Vec<W> = page.items.into_iter().map(word).collect();
    let mut response = Json(items).into_response();
    if let Some(next) = page.next
        && let Ok(link) = HeaderValue::from_str(&link(uri, &next))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// The same address with another cursor.
fn link(uri: &Uri, cursor: &impl Display) -> String {
    let others = uri.query().unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<String> = others.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_has_the_same_query_and_another_cursor() {
        let uri: Uri = "/api/v1/conversations?limit=5&cursor=1-2&deleted=true".parse().unwrap();
        assert_eq!(
            link(&uri, &"9-9"),
            "</api/v1/conversations?limit=5&deleted=true&cursor=9-9>; rel=\"next\""
        );
    }
}
