//! Making accounts: who may, and as what.

use reqwest::Method;
use serde_json::{Value, json};
use services::{
    config::{FirstSignUp, SignUp},
    testing::BOTH,
};

use crate::support::{Answer, Client, PASSWORD, TestServer, on_both, sign_up};

const REGISTER: &str = "/api/v1/auth/register";

/// Signs up as somebody who is not plainly on this machine.
async fn from_afar(client: &Client, header: (&str, &str), body: Value) -> Answer {
    let request = client.request(Method::POST, REGISTER).header(header.0, header.1).json(&body);
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn passwords_have_8_to_128_characters_and_are_taken_as_typed() {
    let server = TestServer::start().await;
    let anybody = server.anonymous();
    let long = |tail: &str| format!("{}{tail}", "x".repeat(92));
    let taken = [
        "12345678",
        "  spaces at both ends  ",
        "🦀🦀🦀🦀🦀🦀🦀🦀",
        &"p".repeat(64),
        &"é".repeat(128),
        &long("tail-one"),
    ];
    for (n, password) in taken.iter().enumerate() {
        let name = format!("user{n}");
        let mut body = sign_up(&name);
        body["password"] = json!(password);
        assert_eq!(anybody.post(REGISTER, body).await.status, 201, "{password}");
        let login = async |password: &str| {
            anybody.post("/api/v1/auth/login", json!({ "username": name, "password": password })).await.status
        };
        assert_eq!(login(password).await, 200);
        assert_eq!(login(&format!("{password} ")).await, 401);
    }
    let login = json!({ "username": "user5", "password": long("tail-two") });
    assert_eq!(anybody.post("/api/v1/auth/login", login).await.status, 401, "no cut at 72 bytes");
    for password in ["1234567", &"p".repeat(129), "nul\0nul-nul", ""] {
        let mut body = sign_up("nobody");
        body["password"] = json!(password);
        let refused = anybody.post(REGISTER, body).await;
        assert_eq!((refused.status, refused.pointer()), (422, "/password"), "{password:?}");
    }
}

#[tokio::test]
async fn names_are_one_persons_in_every_spelling() {
    on_both(async |server| {
        let anybody = server.anonymous();
        server.register("victim").await;
        for (name, email, code) in [
            ("VICTIM", "new@example.org", "username_taken"),
            ("ｖictim", "new@example.org", "username_taken"),
            (" victim ", "new@example.org", "username_taken"),
            ("fresh", "VICTIM@Example.ORG", "email_taken"),
            ("fresh", "ｖictim@example.org ", "email_taken"),
        ] {
            let mut body = sign_up(name);
            body["email"] = json!(email);
            assert_eq!(anybody.post(REGISTER, body).await.refusal(), (409, code), "{name:?} {email:?}");
        }
        for (name, email, pointer) in [
            ("victim@example.org", "new@example.org", "/username"),
            ("vic\u{200b}tim", "new@example.org", "/username"),
            ("vic tim", "new@example.org", "/username"),
            ("fresh", "no address", "/email"),
            ("fresh", "victim\u{200b}@example.org", "/email"),
        ] {
            let mut body = sign_up(name);
            body["email"] = json!(email);
            assert_eq!(anybody.post(REGISTER, body).await.pointer(), pointer, "{name:?} {email:?}");
        }
        let other = server.register("victim+1").await;
        assert_eq!(other.get("/api/v1/me").await.json["username"], "victim+1");
    })
    .await;
}

#[tokio::test]
async fn of_a_hundred_first_accounts_one_is_the_admins() {
    for on in BOTH {
        let server = TestServer::start_on(on, |config| config.database.max_connections = 8).await;
        let anybody = server.anonymous();
        let names: Vec<_> = (0..100).map(|n| format!("first{n}")).collect();
        let answers =
            futures_util::future::join_all(names.iter().map(|name| anybody.post(REGISTER, sign_up(name))))
                .await;
        assert!(answers.iter().all(|answer| answer.status == 201));
        let admins = answers.iter().filter(|answer| answer.json["user"]["role"] == "admin").count();
        assert_eq!(admins, 1, "on {on:?}");
    }
}

#[tokio::test]
async fn the_first_account_is_made_here_or_with_the_code() {
    let server = TestServer::start().await;
    let anybody = server.anonymous();
    let mut with_code = sign_up("ada");
    with_code["setup_code"] = json!(server.app.installation.setup_code());
    let mut with_wrong_code = sign_up("ada");
    with_wrong_code["setup_code"] = json!("0".repeat(32));

    for header in [
        ("x-forwarded-for", "1.2.3.4"),
        ("host", "chat.example.org"),
        ("origin", "https://evil.example"),
        ("via", "x"),
    ] {
        assert_eq!(
            from_afar(&anybody, header, sign_up("ada")).await.refusal(),
            (403, "setup_code_needed"),
            "{header:?}"
        );
    }
    let afar = ("host", "chat.example.org");
    assert_eq!(from_afar(&anybody, afar, with_wrong_code).await.refusal(), (403, "setup_code_wrong"));
    let asked = anybody.request(Method::GET, "/api/v1/instance").header(afar.0, afar.1).send().await.unwrap();
    assert_eq!(asked.json::<Value>().await.unwrap()["setup_code_needed"], true);

    let first = from_afar(&anybody, afar, with_code.clone()).await;
    assert_eq!((first.status, &first.json["role"]), (201, &json!("admin")));
    with_code["username"] = json!("bob");
    with_code["email"] = json!("bob@example.org");
    let second = from_afar(&anybody, afar, with_code).await;
    assert_eq!((second.status, &second.json["role"]), (201, &json!("user")));
}

#[tokio::test]
async fn the_code_can_be_asked_of_everybody() {
    let server = TestServer::start_with(|config| config.auth.first_sign_up = FirstSignUp::Code).await;
    let anybody = server.anonymous();
    assert_eq!(anybody.post(REGISTER, sign_up("ada")).await.refusal(), (403, "setup_code_needed"));
    assert_eq!(anybody.get("/api/v1/instance").await.json["setup_code_needed"], true);
}

#[tokio::test]
async fn sign_up_can_be_closed() {
    let server = TestServer::start_with(|config| config.auth.sign_up = SignUp::Closed).await;
    let anybody = server.anonymous();
    assert_eq!(
        anybody.get("/api/v1/instance").await.json["sign_up_open"],
        true,
        "the first one is always let in"
    );
    server.admin().await;
    assert_eq!(anybody.post(REGISTER, sign_up("ada")).await.refusal(), (403, "sign_up_closed"));
    assert_eq!(anybody.get("/api/v1/instance").await.json["sign_up_open"], false);
}

#[tokio::test]
async fn nobody_gives_themselves_anything() {
    let server = TestServer::start().await;
    server.admin().await;
    let gifts = json!({
        "role": "admin", "is_admin": true, "isAdmin": true, "is_verified": true, "isVerified": true, "is_active": false,
        "id": 1, "user_id": 1, "created_at": "2000-01-01T00:00:00.000Z", "plan": "premium", "quota": 1_000_000,
        "last_login": null, "owner": 1, "user": { "role": "admin" }, "password_hash": "x",
    });
    let merge = |mut into: Value| {
        into.as_object_mut().unwrap().extend(gifts.as_object().unwrap().clone());
        into
    };
    let made = server.anonymous().post(REGISTER, merge(sign_up("ada"))).await;
    assert_eq!(made.status, 201);
    let ada = server.anonymous().with(&made);
    let before = ada.get("/api/v1/me").await.json;
    assert_eq!(
        (&before["role"], &before["is_active"], &before["is_verified"]),
        (&json!("user"), &json!(true), &json!(false))
    );
    assert!(before["id"].as_i64().unwrap() > 1);

    let changed = ada.patch("/api/v1/me", merge(json!({ "full_name": "Ada" }))).await;
    assert_eq!(changed.status, 200);
    let mut expected = before;
    expected["full_name"] = json!("Ada");
    assert_eq!(ada.get("/api/v1/me").await.json, expected);
}

#[tokio::test]
async fn a_profile_can_be_changed_within_the_rules() {
    on_both(async |server| {
        let (ada, _bob) = (server.user("ada").await, server.user("bob").await);
        let me = ada.get("/api/v1/me").await.json;
        let told = ["id", "username", "email", "is_active"].map(|name| me[name].clone());
        assert_eq!(told, [json!(ada.id), json!("ada"), json!("ada@example.org"), json!(true)]);
        assert!(me["created_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{me}");
        assert_eq!(
            ada.patch("/api/v1/me", json!({ "username": "BOB" })).await.refusal(),
            (409, "username_taken")
        );
        assert_eq!(
            ada.patch("/api/v1/me", json!({ "email": "bob@Example.org", "current_password": PASSWORD }))
                .await
                .refusal(),
            (409, "email_taken")
        );
        assert_eq!(ada.patch("/api/v1/me", json!({ "username": "a b" })).await.pointer(), "/username");
        assert_eq!(ada.patch("/api/v1/me", json!({ "preferences": [] })).await.pointer(), "/preferences");
        let change =
            json!({ "username": "Ada.L", "preferences": { "theme": "dark" }, "full_name": " Ada L. " });
        let changed = ada.patch("/api/v1/me", change).await.json;
        assert_eq!((&changed["username"], &changed["full_name"]), (&json!("Ada.L"), &json!("Ada L.")));
        assert_eq!(changed["preferences"], json!({ "theme": "dark" }));
        assert_eq!(ada.patch("/api/v1/me", json!({ "full_name": "" })).await.json["full_name"], Value::Null);
        server.login("ada.l").await;
    })
    .await;
}

#[tokio::test]
async fn common_passwords_get_a_hint_or_are_refused() {
    let lenient = TestServer::start().await;
    let mut body = sign_up("ada");
    body["password"] = json!("password123");
    assert!(lenient.anonymous().post(REGISTER, body.clone()).await.json["password_hint"].is_string());

    let strict = TestServer::start_with(|config| config.auth.password.reject_common = true).await;
    for password in ["password123", "12345678", "qwertyuiop", "iloveyou1", "ada@example.org"] {
        body["password"] = json!(password);
        assert_eq!(
            strict.anonymous().post(REGISTER, body.clone()).await.pointer(),
            "/password",
            "{password}"
        );
    }
    body["password"] = json!(PASSWORD);
    assert_eq!(strict.anonymous().post(REGISTER, body).await.status, 201);
}
