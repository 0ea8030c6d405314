//! Lists, branches, titles, search, export and the trash, as a client sees them.

use serde_json::{Value, json};

use crate::support::{Client, TestServer, on_both};

async fn said(client: &Client, text: &str) -> Value {
    let answer = client.post("/api/v1/chat/simple", json!({ "message": text })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        for n in 0..5 {
            said(&ada, &format!("[tokens=1] number {n}")).await;
        }
        let first = ada.get("/api/v1/conversations?limit=3").await;
        let link = first.headers["link"].to_str().unwrap().to_owned();
        let next = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        let second = ada.get(next).await;
        assert!(second.headers.get("link").is_none());
        let titles: Vec<_> = [&first, &second]
            .iter()
            .flat_map(|page| page.json.as_array().unwrap())
            .map(|one| one["title"].as_str().unwrap().to_owned())
            .collect();
        let wanted: Vec<_> = (0..5).rev().map(|n| format!("[tokens=1] number {n}")).collect();
        assert_eq!(titles, wanted);
        for bad in ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=1-", "deleted=perhaps"] {
            assert_eq!(ada.get(&format!("/api/v1/conversations?{bad}")).await.status, 422, "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_conversation_comes_with_as_many_messages_as_are_asked_for() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let id = said(&ada, "[tokens=1] one").await["conversation_id"].as_i64().unwrap();
        for (query, wanted) in [("", 2), ("?messages=0", 0), ("?messages=1", 1), ("?messages=200", 2)] {
            let read = ada.get(&format!("/api/v1/conversations/{id}{query}")).await;
            assert_eq!(read.json["messages"].as_array().map(Vec::len), Some(wanted), "{query}");
            assert_eq!(read.json["id"], id);
        }
        for bad in ["messages=-1", "messages=201", "messages=x"] {
            assert_eq!(ada.get(&format!("/api/v1/conversations/{id}?{bad}")).await.status, 422, "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn messages_are_paged_backwards_and_the_tree_forwards() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let talk = said(&ada, "[tokens=1] one").await["conversation_id"].as_i64().unwrap();
        for n in ["two", "three"] {
            let body = json!({ "message": format!("[tokens=1] {n}"), "conversation_id": talk });
            assert_eq!(ada.post("/api/v1/chat/simple", body).await.status, 200);
        }
        let mut seen = Vec::new();
        let mut path = format!("/api/v1/conversations/{talk}/messages?limit=4");
        loop {
            let page = ada.get(&path).await;
            let ids: Vec<_> =
                page.json.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
            seen.splice(0..0, ids);
            let Some(link) = page.headers.get("link") else { break };
            let link = link.to_str().unwrap();
            path = link.strip_prefix('<').unwrap().split_once('>').unwrap().0.to_owned();
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.is_sorted());
        let tree = ada.get(&format!("/api/v1/conversations/{talk}/messages?tree=true&limit=200")).await;
        let ids: Vec<_> =
            tree.json.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, seen);
        let detail = ada.get(&format!("/api/v1/conversations/{talk}")).await.json;
        assert_eq!(detail["messages"].as_array().unwrap().len(), 6);
        for (message, id, role, content) in
            [(0, seen[0], "user", "[tokens=1] one"), (1, seen[1], "assistant", "t00001")]
        {
            let message = &detail["messages"][message];
            let told = ["id", "conversation_id", "role", "content"].map(|name| message[name].clone());
            assert_eq!(told, [json!(id), json!(talk), json!(role), json!(content)]);
            assert!(message["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{message}");
        }
        assert_eq!(detail["active_message_id"], json!(seen[5]));
        assert_eq!(detail["message_count"], 6);
        let hex = ada.get(&format!("/api/v1/conversations/{talk:024x}")).await.json;
        assert_eq!(hex["id"], detail["id"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_just_said_is_found_and_what_is_in_the_trash_is_not() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        server.provider.next(fakes::Script::text("The zebra sleeps <b>tonight</b>"));
        let talk = said(&ada, "Where is the Zèbra?").await["conversation_id"].as_i64().unwrap();
        let hits = ada.get("/api/v1/search?q=zebra").await.json;
        let snippets: Vec<_> =
            hits.as_array().unwrap().iter().map(|hit| hit["snippet"].as_str().unwrap()).collect();
        assert_eq!(
            snippets,
            [
                "The <mark>zebra</mark> sleeps &lt;b&gt;tonight&lt;/b&gt;",
                "Where is the <mark>Zèbra</mark>?",
                "Where is the <mark>Zèbra</mark>?"
            ]
        );
        assert_eq!(hits[0]["role"], "assistant");
        assert_eq!(hits[2]["message_id"], Value::Null);
        assert_eq!(bob.get("/api/v1/search?q=zebra").await.json, json!([]));
        assert_eq!(ada.get("/api/v1/search?q=%22%20AND%20(").await.status, 200);
        assert_eq!(ada.get("/api/v1/search").await.status, 422);

        // In one conversation only its messages are found, newest first.
        let elsewhere = said(&ada, "[tokens=1] Another zebra").await["conversation_id"].as_i64().unwrap();
        let within = |id: i64, rest: &str| format!("/api/v1/search?q=zebra&conversation_id={id}{rest}");
        let roles = |hits: &Value| -> Vec<String> {
            hits.as_array().unwrap().iter().map(|hit| hit["role"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(roles(&ada.get(&within(talk, "")).await.json), ["assistant", "user"]);
        assert_eq!(roles(&ada.get(&within(elsewhere, "")).await.json), ["user"]);
        let page = ada.get(&within(talk, "&limit=1")).await;
        assert_eq!(roles(&page.json), ["assistant"]);
        assert!(page.headers["link"].to_str().unwrap().contains(&format!("conversation_id={talk}")));
        assert_eq!(bob.get(&within(talk, "")).await.status, 404);
        assert_eq!(
            ada.delete(&format!("/api/v1/conversations/{elsewhere}?permanent=true")).await.status,
            204
        );

        let path = format!("/api/v1/conversations/{talk}");
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(ada.get(&within(talk, "")).await.status, 404);
        assert_eq!(ada.get("/api/v1/search?q=zebra").await.json, json!([]));
        assert_eq!(ada.get("/api/v1/conversations").await.json, json!([]));
        assert_eq!(ada.get("/api/v1/conversations?deleted=true").await.json[0]["id"], json!(talk));
        let body = json!({ "message": "more", "conversation_id": talk });
        assert_eq!(ada.post("/api/v1/chat", body).await.refusal(), (409, "in_trash"));
        assert_eq!(ada.post(&format!("{path}/restore"), json!({})).await.status, 200);
        assert_eq!(ada.get("/api/v1/search?q=zeb").await.json.as_array().unwrap().len(), 3);

        assert_eq!(ada.delete(&format!("{path}?permanent=true")).await.status, 204);
        assert_eq!(ada.get(&path).await.status, 404);
        assert_eq!(ada.get("/api/v1/search?q=zebra").await.json, json!([]));
        assert_eq!(ada.get("/api/v1/conversations?deleted=true").await.json, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_deleted_goes_with_what_follows_it() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let first = said(&ada, "[tokens=1] zebra").await;
        let (talk, answer) = (&first["conversation_id"], &first["message_id"]);
        let path = format!("/api/v1/messages/{answer}");
        let more = json!({ "message": "[tokens=1] okapi", "conversation_id": talk });
        assert_eq!(ada.post("/api/v1/chat/simple", more).await.status, 200);
        let running = json!({ "message": "[tokens=9 delay=60000]", "conversation_id": talk });
        let stream = ada.request(reqwest::Method::POST, "/api/v1/chat").json(&running).send().await.unwrap();
        assert_eq!(ada.delete(&path).await.refusal(), (409, "being_answered"));
        let listed = ada.get(&format!("/api/v1/conversations/{talk}")).await.json;
        let stop = format!("/api/v1/turns/{}/stop", listed["running_turn_id"]);
        assert!(ada.post(&stop, json!({})).await.status < 300);
        assert!(stream.text().await.unwrap().contains("stopped"));

        assert_eq!(ada.delete(&path).await.status, 204);
        let left = ada.get(&format!("/api/v1/conversations/{talk}")).await.json;
        assert_eq!((&left["message_count"], left["messages"].as_array().unwrap().len()), (&json!(1), 1));
        assert_eq!(ada.get("/api/v1/search?q=okapi").await.json, json!([]));
        assert_eq!(ada.delete(&path).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn titles_models_and_marks_change_and_stay() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let talk = said(&ada, "[tokens=1] hello").await["conversation_id"].as_i64().unwrap();
        let path = format!("/api/v1/conversations/{talk}");
        let change = json!({ "title": "  My   title ", "favorite": true, "archived": true, "instructions": "Be brief." });
        let changed = ada.patch(&path, change).await.json;
        assert_eq!((&changed["title"], &changed["favorite"], &changed["archived"]), (&json!("My title"), &json!(true), &json!(true)));
        let cleared = ada.patch(&path, json!({ "instructions": null, "archived": false })).await.json;
        assert_eq!((&cleared["instructions"], &cleared["title"], &cleared["archived"]), (&Value::Null, &json!("My title"), &json!(false)));
        let put = ada.send(reqwest::Method::PUT, &format!("{path}/title?title=Other"), None).await;
        assert_eq!(put.json["title"], "Other", "{}", put.text);
        let kept = ada.get(&path).await.json;
        let told = ["id", "title", "role"].map(|name| kept[name].clone());
        assert_eq!(told, [json!(talk), json!("Other"), json!("owner")]);
        let members = ada.get(&format!("{path}/members")).await.json;
        assert_eq!((&members[0]["user_id"], &members[0]["role"]), (&json!(ada.id), &json!("owner")));
        let at = |name: &str| kept[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert!(at("created_at") <= at("updated_at"), "{kept}");
        assert_eq!(ada.patch(&path, json!({ "title": " " })).await.status, 422);
        assert_eq!(ada.patch(&path, json!({ "title": "x".repeat(201) })).await.status, 422);
        assert_eq!(ada.patch(&path, json!({ "model": "no such" })).await.status, 409);
        assert_eq!(ada.patch(&path, json!({ "active_message_id": 5 })).await.status, 404);
        let models = ada.get("/api/v1/models").await.json;
        assert!(models.as_array().unwrap().iter().any(|model| model["default"] == true), "{models}");
    })
    .await;
}

#[tokio::test]
async fn an_export_holds_everything() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        server.provider.next(fakes::Script::text("**Answer**"));
        let first = said(&ada, "Question").await;
        let again = format!("/api/v1/messages/{}/regenerate", first["message_id"]);
        server.provider.next(fakes::Script::text("Other answer"));
        assert_eq!(ada.post(&again, json!({})).await.status, 200);
        let path = format!("/api/v1/conversations/{}/export", first["conversation_id"]);
        let all = ada.get(&format!("{path}.json")).await;
        assert!(all.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(all.json["messages"].as_array().unwrap().len(), 3);
        let text = ada.get(&format!("{path}.md")).await.text;
        assert_eq!(text, "# Question\n\n## You\n\nQuestion\n\n## Assistant\n\nOther answer\n");
    })
    .await;
}

#[tokio::test]
async fn making_a_conversation_twice_with_one_key_makes_one() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let make = |title: &str| {
            let request =
                ada.request(reqwest::Method::POST, "/api/v1/conversations").header("idempotency-key", "c1");
            let request = request.json(&json!({ "title": title }));
            async move { request.send().await.unwrap() }
        };
        let (one, two) = (make("A").await, make("A").await);
        assert_eq!(
            (one.status(), two.status()),
            (reqwest::StatusCode::CREATED, reqwest::StatusCode::CREATED)
        );
        assert_eq!(one.json::<Value>().await.unwrap()["id"], two.json::<Value>().await.unwrap()["id"]);
        assert_eq!(make("B").await.status(), 409);
        assert_eq!(ada.get("/api/v1/conversations").await.json.as_array().unwrap().len(), 1);
    })
    .await;
}
