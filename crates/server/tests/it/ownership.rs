//! Every route, asked by a stranger, by nobody and by its owner.
//!
//! A new route without a row below fails here. Somebody else's object and no object must look the same.

mod older;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use services::{domain::MemberRole, testing::set_member};

use crate::support::{Answer, Client, PASSWORD, TestServer, on_both};

/// Who is let in.
enum Who {
    /// Everybody, signed in or not.
    Anybody,
    /// Who has signed in; each acts on what is its own.
    SignedIn,
    /// Who runs the installation; nobody in the table does.
    Admin,
    /// Who owns the object whose id is in the path.
    Owner(fn(&Things) -> i64),
}

/// What the owner has.
struct Things {
    login: i64,
    conversation: i64,
    question: i64,
    answer: i64,
    turn: i64,
    group: i64,
    file: i64,
    api_key: i64,
    /// Somebody else in the conversation.
    member: i64,
    invitation: i64,
    note: i64,
    identity: i64,
}

impl Things {
    /// A path or a body with the ids of what it names; `{id}` is the object's own.
    fn fill(&self, text: &str) -> String {
        text.replace("{user_id}", &self.member.to_string())
            .replace("{invitation_id}", &self.invitation.to_string())
    }
}

struct Row {
    method: Method,
    path: &'static str,
    who: Who,
    /// In it `{id}` stands for the object's id.
    body: Option<Value>,
    /// It answers as if all were well where there is nothing: its clients are used to it.
    says_nothing: bool,
    /// It knows who asks by a token in the request: what is none is refused, whoever sends it.
    takes_its_own_token: bool,
}

fn row(method: Method, path: &'static str, who: Who) -> Row {
    Row { method, path, who, body: None, says_nothing: false, takes_its_own_token: false }
}

impl Row {
    fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn says_nothing(self) -> Self {
        Self { says_nothing: true, ..self }
    }

    fn takes_its_own_token(self) -> Self {
        Self { takes_its_own_token: true, ..self }
    }

    /// Nobody has the link that it would show, and no model, no sign-in provider, no payment gateway and no order is called so.
    fn needs_a_link(&self) -> bool {
        self.path.starts_with("/api/v1/shared/{token}")
            || self.path.starts_with("/api/v1/invitations/{token}")
            || self.path == "/v1/models/{*id}"
            || self.path == "/api/v1/auth/password/reset"
            || self.path.starts_with("/api/v1/auth/{provider}/")
            || self.path.starts_with("/auth/google")
            || self.path.starts_with("/api/v1/billing/payments/")
            || self.path.starts_with("/api/subscription/payment-status/")
            || self.path.ends_with("/webhook")
            || self.path.starts_with("/webhooks/")
            || (self.path == "/api/v1/me/identities" && self.method == Method::POST)
    }

    /// It goes on for as long as somebody listens.
    fn is_endless(&self) -> bool {
        self.path == "/api/v1/events"
    }
}

fn table() -> Vec<Row> {
    native().into_iter().chain(older::table()).collect()
}

