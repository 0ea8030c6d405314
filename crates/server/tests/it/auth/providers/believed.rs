//! What a service says is believed when it is signed, for us, for this try and of now; and what comes back is believed
//! once, in the browser that began.

use fakes::{Manners, Signature};
use serde_json::{Map, Value, json};

use super::{Browser, LOGIN, location, on_both};

fn otherwise(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

#[tokio::test]
async fn a_token_that_is_not_for_us_signs_nobody_in() {
    on_both(async |server, provider| {
        let claims =
            |name: &str, value: Value| Manners { claims: otherwise(name, value), ..Manners::default() };
        let signed = |signature| Manners { signature, ..Manners::default() };
        for bad in [
            claims("nonce", json!("another")),
            claims("nonce", Value::Null),
            claims("aud", json!("another")),
            claims("aud", json!(["another"])),
            claims("aud", json!(["colloquy", "another"])),
            claims("azp", json!("another")),
            claims("iss", json!("https://accounts.evil.example")),
            claims("exp", json!(1_000_000_000)),
            claims("exp", Value::Null),
            claims("iat", json!(9_999_999_999_i64)),
            claims("nbf", json!(9_999_999_999_i64)),
            claims("at_hash", json!("bm8")),
            claims("sub", json!("")),
            signed(Signature::Forged),
            signed(Signature::Unpublished),
            signed(Signature::None),
            signed(Signature::Secret("a secret, of us two".into())),
        ] {
            provider.behave(bad.clone());
            let browser = Browser::of(&server);
            assert_eq!(browser.come_in().await, "/login?problem=sign_in_not_believed", "{bad:?}");
            assert_eq!(browser.user().await, None);
        }
        let two = Map::from_iter([
            ("aud".to_owned(), json!(["colloquy", "another"])),
            ("azp".to_owned(), json!("colloquy")),
        ]);
        for good in [
            Manners::default(),
            claims("at_hash", Value::Null),
            claims("email_verified", json!("true")),
            Manners { claims: two, ..Manners::default() },
            Manners { tells_later: true, ..Manners::default() },
        ] {
            provider.behave(good.clone());
            let browser = Browser::of(&server);
            assert_eq!(browser.come_in().await, "/", "{good:?}");
            assert_eq!(browser.user().await.as_deref(), Some("ada"));
        }
    })
    .await;
}

#[tokio::test]
async fn other_keys_are_asked_for_when_one_is_missing() {
    on_both(async |server, provider| {
        assert_eq!(Browser::of(&server).come_in().await, "/");
        provider.take_asked();
        assert_eq!(Browser::of(&server).come_in().await, "/");
        assert_eq!(provider.take_asked(), ["/authorize", "/token"], "what is known is not asked again");
        provider.change_key();
        assert_eq!(Browser::of(&server).come_in().await, "/");
        assert_eq!(provider.take_asked(), ["/authorize", "/token", "/jwks"]);
    })
    .await;
}

#[tokio::test]
async fn what_comes_back_is_good_once_in_the_browser_that_began() {
    on_both(async |server, _provider| {
        let ended = "/login?problem=sign_in_ended";
        let browser = Browser::of(&server);
        let back = browser.leave(LOGIN).await;
        let other = Browser::of(&server);
        assert_eq!(location(&other.get(&back).await), ended, "a browser that did not begin");
        other.leave(LOGIN).await;
        assert_eq!(location(&other.get(&back).await), ended, "a browser that began something else");
        assert_eq!(other.user().await, None);

        let (head, state) = back.split_once("state=").unwrap();
        let (state, tail) = state.split_once('&').unwrap_or((state, ""));
        let changed = format!("{head}state={}x&{tail}", &state[1..]);
        assert_eq!(location(&browser.get(&changed).await), ended, "another state");
        let without = format!("{head}{tail}");
        assert_eq!(location(&browser.get(&without).await), ended, "no state");

        assert_eq!(location(&browser.get(&back).await), "/");
        let again = Browser::of(&server);
        again.cookies.borrow_mut().clone_from(&browser.cookies.borrow());
        again.cookies.borrow_mut().remove("colloquy_session");
        assert_eq!(location(&again.get(&back).await), ended, "once more");
        assert_eq!(again.user().await, None);
    })
    .await;
}

#[tokio::test]
async fn a_way_that_takes_too_long_is_given_up() {
    on_both(async |server, _provider| {
        let browser = Browser::of(&server);
        let back = browser.leave(LOGIN).await;
        server.app.clock().advance_ms(10 * 60_000 + 1);
        assert_eq!(location(&browser.get(&back).await), "/login?problem=sign_in_ended");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_not_taken_from_another_service() {
    on_both(async |server, provider| {
        for iss in [json!("https://accounts.evil.example"), Value::Null] {
            provider.behave(Manners { callback: otherwise("iss", iss), ..Manners::default() });
            let browser = Browser::of(&server);
            assert_eq!(browser.come_in().await, "/login?problem=sign_in_not_believed");
            assert_eq!(browser.user().await, None);
        }
        let refused =
            Map::from_iter([("code".to_owned(), Value::Null), ("error".to_owned(), json!("access_denied"))]);
        provider.behave(Manners { callback: refused, ..Manners::default() });
        assert_eq!(Browser::of(&server).come_in().await, "/login?problem=sign_in_stopped");
        provider.behave(Manners { callback: otherwise("code", json!("guessed")), ..Manners::default() });
        assert_eq!(Browser::of(&server).come_in().await, "/login?problem=sign_in_not_believed");
    })
    .await;
}
