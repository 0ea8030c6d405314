//! Groups, favourites, the archive, and changing several conversations at once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestServer, on_both};

impl Client {
    async fn group(&self, name: &str) -> i64 {
        let made = self.post("/api/v1/groups", json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json["id"].as_i64().unwrap()
    }

    async fn conversation(&self, title: &str) -> i64 {
        let made = self.post("/api/v1/conversations", json!({ "title": title })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json["id"].as_i64().unwrap()
    }

    async fn titles(&self, query: &str) -> Vec<String> {
        let list = self.get(&format!("/api/v1/conversations{query}")).await;
        assert_eq!(list.status, 200, "{query}: {}", list.text);
        let title = |one: &Value| one["title"].as_str().unwrap().to_owned();
        list.json.as_array().unwrap().iter().map(title).collect()
    }
}

#[tokio::test]
async fn a_group_is_made_renamed_listed_and_deleted() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let work = ada.group("  Work \n things ").await;
        let home = ada.group(&"n".repeat(100)).await;
        let list = ada.get("/api/v1/groups").await.json;
        let ids: Vec<_> =
            list.as_array().unwrap().iter().map(|group| group["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [home, work]);
        assert_eq!(list[1]["name"], "Work things");
        assert_eq!(list[1]["conversation_count"], 0);
        let page = ada.get("/api/v1/groups?limit=1").await;
        let next =
            page.headers["link"].to_str().unwrap().strip_prefix('<').unwrap().split_once('>').unwrap().0;
        assert_eq!(ada.get(next).await.json[0]["id"], json!(work));
        assert_eq!(bob.get("/api/v1/groups").await.json, json!([]));

        let path = format!("/api/v1/groups/{work}");
        assert_eq!(ada.patch(&path, json!({ "name": "Office" })).await.json["name"], "Office");
        for bad in ["", " \t", &"n".repeat(101)] {
            let refused = ada.patch(&path, json!({ "name": bad })).await;
            assert_eq!((refused.status, refused.pointer()), (422, "/name"), "{bad}");
            assert_eq!(ada.post("/api/v1/groups", json!({ "name": bad })).await.status, 422);
        }
        assert_eq!(bob.patch(&path, json!({ "name": "Mine" })).await.refusal(), (404, "not_found"));
        assert_eq!(bob.delete(&path).await.refusal(), (404, "not_found"));

        let talk = ada.conversation("Plans").await;
        let moved = ada.patch(&format!("/api/v1/conversations/{talk}"), json!({ "group_id": work })).await;
        assert_eq!(moved.json["group_id"], json!(work));
        assert_eq!(ada.get("/api/v1/groups").await.json[1]["conversation_count"], 1);
        assert_eq!(ada.titles(&format!("?group={work}")).await, ["Plans"]);
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(ada.delete(&path).await.status, 404);
        assert_eq!(ada.get(&format!("/api/v1/conversations?group={work}")).await.status, 404);
        let talk = ada.get(&format!("/api/v1/conversations/{talk}")).await.json;
        assert_eq!(talk["group_id"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn making_a_group_twice_with_one_key_makes_one() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let make = async |name: &str| {
            let request = ada.request(Method::POST, "/api/v1/groups").header("idempotency-key", "g1");
            let answer = request.json(&json!({ "name": name })).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["id"].clone())
        };
        let (one, two) = (make("A").await, make("A").await);
        assert_eq!(one.0, 201);
        assert_eq!(one, two);
        assert_eq!(make("B").await.0, 409);
    })
    .await;
}

#[tokio::test]
async fn a_conversation_goes_only_into_a_group_of_ones_own() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (work, theirs) = (ada.group("Work").await, bob.group("Theirs").await);
        let talk = ada.conversation("Plans").await;
        let path = format!("/api/v1/conversations/{talk}");
        let refused = ada.patch(&path, json!({ "title": "New", "group_id": theirs })).await;
        let none = ada.patch(&path, json!({ "title": "New", "group_id": 4242 })).await;
        assert_eq!(refused.refusal(), (404, "not_found"));
        assert_eq!(refused.sameness(), none.sameness());
        assert_eq!(ada.get(&path).await.json["title"], "Plans", "nothing else was changed");
        assert_eq!(ada.patch(&path, json!({ "group_id": work })).await.json["group_id"], json!(work));
        assert_eq!(ada.patch(&path, json!({ "favorite": true })).await.json["group_id"], json!(work));
        assert_eq!(ada.patch(&path, json!({ "group_id": null })).await.json["group_id"], Value::Null);
        assert_eq!(ada.get(&format!("/api/v1/conversations?group={theirs}")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn favourites_the_archive_and_groups_are_lists() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let group = ada.group("Work").await;
        let mut talks = Vec::new();
        for title in ["a", "b", "c", "d"] {
            talks.push(ada.conversation(title).await);
        }
        let change = async |at: usize, body: Value| {
            let changed = ada.patch(&format!("/api/v1/conversations/{}", talks[at]), body).await;
            assert_eq!(changed.status, 200, "{}", changed.text);
        };
        change(0, json!({ "archived": true, "favorite": true })).await;
        change(1, json!({ "favorite": true })).await;
        change(2, json!({ "archived": true, "group_id": group })).await;
        change(3, json!({ "group_id": group })).await;
        assert_eq!(ada.titles("").await, ["d", "b"]);
        assert_eq!(ada.titles("?archived=true").await, ["c", "a"]);
        assert_eq!(ada.titles("?favorite=true").await, ["b"]);
        assert_eq!(ada.titles("?favorite=true&archived=true").await, ["a"]);
        assert_eq!(ada.titles(&format!("?group={group}")).await, ["d"]);
        assert_eq!(ada.titles(&format!("?group={group}&archived=true")).await, ["c"]);
        change(0, json!({ "archived": false })).await;
        assert_eq!(ada.titles("?limit=200").await, ["d", "b", "a"]);
        assert!(ada.titles(&format!("?favorite=true&group={group}")).await.is_empty());
        change(3, json!({ "favorite": true })).await;
        assert_eq!(ada.titles(&format!("?favorite=true&group={group}")).await, ["d"]);
        assert_eq!(ada.delete(&format!("/api/v1/conversations/{}", talks[3])).await.status, 204);
        assert_eq!(ada.titles(&format!("?deleted=true&favorite=true&group={group}")).await, ["d"]);
        assert!(ada.titles("?deleted=true&archived=true").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn several_conversations_are_changed_all_or_none() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let group = ada.group("Work").await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(ada.conversation(&format!("{n}")).await);
        }
        let theirs = bob.conversation("theirs").await;
        let bulk = async |ids: &[i64], action: &str| {
            ada.post("/api/v1/conversations/bulk", json!({ "ids": ids, "action": action })).await
        };

        let before = ada.get("/api/v1/conversations").await.json;
        for action in ["archive", "unarchive", "favorite", "unfavorite", "delete", "restore", "move"] {
            let (foreign, none) =
                (bulk(&[ids[0], theirs, ids[1]], action).await, bulk(&[ids[0], 4242, ids[1]], action).await);
            assert_eq!(foreign.refusal(), (404, "not_found"), "{action}");
            assert_eq!(foreign.sameness(), none.sameness(), "{action}");
        }
        assert_eq!(ada.get("/api/v1/conversations").await.json, before, "nothing was changed");
        assert_eq!(bob.titles("").await, ["theirs"]);

        let done = bulk(&[ids[2], ids[0], ids[2]], "archive").await;
        assert_eq!(done.json.as_array().unwrap().len(), 2);
        assert_eq!(done.json[0]["archived"], true);
        assert_eq!(ada.titles("?archived=true").await, ["2", "0"]);
        bulk(&ids, "unarchive").await;
        bulk(&ids[..2], "favorite").await;
        assert_eq!(ada.titles("?favorite=true").await, ["1", "0"]);
        bulk(&ids[..1], "unfavorite").await;
        assert_eq!(ada.titles("?favorite=true").await, ["1"]);
        bulk(&ids[1..], "delete").await;
        assert_eq!(ada.titles("").await, ["0"]);
        assert_eq!(ada.titles("?deleted=true").await, ["2", "1"]);
        assert_eq!(bulk(&ids, "restore").await.status, 200);
        assert_eq!(ada.titles("").await, ["2", "1", "0"]);

        let to = |group: Value| json!({ "ids": ids, "action": "move", "group_id": group });
        let moved = ada.post("/api/v1/conversations/bulk", to(json!(group))).await.json;
        assert_eq!(moved[1]["group_id"], json!(group));
        assert_eq!(ada.get("/api/v1/groups").await.json[0]["conversation_count"], 3);
        assert_eq!(ada.post("/api/v1/conversations/bulk", to(json!(4242))).await.status, 404);
        assert_eq!(
            ada.post("/api/v1/conversations/bulk", to(Value::Null)).await.json[1]["group_id"],
            Value::Null
        );

        let many: Vec<i64> = (1..=101).collect();
        assert_eq!(bulk(&many, "archive").await.pointer(), "/ids");
        assert_eq!(bulk(&[], "archive").await.pointer(), "/ids");
        assert_eq!(bulk(&ids, "burn").await.pointer(), "/action");
        let odd = json!({ "ids": ids, "action": "archive", "group_id": group });
        assert_eq!(ada.post("/api/v1/conversations/bulk", odd).await.pointer(), "/group_id");
    })
    .await;
}

#[tokio::test]
async fn deleting_several_stops_their_answers() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let stream = ada.long_answer().await;
        let talk = ada.get("/api/v1/conversations").await.json[0]["id"].clone();
        let body = json!({ "ids": [talk], "action": "delete" });
        assert_eq!(ada.post("/api/v1/conversations/bulk", body).await.status, 200);
        crate::support::time_until_end(stream).await;
    })
    .await;
}

#[tokio::test]
async fn a_group_that_goes_while_conversations_are_moved_into_it_takes_none_along() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let mut ids = Vec::new();
        for n in 0..20 {
            ids.push(ada.conversation(&format!("{n}")).await);
        }
        for _ in 0..10 {
            let group = ada.group("Work").await;
            let body = json!({ "ids": ids, "action": "move", "group_id": group });
            assert_eq!(ada.post("/api/v1/conversations/bulk", body.clone()).await.status, 200);
            let path = format!("/api/v1/groups/{group}");
            let (moved, again, gone) = tokio::join!(
                ada.post("/api/v1/conversations/bulk", body.clone()),
                ada.post("/api/v1/conversations/bulk", body.clone()),
                ada.delete(&path)
            );
            assert_eq!(gone.status, 204, "{}", gone.text);
            for one in [moved, again] {
                assert!([200, 404].contains(&one.status), "{}", one.text);
            }
            let list = ada.get("/api/v1/conversations").await.json;
            assert!(list.as_array().unwrap().iter().all(|one| one["group_id"] == Value::Null));
            assert_eq!(list.as_array().unwrap().len(), ids.len());
        }
    })
    .await;
}
