//! Seed 002's client over sockets.

use std::time::{Duration, Instant};

use fakes::{Script, Socket};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    super::contract::{EXPRESS_EVENTS, Events, assert_like},
    signed_up,
};
use crate::support::{Client, TestServer, on_both, on_both_with};

async fn connected(server: &TestServer, events: &Events, client: &Client) -> Socket {
    let auth = json!({ "token": client.token });
    let mut socket = Socket::connect(server.address, "/", auth).await.unwrap();
    let greeting = events.hear(&mut socket, "connected").await;
    assert_like(&greeting, &json!({ "userId": "<hex>", "message": "Successfully connected to chat server" }));
    socket
}

async fn conversation(client: &Client) -> String {
    let made = client.post("/api/chat/conversations", json!({})).await;
    made.json["data"]["conversation"]["_id"].as_str().unwrap().to_owned()
}

/// What is heard, each kind once in a row.
fn order(heard: &[(String, Value)]) -> Vec<&str> {
    let mut names: Vec<&str> = heard.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names
}

fn chunks(heard: &[(String, Value)]) -> String {
    let chunks = heard.iter().filter(|(name, _)| name == "ai-stream-chunk");
    chunks.map(|(_, data)| data["chunk"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn its_client_hears_all_that_it_can() {
    on_both(async |server| {
        server.user("first").await;
        let ada = signed_up(&server, "ada").await;
        let events = Events::of(EXPRESS_EVENTS);
        let (mut one, mut other) =
            (connected(&server, &events, &ada).await, connected(&server, &events, &ada).await);
        let id = conversation(&ada).await;
        // Either spelling of its two shipped clients.
        for (socket, names) in [(&mut one, json!({ "conversationId": id })), (&mut other, json!(id))] {
            events.emit(socket, "join-conversation", names).await;
            let joined = events.hear(socket, "joined-conversation").await;
            assert_eq!(joined, json!({ "conversationId": id, "message": "Joined conversation room" }));
        }

        let said = json!({ "conversationId": id, "message": "Hello [tokens=3]", "model": "gpt-4o-mini" });
        events.emit(&mut one, "stream-message", said).await;
        for socket in [&mut one, &mut other] {
            let heard = events.hear_until(socket, "ai-typing-stop").await;
            let expected =
                ["message-sent", "ai-typing-start", "ai-stream-chunk", "ai-stream-complete", "ai-typing-stop"];
            assert_eq!(order(&heard), expected);
            let sent = json!({
                "_id": "<hex>", "role": "user", "content": "Hello [tokens=3]", "timestamp": "<time>",
                "userId": "<hex>", "username": "ada",
            });
            assert_like(&heard[0].1, &json!({ "conversationId": id, "message": sent, "cursor": "<text>" }));
            assert_eq!(heard[1].1, json!({ "conversationId": id, "message": "AI is thinking..." }));
            let chunk = json!({
                "conversationId": id, "chunk": "<text>", "isComplete": false, "messageId": "<hex>",
                "cursor": "<text>",
            });
            assert_like(&heard[2].1, &chunk);
            assert_eq!(chunks(&heard), "t00001 t00002 t00003");
            let complete = &heard[heard.len() - 2].1;
            let message = json!({
                "_id": "<hex>", "role": "assistant", "content": "t00001 t00002 t00003", "timestamp": "<time>",
                "tokens": 3, "...": 1,
            });
            assert_like(&complete["message"], &message);
            assert_eq!(complete["conversation"]["title"], "Hello [tokens=3]");
            assert_eq!(complete["conversation"]["messages"].as_array().unwrap().len(), 2);
            assert_eq!(heard.last().unwrap().1, json!({ "conversationId": id }));
        }

        let said = json!({ "conversationId": id, "message": "Fail [status=400]" });
        events.emit(&mut one, "stream-message", said).await;
        for socket in [&mut one, &mut other] {
            let heard = events.hear_until(socket, "ai-typing-stop").await;
            assert_eq!(
                order(&heard),
                ["message-sent", "ai-typing-start", "ai-stream-error", "ai-typing-stop"]
            );
            let failed = json!({ "conversationId": id, "error": "Failed to generate AI response" });
            assert_eq!(heard[2].1, failed);
        }

        let who = json!({ "conversationId": id, "userId": "<hex>", "username": "ada" });
        events.emit(&mut one, "typing-start", json!({ "conversationId": id })).await;
        assert_like(&events.hear(&mut other, "typing-start").await, &who);
        let typing = ada.get(&format!("/api/realtime/conversations/{id}/typing")).await;
        assert_eq!(typing.json["data"]["count"], 0, "the caller itself is not listed");
        let status = ada.get("/api/realtime/status").await.json;
        assert_eq!(status["data"]["isConnected"], true);
        assert_eq!(status["data"]["userConversations"][0]["hasTypingUsers"], true);
        events.emit(&mut one, "typing-stop", json!({ "conversationId": id })).await;
        assert_like(&events.hear(&mut other, "typing-stopped").await, &who);
        events.emit(&mut one, "typing-start", json!({ "conversationId": id })).await;
        events.hear(&mut other, "typing-start").await;
        events.emit(&mut one, "leave-conversation", json!({ "conversationId": id })).await;
        events.hear(&mut other, "typing-stopped").await;

        let me = ada.get("/api/auth/profile").await.json["user"]["id"].clone();
        let path = format!("/api/realtime/notify/{}", me.as_str().unwrap());
        let sent = ada.post(&path, json!({ "message": "Look", "data": { "n": 1 } })).await;
        assert_eq!(sent.json["data"], json!({ "sent": true, "recipient": me, "message": "Look" }));
        let notice = |kind: &str, data: Value| {
            json!({ "type": kind, "message": "Look", "data": data, "timestamp": "<time>", "from": "<hex>" })
        };
        for socket in [&mut one, &mut other] {
            let heard = events.hear(socket, "notification").await;
            assert_like(&heard, &notice("info", json!({ "n": 1 })));
        }
        let root = server.login("root").await;
        root.post("/api/realtime/broadcast", json!({ "message": "Look", "type": "warning" })).await;
        assert_like(&events.hear(&mut one, "broadcast").await, &notice("warning", json!({})));

        // Said without having joined: its answer is heard all the same, and what others say there is not.
        events.emit(&mut one, "stream-message", json!({ "conversationId": id, "message": "[tokens=2]" })).await;
        let heard = events.hear_until(&mut one, "ai-typing-stop").await;
        assert_eq!(chunks(&heard), "t00001 t00002");
        ada.post(&format!("/api/chat/conversations/{id}/messages"), json!({ "message": "[tokens=2]" })).await;
        for names in [json!({ "conversationId": "0000000000000000000000ff" }), json!(null), json!({ "x": 1 })] {
            events.emit(&mut one, "join-conversation", names).await;
            let error = events.hear(&mut one, "error").await;
            assert_eq!(error, json!({ "message": "Conversation not found or access denied" }));
        }
        events.is_fulfilled();
    })
    .await;
}

#[tokio::test]
async fn others_are_listed_while_a_socket_of_theirs_is_there() {
    on_both(async |server| {
        server.user("first").await;
        let (ada, bob) = (signed_up(&server, "ada").await, signed_up(&server, "bob").await);
        let events = Events::of(EXPRESS_EVENTS);
        let id = conversation(&ada).await;
        let invited =
            ada.post(&format!("/api/v1/conversations/{id}/invitations"), json!({ "role": "viewer" })).await;
        let accept = format!("/api/v1/invitations/{}/accept", invited.json["token"].as_str().unwrap());
        assert_eq!(bob.send(Method::POST, &accept, None).await.status, 200);
        let path = format!("/api/realtime/conversations/{id}/active-users");
        assert_eq!(ada.get(&path).await.json["data"]["count"], 0);

        let mut socket = connected(&server, &events, &bob).await;
        events.emit(&mut socket, "join-conversation", json!({ "conversationId": id })).await;
        events.hear(&mut socket, "joined-conversation").await;
        let there =
            json!([{ "userId": "<hex>", "username": "bob", "socketId": "<text>", "isTyping": false }]);
        let recorded = json!({ "conversationId": id, "activeUsers": there, "count": 1 });
        assert_like(&ada.get(&path).await.json["data"], &recorded);

        drop(socket);
        let end = Instant::now() + Duration::from_secs(20);
        while ada.get(&path).await.json["data"]["count"] != 0 {
            assert!(Instant::now() < end, "who is gone is listed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_or_hears_what_is_not_theirs() {
    on_both(async |server| {
        server.user("first").await;
        let (ada, bob) = (signed_up(&server, "ada").await, signed_up(&server, "bob").await);
        for (auth, said) in [
            (json!({}), "Authentication error: No token provided"),
            (json!({ "token": "x" }), "Authentication error: Invalid token or user inactive"),
            (json!({ "token": 5 }), "Authentication error: No token provided"),
            (json!("x"), "Authentication error: No token provided"),
        ] {
            let refused = Socket::connect(server.address, "/", auth).await.unwrap_err();
            assert_eq!(refused, said);
        }
        let events = Events::of(EXPRESS_EVENTS);
        let id = conversation(&ada).await;
        let mut of_bob = connected(&server, &events, &bob).await;
        for event in
            ["join-conversation", "leave-conversation", "stream-message", "typing-start", "typing-stop"]
        {
            let said = json!({ "conversationId": id, "message": "x" });
            let answer = of_bob.ask(event, &said).await;
            let is_harmless = event == "leave-conversation";
            assert_eq!(answer["success"], is_harmless, "{event}");
            if !is_harmless {
                let error = events.hear(&mut of_bob, "error").await;
                assert_eq!(error["message"], "Conversation not found or access denied", "{event}");
            }
        }
        let unknown = of_bob.ask("admin", &json!({})).await;
        assert_eq!(unknown["success"], false);
        events.hear(&mut of_bob, "error").await;
        ada.post(&format!("/api/chat/conversations/{id}/messages"), json!({ "message": "[tokens=2]" })).await;
        let heard = tokio::time::timeout(Duration::from_millis(300), of_bob.next()).await;
        assert!(heard.is_err(), "{heard:?}");
        // What is no packet at all ends the connection, and nothing else.
        of_bob.write("42[".into()).await;
        assert_eq!(of_bob.next().await, None);
        let mut again = connected(&server, &events, &bob).await;
        bob.post("/api/auth/logout", json!({})).await;
        assert_eq!(again.next().await, None, "signed out");
    })
    .await;
}

/// More than every buffer on the way holds, and more news than wait for a reader.
#[tokio::test]
async fn a_reader_that_reads_nothing_for_a_while_loses_nothing() {
    on_both_with(
        |config| config.billing.enforced = false,
        async |server| {
            server.user("first").await;
            let ada = signed_up(&server, "ada").await;
            let events = Events::of(EXPRESS_EVENTS);
            let mut slow = connected(&server, &events, &ada).await;
            let id = conversation(&ada).await;
            events.emit(&mut slow, "join-conversation", json!(id)).await;
            events.hear(&mut slow, "joined-conversation").await;
            let number = i64::from_str_radix(&id, 16).unwrap();
            let answers = 45;
            for n in 0..answers {
                let text = format!("{n} {}", "x".repeat(20_000));
                server.provider.next(Script::text(text));
                let question = json!({ "message": format!("question {n}"), "conversation_id": number });
                let sent = ada.post("/api/v1/chat/simple", question).await;
                assert_eq!(sent.status, 200, "{}", sent.text);
            }
            for n in 0..answers {
                let heard = events.hear_until(&mut slow, "ai-typing-stop").await;
                assert_eq!(heard[0].1["message"]["content"], format!("question {n}"));
                let said = chunks(&heard);
                assert!(
                    said.starts_with(&format!("{n} ")) && said.len() == 20_001 + n.to_string().len(),
                    "{n}"
                );
            }
        },
    )
    .await;
}
