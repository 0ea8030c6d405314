//! A month's messages, through every door at once.

use std::{collections::BTreeMap, time::Duration};

use fakes::{Fake, Socket};
use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use services::{
    Config,
    config::{PlanSettings, ProviderConfig},
    domain::SubscriptionStatus,
    testing::set_paid,
};

use crate::{
    process::{Process, Setup, client},
    support::{Answer, Client, PASSWORD, TestServer, on_both_with},
};

fn free_of(messages_per_month: u32) -> impl Fn(&mut Config) {
    move |config| {
        let free = PlanSettings { messages_per_month, ..PlanSettings::default() };
        config.billing.plans = BTreeMap::from([("free".into(), free)]);
        config.chat.max_unstored_per_user = 1_000;
    }
}

/// Somebody, a program of the same person, and a conversation of theirs.
struct Person {
    client: Client,
    program: Client,
    id: i64,
}

impl Person {
    async fn new(server: &TestServer) -> Self {
        let client = server.user("ada").await;
        let body =
            json!({ "name": "program", "current_password": PASSWORD, "scopes": ["openai", "read", "write"] });
        let made = client.post("/api/v1/api-keys", body).await;
        let program = Client { token: made.json["key"].as_str().map(str::to_owned), ..client.clone() };
        let id = client.post("/api/v1/conversations", json!({})).await.json["id"].as_i64().unwrap();
        Self { client, program, id }
    }

    /// Asks a question through one of the doors; which is in what it gives.
    fn ask(&self, n: usize) -> BoxFuture<'_, (usize, Answer)> {
        let (client, id, hex) = (&self.client, self.id.to_string(), format!("{:024x}", self.id));
        let text = "[tokens=1]";
        let said = json!([{ "role": "user", "content": text }]);
        async move {
            let answer = match n % DOORS {
                0 => client.post("/api/v1/chat/simple", json!({ "message": text })).await,
                1 => {
                    client.post("/api/v1/chat", json!({ "message": text, "conversation_id": self.id })).await
                }
                2 => {
                    let path = format!("/api/chat/conversations/{hex}/messages");
                    client.post(&path, json!({ "message": text })).await
                }
                3 => {
                    let body = json!({ "sessionId": id, "model": "gpt-4o-mini", "messages": said });
                    client.post("/api/chat/stream", body).await
                }
                4 => {
                    let body = json!({ "sessionId": id, "role": "user", "content": text });
                    client.post("/messages", body).await
                }
                5 => client.post("/messages/stream", json!({ "sessionId": id, "prompt": text })).await,
                6 => client.post("/api/chat/send", json!({ "message": text })).await,
                _ => {
                    let body = json!({ "model": "fake", "messages": said, "stream": n.is_multiple_of(2) });
                    let request = self.program.request(Method::POST, "/v1/chat/completions");
                    let request =
                        if n % DOORS == 7 { request } else { request.header("x-conversation-id", id) };
                    Answer::read(request.json(&body).send().await.unwrap()).await
                }
            };
            (n % DOORS, answer)
        }
        .boxed()
    }

    async fn usage(&self) -> Value {
        self.client.get("/api/v1/me/usage").await.json
    }
}

const DOORS: usize = 9;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_at_once_through_all_doors_one_takes_the_last_message() {
    on_both_with(free_of(2), async |server: TestServer| {
        let ada = Person::new(&server).await;
        assert_eq!(ada.ask(0).await.1.status, 200);
        let asked = server.provider.requests().len();
        let answers = join_all((0..100).map(|n| ada.ask(n))).await;
        let taken = answers.iter().filter(|(_, answer)| (200..300).contains(&answer.status)).count();
        assert_eq!(taken, 1);
        for (door, answer) in answers.iter().filter(|(_, answer)| answer.status >= 300) {
            assert_eq!(answer.status, 429, "{door}: {}", answer.text);
        }
        server.app.idle().await;
        assert_eq!(server.provider.requests().len(), asked + 1, "who is refused costs nothing");
        assert_eq!(ada.usage().await["used"], 2);
    })
    .await;
}

