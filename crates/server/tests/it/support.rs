//! A server for one test, and the people who call it.

use std::{future::Future, net::SocketAddr, time::Duration};

use fakes::Fake;
use reqwest::{Method, RequestBuilder, Response, header::HeaderMap};
use serde_json::{Value, json};
use services::{
    App, Config,
    config::ProviderConfig,
    testing::{BOTH, On, TestApp},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// The password of everybody whose password does not matter.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A running server. Its address, database and provider are its own, and gone with it.
pub(crate) struct TestServer {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    pub(crate) provider: Fake,
    test: Option<TestApp>,
    stop: CancellationToken,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

impl TestServer {
    /// On SQLite, with the settings of a test.
    pub(crate) async fn start() -> Self {
        Self::start_on(On::Sqlite, |_| ()).await
    }

    /// On SQLite, with some settings changed.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(On::Sqlite, change).await
    }

    /// On the database of choice, with some settings changed.
    pub(crate) async fn start_on(on: On, change: impl FnOnce(&mut Config)) -> Self {
        let provider = Fake::start().await;
        let mut config = Config::default();
        config.providers.push(ProviderConfig {
            name: "fake".into(),
            protocol: "openai".into(),
            base_url: provider.base_url(),
            ..ProviderConfig::default()
        });
        // Everybody in a test has the same address.
        config.auth.limits.login_address_per_hour = 0;
        config.auth.limits.login_account_per_hour = 0;
        config.auth.limits.sign_up_address_per_hour = 0;
        config.auth.limits.refresh_address_per_hour = 0;
        config.auth.limits.reset_address_per_hour = 0;
        config.auth.limits.reset_account_per_hour = 0;
        config.auth.limits.shared_address_per_hour = 0;
        config.auth.limits.invitation_account_per_hour = 0;
        config.auth.limits.invitation_address_per_hour = 0;
        config.limits.per_user = 0;
        config.limits.per_address = 0;
        config.limits.all_per_address = 0;
        config.limits.sign_ins_per_address = 0;
        config.limits.asks_per_user = 0;
        config.server.shutdown_seconds = 0;
        config.chat.titles = false;
        change(&mut config);
        Self::serve(TestApp::start(on, config).await, provider).await
    }

    /// Stops the server at once and starts it again on the same data, at another port.
    pub(crate) async fn restart(mut self) -> Self {
        self.stop.cancel();
        self.serving.take().unwrap().await.unwrap().unwrap();
        let test = self.test.take().unwrap().restart().await;
        let provider = std::mem::replace(&mut self.provider, Fake::start().await);
        Self::serve(test, provider).await
    }

    async fn serve(test: TestApp, provider: Fake) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (app, stop) = (test.app.clone(), CancellationToken::new());
        #[expect(
            clippy::disallowed_methods,
            reason = "the server is stopped and awaited, or dropped with the test"
        )]
        let serving = tokio::spawn(server::serve(app.clone(), listener, stop.clone().cancelled_owned()));
        Self { app, address, provider, test: Some(test), stop, serving: Some(serving) }
    }

    /// Nobody in particular.
    pub(crate) fn anonymous(&self) -> Client {
        #[expect(clippy::disallowed_methods, reason = "a test calls its own server")]
        let http = reqwest::Client::new();
        Client { http, base: format!("http://{}", self.address), token: None, refresh: None, id: 0 }
    }

    /// A new account that runs nothing; the first of a server makes an admin too.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let instance = self.anonymous().get("/api/v1/instance").await;
        // The first account is the admin's, so that `user` is never one by chance.
        if self.is_unclaimed().await {
            assert_eq!(instance.status, 200);
            self.admin().await;
        }
        self.register(name).await
    }

    /// The account that runs the installation: the first one.
    pub(crate) async fn admin(&self) -> Client {
        self.register("root").await
    }

    /// Makes an account and signs in to it.
    pub(crate) async fn register(&self, name: &str) -> Client {
        let answer = self.anonymous().post("/api/v1/auth/register", sign_up(name)).await;
        assert_eq!(answer.status, 201, "{:?}", answer.json);
        self.anonymous().with(&answer)
    }

    /// Signs in once more.
    pub(crate) async fn login(&self, name: &str) -> Client {
        let answer = self
            .anonymous()
            .post("/api/v1/auth/login", json!({ "username": name, "password": PASSWORD }))
            .await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        self.anonymous().with(&answer)
    }

    async fn is_unclaimed(&self) -> bool {
        // With a header of a proxy nobody is local, so an unclaimed server asks for the code.
        let asked =
            self.anonymous().request(Method::GET, "/api/v1/instance").header("via", "1.1 test").send();
        asked.await.unwrap().json::<Value>().await.unwrap()["setup_code_needed"] == true
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Runs a test against a server on each database.
pub(crate) async fn on_both<F: Future<Output = ()>>(test: impl Fn(TestServer) -> F) {
    on_both_with(|_| (), test).await;
}

/// The same with some settings changed.
pub(crate) async fn on_both_with<F: Future<Output = ()>>(
    change: impl Fn(&mut Config),
    test: impl Fn(TestServer) -> F,
) {
    for on in BOTH {
        eprintln!("on {on:?}");
        test(TestServer::start_on(on, &change).await).await;
    }
}

/// What makes an account of this name.
pub(crate) fn sign_up(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD })
}

