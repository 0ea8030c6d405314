//! Signing in with an account at another service.

mod believed;
mod down;
mod linking;

use std::{cell::RefCell, collections::BTreeMap, future::Future};

use fakes::FakeOidc;
use reqwest::Method;
use serde_json::{Value, json};
use services::config::{OidcProvider, SignUp};

use crate::support::{Answer, Client, TestServer};

/// A browser: it keeps cookies, and follows nothing by itself.
pub(crate) struct Browser {
    http: reqwest::Client,
    base: String,
    accepts: &'static str,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn of(server: &TestServer) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test calls its own server")]
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = format!("http://{}", server.address);
        Self { http, base, accepts: "text/html", cookies: RefCell::default() }
    }

    /// A program that keeps cookies as a browser does.
    pub(crate) fn program(server: &TestServer) -> Self {
        Self { accepts: "application/json", ..Self::of(server) }
    }

    async fn send(&self, method: Method, url: &str, body: Option<Value>) -> Answer {
        let url = if url.starts_with('/') { format!("{}{url}", self.base) } else { url.to_owned() };
        let is_ours = url.starts_with(&self.base);
        let mut request = self.http.request(method, &url).header("accept", self.accepts);
        if is_ours {
            let cookies = self.cookies.borrow();
            let line: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", line.join("; ")).header("x-colloquy-web", "1");
        }
        let request = if let Some(body) = &body { request.json(body) } else { request };
        let answer = Answer::read(request.send().await.unwrap()).await;
        if is_ours {
            for line in answer.headers.get_all("set-cookie") {
                let pair = line.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.borrow_mut().insert(name.into(), value.into());
            }
        }
        answer
    }

    pub(crate) async fn get(&self, url: &str) -> Answer {
        self.send(Method::GET, url, None).await
    }

    async fn post(&self, url: &str, body: Value) -> Answer {
        self.send(Method::POST, url, Some(body)).await
    }

    /// Goes to another service by this page, and gives the address that it sends back to.
    pub(crate) async fn leave(&self, page: &str) -> String {
        let there = location(&self.get(page).await);
        assert!(!there.starts_with('/'), "{there}");
        location(&self.get(&there).await)
    }

    /// The whole way: gives the page of the app where it ends.
    async fn come_in(&self) -> String {
        let back = self.leave(LOGIN).await;
        location(&self.get(&back).await)
    }

    /// Who is signed in here.
    pub(crate) async fn user(&self) -> Option<String> {
        let me = self.get("/api/v1/auth/me").await;
        me.json["username"].as_str().map(str::to_owned)
    }

    /// Signs in with the token of somebody.
    fn be(&self, who: &Client) {
        self.cookies.borrow_mut().insert("colloquy_session".into(), who.token.clone().unwrap());
    }

    fn forget(&self) {
        self.cookies.borrow_mut().clear();
    }
}

/// Where an answer leads.
pub(crate) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    answer.headers["location"].to_str().unwrap().to_owned()
}

const LOGIN: &str = "/api/v1/auth/fake/login";

pub(crate) fn settings(provider: &FakeOidc) -> OidcProvider {
    OidcProvider {
        issuer: provider.issuer(),
        client_id: "colloquy".into(),
        client_secret: Some("a secret, of us two".into()),
        ..OidcProvider::default()
    }
}

/// A server with an administrator and a service named `fake`, on each database.
async fn on_both<F: Future<Output = ()>>(test: impl Fn(TestServer, FakeOidc) -> F) {
    for_each(|_| (), test).await;
}

async fn for_each<F: Future<Output = ()>>(
    change: impl Fn(&mut OidcProvider),
    test: impl Fn(TestServer, FakeOidc) -> F,
) {
    for on in services::testing::BOTH {
        let provider = FakeOidc::start();
        let mut settings = settings(&provider);
        change(&mut settings);
        let server = TestServer::start_on(on, |config| {
            config.auth.oidc.insert("fake".into(), settings);
        })
        .await;
        server.admin().await;
        test(server, provider).await;
    }
}

