//! Tools that a model calls, as clients are told of them: while they run, afterwards, in downloads and behind links.

use std::time::Duration;

use fakes::Fake;
use reqwest::Method;
use serde_json::{Value, json};
use services::{Config, faults::Point};

use super::{Line, text_of};
use crate::{
    process::{Process, Setup, client},
    support::{Client, TestServer, on_both_with},
};

fn calling(config: &mut Config) {
    config.providers[0].tools = vec!["*".into()];
}

fn told<'l>(lines: &'l [Line], name: &str) -> Vec<&'l Value> {
    let tools = lines.iter().filter(|line| line.data["type"] == "tool" && line.data["name"] == name);
    tools.map(|line| &line.data).collect()
}

async fn answer(client: &Client, conversation: &Value) -> Value {
    let path = format!("/api/v1/conversations/{conversation}/messages");
    client.get(&path).await.json.as_array().unwrap().last().unwrap().clone()
}

#[tokio::test]
async fn a_call_is_told_as_it_goes_and_kept_everywhere() {
    on_both_with(calling, |server: TestServer| async move {
        let ada = server.user("ada").await;
        let text = "[toolcall=calculator+current_time args=6*7 lead=1 tokens=2]";
        let lines = ada.say(text).await.rest().await;

        let states: Vec<_> = told(&lines, "calculator").iter().map(|one| one["state"].clone()).collect();
        assert_eq!(states, ["called", "running", "completed"]);
        let last = told(&lines, "calculator")[2].clone();
        assert_eq!(last["arguments"], r#"{"expression":"6*7"}"#);
        assert_eq!((&last["result"], &last["id"]), (&json!("42"), &json!("call_calculator")));
        assert!(last["duration_ms"].as_i64().unwrap() >= 0);
        assert_eq!(text_of(&lines), "t00001\n\nt00001 t00002");
        assert_eq!(lines.last().unwrap().data["state"], "completed");

        let conversation = lines[0].data["conversation_id"].clone();
        let kept = answer(&ada, &conversation).await;
        let types: Vec<_> = kept["parts"].as_array().unwrap().iter().map(|part| &part["type"]).collect();
        assert_eq!(types, ["text", "tool_call", "tool_call", "text"]);
        let mut without_type = last.clone();
        without_type.as_object_mut().unwrap().remove("type");
        assert_eq!(kept["tool_calls"][0], without_type);
        assert_eq!(kept["tool_calls"][1]["state"], "failed");
        assert!(kept["tool_calls"][1]["result"].as_str().unwrap().contains("time zone"));

        let path = format!("/api/v1/conversations/{conversation}");
        let export = ada.get(&format!("{path}/export.json")).await.json;
        assert_eq!(export["messages"][1]["tool_calls"], kept["tool_calls"]);
        let markdown = ada.get(&format!("{path}/export.md")).await.text;
        for part in ["> **Tool** `calculator` (completed)", "> {\"expression\":\"6*7\"}", "> 42", "(failed)"]
        {
            assert!(markdown.contains(part), "{part}: {markdown}");
        }
        let token = ada.send(Method::POST, &format!("{path}/share"), None).await.json["token"].clone();
        let link = format!("/api/v1/shared/{}", token.as_str().unwrap());
        let shown = server.anonymous().get(&link).await.json["messages"][1]["parts"][1].clone();
        assert_eq!(shown, json!({ "type": "tool_call", "name": "calculator", "state": "completed" }));
        let stats = ada.get("/api/v1/me/stats").await.json;
        assert_eq!((&stats["tool_calls"], &stats["this_month"]["tool_calls"]), (&json!(2), &json!(2)));
    })
    .await;
}

#[tokio::test]
async fn a_stop_while_a_tool_works_is_told_within_half_a_second() {
    on_both_with(calling, |server: TestServer| async move {
        let ada = server.user("ada").await;
        server.app.faults.set(Point::ToolHangs, 1);
        let mut events = ada.say("[toolcall=current_time tokens=2]").await;
        let turn = events.next().await.unwrap().turn;
        while events.next().await.unwrap().data["state"] != "running" {}
        let begun = std::time::Instant::now();
        ada.post(&format!("/api/v1/turns/{turn}/stop"), json!({})).await;
        let rest = events.rest().await;
        assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
        assert_eq!(rest[0].data["state"], "failed");
        assert_eq!(rest.last().unwrap().data["state"], "stopped");
    })
    .await;
}

#[tokio::test]
async fn a_kill_keeps_what_tools_have_said_on_sqlite() {
    kill_behind_a_call("").await;
}

#[tokio::test]
async fn a_kill_keeps_what_tools_have_said_on_postgres() {
    kill_behind_a_call(&services::testing::fresh_postgres_url().await).await;
}

/// Kills the program when the model has been told what a tool said and has not said a word yet.
async fn kill_behind_a_call(database_url: &str) {
    let fake = Fake::start().await;
    // A name of which it is known that it calls tools.
    fake.stage().set_models(["gpt-4o-fake"]);
    let data = tempfile::tempdir().unwrap();
    let setup = Setup { data: data.path(), database_url, provider: &fake.base_url(), variables: &[] };
    let server = Process::start(&setup).await;
    let token = server.register("ada").await;
    let body = json!({ "message": "[toolcall=calculator args=6*7 lead=1 tokens=9 delay=1000]" });
    let asked = client().post(format!("{}/api/v1/chat", server.base)).bearer_auth(&token).json(&body);
    let stream = asked.send().await.unwrap();
    assert_eq!(stream.status(), 200);
    tokio::time::timeout(Duration::from_secs(10), fake.until(|counts| counts.requests == 2)).await.unwrap();
    // What is published is saved within 100 ms and one sync.
    tokio::time::sleep(Duration::from_millis(600)).await;
    server.kill();
    drop(stream);

    let server = Process::start(&setup).await;
    let get = async |path: &str| {
        let asked = client().get(format!("{}{path}", server.base)).bearer_auth(&token);
        asked.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let conversation = get("/api/v1/conversations").await[0]["id"].clone();
    let messages = get(&format!("/api/v1/conversations/{conversation}/messages")).await;
    let answer = &messages[1];
    assert_eq!(answer["state"], "interrupted", "{answer}");
    let call = &answer["tool_calls"][0];
    assert_eq!((&call["state"], &call["result"]), (&json!("completed"), &json!("42")));
    assert_eq!(answer["content"], "t00001");
    assert_eq!(get("/api/v1/me/stats").await["tool_calls"], 1);
}
