//! Files: bringing, reading, taking back, and what becomes of them.

mod prompts;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, TestServer, on_both, on_both_with};

/// A PNG of 2 × 1 pixels.
pub(crate) fn png() -> Vec<u8> {
    BASE64_STANDARD
        .decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8Dwn4EBAAkAAgF/x7tHAAAAAElFTkSuQmCC")
        .unwrap()
}

/// The provider has one model that sees, `fake`, and one that does not.
fn seeing(config: &mut services::Config) {
    config.providers[0].vision = vec!["fake".into()];
}

async fn brought(client: &Client, name: &str, content: &[u8]) -> i64 {
    let answer = client.upload(name, content).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json["id"].as_i64().unwrap()
}

/// Says something with files; the whole answer.
async fn said(client: &Client, text: &str, files: &[i64]) -> Value {
    let answer = client.post("/api/v1/chat/simple", json!({ "message": text, "attachments": files })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

async fn content(client: &Client, id: i64) -> Answer {
    client.get(&format!("/api/v1/files/{id}/content")).await
}

/// How many contents lie in the data directory.
fn blobs(server: &TestServer) -> usize {
    let shelves = std::fs::read_dir(server.app.config.data_dir.join("blobs")).unwrap();
    shelves.map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
}

/// Waits until the sweep has left so many contents.
async fn until_blobs(server: &TestServer, count: usize) {
    for _ in 0..600 {
        if blobs(server) == count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{} contents lie there, not {count}", blobs(server));
}

#[tokio::test]
async fn what_a_file_is_its_content_tells() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let image = ada.upload("../../evil.txt", &png()).await;
        assert_eq!(image.status, 201, "{}", image.text);
        for (member, value) in [
            ("name", json!("evil.txt")),
            ("kind", json!("image")),
            ("media_type", json!("image/png")),
            ("size", json!(png().len())),
            ("width", json!(2)),
            ("height", json!(1)),
            ("used", json!(false)),
        ] {
            assert_eq!(image.json[member], value, "{member}");
        }
        assert_eq!(ada.get(&format!("/api/v1/files/{}", image.json["id"])).await.json, image.json);

        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
        let text = ada.upload("logo.svg", svg).await.json;
        assert_eq!((&text["kind"], &text["media_type"]), (&json!("text"), &json!("text/plain")));
        assert_eq!(text["width"], Value::Null);

        for (name, bytes, refusal) in [
            ("a.pdf", &b"%PDF-1.7 ..."[..], (415, "unsupported_media_type")),
            ("a.png", b"MZ\x90\0", (415, "unsupported_media_type")),
            ("latin.txt", b"caf\xe9", (415, "unsupported_media_type")),
            ("empty.txt", b"", (422, "invalid")),
            ("cut.png", &png()[..20], (422, "invalid")),
        ] {
            let refused = ada.upload(name, bytes).await;
            assert_eq!(refused.refusal(), refusal, "{name}: {}", refused.text);
        }
        let plain = ada.post("/api/v1/files", json!({})).await;
        assert_eq!(plain.refusal(), (415, "unsupported_media_type"));
        let request = ada.request(Method::POST, "/api/v1/files");
        let request = request.header("content-type", "multipart/form-data; boundary=x").body("--x--\r\n");
        let nothing = Answer::read(request.send().await.unwrap()).await;
        assert_eq!((nothing.refusal(), nothing.pointer()), ((422, "invalid"), "/file"));

        let form = async |fields: &[(&str, &str)]| {
            let part = |(name, content): &(&str, &str)| {
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
            };
            let body = fields.iter().map(part).collect::<String>() + "--x--\r\n";
            let request = ada.request(Method::POST, "/api/v1/files");
            let request = request.header("content-type", "multipart/form-data; boundary=x").body(body);
            Answer::read(request.send().await.unwrap()).await
        };
        let twice = form(&[("file", "a"), ("file", "b")]).await;
        assert_eq!((twice.refusal(), twice.pointer()), ((422, "invalid"), "/file"));
        assert_eq!(form(&[("file", "a"), ("", "b")]).await.refusal(), (422, "invalid"));
        assert_eq!(form(&[("file", "a"), ("note-1", "b")]).await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn a_content_is_served_as_what_it_is_and_can_do_nothing() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (image, page) =
            (brought(&ada, "è.png", &png()).await, brought(&ada, "x.html", b"<script>1</script>").await);

        let path = format!("/api/v1/files/{image}/content");
        let response = ada.request(Method::GET, &path).send().await.unwrap();
        let headers = response.headers().clone();
        assert_eq!(response.bytes().await.unwrap(), png());
        assert_eq!(headers["content-type"], "image/png");
        assert_eq!(headers["content-disposition"], "inline; filename=\"_.png\"; filename*=UTF-8''%C3%A8.png");
        assert_eq!(headers["cache-control"], "private, max-age=31536000, immutable");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        let again =
            ada.request(Method::GET, &path).header("if-none-match", &headers["etag"]).send().await.unwrap();
        assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0));

        let text = content(&ada, page).await;
        assert_eq!(text.text, "<script>1</script>");
        assert_eq!(text.headers["content-type"], "text/plain; charset=utf-8");
        assert!(text.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
        let policy = text.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");

        let (theirs, none) = (content(&bob, image).await, content(&bob, 4242).await);
        assert_eq!((theirs.status, theirs.sameness()), (404, none.sameness()));
        assert_eq!(content(&server.anonymous(), image).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_leaves_nothing() {
    let small = |config: &mut services::Config| {
        config.files.image_bytes = 100_000;
        config.files.text_bytes = 1_000;
        config.files.account_bytes = 3_000;
    };
    on_both_with(small, async |server: TestServer| {
        let ada = server.user("ada").await;
        assert_eq!(ada.upload("a.txt", &[b'a'; 1_000]).await.status, 201);
        let larger = ada.upload("a.txt", &[b'a'; 1_001]).await;
        assert_eq!(larger.refusal(), (413, "too_large"));
        assert!(larger.json["detail"].as_str().unwrap().contains("1000 bytes"), "{}", larger.text);
        let mut image = png();
        image.resize(50_000_000, 0);
        assert_eq!(ada.upload("a.png", &image).await.refusal(), (413, "too_large"));
        assert_eq!(ada.upload("b.txt", &[b'b'; 1_000]).await.status, 201);
        let uploads = (0..4).map(|n| {
            let ada = ada.clone();
            async move { ada.upload("c.txt", &[b'c' + n; 1_000]).await.status }
        });
        let mut statuses = futures_util::future::join_all(uploads).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 413, 413, 413], "exactly at the limit of the account");
        let limits = &server.anonymous().get("/api/v1/instance").await.json["files"];
        assert_eq!(limits, &json!({ "image_bytes": 100_000, "text_bytes": 1_000, "per_message": 10 }));
        let incoming = server.app.config.data_dir.join("blobs/incoming");
        assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
        assert_eq!(blobs(&server), 3);
    })
    .await;
}

#[tokio::test]
async fn a_file_can_be_taken_back_until_it_is_sent() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let (first, same) = (brought(&ada, "a.txt", b"same").await, brought(&bob, "b.txt", b"same").await);
        assert_eq!(blobs(&server), 1, "the same content lies there once");
        let path = format!("/api/v1/files/{first}");
        assert_eq!(bob.delete(&path).await.status, 404);
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(ada.delete(&path).await.status, 404);
        assert_eq!(content(&bob, same).await.text, "same", "somebody else's is still there");
        said(&bob, "Look", &[same]).await;
        assert_eq!(bob.delete(&format!("/api/v1/files/{same}")).await.refusal(), (409, "file_in_use"));
        assert_eq!(bob.get(&format!("/api/v1/files/{same}")).await.json["used"], true);
    })
    .await;
}