fn native() -> Vec<Row> {
    use Who::{Anybody, Owner, SignedIn};
    let (get, post, put, patch, delete) =
        (Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let conversation = || Owner(|things| things.conversation);
    let question = || Owner(|things| things.question);
    let answer = || Owner(|things| things.answer);
    let turn = || Owner(|things| things.turn);
    let group = || Owner(|things| things.group);
    let file = || Owner(|things| things.file);
    let new_password = json!({ "current_password": PASSWORD, "new_password": "another password" });
    vec![
        row(get.clone(), "/health", Anybody),
        row(get.clone(), "/ready", Anybody),
        row(get.clone(), "/api/v1/instance", Anybody),
        row(post.clone(), "/api/v1/auth/register", Anybody).with(json!({})),
        row(post.clone(), "/api/v1/auth/login", Anybody).with(json!({})),
        row(post.clone(), "/api/v1/auth/refresh", Anybody)
            .with(json!({ "refresh_token": "x" }))
            .takes_its_own_token(),
        row(post.clone(), "/api/v1/auth/logout", Anybody),
        row(post.clone(), "/api/v1/auth/logout-all", SignedIn),
        row(get.clone(), "/api/v1/auth/me", SignedIn),
        row(get.clone(), "/api/v1/auth/sessions", SignedIn),
        row(delete.clone(), "/api/v1/auth/sessions/{id}", Owner(|things| things.login)),
        row(post.clone(), "/api/v1/auth/password/change", SignedIn).with(new_password),
        row(post.clone(), "/api/v1/auth/password/forgot", Anybody)
            .with(json!({ "email": "nobody@example.org" })),
        row(post.clone(), "/api/v1/auth/password/reset", Anybody)
            .with(json!({ "token": "x", "password": "another password" })),
        row(delete.clone(), "/api/v1/auth/sessions", SignedIn),
        row(post.clone(), "/api/v1/auth/stream-ticket", SignedIn),
        row(get.clone(), "/api/v1/auth/providers", Anybody),
        row(get.clone(), "/api/v1/auth/{provider}/login", Anybody),
        row(get.clone(), "/api/v1/auth/{provider}/callback", Anybody),
        row(post.clone(), "/api/v1/auth/{provider}/link", Anybody).with(json!({ "password": "x" })),
        row(get.clone(), "/api/v1/me", SignedIn),
        row(patch.clone(), "/api/v1/me", SignedIn).with(json!({})),
        row(delete.clone(), "/api/v1/me", SignedIn).with(json!({ "password": PASSWORD })),
        row(get.clone(), "/api/v1/me/preferences", SignedIn),
        row(patch.clone(), "/api/v1/me/preferences", SignedIn).with(json!({})),
        row(get.clone(), "/api/v1/me/stats", SignedIn),
        row(get.clone(), "/api/v1/me/usage", SignedIn),
        row(get.clone(), "/api/v1/me/identities", SignedIn),
        row(post.clone(), "/api/v1/me/identities", SignedIn).with(json!({ "provider": "x" })),
        row(delete.clone(), "/api/v1/me/identities/{id}", Owner(|things| things.identity)),
        row(get.clone(), "/api/v1/me/export", SignedIn),
        row(get.clone(), "/api/v1/groups", SignedIn),
        row(post.clone(), "/api/v1/groups", SignedIn).with(json!({ "name": "x" })),
        row(patch.clone(), "/api/v1/groups/{id}", group()).with(json!({ "name": "x" })),
        row(delete.clone(), "/api/v1/groups/{id}", group()),
        row(get.clone(), "/api/v1/models", SignedIn),
        row(get.clone(), "/api/v1/conversations", SignedIn),
        row(post.clone(), "/api/v1/conversations", SignedIn).with(json!({})),
        row(get.clone(), "/api/v1/conversations/{id}", conversation()),
        row(patch.clone(), "/api/v1/conversations/{id}", conversation()).with(json!({ "title": "x" })),
        row(delete.clone(), "/api/v1/conversations/{id}", conversation()),
        row(put, "/api/v1/conversations/{id}/title", conversation()).with(json!({ "title": "x" })),
        row(post.clone(), "/api/v1/conversations/{id}/restore", conversation()),
        row(post.clone(), "/api/v1/conversations/bulk", SignedIn)
            .with(json!({ "ids": [], "action": "archive" })),
        row(post.clone(), "/api/v1/conversations/{id}/fork", conversation()).with(json!({})),
        row(post.clone(), "/api/v1/conversations/{id}/share", conversation()),
        row(get.clone(), "/api/v1/conversations/{id}/share", conversation()),
        row(delete.clone(), "/api/v1/conversations/{id}/share", conversation()),
        row(get.clone(), "/api/v1/shares", SignedIn),
        row(get.clone(), "/api/v1/conversations/{id}/members", conversation()),
        row(patch.clone(), "/api/v1/conversations/{id}/members/{user_id}", conversation())
            .with(json!({ "role": "viewer" })),
        row(delete.clone(), "/api/v1/conversations/{id}/members/{user_id}", conversation()),
        row(get.clone(), "/api/v1/conversations/{id}/invitations", conversation()),
        row(post.clone(), "/api/v1/conversations/{id}/invitations", conversation())
            .with(json!({ "role": "viewer" })),
        row(delete.clone(), "/api/v1/conversations/{id}/invitations/{invitation_id}", conversation()),
        row(get.clone(), "/api/v1/invitations/{token}", Anybody),
        row(post.clone(), "/api/v1/invitations/{token}/accept", SignedIn),
        row(get.clone(), "/api/v1/conversations/{id}/notes", conversation()),
        row(post.clone(), "/api/v1/conversations/{id}/notes", conversation()).with(json!({ "content": "x" })),
        row(delete.clone(), "/api/v1/notes/{id}", Owner(|things| things.note)),
        row(get.clone(), "/api/v1/shared/{token}", Anybody),
        row(get.clone(), "/api/v1/shared/{token}/files/{id}", Anybody),
        row(post.clone(), "/api/v1/shared/{token}/continue", SignedIn),
        row(get.clone(), "/api/v1/api-keys", SignedIn),
        row(post.clone(), "/api/v1/api-keys", SignedIn)
            .with(json!({ "name": "x", "current_password": PASSWORD })),
        row(delete.clone(), "/api/v1/api-keys/{id}", Owner(|things| things.api_key)),
        row(post.clone(), "/api/v1/files", SignedIn),
        row(get.clone(), "/api/v1/files/{id}", file()),
        row(get.clone(), "/api/v1/files/{id}/content", file()),
        row(delete.clone(), "/api/v1/files/{id}", file()),
        row(get.clone(), "/api/v1/conversations/{id}/messages", conversation()),
        row(post.clone(), "/api/v1/conversations/{id}/presence", conversation())
            .with(json!({ "typing": true })),
        row(get.clone(), "/api/v1/conversations/{id}/export.json", conversation()),
        row(get.clone(), "/api/v1/conversations/{id}/export.md", conversation()),
        row(post.clone(), "/api/v1/chat", SignedIn).with(json!({ "message": "x" })),
        row(post.clone(), "/api/v1/chat/simple", SignedIn).with(json!({ "message": "x" })),
        row(post.clone(), "/api/v1/messages/{id}/regenerate", answer()).with(json!({})),
        row(post.clone(), "/api/v1/messages/{id}/edit", question()).with(json!({ "message": "y" })),
        row(post.clone(), "/api/v1/messages/{id}/continue", answer()).with(json!({})),
        row(post.clone(), "/api/v1/messages/{id}/feedback", answer()).with(json!({ "rating": "up" })),
        row(delete.clone(), "/api/v1/messages/{id}", question()),
        row(get.clone(), "/api/v1/turns/{id}/events", turn()),
        row(post.clone(), "/api/v1/turns/{id}/stop", turn()),
        row(get.clone(), "/api/v1/events", SignedIn),
        row(get.clone(), "/api/v1/plans", Anybody),
        row(post.clone(), "/api/v1/billing/checkout", SignedIn).with(json!({ "plan": "x" })),
        row(get.clone(), "/api/v1/billing/payments/{order}", SignedIn),
        row(get.clone(), "/api/v1/billing/subscription", SignedIn),
        row(post.clone(), "/api/v1/billing/cancel", SignedIn),
        row(post, "/api/v1/billing/reactivate", SignedIn),
        row(get.clone(), "/api/v1/billing/invoices", SignedIn),
        row(get, "/api/v1/search?q=x", SignedIn),
    ]
}

async fn things_of(server: &TestServer, owner: &Client, member: &Client) -> Things {
    let said = owner.post("/api/v1/chat/simple", json!({ "message": "hello" })).await.json;
    let id = |name: &str| said[name].as_i64().unwrap();
    let messages = owner.get(&format!("/api/v1/conversations/{}/messages", id("conversation_id"))).await.json;
    let sessions = owner.get("/api/v1/auth/sessions").await.json;
    let group = owner.post("/api/v1/groups", json!({ "name": "Work" })).await.json;
    let key = owner.post("/api/v1/api-keys", json!({ "name": "x", "current_password": PASSWORD })).await.json;
    let file = owner.upload("notes.md", b"# Notes").await.json;
    let talk = format!("/api/v1/conversations/{}", id("conversation_id"));
    set_member(&server.app, id("conversation_id"), member.id, Some(MemberRole::Viewer)).await;
    let invited = owner.post(&format!("{talk}/invitations"), json!({ "role": "viewer" })).await.json;
    let note = owner.post(&format!("{talk}/notes"), json!({ "content": "x" })).await.json;
    Things {
        login: sessions[0]["id"].as_i64().unwrap(),
        conversation: id("conversation_id"),
        question: messages[0]["id"].as_i64().unwrap(),
        answer: id("message_id"),
        turn: id("turn_id"),
        group: group["id"].as_i64().unwrap(),
        file: file["id"].as_i64().unwrap(),
        api_key: key["id"].as_i64().unwrap(),
        member: member.id,
        invitation: invited["id"].as_i64().unwrap(),
        note: note["id"].as_i64().unwrap(),
        identity: services::testing::link_identity(&server.app, owner.id).await,
    }
}

async fn ask(client: &Client, row: &Row, things: Option<&Things>, id: i64) -> Answer {
    if row.is_endless() {
        let response = client.request(row.method.clone(), row.path).send().await.unwrap();
        if response.status() == 200 {
            let (status, headers) = (200, response.headers().clone());
            return Answer { status, headers, text: String::new(), json: Value::Null };
        }
    }
    let filled = |text: &str| {
        let text = text.replace("{id}", &id.to_string()).replace("{name}", "express.json");
        things.map_or_else(|| text.clone(), |things| things.fill(&text))
    };
    let body = row.body.as_ref().map(|body| serde_json::from_str(&filled(&body.to_string())).unwrap());
    client.send(row.method.clone(), &filled(row.path), body).await
}

#[test]
fn every_route_has_a_row() {
    let routes: BTreeSet<_> = server::routes().into_iter().collect();
    let rows: BTreeSet<_> = table()
        .iter()
        .map(|row| (row.method.to_string(), row.path.split('?').next().unwrap().to_owned()))
        .collect();
    assert_eq!(routes, rows, "the routes, and the rows of the table");
}

#[tokio::test]
async fn nobody_but_the_owner_is_let_in() {
    on_both(async |server| check(&server, &native()).await).await;
}

#[tokio::test]
async fn nobody_but_the_owner_is_let_in_by_older_apis() {
    on_both(async |server| check(&server, &older::table()).await).await;
}

async fn check(server: &TestServer, rows: &[Row]) {
    let (stranger, member) = (server.user("stranger").await, server.user("member").await);
    for (n, row) in rows.iter().enumerate() {
        let what = format!("{} {}", row.method, row.path);
        let owner = server.user(&format!("owner{n}")).await;
        let things = match row.who {
            Who::Owner(_) => Some(things_of(server, &owner, &member).await),
            Who::Anybody | Who::SignedIn | Who::Admin => None,
        };
        let things = things.as_ref();
        let id = if let (Who::Owner(id), Some(things)) = (&row.who, things) { id(things) } else { 0 };

        let nobody = ask(&server.anonymous(), row, things, id).await;
        match row.who {
            Who::Anybody => assert!(nobody.status != 401 || row.takes_its_own_token, "{what}: nobody"),
            Who::SignedIn | Who::Admin | Who::Owner(_) => {
                assert_eq!(nobody.status, 401, "{what}: nobody");
            }
        }

        if let Who::Owner(_) = row.who {
            let (theirs, none) =
                (ask(&stranger, row, things, id).await, ask(&stranger, row, things, 4242).await);
            assert!(theirs.status == 404 || row.says_nothing, "{what}: a stranger got {}", theirs.status);
            assert_eq!(theirs.sameness(), none.sameness(), "{what}: no object");
        }

        let kept = owner.get("/api/v1/conversations").await.json.as_array().unwrap().len();
        assert_eq!(kept, usize::from(matches!(row.who, Who::Owner(_))), "{what}: what is left");

        let own = ask(&owner, row, things, id).await;
        if matches!(row.who, Who::Admin) {
            assert_eq!(own.status, 403, "{what}: who is no administrator");
            continue;
        }
        assert!(
            own.status < 500 && (![403, 404, 405].contains(&own.status) || row.needs_a_link()),
            "{what}: its owner got {}",
            own.text
        );
        assert!(own.status != 401 || row.takes_its_own_token, "{what}: its owner got {}", own.text);
    }
}