#[tokio::test]
async fn whoever_comes_the_first_time_gets_an_account_and_comes_back_to_it() {
    on_both(async |server, provider| {
        let browser = Browser::of(&server);
        assert_eq!(browser.come_in().await, "/");
        let me = browser.get("/api/v1/auth/me").await.json;
        assert_eq!(
            (&me["username"], &me["email"], &me["full_name"], &me["role"], &me["is_verified"]),
            (&json!("ada"), &json!("ada@example.org"), &json!("Ada Lovelace"), &json!("user"), &json!(true))
        );
        // The address there may change: it is still she.
        provider.set_person(json!({ "sub": "ada-1", "email": "new@example.org", "email_verified": false }));
        let other = Browser::of(&server);
        assert_eq!(other.come_in().await, "/");
        assert_eq!(other.get("/api/v1/auth/me").await.json["id"], me["id"]);
        let ways = other.get("/api/v1/me/identities").await.json;
        assert_eq!(
            (&ways["has_password"], &ways["identities"][0]["provider"]),
            (&json!(false), &json!("fake"))
        );
        assert_eq!(ways["identities"].as_array().unwrap().len(), 1);
        // The session is one of the web app.
        let sessions = other.get("/api/v1/auth/sessions").await.json;
        assert_eq!(sessions.as_array().unwrap().len(), 2);
        assert_eq!(other.post("/api/v1/auth/refresh", json!({})).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn two_of_one_name_get_two_names() {
    on_both(async |server, provider| {
        server.user("ada").await;
        provider.set_person(json!({
            "sub": "other", "email": "ada@elsewhere.org", "email_verified": true, "preferred_username": "Ada",
        }));
        let browser = Browser::of(&server);
        assert_eq!(browser.come_in().await, "/");
        assert_eq!(browser.user().await.as_deref(), Some("Ada-1"));
    })
    .await;
}

#[tokio::test]
async fn the_first_account_is_the_administrators_once() {
    for on in services::testing::BOTH {
        let provider = FakeOidc::start();
        let settings = settings(&provider);
        let server = TestServer::start_on(on, |config| {
            config.auth.oidc.insert("fake".into(), settings);
        })
        .await;
        // From elsewhere the first account needs the code of the log.
        let browser = Browser::of(&server);
        let refused =
            browser.http.get(format!("{}{LOGIN}", browser.base)).header("via", "1.1 proxy").send().await;
        assert_eq!(location(&Answer::read(refused.unwrap()).await), "/login?problem=setup_code_needed");

        let mut ways = Vec::new();
        for n in 0..6 {
            provider.set_person(
                json!({ "sub": format!("p{n}"), "email": format!("p{n}@example.org"), "email_verified": true }),
            );
            let browser = Browser::of(&server);
            let back = browser.leave(LOGIN).await;
            ways.push((browser, back));
        }
        let by_password = futures_util::future::join_all((0..6).map(|n| {
            let server = &server;
            async move { server.register(&format!("q{n}")).await.get("/api/v1/auth/me").await.json }
        }));
        let by_provider = futures_util::future::join_all(ways.iter().map(async |(browser, back)| {
            browser.get(back).await;
            browser.get("/api/v1/auth/me").await.json
        }));
        let (mut all, others) = tokio::join!(by_password, by_provider);
        all.extend(others);
        let admins: std::collections::BTreeSet<_> =
            all.iter().filter(|me| me["role"] == "admin").map(|me| me["id"].as_i64()).collect();
        assert_eq!(admins.len(), 1, "{all:?}");
    }
}

#[tokio::test]
async fn who_may_make_an_account_is_said_by_the_settings() {
    for_each(
        |settings| settings.sign_up = Some(SignUp::Closed),
        async |server, provider| {
            let browser = Browser::of(&server);
            assert_eq!(browser.come_in().await, "/login?problem=sign_up_closed");
            assert_eq!(browser.user().await, None);
            // Who has an account and has linked it comes in.
            let bob = server.user("bob").await;
            browser.be(&bob);
            link_in_settings(&browser).await;
            browser.forget();
            assert_eq!(browser.come_in().await, "/");
            assert_eq!(browser.user().await.as_deref(), Some("bob"));
            drop(provider);
        },
    )
    .await;
}

/// The way from the settings and back.
async fn link_in_settings(browser: &Browser) -> String {
    let body = json!({ "provider": "fake", "from": "/settings/security" });
    let onward = browser.post("/api/v1/me/identities", body).await;
    assert_eq!(onward.status, 200, "{}", onward.text);
    let back = location(&browser.get(onward.json["url"].as_str().unwrap()).await);
    location(&browser.get(&back).await)
}

#[tokio::test]
async fn who_is_barred_stays_out() {
    on_both(async |server, _provider| {
        let browser = Browser::of(&server);
        browser.come_in().await;
        let id = browser.get("/api/v1/auth/me").await.json["id"].as_i64().unwrap();
        services::accounts::deactivate(&server.app, services::domain::UserId(id)).await.unwrap();
        browser.forget();
        assert_eq!(browser.come_in().await, "/login?problem=account_deactivated");
        assert_eq!(browser.user().await, None);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_nobody_vouches_for_makes_no_account() {
    on_both(async |server, provider| {
        for person in [
            json!({ "sub": "eve", "email": "eve@example.org", "email_verified": false }),
            json!({ "sub": "eve", "email": "eve@example.org" }),
            json!({ "sub": "eve" }),
        ] {
            provider.set_person(person);
            let browser = Browser::of(&server);
            assert_eq!(browser.come_in().await, "/login?problem=email_not_verified");
            assert_eq!(browser.user().await, None);
        }
    })
    .await;
}

#[tokio::test]
async fn people_come_back_to_the_page_they_left_and_to_no_other_site() {
    on_both(async |server, _provider| {
        for (from, to) in [
            ("/c/12", "/c/12"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example/", "/"),
            ("/%0d%0aset-cookie:%20a=b", "/"),
            ("/api/v1/auth/logout", "/"),
        ] {
            let browser = Browser::of(&server);
            let back = browser.leave(&format!("{LOGIN}?from={from}")).await;
            assert_eq!(location(&browser.get(&back).await), to, "{from}");
        }
    })
    .await;
}

#[tokio::test]
async fn anybody_sees_which_services_there_are() {
    on_both(async |server, _provider| {
        let anybody = server.anonymous();
        let known = json!([{ "id": "fake", "name": "Fake", "login_url": LOGIN }]);
        assert_eq!(anybody.get("/api/v1/auth/providers").await.json, known);
        assert_eq!(anybody.get("/api/v1/instance").await.json["sign_in_providers"], known);
        assert_eq!(anybody.get("/api/v1/auth/other/login").await.refusal(), (404, "not_found"));
        assert_eq!(
            anybody.get("/api/v1/auth/other/callback?state=x&code=y").await.refusal(),
            (404, "not_found")
        );
    })
    .await;
}

#[tokio::test]
async fn the_address_to_come_back_to_is_the_settings_and_never_the_requests() {
    let provider = FakeOidc::start();
    let settings = settings(&provider);
    let server = TestServer::start_with(|config| {
        config.auth.oidc.insert("fake".into(), settings);
        config.server.public_url = Some("https://chat.example.org".into());
    })
    .await;
    server.admin().await;
    let browser = Browser::of(&server);
    let asked = browser
        .http
        .get(format!("{}{LOGIN}", browser.base))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http");
    let there = location(&Answer::read(asked.send().await.unwrap()).await);
    let back = "redirect_uri=https%3A%2F%2Fchat.example.org%2Fapi%2Fv1%2Fauth%2Ffake%2Fcallback";
    assert!(there.contains(back), "{there}");
}

#[tokio::test]
async fn each_try_has_a_state_a_nonce_and_a_challenge_of_its_own() {
    on_both(async |server, _provider| {
        let browser = Browser::of(&server);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let there = location(&browser.get(LOGIN).await);
            let words = there.split_once('?').unwrap().1;
            for name in ["state=", "nonce=", "code_challenge="] {
                let word = words.split('&').find(|word| word.starts_with(name)).unwrap();
                assert!(word.len() > name.len() + 40, "{word}");
                assert!(seen.insert(word.to_owned()), "{word} again");
            }
            assert!(words.contains("code_challenge_method=S256") && words.contains("response_type=code"));
        }
    })
    .await;
}
