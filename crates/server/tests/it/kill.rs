//! `SIGKILL` in the middle of answers, again and again: nothing acknowledged is lost, nothing is stuck, and of the text
//! that was shown at most the last 100 ms and one sync.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use fakes::Fake;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::process::{Process, Setup, client, is_full};

/// What a writer saw of one turn.
#[derive(Debug, Clone, Default)]
struct Turn {
    conversation: i64,
    question: i64,
    answer: i64,
    text: String,
    /// The answer's text as it grew: when, and how long it was then.
    shown: Vec<(Instant, usize)>,
    said: String,
    done: Option<String>,
}

#[derive(Debug, Default)]
struct Seen {
    turns: Vec<Turn>,
    /// The longest time from a request to its acknowledgement: it holds a whole commit and its sync.
    longest_ack: Duration,
}

const WRITERS: usize = 6;
const SAVED_WITHIN: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_no_acknowledged_message_on_sqlite() {
    kills("", if is_full() { 100 } else { 15 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_no_acknowledged_message_on_postgres() {
    let url = services::testing::fresh_postgres_url().await;
    kills(&url, if is_full() { 100 } else { 8 }).await;
}

async fn kills(database_url: &str, rounds: u32) {
    let fake = Fake::start().await;
    let data = tempfile::tempdir().unwrap();
    let setup = Setup { data: data.path(), database_url, provider: &fake.base_url(), variables: &[] };
    let mut server = Process::start(&setup).await;
    let token = server.register("ada").await;
    let (mut acknowledged, mut shown, mut longest) = (0, 0, Duration::ZERO);
    for round in 0..rounds {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let over = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (base, token) = (server.base.clone(), token.clone());
                let (seen, over) = (Arc::clone(&seen), Arc::clone(&over));
                spawn(write(base, token, format!("round {round} writer {writer}"), seen, over))
            })
            .collect();
        // Different moments of a turn, the same in every run, once there is something to lose.
        let end = Instant::now() + Duration::from_secs(10);
        while seen.lock().unwrap().turns.len() < WRITERS / 2 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(round * 37 % 400))).await;
        let killed = server.kill();
        over.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.unwrap();
        }
        server = Process::start(&setup).await;
        let answered = Instant::now();
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        longest = longest.max(seen.longest_ack);
        for turn in &seen.turns {
            check(&server, &token, turn, killed, SAVED_WITHIN + longest).await;
        }
        assert!(answered.elapsed() < Duration::from_secs(20));
        acknowledged += seen.turns.len();
        shown += seen.turns.iter().filter(|turn| !turn.shown.is_empty()).count();
    }
    println!(
        "{rounds} kills: {acknowledged} acknowledged messages, 0 lost; {shown} answers under way; \
         longest acknowledgement {longest:?}"
    );
    assert!(acknowledged > usize::try_from(rounds).unwrap() && shown > 0);
}

#[expect(clippy::disallowed_methods, reason = "a test's own task")]
fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(work)
}

/// Sends again and again, now in a new conversation, now in the last one, until the server is gone.
async fn write(base: String, token: String, name: String, seen: Arc<Mutex<Seen>>, over: Arc<AtomicBool>) {
    let client = client();
    let mut conversation: Option<i64> = None;
    for count in 0.. {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let text = format!("{name} message {count} [tokens=40 rate=200]");
        let body = json!({ "message": text, "conversation_id": conversation.filter(|_| count % 3 != 0) });
        let sent = Instant::now();
        let request = client.post(format!("{base}/api/v1/chat")).bearer_auth(&token).json(&body);
        let Ok(response) = request.send().await else { return };
        assert_eq!(response.status(), 200);
        let mut stream = response.bytes_stream();
        let (mut held, mut at) = (String::new(), None::<usize>);
        while let Some(Ok(bytes)) = stream.next().await {
            held.push_str(&String::from_utf8_lossy(&bytes));
            while let Some((lines, rest)) = held.split_once("\n\n") {
                let data = lines.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
                held = rest.to_owned();
                let Some(event) = data.and_then(|data| serde_json::from_str::<Value>(&data).ok()) else {
                    continue;
                };
                let mut seen = seen.lock().unwrap();
                match event["type"].as_str().unwrap() {
                    "start" => {
                        conversation = event["conversation_id"].as_i64();
                        at = Some(seen.turns.len());
                        seen.longest_ack = seen.longest_ack.max(sent.elapsed());
                        seen.turns.push(Turn {
                            conversation: conversation.unwrap(),
                            question: event["user_message_id"].as_i64().unwrap(),
                            answer: event["message_id"].as_i64().unwrap(),
                            text: text.clone(),
                            ..Turn::default()
                        });
                    }
                    "chunk" => {
                        let turn = &mut seen.turns[at.unwrap()];
                        turn.said.push_str(event["content"].as_str().unwrap());
                        let length = turn.said.len();
                        turn.shown.push((Instant::now(), length));
                    }
                    "done" => {
                        seen.turns[at.unwrap()].done = Some(event["state"].as_str().unwrap().to_owned());
                    }
                    _ => {}
                }
            }
        }
    }
}

/// What was acknowledged is there, what was shown early enough is there, and nothing runs.
async fn check(server: &Process, token: &str, turn: &Turn, killed: Instant, saved_within: Duration) {
    let url =
        format!("{}/api/v1/conversations/{}/messages?tree=true&limit=200", server.base, turn.conversation);
    let answer = client().get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200, "an acknowledged conversation is lost: {turn:?}");
    let messages: Vec<Value> = answer.json().await.unwrap();
    let by_id: HashMap<i64, &Value> = messages.iter().map(|one| (one["id"].as_i64().unwrap(), one)).collect();
    let question =
        by_id.get(&turn.question).unwrap_or_else(|| panic!("an acknowledged message is lost: {turn:?}"));
    assert_eq!(question["content"].as_str().unwrap(), turn.text);
    let answer = by_id[&turn.answer];
    let (state, stored) = (answer["state"].as_str().unwrap(), answer["content"].as_str().unwrap());
    if let Some(done) = turn.done.as_deref() {
        assert_eq!((state, stored), (done, turn.said.as_str()));
        return;
    }
    // Its `done` may have been stored and lost on the way.
    assert!(matches!(state, "interrupted" | "completed"), "{state}");
    assert!(whole().starts_with(stored), "stored text that was never said: {stored:?}");
    let early = turn.shown.iter().rfind(|(at, _)| killed.duration_since(*at) > saved_within);
    let early = early.map_or(0, |(_, length)| *length);
    assert!(stored.len() >= early, "{early} bytes shown in time, {} stored", stored.len());
}

fn whole() -> String {
    (1..=40).map(|n| format!("t{n:05}")).collect::<Vec<_>>().join(" ")
}
