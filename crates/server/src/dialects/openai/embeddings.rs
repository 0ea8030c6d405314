//! Vectors of texts.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Serialize};
use services::{
    App,
    embeddings::{self, Ask, Vectors},
};

use super::{chat::refused, models};
use crate::http::{
    extract::{Json, OpenAiCaller},
    problem::Problem,
};

/// Texts. `user` and other members that are not known here are ignored.
#[derive(Deserialize)]
pub(super) struct EmbeddingRequest {
    model: String,
    input: Input,
    #[serde(default)]
    encoding_format: Option<Encoding>,
    dimensions: Option<i64>,
}

/// One text or several, in words or in tokens.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a text, an array of texts, an array of tokens, or an array of such arrays"
)]
enum Input {
    Text(String),
    Texts(Vec<String>),
    Tokens(Vec<u32>),
    ManyTokens(Vec<Vec<u32>>),
}

impl Input {
    fn into_inputs(self) -> Vec<embeddings::Input> {
        match self {
            Self::Text(text) => vec![embeddings::Input::Text(text)],
            Self::Texts(texts) => texts.into_iter().map(embeddings::Input::Text).collect(),
            Self::Tokens(tokens) => vec![embeddings::Input::Tokens(tokens)],
            Self::ManyTokens(many) => many.into_iter().map(embeddings::Input::Tokens).collect(),
        }
    }
}

/// How a vector is written.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// As numbers.
    #[default]
    Float,
    /// As the bytes of 32-bit floats, the lowest first.
    Base64,
}

#[derive(Serialize)]
struct EmbeddingList<'a> {
    object: &'static str,
    data: Vec<Embedding>,
    model: &'a str,
    usage: Cost,
}

#[derive(Serialize)]
struct Embedding {
    object: &'static str,
    index: usize,
    #[serde(rename = "embedding")]
    vector: Written,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Numbers(Vec<f64>),
    Bytes(String),
}

#[derive(Serialize)]
struct Cost {
    prompt_tokens: i64,
    total_tokens: i64,
}

impl Encoding {
    fn write(self, vector: Vec<f32>) -> Written {
        match self {
            // In full, so that reading the text gives the very numbers that the bytes hold.
            Self::Float => Written::Numbers(vector.into_iter().map(f64::from).collect()),
            Self::Base64 => {
                let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                Written::Bytes(BASE64_STANDARD.encode(bytes))
            }
        }
    }
}

impl<'a> EmbeddingList<'a> {
    fn of(model: &'a str, made: Vectors, encoding: Encoding) -> Self {
        let data = made.vectors.into_iter().enumerate().map(|(index, vector)| Embedding {
            object: "embedding",
            index,
            vector: encoding.write(vector),
        });
        Self {
            object: "list",
            data: data.collect(),
            model,
            usage: Cost { prompt_tokens: made.tokens, total_tokens: made.tokens },
        }
    }
}

pub(super) async fn create(
    State(app): State<App>,
    OpenAiCaller(actor): OpenAiCaller,
    Json(request): Json<EmbeddingRequest>,
) -> Result<Response, Problem> {
    let EmbeddingRequest { model, input, encoding_format, dimensions } = request;
    if app.models.offered(Some(model.clone())).is_none() && !app.models.makes_vectors(&model) {
        return Err(models::not_offered(&model));
    }
    let ask = Ask { model: model.clone(), inputs: input.into_inputs(), dimensions };
    let made = embeddings::embed(&app, &actor, ask).await?.map_err(refused)?;
    let list = EmbeddingList::of(&model, made, encoding_format.unwrap_or_default());
    Ok((StatusCode::OK, axum::Json(list)).into_response())
}