#[tokio::test]
async fn every_door_says_in_its_words_that_nothing_is_left() {
    on_both_with(free_of(1), async |server: TestServer| {
        let ada = Person::new(&server).await;
        let usage = ada.usage().await;
        let resets_at = usage["resets_at"].as_str().unwrap().to_owned();
        assert!(resets_at.ends_with("-01T00:00:00.000Z"), "{resets_at}");
        assert_eq!((&usage["used"], &usage["remaining"], &usage["limit"]), (&json!(0), &json!(1), &json!(1)));
        assert_eq!(ada.ask(0).await.1.status, 200);
        for n in 0..DOORS {
            let (door, answer) = ada.ask(n).await;
            assert_eq!(answer.status, 429, "{door}: {}", answer.text);
            let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=31 * 86_400).contains(&wait), "{wait}");
            let said = &answer.json;
            match door {
                0 | 1 => {
                    assert_eq!(answer.refusal(), (429, "quota_exhausted"));
                    let told = (&said["used"], &said["limit"], &said["plan"], &said["resets_at"]);
                    assert_eq!(told, (&json!(1), &json!(1), &json!("free"), &json!(resets_at)));
                }
                2 => {
                    assert_eq!(said["error"], "Message limit reached for this month.");
                    let told = (&said["success"], &said["currentUsage"], &said["limit"], &said["plan"]);
                    assert_eq!(told, (&json!(false), &json!(1), &json!(1), &json!("free")));
                    assert_eq!(said["resetsAt"], resets_at);
                }
                3 | 6 => {
                    says_all(said["detail"].as_str().unwrap(), &resets_at);
                }
                4 | 5 => {
                    assert_eq!((&said["statusCode"], &said["error"]), (&json!(429), &json!("Too Many Requests")));
                    says_all(said["message"].as_str().unwrap(), &resets_at);
                }
                _ => {
                    let kinds = (&said["error"]["type"], &said["error"]["code"]);
                    assert_eq!(kinds, (&json!("insufficient_quota"), &json!("insufficient_quota")));
                    says_all(said["error"]["message"].as_str().unwrap(), &resets_at);
                    assert_eq!(answer.headers["x-should-retry"], "false");
                }
            }
        }
        let usage = ada.usage().await;
        assert_eq!((&usage["used"], &usage["remaining"], &usage["plan"]), (&json!(1), &json!(0), &json!("free")));

        let auth = json!({ "token": ada.client.token });
        let mut socket = Socket::connect(server.address, "/", auth).await.unwrap();
        let said = json!({ "conversationId": format!("{:024x}", ada.id), "message": "x" });
        socket.emit("stream-message", &said).await;
        let heard = loop {
            let (event, data) = socket.next().await.unwrap();
            if event == "error" {
                break data;
            }
        };
        assert_eq!(
            heard,
            json!({
                "message": "Message limit reached for this month.", "currentUsage": 1, "limit": 1, "plan": "free",
                "resetsAt": resets_at,
            })
        );
    })
    .await;
}

/// A sentence with use, limit, plan and the day of the new ones.
fn says_all(sentence: &str, resets_at: &str) {
    for part in ["1 of 1", "the plan free", &resets_at[..10]] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
}