#[tokio::test]
async fn a_message_says_which_files_go_with_it() {
    on_both_with(seeing, async |server: TestServer| {
        let ada = server.user("ada").await;
        let (image, notes) = (brought(&ada, "a.png", &png()).await, brought(&ada, "n.md", b"# N").await);
        let talk = said(&ada, "", &[image, notes]).await["conversation_id"].clone();
        let detail = ada.get(&format!("/api/v1/conversations/{talk}")).await.json;
        assert_eq!(detail["title"], "a.png", "named by its first file");
        let messages = ada.get(&format!("/api/v1/conversations/{talk}/messages")).await.json;
        let file = |id: i64,
                    name: &str,
                    kind: &str,
                    media: &str,
                    size: usize,
                    width: Value,
                    height: Value| {
            json!({ "type": "file", "id": id, "name": name, "kind": kind, "media_type": media, "size": size,
                    "width": width, "height": height })
        };
        let parts = json!([
            file(image, "a.png", "image", "image/png", png().len(), json!(2), json!(1)),
            file(notes, "n.md", "text", "text/plain", 3, Value::Null, Value::Null),
        ]);
        assert_eq!((&messages[0]["parts"], &messages[0]["content"]), (&parts, &json!("")));

        let edit = format!("/api/v1/messages/{}/edit", messages[0]["id"]);
        assert_eq!(ada.post(&edit, json!({ "message": "Look" })).await.status, 200);
        let kept = ada.get(&format!("/api/v1/conversations/{talk}/messages")).await.json;
        assert_eq!(kept[0]["parts"].as_array().unwrap().len(), 3, "an edit keeps the files");
        assert_eq!(ada.post(&edit, json!({ "message": "One", "attachments": [notes] })).await.status, 200);
        let fewer = ada.get(&format!("/api/v1/conversations/{talk}/messages")).await.json;
        assert_eq!(fewer[0]["parts"], json!([parts[1], { "type": "text", "text": "One" }]));
        let nothing = ada.post(&edit, json!({ "message": " ", "attachments": [] })).await;
        assert_eq!((nothing.refusal(), nothing.pointer()), ((409, "unfit"), "/message"));
        let markdown = ada.get(&format!("/api/v1/conversations/{talk}/export.md")).await.text;
        assert!(markdown.contains("[File: n.md]\n"), "{markdown}");
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_file_cannot_be_sent() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let secret = brought(&ada, "secret.txt", b"the secret words").await;
        let own = brought(&bob, "own.txt", b"own").await;
        let send = async |files: Value| {
            bob.post("/api/v1/chat/simple", json!({ "message": "Look", "attachments": files })).await
        };
        let (theirs, none) = (send(json!([own, secret])).await, send(json!([own, 4242])).await);
        assert_eq!((theirs.status, theirs.sameness()), (404, none.sameness()));
        assert_eq!(send(json!([own, own])).await.pointer(), "/attachments");
        let many: Vec<i64> = (0..11).collect();
        assert_eq!(send(json!(many)).await.pointer(), "/attachments");
        assert_eq!(bob.get("/api/v1/conversations").await.json, json!([]), "nothing was kept");
        let question = said(&bob, "Look", &[own]).await;
        let messages = format!("/api/v1/conversations/{}/messages", question["conversation_id"]);
        let id = bob.get(&messages).await.json[0]["id"].clone();
        let edit = json!({ "message": "x", "attachments": [secret] });
        assert_eq!(bob.post(&format!("/api/v1/messages/{id}/edit"), edit).await.status, 404);
        assert!(
            server.provider.requests().iter().all(|seen| !seen.body.to_string().contains("secret words"))
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_key_with_the_same_files_is_the_same_turn() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        let (one, two) = (brought(&ada, "1.txt", b"1").await, brought(&ada, "2.txt", b"2").await);
        let send = async |files: Vec<i64>| {
            let body = json!({ "message": "Look", "attachments": files });
            let request = ada.request(Method::POST, "/api/v1/chat/simple").header("idempotency-key", "k");
            Answer::read(request.json(&body).send().await.unwrap()).await
        };
        let first = send(vec![one]).await;
        assert_eq!(first.status, 200, "{}", first.text);
        assert_eq!(send(vec![one]).await.json["turn_id"], first.json["turn_id"]);
        assert_eq!(send(vec![two]).await.refusal(), (409, "unfit"));
    })
    .await;
}

#[tokio::test]
async fn a_shared_image_is_read_by_the_links_token_and_by_nothing_else() {
    on_both_with(seeing, async |server: TestServer| {
        let ada = server.user("ada").await;
        let nobody = server.anonymous();
        let (image, other) = (brought(&ada, "a.png", &png()).await, brought(&ada, "b.txt", b"other").await);
        let talk = said(&ada, "Look", &[image]).await["conversation_id"].clone();
        let share = format!("/api/v1/conversations/{talk}/share");
        let token = ada.send(Method::POST, &share, None).await.json["token"].as_str().unwrap().to_owned();
        let shown = nobody.get(&format!("/api/v1/shared/{token}")).await.json;
        assert_eq!(shown["messages"][0]["parts"][0]["id"], image);
        let path = |id: i64| format!("/api/v1/shared/{token}/files/{id}");
        let file = nobody.get(&path(image)).await;
        assert_eq!((file.status, &file.headers["content-type"]), (200, &"image/png".parse().unwrap()));
        assert_eq!(file.headers["cache-control"], "private, no-cache");
        assert_eq!(file.headers["x-robots-tag"], "noindex, nofollow");
        assert_eq!(nobody.get(&path(other)).await.status, 404, "only what is shown");
        assert_eq!(content(&nobody, image).await.status, 401);
        assert_eq!(ada.delete(&share).await.status, 204);
        assert_eq!(nobody.get(&path(image)).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn files_go_with_the_last_message_and_a_day_after_they_were_not_sent() {
    on_both(async |server: TestServer| {
        let ada = server.user("ada").await;
        brought(&ada, "never.txt", b"never sent").await;
        let sent = brought(&ada, "sent.txt", b"sent").await;
        let talk = said(&ada, "Look", &[sent]).await["conversation_id"].clone();
        let path = format!("/api/v1/conversations/{talk}");
        let fork = ada.send(Method::POST, &format!("{path}/fork"), None).await.json["id"].clone();
        assert_eq!(ada.delete(&format!("{path}?permanent=true")).await.status, 204);
        services::testing::sweep(&server.app).await;
        assert_eq!(content(&ada, sent).await.text, "sent", "a copy uses it");
        assert_eq!(blobs(&server), 2);
        server.app.clock().advance_ms(25 * 3_600_000);
        services::testing::sweep(&server.app).await;
        until_blobs(&server, 1).await;
        let ada = server.login("ada").await;
        assert_eq!(content(&ada, sent).await.text, "sent");
        assert_eq!(ada.delete(&format!("/api/v1/conversations/{fork}?permanent=true")).await.status, 204);
        services::testing::sweep(&server.app).await;
        until_blobs(&server, 0).await;
        assert_eq!(content(&ada, sent).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn files_that_were_shared_are_the_own_ones_of_who_goes_on() {
    on_both(async |server: TestServer| {
        let (ada, bob) = (server.user("ada").await, server.user("bob").await);
        let sent = brought(&ada, "sent.txt", b"sent").await;
        let talk = said(&ada, "Look", &[sent]).await["conversation_id"].clone();
        let path = format!("/api/v1/conversations/{talk}");
        let token = ada.send(Method::POST, &format!("{path}/share"), None).await.json["token"].clone();
        let link = format!("/api/v1/shared/{}/continue", token.as_str().unwrap());
        let own = bob.send(Method::POST, &link, None).await;
        assert_eq!(own.status, 201, "{}", own.text);
        let copied = bob.get(&format!("/api/v1/conversations/{}/messages", own.json["id"])).await.json;
        let file = copied[0]["parts"].as_array().unwrap().iter().find(|part| part["type"] == "file").unwrap();
        let his = file["id"].as_i64().unwrap();
        assert_ne!(his, sent);
        assert_eq!(content(&bob, his).await.text, "sent");
        assert_eq!((content(&bob, sent).await.status, content(&ada, his).await.status), (404, 404));
        assert_eq!(blobs(&server), 1, "the content is there once");

        // Hers go with her conversation, his stay.
        assert_eq!(ada.delete(&format!("{path}?permanent=true")).await.status, 204);
        server.app.clock().advance_ms(25 * 3_600_000);
        services::testing::sweep(&server.app).await;
        let (ada, bob) = (server.login("ada").await, server.login("bob").await);
        assert_eq!(content(&ada, sent).await.status, 404);
        assert_eq!(content(&bob, his).await.text, "sent");
        let gone = bob.delete(&format!("/api/v1/conversations/{}?permanent=true", own.json["id"])).await;
        assert_eq!(gone.status, 204);
        services::testing::sweep(&server.app).await;
        until_blobs(&server, 0).await;
    })
    .await;
}

#[tokio::test]
async fn an_account_takes_its_files_along_and_away() {
    on_both_with(seeing, async |server: TestServer| {
        let ada = server.user("ada").await;
        let large: Vec<u8> =
            (0..500_000).flat_map(|n: u32| format!("{n}\n").into_bytes()).take(900_000).collect();
        let (image, text) = (brought(&ada, "a.png", &png()).await, brought(&ada, "l.txt", &large).await);
        said(&ada, "Look", &[image]).await;
        let archive = ada.get("/api/v1/me/export").await;
        let files = archive.json["files"].as_array().unwrap_or_else(|| panic!("{:.300}", archive.text));
        let found: Vec<_> = files.iter().map(|file| (file["id"].clone(), file["used"].clone())).collect();
        assert_eq!(found, [(json!(image), json!(true)), (json!(text), json!(false))]);
        let held = |at: usize| BASE64_STANDARD.decode(files[at]["content"].as_str().unwrap()).unwrap();
        assert!(held(0) == png() && held(1) == large);

        let body = json!({ "password": PASSWORD });
        assert_eq!(ada.send(Method::DELETE, "/api/v1/me", Some(body)).await.status, 204);
        services::testing::sweep(&server.app).await;
        until_blobs(&server, 0).await;
    })
    .await;
}
