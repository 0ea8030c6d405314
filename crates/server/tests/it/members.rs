//! Several people in one conversation: who may what, how they come in, and how they are put out.

mod cut;
mod ends;
mod invited;
mod letters;
mod news;
mod notes;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, on_both};

/// Says something, and gives what came of it.
async fn say(client: &Client, text: &str, talk: Option<i64>) -> Value {
    let body = json!({ "message": text, "conversation_id": talk });
    let answer = client.post("/api/v1/chat/simple", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

/// A conversation in which something was said.
async fn talk_of(client: &Client, text: &str) -> i64 {
    say(client, text, None).await["conversation_id"].as_i64().unwrap()
}

fn path(talk: i64) -> String {
    format!("/api/v1/conversations/{talk}")
}

async fn invite(owner: &Client, talk: i64, body: Value) -> Answer {
    owner.post(&format!("{}/invitations", path(talk)), body).await
}

/// The token of a link for many.
async fn link(owner: &Client, talk: i64, role: &str) -> String {
    let made = invite(owner, talk, json!({ "role": role })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["token"].as_str().unwrap().to_owned()
}

async fn accept(client: &Client, token: &str) -> Answer {
    client.send(Method::POST, &format!("/api/v1/invitations/{token}/accept"), None).await
}

/// Makes somebody a member by a link.
async fn let_in(owner: &Client, talk: i64, client: &Client, role: &str) {
    let accepted = accept(client, &link(owner, talk, role).await).await;
    assert_eq!(accepted.json, json!({ "conversation_id": talk, "role": role }), "{}", accepted.text);
}

async fn put_out(owner: &Client, talk: i64, member: &Client) -> Answer {
    owner.delete(&format!("{}/members/{}", path(talk), member.id)).await
}

async fn names(client: &Client, talk: i64) -> Vec<(String, String)> {
    let all = client.get(&format!("{}/members", path(talk))).await;
    assert_eq!(all.status, 200, "{}", all.text);
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let each = all.json.as_array().unwrap().iter();
    each.map(|one| (text(one, "username"), text(one, "role"))).collect()
}

/// Something that can be done with a conversation, who may, and what that is answered with.
struct Deed {
    method: Method,
    path: String,
    body: Option<Value>,
    from: usize,
}

/// The roles, and nobody's, from the lowest on.
const ROLES: [&str; 4] = ["viewer", "commenter", "editor", "owner"];

#[tokio::test]
async fn each_role_may_do_what_it_may_and_no_more_and_who_was_put_out_sees_nothing() {
    on_both(async |server: TestServer| {
        let owner = server.user("owner").await;
        let said = say(&owner, "[tokens=2] zebra", None).await;
        let talk = said["conversation_id"].as_i64().unwrap();
        let mut people = Vec::new();
        for role in &ROLES[..3] {
            let person = server.user(role).await;
            let_in(&owner, talk, &person, role).await;
            people.push(person);
        }
        let removed = server.user("removed").await;
        let_in(&owner, talk, &removed, "editor").await;
        assert_eq!(put_out(&owner, talk, &removed).await.status, 204);
        people.push(owner);

        let (here, turn, answer) = (path(talk), &said["turn_id"], &said["message_id"]);
        let question = people[3].get(&format!("{here}/messages")).await.json[0]["id"].as_i64().unwrap();
        let [read, note, write, own] = [0, 1, 2, 3];
        let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
        let deed = |method: &Method, path: String, body: Option<Value>, from| Deed {
            method: method.clone(),
            path,
            body,
            from,
        };
        let bulk = |action: &str| json!({ "ids": [talk], "action": action });
        let deeds = [
            deed(&post, "/api/v1/conversations/bulk".into(), Some(bulk("archive")), read),
            deed(&get, here.clone(), None, read),
            deed(&get, format!("{here}/messages?tree=true"), None, read),
            deed(&get, format!("{here}/members"), None, read),
            deed(&get, format!("{here}/notes"), None, read),
            deed(&get, format!("{here}/export.json"), None, read),
            deed(&get, format!("{here}/export.md"), None, read),
            deed(&get, format!("/api/v1/search?q=zebra&conversation_id={talk}"), None, read),
            deed(&post, format!("/api/v1/messages/{answer}/feedback"), Some(json!({ "rating": "up" })), read),
            deed(&patch, here.clone(), Some(json!({ "favorite": true })), read),
            deed(&post, format!("{here}/fork"), Some(json!({})), read),
            deed(&get, format!("/api/v1/turns/{turn}/events"), None, read),
            deed(&post, format!("{here}/notes"), Some(json!({ "content": "x" })), note),
            deed(&patch, here.clone(), Some(json!({ "title": "x" })), write),
            deed(&patch, here.clone(), Some(json!({ "instructions": "x" })), write),
            deed(
                &post,
                "/api/v1/chat/simple".into(),
                Some(json!({ "message": "[tokens=1]", "conversation_id": talk })),
                write,
            ),
            deed(&post, format!("/api/v1/messages/{answer}/regenerate?stream=false"), Some(json!({})), write),
            deed(
                &post,
                format!("/api/v1/messages/{question}/edit?stream=false"),
                Some(json!({ "message": "[tokens=1]" })),
                write,
            ),
            deed(&get, format!("{here}/invitations"), None, own),
            deed(&post, format!("{here}/invitations"), Some(json!({ "role": "viewer" })), own),
            deed(&patch, format!("{here}/members/{}", people[0].id), Some(json!({ "role": "viewer" })), own),
            deed(&delete, format!("{here}/members/{}", removed.id), None, own),
            deed(&post, format!("{here}/share"), None, own),
            deed(&get, format!("{here}/share"), None, own),
            deed(&post, "/api/v1/conversations/bulk".into(), Some(bulk("delete")), own),
            deed(&delete, here.clone(), None, own),
            deed(&post, format!("{here}/restore"), None, own),
        ];
        for Deed { method, path, body, from } in deeds {
            let none = removed.send(method.clone(), &path, body.clone()).await;
            assert_eq!(none.status, 404, "{method} {path}: who was put out got {}", none.text);
            for (at, person) in people.iter().enumerate() {
                let answer = person.send(method.clone(), &path, body.clone()).await;
                let what =
                    format!("{method} {path}: the {} got {} {}", ROLES[at], answer.status, answer.text);
                if at >= from {
                    assert!((200..300).contains(&answer.status), "{what}");
                } else {
                    assert_eq!(answer.refusal(), (403, "role_too_low"), "{what}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_owner_gives_roles_and_puts_people_out_and_everybody_else_may_leave() {
    on_both(async |server: TestServer| {
        let (ada, bob, carol) =
            (server.user("ada").await, server.user("bob").await, server.user("carol").await);
        let talk = talk_of(&ada, "[tokens=1]").await;
        let here = path(talk);
        assert_eq!(ada.get(&here).await.json["member_count"], 1);
        let_in(&ada, talk, &bob, "viewer").await;
        let_in(&ada, talk, &carol, "editor").await;
        let pairs = |all: &[(&str, &str)]| {
            all.iter().map(|(name, role)| ((*name).to_owned(), (*role).to_owned())).collect::<Vec<_>>()
        };
        let all = pairs(&[("ada", "owner"), ("bob", "viewer"), ("carol", "editor")]);
        assert_eq!((names(&ada, talk).await, names(&bob, talk).await), (all.clone(), all));
        let listed = bob.get("/api/v1/conversations").await.json[0].clone();
        assert_eq!(
            (&listed["id"], &listed["role"], &listed["member_count"]),
            (&json!(talk), &json!("viewer"), &json!(3))
        );

        let raised = ada.patch(&format!("{here}/members/{}", bob.id), json!({ "role": "commenter" })).await;
        assert_eq!((raised.status, &raised.json["role"]), (200, &json!("commenter")));
        assert_eq!(raised.json["user_id"], json!(bob.id));
        assert_eq!(bob.get(&here).await.json["role"], "commenter");
        for role in ["owner", "king"] {
            let odd = ada.patch(&format!("{here}/members/{}", bob.id), json!({ "role": role })).await;
            assert_eq!(odd.status, 422, "{role}: {}", odd.text);
        }
        let own = format!("{here}/members/{}", ada.id);
        assert_eq!(ada.patch(&own, json!({ "role": "viewer" })).await.refusal(), (409, "owner_stays"));
        assert_eq!(ada.delete(&own).await.refusal(), (409, "owner_stays"));
        assert_eq!(bob.delete(&own).await.refusal(), (403, "role_too_low"));
        let nobody = ada.patch(&format!("{here}/members/4242"), json!({ "role": "viewer" })).await;
        assert_eq!(nobody.status, 404);

        assert_eq!(bob.delete(&format!("{here}/members/{}", bob.id)).await.status, 204);
        assert_eq!(bob.delete(&format!("{here}/members/{}", bob.id)).await.status, 404, "it is gone for bob");
        assert_eq!(put_out(&ada, talk, &carol).await.status, 204);
        assert_eq!(put_out(&ada, talk, &carol).await.status, 204, "once more changes nothing");
        assert_eq!(names(&ada, talk).await, pairs(&[("ada", "owner")]));
        assert_eq!(ada.get(&here).await.json["member_count"], 1);
        for gone in [&bob, &carol] {
            assert_eq!(gone.get(&here).await.status, 404);
            assert_eq!(gone.get("/api/v1/conversations").await.json, json!([]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_member_finds_reads_and_opens_what_is_there_until_it_is_put_out() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let file = ada.upload("notes.md", b"# Notes").await.json["id"].as_i64().unwrap();
        let body = json!({ "message": "[tokens=1] zebra", "attachments": [file] });
        let said = ada.post("/api/v1/chat/simple", body).await;
        assert_eq!(said.status, 200, "{}", said.text);
        let talk = said.json["conversation_id"].as_i64().unwrap();
        ada.patch(&path(talk), json!({ "title": "Stripes of animals" })).await;
        let found = async |client: &Client, query: &str| {
            let hits = client.get(&format!("/api/v1/search?q={query}")).await.json;
            hits.as_array().unwrap().iter().filter(|hit| hit["conversation_id"] == talk).count()
        };
        let content = format!("/api/v1/files/{file}/content");
        assert_eq!((found(&bob, "zebra").await, bob.get(&content).await.status), (0, 404));
        let_in(&ada, talk, &bob, "viewer").await;
        assert_eq!((found(&bob, "zebra").await, found(&bob, "stripes").await), (1, 1));
        assert_eq!(bob.get(&content).await.text, "# Notes");
        say(&ada, "[tokens=1] giraffe", Some(talk)).await;
        assert_eq!(found(&bob, "giraffe").await, 1, "also what is said later");
        put_out(&ada, talk, &bob).await;
        for query in ["zebra", "stripes", "giraffe"] {
            assert_eq!(found(&bob, query).await, 0, "{query}");
        }
        assert_eq!(bob.get(&content).await.status, 404);
        assert_eq!((found(&ada, "zebra").await, found(&ada, "stripes").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_question_says_who_asked_it_while_that_account_lives() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let talk = talk_of(&ada, "[tokens=1]").await;
        let_in(&ada, talk, &bob, "editor").await;
        bob.patch("/api/v1/me", json!({ "full_name": "Bob B." })).await;
        say(&bob, "[tokens=1]", Some(talk)).await;
        let authors = async || {
            let all = ada.get(&format!("{}/messages", path(talk))).await.json;
            all.as_array().unwrap().iter().map(|one| one["author"].clone()).collect::<Vec<_>>()
        };
        let author_ada = json!({ "id": ada.id, "username": "ada", "full_name": null });
        let author_bob = json!({ "id": bob.id, "username": "bob", "full_name": "Bob B." });
        assert_eq!(authors().await, [author_ada.clone(), Value::Null, author_bob, Value::Null]);
        let read = async |client: &Client| client.get(&format!("{}/export.md", path(talk))).await.text;
        let (of_ada, of_bob) = (read(&ada).await, read(&bob).await);
        assert!(of_ada.contains("## You\n") && of_ada.contains("## Bob B.\n"), "{of_ada}");
        assert!(of_bob.contains("## You\n") && of_bob.contains("## ada\n"), "{of_bob}");
        let body = json!({ "password": crate::support::PASSWORD });
        assert_eq!(bob.send(Method::DELETE, "/api/v1/me", Some(body)).await.status, 204);
        assert_eq!(
            authors().await,
            [author_ada, Value::Null, Value::Null, Value::Null],
            "what was said stays"
        );
    })
    .await;
}