/// Somebody who calls a server.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pub(crate) refresh: Option<String>,
    pub(crate) id: i64,
}

/// What a server answered, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    /// The status and the stable word of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.json["code"].as_str().unwrap_or_default())
    }

    /// The place of the first thing that is wrong.
    pub(crate) fn pointer(&self) -> &str {
        self.json["errors"][0]["pointer"].as_str().unwrap_or_default()
    }

    /// What it says without what differs from request to request.
    pub(crate) fn sameness(&self) -> (u16, Value, Vec<String>) {
        let mut json = self.json.clone();
        if let Some(members) = json.as_object_mut() {
            members.remove("request_id");
        }
        let mut names: Vec<_> = self.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (self.status, json, names)
    }

    /// `name=value` of a cookie that is set, with its attributes.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let mut lines =
            self.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        lines.find(|line| line.starts_with(&format!("{name}=")))
    }
}

impl Client {
    /// The same with the tokens of an answer.
    pub(crate) fn with(mut self, answer: &Answer) -> Self {
        let text = |name: &str| answer.json[name].as_str().map(str::to_owned);
        (self.token, self.refresh) = (text("access_token"), text("refresh_token"));
        self.id = answer.json["id"].as_i64().unwrap_or_default();
        self
    }

    /// A request in this name.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Brings a file, as a browser does.
    pub(crate) async fn upload(&self, name: &str, content: &[u8]) -> Answer {
        let mut form = b"--line\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nignored\r\n".to_vec();
        form.extend(
            format!("--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n")
                .bytes(),
        );
        form.extend(b"Content-Type: application/x-lies\r\n\r\n");
        form.extend(content);
        form.extend(b"\r\n--line--\r\n");
        let request = self.request(Method::POST, "/api/v1/files");
        let request = request.header("content-type", "multipart/form-data; boundary=line").body(form);
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Whether the access token is good for anything.
    pub(crate) async fn is_in(&self) -> bool {
        self.get("/api/v1/auth/me").await.status == 200
    }

    /// Presents the refresh token.
    pub(crate) async fn refresh(&self) -> Answer {
        self.refresh_with(self.refresh.as_deref().unwrap()).await
    }

    /// Presents a refresh token.
    pub(crate) async fn refresh_with(&self, token: &str) -> Answer {
        let client = Self { token: None, ..self.clone() };
        client.post("/api/v1/auth/refresh", json!({ "refresh_token": token })).await
    }

    /// Begins an answer that takes long; the stream is open.
    pub(crate) async fn long_answer(&self) -> Response {
        let body = json!({ "message": "[tokens=100000 rate=50]" });
        let response = self.request(Method::POST, "/api/v1/chat").json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response
    }
}

/// How long a stream stays open from now on.
pub(crate) async fn time_until_end(mut stream: Response) -> Duration {
    let began = std::time::Instant::now();
    let end = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("the stream ends");
    began.elapsed()
}