#[tokio::test]
async fn what_is_told_of_an_account_is_what_it_pays_and_uses() {
    on_both_with(free_of(5), async |server: TestServer| {
        let root = server.admin().await;
        let ada = Person::new(&server).await;
        assert_eq!(ada.ask(0).await.1.status, 200);
        for path in ["/api/auth/profile", "/api/auth/me"] {
            let told = ada.client.get(path).await.json;
            let told = if path.ends_with("me") { &told } else { &told["user"] };
            assert_eq!(told["usage"]["messagesThisMonth"], 1, "{told}");
            assert!(told["usage"]["lastResetDate"].as_str().unwrap().ends_with("-01T00:00:00.000Z"));
            assert_eq!(
                told["subscription"],
                json!({ "plan": "free", "status": "active", "autoRenew": false })
            );
        }
        let end = server.app.now().plus_ms(60_000);
        set_paid(&server.app, ada.client.id, "free", SubscriptionStatus::Canceled, end).await;
        let told = ada.client.get("/api/auth/profile").await.json["user"]["subscription"].clone();
        assert_eq!((&told["plan"], &told["status"]), (&json!("free"), &json!("canceled")));
        assert!(told["currentPeriodEnd"].is_string());

        let usage = root.get("/api/v1/me/usage").await.json;
        assert_eq!((&usage["limit"], &usage["remaining"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn models_outside_a_plan_are_listed_and_not_allowed() {
    let of_two = |config: &mut Config| {
        let free = PlanSettings { models: vec!["second/*".into()], ..PlanSettings::default() };
        config.billing.plans = BTreeMap::from([("free".into(), free)]);
        let second = ProviderConfig { name: "second".into(), ..config.providers[0].clone() };
        config.providers.push(second);
    };
    on_both_with(of_two, async |server: TestServer| {
        let root = server.admin().await;
        let ada = server.user("ada").await;
        let models = ada.get("/api/v1/models").await.json;
        let names = |wanted: &str| -> Vec<String> {
            let listed = models.as_array().unwrap().iter().filter(|one| one[wanted] == true);
            listed.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        assert!(!names("allowed").is_empty() && names("allowed").iter().all(|id| id.starts_with("second/")));
        assert_eq!(names("default").len(), 1);
        let default = names("default").remove(0);
        assert!(default.starts_with("second/"));
        let all = root.get("/api/v1/models").await.json;
        assert!(all.as_array().unwrap().iter().all(|one| one["allowed"] == true));

        let other = default.trim_start_matches("second/");
        // By any name that it can be asked by.
        for model in [other.to_owned(), format!("fake/{other}")] {
            let body = json!({ "message": "[tokens=1]", "model": model });
            let refused = ada.post("/api/v1/chat/simple", body.clone()).await;
            assert_eq!(refused.refusal(), (403, "model_not_in_plan"), "{}", refused.text);
            assert_eq!(root.post("/api/v1/chat/simple", body).await.status, 200);
        }
        let sent = ada.post("/api/v1/chat/simple", json!({ "message": "[tokens=1]" })).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_an_answer_gives_its_message_back_on_sqlite() {
    killed("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_an_answer_gives_its_message_back_on_postgres() {
    killed(&services::testing::fresh_postgres_url().await).await;
}

async fn killed(database_url: &str) {
    let fake = Fake::start().await;
    let data = tempfile::tempdir().unwrap();
    let setup = Setup {
        data: data.path(),
        database_url,
        provider: &fake.base_url(),
        variables: &[("COLLOQUY__BILLING__PLANS__FREE__MESSAGES_PER_MONTH", "2")],
    };
    let mut server = Process::start(&setup).await;
    server.register("root").await;
    let token = server.register("ada").await;
    let made = client()
        .post(format!("{}/api/v1/api-keys", server.base))
        .bearer_auth(&token)
        .json(&json!({ "name": "x", "current_password": "correct horse", "scopes": ["openai"] }));
    let key: Value = made.send().await.unwrap().json().await.unwrap();
    let key = key["key"].as_str().unwrap().to_owned();

    let ask = |base: &str, text: &str| {
        client().post(format!("{base}/api/v1/chat")).bearer_auth(&token).json(&json!({ "message": text }))
    };
    let used = async |base: &str| -> i64 {
        let asked = client().get(format!("{base}/api/v1/me/usage")).bearer_auth(&token).send().await.unwrap();
        asked.json::<Value>().await.unwrap()["used"].as_i64().unwrap()
    };
    // One answer that is stored and one that is not, both with words on their way.
    let mut stored = ask(&server.base, "[tokens=500 rate=50]").send().await.unwrap();
    let body = json!({
        "model": "fake", "stream": true,
        "messages": [{ "role": "user", "content": "[tokens=500 rate=50]" }],
    });
    let unstored =
        client().post(format!("{}/v1/chat/completions", server.base)).bearer_auth(&key).json(&body);
    let mut unstored = unstored.send().await.unwrap();
    assert_eq!((stored.status().as_u16(), unstored.status().as_u16()), (200, 200));
    let (mut a, mut b) = (Vec::new(), Vec::new());
    while !String::from_utf8_lossy(&a).contains("t00002") {
        a.extend(stored.chunk().await.unwrap().unwrap());
    }
    while !String::from_utf8_lossy(&b).contains("t00002") {
        b.extend(unstored.chunk().await.unwrap().unwrap());
    }
    assert_eq!(used(&server.base).await, 2);
    assert_eq!(ask(&server.base, "x").send().await.unwrap().status().as_u16(), 429);

    server.kill();
    server = Process::start(&setup).await;
    assert_eq!(used(&server.base).await, 0);
    let again = ask(&server.base, "[tokens=1]").send().await.unwrap();
    assert_eq!(again.status().as_u16(), 200);
    let text = tokio::time::timeout(Duration::from_secs(10), again.text()).await.unwrap().unwrap();
    assert!(text.contains("[DONE]"), "{text}");
    assert_eq!(used(&server.base).await, 1);
}
