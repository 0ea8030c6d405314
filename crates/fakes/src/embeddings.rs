//! `POST /v1/embeddings`: vectors that hang on nothing but the text. Of the commands in the first text it heeds `hold`,
//! `status`, `retry_after`, `html` and `fewer`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    Stage, openai,
    router::{key_of, page, sleep_ms},
};

/// How many numbers a vector has, if the request does not say.
const DIMENSIONS: usize = 8;

pub(crate) async fn embeddings(
    State(stage): State<Arc<Stage>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let kept = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    stage.record().request(uri.path(), kept.collect::<BTreeMap<_, _>>(), body.clone(), false);
    let key = key_of(&headers);
    if !stage.takes_key(&key) {
        return refusal(401, &format!("Incorrect API key provided: {key}."));
    }
    let (Some(model), Some(texts)) = (body["model"].as_str(), texts(&body["input"])) else {
        return refusal(400, "model and input are required");
    };
    let script = match stage.script_of(&texts[0]) {
        Ok(script) => script,
        Err(message) => return refusal(400, &message),
    };
    sleep_ms(script.hold).await;
    if script.html {
        return page(script.status);
    }
    if let Some(status) = script.status {
        let mut refusal = refusal(status, &format!("Fake error {status}, you sent the key {key}"));
        if let Some(value) = script.retry_after.as_deref().and_then(|text| text.parse().ok()) {
            refusal.headers_mut().insert(header::RETRY_AFTER, value);
        }
        return refusal;
    }
    let dimensions = body["dimensions"].as_u64().map_or(DIMENSIONS, |count| count as usize);
    let made = texts.len() - usize::from(script.fewer);
    let data: Vec<Value> = texts[..made]
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text, dimensions) }))
        .collect();
    let words: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let usage = json!({ "prompt_tokens": words, "total_tokens": words });
    Json(json!({ "object": "list", "data": data, "model": model, "usage": usage })).into_response()
}

fn refusal(status: u16, message: &str) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, Json(openai::refusal(status, message))).into_response()
}

/// The texts of a request; tokens are their numbers.
fn texts(input: &Value) -> Option<Vec<String>> {
    let tokens = |list: &Value| {
        let all = list.as_array()?.iter().map(|token| token.as_u64().map(|token| token.to_string()));
        all.collect::<Option<Vec<_>>>().map(|all| all.join(" "))
    };
    let texts = match input {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) if list.iter().all(Value::is_u64) => vec![tokens(input)?],
        Value::Array(list) => {
            let all = list.iter().map(|one| one.as_str().map(str::to_owned).or_else(|| tokens(one)));
            all.collect::<Option<_>>()?
        }
        _ => return None,
    };
    (!texts.is_empty()).then_some(texts)
}

/// Numbers that a float of 32 bits holds exactly, made of the bytes of the text.
fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let mut state = text.bytes().fold(7_u32, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
    let numbers = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(((state >> 16) % 2_001) as i16 - 1_000) / 1_024.0
    });
    numbers.take(dimensions).collect()
}
