//! Lists of models.

use fakes::Fake;
use providers::{DynProvider, ProviderConfig, open};

use crate::support::{config, provider};

async fn names(provider: &DynProvider) -> Vec<String> {
    provider.models().await.unwrap().into_iter().map(|card| card.id).collect()
}

#[tokio::test]
async fn a_list_holds_what_the_patterns_let_through() {
    let fake = Fake::start().await;
    fake.stage().set_models(["gpt-4o", "gpt-4o-mini", "whisper-1"]);
    for protocol in ["openai", "anthropic"] {
        assert_eq!(names(&provider(&fake, protocol)).await, ["gpt-4o", "gpt-4o-mini", "whisper-1"]);
        let some = ProviderConfig { models: vec!["gpt-*".to_owned()], ..config(&fake, protocol) };
        assert_eq!(names(&open(&some).unwrap()).await, ["gpt-4o", "gpt-4o-mini"]);
    }
    let vendor = ProviderConfig { vendor: Some("openai".to_owned()), ..config(&fake, "openai") };
    let cards = open(&vendor).unwrap().models().await.unwrap();
    assert_eq!(cards.len(), 2, "what does not chat is hidden");
    assert_eq!(
        (cards[0].provider.as_str(), cards[0].context, cards[0].available),
        ("fake", Some(32_768), true)
    );
}

#[tokio::test]
async fn a_server_without_a_list_offers_what_the_configuration_names() {
    let fake = Fake::start().await;
    fake.stage().push_models("status=404");
    fake.stage().push_models("status=404");
    let named = ProviderConfig { models: vec!["llama".to_owned()], ..config(&fake, "openai") };
    assert_eq!(names(&open(&named).unwrap()).await, ["llama"]);
    assert_eq!(provider(&fake, "openai").models().await.unwrap_err().code(), "provider_bad_request");
}

#[tokio::test]
async fn a_list_that_cannot_be_had_is_an_error() {
    let fake = Fake::start().await;
    for protocol in ["openai", "anthropic"] {
        for (script, code) in [
            ("status=401", "provider_auth"),
            ("status=503", "provider_unavailable"),
            ("html=1", "provider_garbage"),
        ] {
            fake.stage().push_models(script);
            assert_eq!(provider(&fake, protocol).models().await.unwrap_err().code(), code);
        }
    }
    fake.stage().set_key("another");
    let error = provider(&fake, "openai").models().await.unwrap_err();
    assert!(!error.to_string().contains("sk-test"), "{error}");
}
