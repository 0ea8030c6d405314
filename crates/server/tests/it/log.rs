//! The log, as whoever runs the program reads it.

use std::fs;

use serde_json::Value;

use crate::process::{LOG, Process, Setup};

async fn log(format: &str) -> String {
    let data = tempfile::tempdir().unwrap();
    let provider = fakes::Fake::start().await;
    let variables = [("COLLOQUY__LOG__FORMAT", format), ("COLLOQUY__LOG__LEVEL", "debug")];
    let setup =
        Setup { data: data.path(), database_url: "", provider: &provider.base_url(), variables: &variables };
    Process::start(&setup).await.kill();
    fs::read_to_string(data.path().join(LOG)).unwrap()
}

#[tokio::test]
async fn it_is_text_or_json_and_shows_the_routes() {
    let text = log("text").await;
    assert!(text.lines().any(|line| line.contains("is served") && line.ends_with("path=/health")), "{text}");
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_err()), "{text}");

    let json = log("json").await;
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let served: Vec<_> = lines.iter().filter(|line| line["message"] == "is served").collect();
    assert!(served.iter().any(|line| line["method"] == "GET" && line["path"] == "/health"), "{json}");
    assert_eq!(served.len(), server::routes().len());
}
