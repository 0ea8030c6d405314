//! What a request may look like, and what every answer looks like.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestServer, on_both, sign_up};

const REGISTER: &str = "/api/v1/auth/register";

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_in_our_words() {
    let server = TestServer::start_with(|config| config.server.body_limit_bytes = 64 * 1024).await;
    let anybody = server.anonymous();
    let send = async |kind: Option<&str>, body: Vec<u8>| {
        let request = anybody.request(Method::POST, REGISTER).body(body);
        let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
        Answer::read(request.send().await.unwrap()).await
    };
    let json = Some("application/json");
    for (kind, body, status, code) in [
        (json, "", 400, "malformed_json"),
        (json, "{", 400, "malformed_json"),
        (json, "{} trailing", 422, "invalid"),
        (json, "\u{feff}{}", 400, "malformed_json"),
        (json, r#"{"username":"\ud800"}"#, 400, "malformed_json"),
        (json, "// comment\n{}", 400, "malformed_json"),
        (json, "null", 422, "invalid"),
        (json, "[]", 422, "invalid"),
        (json, "{}", 422, "invalid"),
        (json, r#"{"username":1}"#, 422, "invalid"),
        (json, r#"{"username":null}"#, 422, "invalid"),
        (json, r#"{"username":["a"]}"#, 422, "invalid"),
        (json, r#"{"username":"a","username":"b"}"#, 422, "invalid"),
        (json, &"[".repeat(60_000), 400, "malformed_json"),
        (json, &format!("{}{}", "[".repeat(60), "]".repeat(60)), 422, "invalid"),
        (json, &format!("{{\"x\":{}", "[".repeat(60_000)), 400, "malformed_json"),
        (json, r#"{"username":1e999}"#, 400, "malformed_json"),
        (None, "{}", 415, "unsupported_media_type"),
        (Some("text/plain"), "{}", 415, "unsupported_media_type"),
        (Some("application/x-www-form-urlencoded"), "username=a", 415, "unsupported_media_type"),
    ] {
        let answer = send(kind, body.as_bytes().to_vec()).await;
        assert_eq!(answer.refusal(), (status, code), "{body:.60} {:?}", answer.json);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    assert_eq!(send(json, b"{\"username\":\"\xff\"}".to_vec()).await.status, 400);
    assert_eq!(send(json, vec![b' '; 64 * 1024 + 1]).await.refusal(), (413, "too_large"));
    let endless = reqwest::Body::wrap_stream(futures_util::stream::iter(
        (0..3).map(|_| Ok::<_, std::io::Error>(vec![b' '; 60_000])),
    ));
    let chunked =
        anybody.request(Method::POST, REGISTER).header("content-type", "application/json").body(endless);
    assert_eq!(chunked.send().await.unwrap().status(), 413, "also when it does not say how long it is");
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_place() {
    let server = TestServer::start().await;
    let anybody = server.anonymous();
    for member in ["username", "email", "password"] {
        let mut body = sign_up("ada");
        body.as_object_mut().unwrap().remove(member);
        let answer = anybody.post(REGISTER, body).await;
        assert_eq!((answer.status, answer.pointer()), (422, format!("/{member}").as_str()));
        assert_eq!(answer.json["detail"], format!("`{member}` is missing."));
    }
    for member in ["username", "email", "password", "full_name", "setup_code"] {
        let mut body = sign_up("ada");
        body[member] = json!("nul \0 nul nul");
        let answer = anybody.post(REGISTER, body).await;
        assert_eq!((answer.status, answer.pointer()), (422, format!("/{member}").as_str()));
    }
    assert!(server.register("ada").await.is_in().await);
}

#[tokio::test]
async fn no_text_reaches_the_database_as_anything_but_text() {
    on_both(async |server| {
        let anybody = server.anonymous();
        for name in ["' OR 1=1 --", "\"; DROP TABLE users; --", "%", "_", "a'||(SELECT 1)||'", "\u{0}"] {
            let login =
                anybody.post("/api/v1/auth/login", json!({ "username": name, "password": PASSWORD })).await;
            assert!([401, 422].contains(&login.status), "{name:?}");
        }
        let mut ada = sign_up("ada");
        ada["full_name"] = json!("Robert'); DROP TABLE users;-- \u{202e}🦀");
        assert_eq!(anybody.post(REGISTER, ada.clone()).await.json["full_name"], ada["full_name"]);
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_a_number_and_protects_itself() {
    let server = TestServer::start().await;
    let anybody = server.anonymous();
    for (method, path, status, code) in [
        (Method::GET, "/health", 200, ""),
        (Method::GET, "/ready", 200, ""),
        (Method::GET, "/openapi.json", 200, ""),
        (Method::GET, "/api/v1/instance", 200, ""),
        (Method::GET, "/api/v1/auth/me", 401, "unauthenticated"),
        (Method::GET, "/api/v1/nothing", 404, "no_such_path"),
        (Method::GET, "/api/v1", 404, "no_such_path"),
        (Method::GET, "/api/v1/auth/login", 405, "method_not_allowed"),
        (Method::POST, "/nowhere", 404, "no_such_path"),
    ] {
        let answer = anybody.send(method, path, None).await;
        assert_eq!(answer.refusal(), (status, code), "{path}");
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'")
        );
        if status >= 400 {
            assert_eq!(answer.json["request_id"], id);
            assert_eq!(
                (&answer.json["status"], &answer.json["type"]),
                (&json!(status), &json!("about:blank"))
            );
        }
        if status == 405 {
            assert_eq!(answer.headers["allow"], "POST");
        }
    }
    let named = anybody
        .request(Method::GET, "/api/v1/me")
        .header("x-request-id", "from-the-proxy.1")
        .send()
        .await
        .unwrap();
    assert_eq!(named.headers()["x-request-id"], "from-the-proxy.1");
    let strange =
        anybody.request(Method::GET, "/api/v1/me").header("x-request-id", "a b").send().await.unwrap();
    assert_ne!(strange.headers()["x-request-id"], "a b");
}

#[tokio::test]
async fn the_page_is_for_browsers_and_never_for_an_api() {
    let server = TestServer::start().await;
    let anybody = server.anonymous();
    let browse = async |path: &str| {
        let answer =
            anybody.request(Method::GET, path).header("accept", "text/html,*/*;q=0.8").send().await.unwrap();
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap().to_owned())
    };
    assert!(browse("/c/123").await.1.starts_with("text/html"));
    assert!(browse("/").await.1.starts_with("text/html"));
    assert_eq!(browse("/api/v1/nothing").await, (404, "application/problem+json".into()));
    // In the words of the other clients whose paths these could be.
    for path in ["/v1/nothing", "/api/nothing", "/sessions/1/nothing", "/groups/1/nothing"] {
        assert_eq!(browse(path).await, (404, "application/json".into()), "{path}");
    }
}

#[tokio::test]
async fn the_health_of_the_server_is_told_to_everybody() {
    on_both(async |server| {
        let health = server.anonymous().get("/health").await.json;
        let members: Vec<_> = health.as_object().unwrap().keys().cloned().collect();
        for member in ["status", "timestamp", "uptime", "environment", "version", "memory", "database"] {
            assert!(members.contains(&member.to_owned()), "{member}");
        }
        assert_eq!((&health["status"], &health["database"]), (&json!("OK"), &json!("connected")));
        let instance = server.anonymous().get("/api/v1/instance").await.json;
        let expected: Value = json!({
            "name": "Colloquy", "version": env!("CARGO_PKG_VERSION"), "sign_up_open": true, "setup_code_needed": false,
            "sign_in_providers": [], "has_accounts": false, "mail_reaches_people": false,
            "files": { "image_bytes": 20_971_520, "text_bytes": 2_097_152, "per_message": 10 },
            "web_search": true,
        });
        assert_eq!(instance, expected, "and nothing else");
    })
    .await;
}
