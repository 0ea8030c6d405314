//! When the gateway is asked: again while it is in trouble, without any callback, late, and not for ever.

use super::*;

#[tokio::test]
async fn a_gateway_in_trouble_is_asked_again_and_the_payment_credited_once() {
    on_both(async |shop| {
        let status = |status| KonnectManners { status: Some(status), ..KonnectManners::default() };
        let text = |text: &str| KonnectManners { text: Some(text.into()), ..KonnectManners::default() };
        let begun = shop.order("basic").await;
        shop.pay(&begun);
        for manners in [
            status(401),
            status(404),
            status(429),
            status(500),
            status(302),
            text("<html>Bad gateway</html>"),
            text("{\"payment\": {\"status\": \"comp"),
            text("{}"),
            text(""),
        ] {
            shop.gateway.behave(manners.clone());
            shop.later();
            shop.called(shop.callback(&begun)).await.unwrap();
            assert_eq!(shop.state(&begun).await, OrderState::Open, "{manners:?}");
        }
        shop.gateway.behave(KonnectManners::default());
        shop.app().clock().advance_ms(5 * 60_000);
        reconcile(shop.app()).await;
        assert_eq!(shop.state(&begun).await, OrderState::Paid);
        shop.books(1, 30_000).await;
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_hangs_keeps_nobody_waiting_who_looks() {
    let shop = Shop::start(On::Sqlite, |_| ()).await;
    let begun = shop.order("basic").await;
    shop.gateway
        .behave(KonnectManners { waits: std::time::Duration::from_mins(1), ..KonnectManners::default() });
    let looked = tokio::time::timeout(
        std::time::Duration::from_secs(9),
        billing::payment(shop.app(), &shop.world.alice, &begun.order.public_id),
    );
    assert_eq!(looked.await.unwrap().unwrap().state, OrderState::Open);
}

#[tokio::test]
async fn a_callback_that_comes_while_a_question_is_on_its_way_is_asked_about_soon() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        // It is asked many times without an end: the pause is minutes by now.
        for _ in 0..8 {
            shop.app().clock().advance_ms(60_000);
            shop.called(shop.callback(&begun)).await.unwrap();
        }
        let waits = std::time::Duration::from_millis(400);
        shop.gateway.behave(KonnectManners { waits, ..says("status", json!("pending")) });
        shop.later();
        let late = async {
            tokio::time::sleep(waits / 4).await;
            shop.pay(&begun);
            shop.called(shop.callback(&begun)).await
        };
        let (first, second) = tokio::join!(shop.called(shop.callback(&begun)), late);
        first.unwrap();
        second.unwrap();
        assert_eq!(shop.state(&begun).await, OrderState::Open);
        shop.gateway.behave(KonnectManners::default());
        shop.later();
        reconcile(shop.app()).await;
        assert_eq!(shop.state(&begun).await, OrderState::Paid);
    })
    .await;
}

#[tokio::test]
async fn a_payment_is_credited_without_any_callback() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        assert_eq!(reconcile(shop.app()).await, 0, "it has just begun");
        shop.pay(&begun);
        shop.app().clock().advance_ms(15_000);
        reconcile(shop.app()).await;
        assert_eq!(shop.state(&begun).await, OrderState::Paid);
        shop.later();
        assert_eq!(reconcile(shop.app()).await, 0, "nothing is left to ask");
        shop.books(1, 30_000).await;
    })
    .await;
}

#[tokio::test]
async fn an_order_expires_and_a_late_payment_is_taken_all_the_same() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        shop.app().clock().advance_ms(61 * 60_000);
        reconcile(shop.app()).await;
        assert_eq!(shop.state(&begun).await, OrderState::Expired);
        shop.pay(&begun);
        shop.app().clock().advance_ms(DAY_MS);
        reconcile(shop.app()).await;
        assert_eq!(shop.state(&begun).await, OrderState::Paid);
        let (bought, now) = (shop.bought().await.unwrap(), shop.app().now());
        assert!((bought.ends_at.ms_since(now) - 30 * DAY_MS).abs() < 60_000, "30 days from now");
        shop.books(1, 30_000).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_gateway_says_is_expired_is_not_asked_about_for_long() {
    on_both(async |shop| {
        let begun = shop.order("basic").await;
        shop.gateway.behave(says("status", json!("expired")));
        for _ in 0..72 {
            shop.app().clock().advance_ms(60 * 60_000);
            reconcile(shop.app()).await;
        }
        assert_eq!(shop.state(&begun).await, OrderState::Expired);
        let asked = shop.gateway.asked(begun.order.payment_ref.as_deref().unwrap());
        assert!(asked <= 4, "{asked} times in three days");
        shop.gateway.behave(KonnectManners::default());
        shop.pay(&begun);
        shop.called(shop.callback(&begun)).await.unwrap();
        assert_eq!(shop.state(&begun).await, OrderState::Paid, "a callback is listened to all the same");
    })
    .await;
}
