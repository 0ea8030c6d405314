//! `POST {base}/embeddings`. The vectors come as numbers, which every server sends, and not in base64, which few do.

use serde::{Deserialize, Serialize};

use crate::{
    Embed, Embedded, Input, ProviderError, attempts::Patience, client::Endpoint, exchange::from_json,
    lenient::Count,
};

/// The most bytes of an answer: 2,048 vectors of 3,072 numbers, as text.
const MOST_BYTES: usize = 128 * 1024 * 1024;

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    input: Vec<Sent<'a>>,
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<i64>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Sent<'a> {
    Text(&'a str),
    Tokens(&'a [u32]),
}

impl<'a> From<&'a Input> for Sent<'a> {
    fn from(input: &'a Input) -> Self {
        match input {
            Input::Text(text) => Self::Text(text),
            Input::Tokens(tokens) => Self::Tokens(tokens),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Entry>,
    usage: Option<Cost>,
}

#[derive(Deserialize)]
struct Entry {
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Cost {
    prompt_tokens: Option<Count>,
    total_tokens: Option<Count>,
}

pub(super) async fn ask(
    endpoint: &Endpoint,
    patience: Patience,
    request: &Embed,
) -> Result<Embedded, ProviderError> {
    let body = Request {
        model: &request.model,
        input: request.inputs.iter().map(Sent::from).collect(),
        encoding_format: "float",
        dimensions: request.dimensions,
    };
    let limit = patience.timeouts.first_token;
    let body = endpoint.fetch_up_to(MOST_BYTES, endpoint.post("embeddings").json(&body), limit).await?;
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(ProviderError::garbage("a web page in place of vectors"));
    }
    read(&body, request.inputs.len())
}

fn read(body: &[u8], texts: usize) -> Result<Embedded, ProviderError> {
    let Answer { mut data, usage } = from_json(body)?;
    data.sort_by_key(|entry| entry.index);
    if data.iter().enumerate().any(|(place, entry)| entry.index.is_some_and(|index| index != place)) {
        return Err(ProviderError::garbage("vectors of other texts"));
    }
    let said = usage.and_then(|cost| cost.prompt_tokens.or(cost.total_tokens));
    let vectors = data.into_iter().map(|entry| entry.embedding).collect();
    Embedded { vectors, prompt_tokens: said.map(|count| count.0).filter(|count| *count >= 0) }.checked(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str, texts: usize) -> Result<Embedded, String> {
        read(body.as_bytes(), texts).map_err(|error| error.code().to_owned())
    }

    #[test]
    fn vectors_come_in_the_order_of_their_texts() {
        let body = r#"{"data":[{"index":1,"embedding":[2.0]},{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":5}}"#;
        let wanted = Embedded { vectors: vec![vec![1.0], vec![2.0]], prompt_tokens: Some(5) };
        assert_eq!(said(body, 2), Ok(wanted));
        assert_eq!(said(r#"{"data":[{"embedding":[1]}]}"#, 1).unwrap().prompt_tokens, None);
    }

    #[test]
    fn vectors_that_do_not_fit_the_texts_are_not_taken() {
        for body in [
            r#"{"data":[]}"#,
            r#"{"data":[{"index":0,"embedding":[]}]}"#,
            r#"{"data":[{"index":1,"embedding":[1]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]}"#,
            r#"{"data":[{"index":0,"embedding":["a"]}]}"#,
            r#"{"error":"no"}"#,
            "no",
        ] {
            assert_eq!(said(body, 1), Err("provider_garbage".to_owned()), "{body}");
        }
    }
}
