//! The web app's cookies, and who may use them.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, on_both, on_both_with, sign_up};

const LOGIN: &str = "/api/v1/auth/login";
const HERE: &str = "http://127.0.0.1:1";

async fn call(
    client: &Client,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<serde_json::Value>,
) -> Answer {
    let request = headers
        .iter()
        .fold(client.request(method, path), |request, (name, value)| request.header(*name, *value));
    let request = match &body {
        Some(body) => request.json(body),
        None => request,
    };
    Answer::read(request.send().await.unwrap()).await
}

/// `name=value` without the attributes.
fn pair(line: &str) -> String {
    line.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_web_app_gets_its_tokens_as_cookies_only() {
    on_both(async |server| {
        let anybody = server.anonymous();
        let web = ("x-colloquy-web", "1");
        let made = call(&anybody, Method::POST, "/api/v1/auth/register", &[web], Some(sign_up("ada"))).await;
        assert_eq!(made.status, 201);
        assert!(made.json.get("access_token").is_none() && made.json.get("refresh_token").is_none());
        assert_eq!(made.json["user"]["username"], "ada");
        let (session, refresh) =
            (made.cookie("colloquy_session").unwrap(), made.cookie("colloquy_refresh").unwrap());
        assert!(session.ends_with("; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax"), "{session}");
        assert!(
            refresh.ends_with("; Path=/api/v1/auth; Max-Age=2592000; HttpOnly; SameSite=Strict"),
            "{refresh}"
        );
        let (session, refresh) = (pair(&session), pair(&refresh));

        let me = call(&anybody, Method::GET, "/api/v1/auth/me", &[("cookie", &session)], None).await;
        assert_eq!(me.json["username"], "ada");

        // No header: what came in a cookie stays in cookies all the same.
        let renewed =
            call(&anybody, Method::POST, "/api/v1/auth/refresh", &[("cookie", &refresh)], None).await;
        assert_eq!(renewed.status, 200);
        assert!(renewed.json.get("refresh_token").is_none());
        let session = pair(&renewed.cookie("colloquy_session").unwrap());
        let refresh = pair(&renewed.cookie("colloquy_refresh").unwrap());

        // The access token may be gone when somebody signs out.
        let out =
            call(&anybody, Method::POST, "/api/v1/auth/logout", &[web, ("cookie", &refresh)], None).await;
        assert_eq!(out.status, 204);
        assert!(out.cookie("colloquy_session").unwrap().contains("Max-Age=0"));
        let me = call(&anybody, Method::GET, "/api/v1/auth/me", &[("cookie", &session)], None).await;
        assert_eq!(me.status, 401);

        let login = json!({ "username": "ada", "password": PASSWORD });
        let plain = call(&anybody, Method::POST, LOGIN, &[], Some(login)).await;
        assert!(plain.headers.get("set-cookie").is_none() && plain.json["access_token"].is_string());
    })
    .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_with_https_cookies_are_bound_to_it() {
    on_both_with(
        |config| config.server.trusted_proxies = vec!["127.0.0.0/8".into()],
        async |server| {
            server.admin().await;
            let anybody = server.anonymous();
            let login = || Some(json!({ "username": "root", "password": PASSWORD }));
            let https = [
                ("x-colloquy-web", "1"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "chat.example.org"),
                ("x-forwarded-for", "203.0.113.9"),
                ("origin", "https://chat.example.org"),
            ];
            let answer = call(&anybody, Method::POST, LOGIN, &https, login()).await;
            assert_eq!(answer.status, 200);
            let session = answer.cookie("__Host-colloquy_session").unwrap();
            assert!(
                session.contains("; Path=/;") && session.ends_with("; Secure") && !session.contains("Domain")
            );
            assert!(answer.cookie("__Secure-colloquy_refresh").unwrap().ends_with("; Secure"));
            assert!(answer.headers.contains_key("strict-transport-security"));
            let cookie = pair(&session);
            let sessions =
                call(&anybody, Method::GET, "/api/v1/auth/sessions", &[("cookie", &cookie)], None).await;
            assert_eq!(sessions.json[0]["ip"], "203.0.113.9");
        },
    )
    .await;
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_not_believed() {
    on_both(async |distrusting| {
        distrusting.admin().await;
        let login = Some(json!({ "username": "root", "password": PASSWORD }));
        let https = [
            ("x-colloquy-web", "1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "chat.example.org"),
        ];
        let answer = call(&distrusting.anonymous(), Method::POST, LOGIN, &https, login).await;
        assert!(
            answer.cookie("__Host-colloquy_session").is_none() && answer.cookie("colloquy_session").is_some()
        );
    })
    .await;
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_the_cookie() {
    on_both_with(
        |config| {
            config.server.public_url = Some("https://chat.example.org".into());
            config.server.cors_origins = vec!["*".into(), "https://app.example.org".into()];
        },
        async |server| {
            let ada = server.user("ada").await;
            let anybody = server.anonymous();
            let cookie = format!("colloquy_session={}", ada.token.as_deref().unwrap());
            let own = format!("http://{}", server.address);
            let change = || Some(json!({ "full_name": "Ada" }));
            for (headers, status) in [
                (vec![], 200),
                (vec![("origin", own.as_str())], 200),
                (vec![("origin", "https://chat.example.org")], 200),
                (vec![("origin", "https://app.example.org")], 200),
                (vec![("origin", HERE)], 403),
                (vec![("origin", "https://evil.example")], 403),
                (vec![("origin", "null")], 403),
                (vec![("sec-fetch-site", "cross-site")], 403),
                (vec![("sec-fetch-site", "same-site")], 403),
                (vec![("sec-fetch-site", "same-origin")], 200),
                (vec![("sec-fetch-site", "none")], 200),
            ] {
                let with_cookie: Vec<_> =
                    headers.iter().copied().chain([("cookie", cookie.as_str())]).collect();
                let answer = call(&anybody, Method::PATCH, "/api/v1/me", &with_cookie, change()).await;
                assert_eq!(answer.status, status, "{headers:?}");
                assert!(status == 200 || answer.refusal() == (403, "foreign_origin"));
                let read = call(&anybody, Method::GET, "/api/v1/me", &with_cookie, None).await;
                assert_eq!(read.status, 200, "reading changes nothing: {headers:?}");
                let by_token = call(&ada, Method::PATCH, "/api/v1/me", &headers, change()).await;
                assert_eq!(by_token.status, 200, "a token in a header is no cookie: {headers:?}");

                let sets_cookies: Vec<_> = headers.iter().copied().chain([("x-colloquy-web", "1")]).collect();
                let login = Some(json!({ "username": "ada", "password": PASSWORD }));
                assert_eq!(
                    call(&anybody, Method::POST, LOGIN, &sets_cookies, login).await.status,
                    status,
                    "{headers:?}"
                );
                let refresh = server.login("ada").await.refresh.unwrap();
                let line = format!("colloquy_refresh={refresh}");
                let refreshing: Vec<_> = headers.iter().copied().chain([("cookie", line.as_str())]).collect();
                let answer = call(&anybody, Method::POST, "/api/v1/auth/refresh", &refreshing, None).await;
                assert_eq!(answer.status, status, "{headers:?}");
                let answer = call(&anybody, Method::POST, "/api/v1/auth/logout", &refreshing, None).await;
                assert_eq!(answer.status, if status == 200 { 204 } else { 403 }, "{headers:?}");
            }
        },
    )
    .await;
}

#[tokio::test]
async fn listed_origins_may_call_with_cookies_and_others_without() {
    on_both_with(
        |config| {
            config.server.cors_origins = vec!["*".into(), "https://app.example.org".into()];
        },
        async |server| {
            let allowed = async |origin: &str| {
                let preflight = [
                    ("origin", origin),
                    ("access-control-request-method", "PATCH"),
                    ("access-control-request-headers", "content-type,idempotency-key"),
                ];
                let answer = call(&server.anonymous(), Method::OPTIONS, "/api/v1/me", &preflight, None).await;
                let told =
                    |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
                (told("access-control-allow-origin"), told("access-control-allow-credentials"))
            };
            assert_eq!(
                allowed("https://app.example.org").await,
                (Some("https://app.example.org".into()), Some("true".into()))
            );
            assert_eq!(allowed("https://evil.example").await, (Some("https://evil.example".into()), None));
        },
    )
    .await;
}

#[tokio::test]
async fn without_a_list_no_other_origin_may_call() {
    on_both(async |strict| {
        let answer = call(
            &strict.anonymous(),
            Method::GET,
            "/api/v1/instance",
            &[("origin", "https://evil.example")],
            None,
        )
        .await;
        assert!(answer.headers.get("access-control-allow-origin").is_none());
    })
    .await;
}
